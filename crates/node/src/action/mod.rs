//! Actions: named async functions with typed inputs and output, and the table of all that a node has.
//!
//! Knows no transport: a call comes as name and parameters and goes as a [`Reply`] or a refusal.

mod bytes;
pub mod cx;
pub mod describe;
pub mod input;
pub mod middleware;
pub mod params;
pub mod reply;
mod run;
pub mod shape;
mod text;

pub use bytes::Bytes;
pub use cx::{Cx, FromCx};
pub use middleware::{Middleware, Next};
pub use params::{Input, Params};
pub use reply::{Output, Reply, Sent};
pub(crate) use run::Run;

use crate::connection::Kind;
use middleware::Layer;
use playhouse_core::Later;
use playhouse_core::error::Result;
use playhouse_core::json;
use shape::{OutputShape, Shape};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// One version of an action; `#[action]` writes the impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no action",
    label = "this is no action",
    note = "write `#[action]` above an `async fn` of this name"
)]
pub trait Action: 'static {
    /// What the action is.
    fn definition() -> Definition;

    /// Runs it: reads the inputs and calls the function.
    fn call(cx: Cx) -> Later<'static, Result<Reply>>;
}

/// What is known about an action before it runs.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its version; versions are compared as numbers.
    pub version: f64,
    /// What it does, from the doc comment.
    pub description: &'static str,
    /// Its inputs, as they are declared.
    pub inputs: &'static [InputDefinition],
    /// Named middleware around it, outermost first.
    pub middleware: &'static [&'static str],
    /// How long a call may take; `None` takes `actions.timeout`.
    pub timeout: Option<Duration>,
    /// The kinds of connections that it does not serve.
    pub blocked: &'static [Kind],
    /// The form of what it answers.
    pub output: OutputShape,
    /// The codes of its own refusals.
    pub errors: &'static [&'static str],
}

impl Definition {
    /// An action of version 1 that takes nothing and answers anything.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            version: 1.0,
            description: "",
            inputs: &[],
            middleware: &[],
            timeout: None,
            blocked: &[],
            output: shape::any_output,
            errors: &[],
        }
    }
}

/// What is known about one input.
#[derive(Clone, Copy, Debug)]
pub struct InputDefinition {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether a call without it is refused.
    pub required: bool,
    /// The Rust type, for people.
    pub type_name: &'static str,
    /// What it is for, from the doc comment.
    pub description: &'static str,
    /// Whether the application reads the value itself, and so may take other forms than that of the type.
    pub own_parsing: bool,
    /// The form of the type, with what its checks ask for.
    pub shape: Shape,
}

impl InputDefinition {
    /// An input that may be missing and may be anything.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        let (type_name, description) = ("Value", "");
        Self { name, required: false, type_name, description, own_parsing: false, shape: shape::any }
    }
}

/// An action as the node keeps it.
#[derive(Clone)]
pub struct Registered {
    /// What it is.
    pub definition: Definition,
    pub(crate) call: fn(Cx) -> Later<'static, Result<Reply>>,
    pub(crate) layers: Box<[Layer]>,
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registered({} v{})", self.definition.name, self.definition.version)
    }
}

/// A tuple of actions, as in `actions::<(status, shout)>()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of actions",
    label = "this is no list of actions",
    note = "write a list in brackets, also for one: `actions::<(status,)>()`; up to 24 at once"
)]
pub trait Actions {
    /// Adds them to a table.
    fn add_to(table: &mut Table);
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: Action),*> Actions for ($($name,)*) {
            fn add_to(table: &mut Table) {
                $(table.add::<$name>();)*
            }
        }
    };
}

macro_rules! all_tuples {
    ($first:ident $($rest:ident)*) => {
        tuples!($first $($rest)*);
        all_tuples!($($rest)*);
    };
    () => {};
}

all_tuples!(A B C D E F G H I J K L M N O P Q R S T U V W X);

/// All actions of a node.
#[derive(Default)]
pub struct Table {
    /// By name, the highest version first.
    by_name: BTreeMap<&'static str, Vec<Arc<Registered>>>,
    /// Names in lower case, for HTTP, where the letter case of a path does not matter.
    folded: HashMap<String, &'static str>,
    global: Vec<Layer>,
    named: HashMap<&'static str, Layer>,
    problems: Vec<String>,
}

impl Table {
    /// Adds an action.
    pub fn add<A: Action>(&mut self) {
        let definition = A::definition();
        let name = definition.name;
        let versions = self.by_name.entry(name).or_default();
        if versions.iter().any(|other| same(other.definition.version, definition.version)) {
            self.problems.push(format!("the action `{name}` version {} is there twice", definition.version));
            return;
        }
        let call = A::call;
        versions.push(Arc::new(Registered { definition, call, layers: Box::default() }));
        versions.sort_by(|a, b| b.definition.version.total_cmp(&a.definition.version));
        self.folded.insert(name.to_lowercase(), name);
    }

    /// Adds middleware around every action.
    pub fn around_all(&mut self, layer: impl for<'a> Middleware<'a>) {
        self.global.push(Arc::new(layer));
    }

