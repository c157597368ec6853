//! One method of an actor: an action, or a hook where it is marked as one.

use super::argument::{self, Argument, Role};
use super::hook::{self, Hook};
use crate::function::{Errors, description, inside, output};
use crate::setting::wire_name;
use crate::{names, time};
use proc_macro2::Ident;
use std::time::Duration;
use syn::{Attribute, Error, Expr, FnArg, ImplItemFn, LitStr, Receiver, Signature, Type};

/// The attributes of a method that are read here.
const OURS: &[&str] = &["hook", "name", "timeout", "internal", "http", "websocket"];

/// What every handle has of its own.
const TAKEN: &[&str] = &["destroy", "with_input"];

/// A method.
pub(super) struct Method {
    pub(super) ident: Ident,
    pub(super) description: String,
    /// `&mut self`.
    pub(super) turn: bool,
    pub(super) arguments: Vec<Argument>,
    /// Its return type, `Result` and all.
    pub(super) output: Type,
    pub(super) kind: Kind,
}

/// What a method is.
pub(super) enum Kind {
    Action(Action),
    Hook(Hook),
    /// Answers HTTP requests, `#[http]`.
    Http,
    /// Speaks on a websocket, `#[websocket]`.
    Websocket,
}

/// How an action is called.
pub(super) struct Action {
    /// Its name on the wire.
    pub(super) wire: String,
    pub(super) timeout: Option<Duration>,
    /// Whether clients may not call it.
    pub(super) internal: bool,
}

/// Whether the attribute of a method is taken off it.
pub(super) fn is_taken(attribute: &Attribute) -> bool {
    OURS.iter().any(|name| attribute.path().is_ident(name))
}

pub(super) fn read(function: &ImplItemFn) -> syn::Result<Method> {
    let mut errors = Errors::default();
    let signature = &function.sig;
    errors.take(check_form(function));
    let turn = errors.take(receiver(signature));
    let kind = errors.take(kind(function));
    let what = match kind {
        Some(Kind::Hook(_)) => "a hook",
        Some(Kind::Http) => "an `#[http]` function",
        Some(Kind::Websocket) => "a `#[websocket]` function",
        Some(Kind::Action(_)) | None => "an action",
    };
    let output = match signature.asyncness {
        Some(_) => errors.take(output(signature, what)),
        // What is no action may return what it likes.
        None => None,
    };
    let arguments: Vec<_> =
        signature.inputs.iter().filter_map(|input| errors.take(argument::read(input)).flatten()).collect();
    errors.take(check_contexts(&arguments));
    let (Some(turn), Some(kind), Some(output)) = (turn, kind, output) else {
        return Err(errors
            .finish()
            .err()
            .unwrap_or_else(|| Error::new_spanned(signature, "no method of an actor")));
    };
    let description = description(&function.attrs);
    let method =
        Method { ident: signature.ident.clone(), description, turn, arguments, output: output.clone(), kind };
    errors.take(match method.kind {
        Kind::Hook(hook) => hook::check(hook, &method),
        Kind::Http => check_raw(&method, "the request: write `request: HttpAsk`"),
        Kind::Websocket => check_raw(&method, "the socket: write `socket: Socket`"),
        Kind::Action(_) => Ok(()),
    });
    errors.finish().map(|()| method)
}

fn check_form(function: &ImplItemFn) -> syn::Result<()> {
    let mut errors = Errors::default();
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        let text = format!(
            "all methods here are actions or hooks, which are async: write `async fn {}`, or put it into an \
             `impl` of its own, without `#[actor]`",
            signature.ident
        );
        errors.take::<()>(Err(Error::new_spanned(signature.fn_token, text)));
    }
    if !signature.generics.params.is_empty() {
        let text = "an actor's method has no generic parameters: its arguments are owned and of fixed types";
        errors.take::<()>(Err(Error::new_spanned(&signature.generics, text)));
    }
    if let Some(cfg) = function.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
        let text = "an actor has the same actions in every build: put `#[cfg]` inside of the method";
        errors.take::<()>(Err(Error::new_spanned(cfg, text)));
    }
    errors.finish()
}

