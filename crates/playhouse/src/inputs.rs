//! A call as a value: an action with its inputs, as `#[action]` writes it beside the function. Owns how the inputs
//! become what travels; knows neither who sends them nor how.

use playhouse_node::action::Action;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// An action with the inputs of one call. `#[action]` implements it for the struct of the function's name, whose fields
/// are the inputs: `greet { name: "Ben".into(), times: None }`.
///
/// What a field holds:
/// - a required input its own type;
/// - an `Option`, and what has a `#[default]`, an `Option`: `None` sends nothing;
/// - what has a `#[parse]` of its own a [`Value`], as that may take more forms than one.
///
/// Arguments that come `#[from]` the call, and `cx`, are no inputs. `Answer` is what the action answers with: what is in
/// its `Result`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no call of an action",
    label = "this is no action with its inputs",
    note = "write the action's name and its inputs in braces: `greet {{ name: \"Ben\".into() }}`, or `status {{}}`"
)]
pub trait Inputs<Answer>: Action {
    /// Writes the inputs by their names on the wire.
    fn write(&self, sending: &mut Sending);
}

/// The parameters of a call while they are gathered.
#[derive(Default)]
pub struct Sending {
    fields: Map<String, Value>,
    /// Why an input can't be sent.
    problem: Option<String>,
}

impl Sending {
    /// Gathers all that `inputs` sends, with the version of its action, so that no other one answers.
    ///
    /// # Errors
    /// A sentence that names the input which is no JSON, such as a map whose keys are no texts.
    pub(crate) fn of<A, I: Inputs<A>>(inputs: &I) -> Result<(&'static str, Value), String> {
        let definition = I::definition();
        let mut sending = Self::default();
        sending.required("apiVersion", &definition.version);
        inputs.write(&mut sending);
        match sending.problem {
            Some(problem) => Err(format!("the action `{}` can't be called: {problem}", definition.name)),
            None => Ok((definition.name, Value::Object(sending.fields))),
        }
    }

    /// Adds an input.
    pub fn required<'a>(&mut self, name: &str, value: &impl Travels<'a>) {
        match value.travel() {
            Ok(value) => {
                self.fields.insert(name.to_owned(), value);
            }
            Err(why) => self.problem = Some(format!("its input `{name}` is not JSON: {why}")),
        }
    }

    /// Adds an input if it is there.
    pub fn optional<'a>(&mut self, name: &str, value: &Option<impl Travels<'a>>) {
        if let Some(value) = value {
            self.required(name, value);
        }
    }
}

/// What can be sent to an action. The lifetime means nothing: a bound with one is looked at where it is used and not
/// where it is written, so that an action may have inputs that only other programs can send.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent to an action",
    label = "an input of this call is no `#[data]` type and no other type that serde can write",
    note = "write `#[data]` above `{Self}`, or call the action by its name with `json!`"
)]
pub trait Travels<'a> {
    /// The value as JSON.
    ///
    /// # Errors
    /// When there is no JSON of it.
    fn travel(&self) -> serde_json::Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Travels<'_> for T {
    fn travel(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

/// An answer that a caller can read.
#[diagnostic::on_unimplemented(
    message = "the answer `{Self}` can't be read",
    label = "what this action answers with is no `#[data]` type and no other type that serde can read",
    note = "write `#[data]` above `{Self}`, or call the action by its name with `json!`"
)]
pub trait Readable: Sized {
    /// Reads the answer.
    ///
    /// # Errors
    /// When it has another form.
    fn read(value: Value) -> serde_json::Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Readable for T {
    fn read(value: Value) -> serde_json::Result<Self> {
        serde_json::from_value(value)
    }
}

/// The value inside of what a function returns, whatever its `Result` is called.
pub trait Outcome {
    /// The value.
    type Answer;
}

impl<T, E> Outcome for Result<T, E> {
    type Answer = T;
}
