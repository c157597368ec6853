//! One argument of an action: the context, something taken from the call, or an input.

use crate::argument::{default, ident, is_ours, optional};
use crate::function::description;
use crate::names;
use crate::setting::wire_name;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, FnArg, PatType, Token, Type, TypeReference};

const KNOWN: &[&str] = &["from", "name", "default", "check", "parse"];

/// An argument.
pub(super) struct Parameter {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) role: Role,
}

/// What an argument is.
pub(super) enum Role {
    /// `cx: &Cx`.
    Context,
    /// `#[from]`: taken from the call.
    From,
    /// Sent by the caller.
    Input(Box<Input>),
}

/// How an input is read.
#[derive(Default)]
pub(super) struct Input {
    /// Its name on the wire.
    pub(super) wire: String,
    /// What is inside of its `Option`, if it is one.
    pub(super) optional: Option<Type>,
    pub(super) default: Option<TokenStream>,
    /// The same where it can be shown without running the application's code.
    pub(super) default_shown: Option<TokenStream>,
    /// The doc comment.
    pub(super) description: String,
    pub(super) checks: Vec<Expr>,
    pub(super) parse: Option<Expr>,
}

pub(super) fn read(argument: &FnArg) -> syn::Result<Parameter> {
    let argument = match argument {
        FnArg::Typed(argument) => argument,
        // Told before any argument is looked at.
        FnArg::Receiver(receiver) => return Err(Error::new_spanned(receiver, "without `self`")),
    };
    let ident = ident(argument)?;
    let role = match &*argument.ty {
        Type::Reference(reference) => context(argument, reference)?,
        _ => owned(argument, &ident)?,
    };
    Ok(Parameter { ident, ty: (*argument.ty).clone(), role })
}

/// The one reference among the arguments.
fn context(argument: &PatType, reference: &TypeReference) -> syn::Result<Role> {
    let what = match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => "an input is owned: write `String`",
        Type::Slice(_) => "an input is owned: write `Vec<..>`",
        Type::Path(_) if reference.mutability.is_none() => {
            return match argument.attrs.iter().find(|attribute| is_ours(attribute)) {
                Some(attribute) => Err(Error::new_spanned(attribute, "`cx` takes no attributes")),
                None => Ok(Role::Context),
            };
        }
        _ => "the only reference is `cx: &Cx`; an input is owned",
    };
    Err(Error::new_spanned(reference, what))
}

fn owned(argument: &PatType, ident: &Ident) -> syn::Result<Role> {
    let ours = || argument.attrs.iter().filter(|attribute| is_ours(attribute));
    if let Some(from) = ours().find(|attribute| attribute.path().is_ident("from")) {
        from.meta.require_path_only()?;
        return match ours().find(|attribute| !attribute.path().is_ident("from")) {
            Some(other) => {
                Err(Error::new_spanned(other, "what comes `#[from]` the call is no input: take this away"))
            }
            None => Ok(Role::From),
        };
    }
    let optional = optional(&argument.ty);
    let description = description(&argument.attrs);
    let mut input = Input { wire: names::camel_case(ident), optional, description, ..Input::default() };
    ours().try_for_each(|attribute| read_attribute(&mut input, attribute, &argument.ty))?;
    Ok(Role::Input(Box::new(input)))
}

fn read_attribute(input: &mut Input, attribute: &Attribute, ty: &Type) -> syn::Result<()> {
    let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
    match name.as_str() {
        "name" => input.wire = wire_name(&attribute.parse_args::<Expr>()?)?.value(),
        "default" if input.optional.is_some() => {
            let text = "an `Option` is `None` where the caller sends nothing: write the type without `Option`, \
                        or take `#[default]` away";
            return Err(Error::new_spanned(attribute, text));
        }
        "default" => {
            input.default = Some(default(attribute, ty)?);
            input.default_shown = default_shown(attribute);
        }
        "check" => {
            let checks = attribute.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated);
            let example =
                "write `#[check(length(1..=500))]`, `#[check(range(1..=10))]` or `#[check(my_function)]`";
            let checks = checks.map_err(|_| Error::new_spanned(attribute, example))?;
            if checks.is_empty() {
                return Err(Error::new_spanned(attribute, example));
            }
            input.checks.extend(checks);
        }
        "parse" => {
            let parse = attribute.parse_args();
            input.parse =
                Some(parse.map_err(|_| Error::new_spanned(attribute, "write `#[parse(my_function)]`"))?);
        }
        other => {
            let text = format!("an argument knows no `#[{other}]`: {}", names::instead(other, KNOWN));
            return Err(Error::new_spanned(attribute, text));
        }
    }
    Ok(())
}

/// A default that is written as it is: a number, a text, `true` or `false`.
fn default_shown(attribute: &Attribute) -> Option<TokenStream> {
    let value = attribute.parse_args::<Expr>().ok()?;
    let bare = match &value {
        Expr::Unary(unary) => &unary.expr,
        other => other,
    };
    matches!(bare, Expr::Lit(_)).then(|| value.to_token_stream())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(argument: &str) -> String {
        let argument: FnArg = syn::parse_str(argument).unwrap();
        read(&argument).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn roles() {
        let role = |argument: &str| read(&syn::parse_str(argument).unwrap()).unwrap().role;
        assert!(matches!(role("cx: &Cx"), Role::Context));
        assert!(matches!(role("#[from] user: User"), Role::From));
        let Role::Input(input) = role("#[name(\"in\")] #[check(a, b)] some_text: Option<u8>") else {
            panic!("an input")
        };
        assert_eq!((input.wire.as_str(), input.checks.len(), input.optional.is_some()), ("in", 2, true));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (argument, said) in [
            ("text: &str", "write `String`"),
            ("texts: &[u8]", "write `Vec<..>`"),
            ("cx: &mut Cx", "the only reference is `cx: &Cx`"),
            ("(a, b): (u8, u8)", "write a plain name"),
            ("#[form] user: User", "did you mean `from`?"),
            ("#[from] #[check(a)] user: User", "take this away"),
            ("#[default(5)] number: Option<u8>", "without `Option`"),
            ("#[check] text: String", "write `#[check(length(1..=500))]`"),
            ("#[default = 5] number: u8", "write `#[default(1)]`"),
            ("#[parse] number: u8", "write `#[parse(my_function)]`"),
        ] {
            let error = error(argument);
            assert!(error.contains(said), "{argument}: {error}");
        }
    }
}