/// Whether it is a turn.
fn receiver(signature: &Signature) -> syn::Result<bool> {
    let text = "an actor's method takes `&mut self`, which runs alone, or `&self`, which runs beside others; what \
                needs neither belongs into an `impl` of its own, without `#[actor]`";
    match signature.inputs.first() {
        Some(FnArg::Receiver(Receiver { reference: Some(_), colon_token: None, mutability, .. })) => {
            Ok(mutability.is_some())
        }
        Some(FnArg::Receiver(other)) => Err(Error::new_spanned(other, text)),
        Some(FnArg::Typed(_)) | None => Err(Error::new_spanned(&signature.ident, text)),
    }
}

fn kind(function: &ImplItemFn) -> syn::Result<Kind> {
    let ident = &function.sig.ident;
    let ours = || function.attrs.iter().filter(|attribute| is_taken(attribute));
    if let Some(hook) = ours().find(|attribute| attribute.path().is_ident("hook")) {
        hook.meta.require_path_only()?;
        return match ours().find(|attribute| !attribute.path().is_ident("hook")) {
            Some(other) => Err(Error::new_spanned(other, "a hook is no action: take this away")),
            None => Hook::of(ident).map(Kind::Hook),
        };
    }
    for (name, kind) in [("http", Kind::Http), ("websocket", Kind::Websocket)] {
        let Some(raw) = ours().find(|attribute| attribute.path().is_ident(name)) else { continue };
        raw.meta.require_path_only()?;
        return match ours().find(|attribute| !attribute.path().is_ident(name)) {
            Some(other) => {
                let text = format!("a function that is marked `#[{name}]` is no action: take this away");
                Err(Error::new_spanned(other, text))
            }
            None => Ok(kind),
        };
    }
    let mut action = Action { wire: names::camel_case(ident), timeout: None, internal: false };
    ours().try_for_each(|attribute| set(&mut action, attribute))?;
    if TAKEN.iter().any(|taken| ident == taken) {
        let text = format!(
            "every handle has a `{ident}` of its own: call the action something else, and give it its name on the \
             wire with `#[name(\"..\")]`; a hook is marked `#[hook]`"
        );
        return Err(Error::new_spanned(ident, text));
    }
    Ok(Kind::Action(action))
}

fn set(action: &mut Action, attribute: &Attribute) -> syn::Result<()> {
    let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
    match name.as_str() {
        "name" => {
            let own = attribute.parse_args::<Expr>();
            let own = own.map_err(|_| Error::new_spanned(attribute, "write `#[name(\"wireName\")]`"))?;
            action.wire = wire_name(&own)?.value();
        }
        "timeout" => {
            let text = attribute.parse_args::<LitStr>();
            let text = text.map_err(|_| Error::new_spanned(attribute, "write `#[timeout(\"5s\")]`"))?;
            action.timeout = Some(time::duration(&text)?);
        }
        "internal" => {
            attribute.meta.require_path_only()?;
            action.internal = true;
        }
        // The others are no action's, and were looked for before.
        _ => {}
    }
    Ok(())
}

/// Whether a function that speaks for itself is given what it speaks with, and may what it does.
fn check_raw(method: &Method, given: &str) -> syn::Result<()> {
    let values = method.arguments.iter().filter(|argument| matches!(argument.role, Role::Value(_)));
    if values.count() != 1 {
        return Err(Error::new_spanned(&method.ident, format!("it is given one value beside `cx`, {given}")));
    }
    if matches!(method.kind, Kind::Websocket) {
        if method.turn {
            let text = "it runs as long as its connection lasts, and must hold nobody up: write `&self`, and change the \
                        state with `cx.update`";
            return Err(Error::new_spanned(&method.ident, text));
        }
        if !hook::is_unit(inside(&method.output)) {
            return Err(Error::new_spanned(
                &method.output,
                "nobody gets what it returns: write `-> Result<()>`",
            ));
        }
    }
    Ok(())
}