    /// Adds middleware around the actions that name it.
    pub fn around(&mut self, name: &'static str, layer: impl for<'a> Middleware<'a>) {
        if self.named.insert(name, Arc::new(layer)).is_some() {
            self.problems.push(format!("the middleware `{name}` is there twice"));
        }
    }

    /// Puts every action's middleware in order, global before named.
    ///
    /// # Errors
    /// All that is wrong: actions or middleware that are there twice, middleware that nobody added.
    pub fn seal(&mut self) -> Result<(), Vec<String>> {
        let mut problems = std::mem::take(&mut self.problems);
        for action in self.by_name.values_mut().flatten() {
            let mut layers = self.global.clone();
            for name in action.definition.middleware {
                match self.named.get(name) {
                    Some(layer) => layers.push(layer.clone()),
                    None => problems.push(format!(
                        "the action `{}` names the middleware `{name}`, which nobody added: \
                         write `.middleware_named(\"{name}\", ..)`",
                        action.definition.name
                    )),
                }
            }
            Arc::make_mut(action).layers = layers.into();
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Finds an action; without a version the highest.
    #[must_use]
    pub fn find(&self, name: &str, version: Option<f64>) -> Option<&Arc<Registered>> {
        let versions = self.by_name.get(name)?;
        match version {
            None => versions.first(),
            Some(wanted) => versions.iter().find(|action| same(action.definition.version, wanted)),
        }
    }

    /// The name of an action, whatever the letter case it is asked for in.
    #[must_use]
    pub fn fold(&self, name: &str) -> Option<&'static str> {
        if let Some((exact, _)) = self.by_name.get_key_value(name) {
            return Some(exact);
        }
        self.folded.get(&name.to_lowercase()).copied()
    }

    /// All actions, by name and then by version, the highest first.
    #[must_use]
    pub fn all(&self) -> Vec<&Registered> {
        self.by_name.values().flatten().map(|action| &**action).collect()
    }

    /// Whether some action declares an input of that name.
    #[must_use]
    pub fn declares(&self, input: &str) -> bool {
        self.by_name.values().flatten().any(|action| action.definition.inputs.iter().any(|i| i.name == input))
    }
}

/// Versions are numbers that people write: equal to the last digit or different.
fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}

/// What a client sent can be no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoVersion;

/// What a client means by a version: the number, or the text of one. Nothing, `null`, `0`, `false` and an
/// empty text mean the highest version (`Ok(None)`).
///
/// # Errors
/// When it is none of these; no action has such a version.
pub fn parse_version(input: Option<Input<'_>>) -> Result<Option<f64>, NoVersion> {
    let Some(input) = input else { return Ok(None) };
    let text = match input {
        Input::Text(text) => text.trim().into(),
        Input::Json("null" | "false" | "0") => return Ok(None),
        Input::Json(raw @ ("true" | "[]" | "{}")) => raw.into(),
        Input::Json(raw) => json::unquote(raw).unwrap_or(raw.into()),
    };
    if text.is_empty() {
        return Ok(None);
    }
    text.trim().parse::<f64>().map(Some).map_err(|_| NoVersion)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Echo<const V: u8>;
    impl<const V: u8> Action for Echo<V> {
        fn definition() -> Definition {
            const INPUTS: &[InputDefinition] = &[InputDefinition::new("p")];
            Definition { version: f64::from(V), inputs: INPUTS, ..Definition::new("echo") }
        }
        fn call(_cx: Cx) -> Later<'static, Result<Reply>> {
            Box::pin(async { Ok(Reply::nothing()) })
        }
    }

    #[test]
    fn without_a_version_the_highest_is_taken() {
        let mut table = Table::default();
        <(Echo<2>, Echo<10>, Echo<1>)>::add_to(&mut table);
        table.seal().expect("nothing is wrong");
        let version = |wanted| table.find("echo", wanted).map(|action| action.definition.version);
        assert_eq!(version(None), Some(10.0));
        assert_eq!(version(Some(2.0)), Some(2.0));
        assert_eq!(version(Some(3.0)), None);
    }

    #[test]
    fn twice_is_a_problem() {
        let mut table = Table::default();
        <(Echo<1>, Echo<1>)>::add_to(&mut table);
        assert_eq!(table.seal(), Err(vec!["the action `echo` version 1 is there twice".to_owned()]));
    }

    #[test]
    fn names_fold_for_http() {
        let mut table = Table::default();
        table.add::<Echo<1>>();
        assert_eq!(table.fold("ECHO"), Some("echo"));
        assert_eq!(table.fold("toString"), None);
        assert!(table.declares("p") && !table.declares("q"));
    }

    #[test]
    fn versions_are_numbers_or_their_texts() {
        for (raw, version) in [
            ("1", Ok(Some(1.0))),
            ("\"1\"", Ok(Some(1.0))),
            ("\"\"", Ok(None)),
            ("0", Ok(None)),
            ("null", Ok(None)),
            ("\"__proto__\"", Err(NoVersion)),
            ("[1]", Err(NoVersion)),
            ("true", Err(NoVersion)),
        ] {
            assert_eq!(parse_version(Some(Input::Json(raw))), version, "{raw}");
        }
        assert_eq!(parse_version(None), Ok(None));
        assert_eq!(parse_version(Some(Input::Text("2"))), Ok(Some(2.0)));
    }
}