fn check_contexts(arguments: &[Argument]) -> syn::Result<()> {
    let mut contexts = arguments.iter().filter(|argument| matches!(argument.role, Role::Context));
    match contexts.nth(1) {
        Some(second) => {
            Err(Error::new_spanned(&second.ty, "there is one `cx`: all other arguments are owned values"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Method, String> {
        read(&syn::parse_str(text).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn actions_and_hooks() {
        let text = "#[timeout(\"5s\")] #[internal] #[name(\"n\")] async fn a(&mut self, cx: &ActorCx<Self>, b: u8) -> Result<u8> {}";
        let method = parsed(text).unwrap();
        let Kind::Action(action) = method.kind else { panic!("an action") };
        assert_eq!(
            (action.wire.as_str(), action.internal, action.timeout),
            ("n", true, Some(Duration::from_secs(5)))
        );
        assert_eq!((method.turn, method.arguments.len()), (true, 2));
        let hook = parsed("#[hook] async fn connect(&self) -> Result<()> {}").unwrap();
        assert!(matches!(hook.kind, Kind::Hook(Hook::Connect)) && !hook.turn);
        let action = parsed("async fn connect(&self) -> Result<()> {}").unwrap();
        assert!(matches!(action.kind, Kind::Action(_)), "an action may have a hook's name");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (method, said) in [
            ("fn a(&self) -> Result<()> {}", "write `async fn a`"),
            ("async fn a<T>(&self) -> Result<()> {}", "no generic parameters"),
            ("async fn a(self) -> Result<()> {}", "takes `&mut self`"),
            ("async fn a(self: Arc<Self>) -> Result<()> {}", "takes `&mut self`"),
            ("async fn a(by: u8) -> Result<()> {}", "takes `&mut self`"),
            ("async fn a(&self) {}", "an action returns a `Result`"),
            ("#[hook] async fn start(&self) -> u8 {}", "a hook returns a `Result`"),
            ("#[hook] async fn conect(&self) -> Result<()> {}", "did you mean `connect`?"),
            ("#[hook] async fn start(&self) -> Result<u8> {}", "write `-> Result<()>`"),
            ("#[hook] async fn start(&self, a: u8) -> Result<()> {}", "nothing beside `cx`"),
            ("#[hook] async fn connect(&self, a: u8) -> Result<()> {}", "`cx.conn()?.params()?`"),
            ("#[hook] async fn create(&mut self, a: u8, b: u8) -> Result<()> {}", "one value beside `cx`"),
            ("#[hook] async fn before_connect(&mut self) -> Result<()> {}", "write `&self`"),
            ("#[hook] #[internal] async fn start(&self) -> Result<()> {}", "take this away"),
            ("#[timeout(5)] async fn a(&self) -> Result<()> {}", "write `#[timeout(\"5s\")]`"),
            ("#[name] async fn a(&self) -> Result<()> {}", "write `#[name(\"wireName\")]`"),
            ("#[http] async fn a(&self) -> Result<HttpAnswer> {}", "write `request: HttpAsk`"),
            ("#[websocket] async fn a(&mut self, s: Socket) -> Result<()> {}", "write `&self`"),
            ("#[websocket] async fn a(&self, s: Socket) -> Result<u8> {}", "write `-> Result<()>`"),
            ("#[http] #[internal] async fn a(&self, r: HttpAsk) -> Result<HttpAnswer> {}", "take this away"),
            ("#[cfg(unix)] async fn a(&self) -> Result<()> {}", "inside of the method"),
            ("async fn destroy(&mut self) -> Result<()> {}", "of its own"),
            ("async fn a(&self, x: &ActorCx<Self>, y: &ActorCx<Self>) -> Result<()> {}", "there is one `cx`"),
        ] {
            let error = parsed(method).map(|_| ()).unwrap_err();
            assert!(error.contains(said), "{method}: {error}");
        }
    }
}
