//! One argument of an actor's method: the context, or a value at its place.

use crate::argument::{default, ident, is_ours, optional};
use crate::function::mentions_impl;
use crate::names;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Error, FnArg, PatType, Type, TypeReference};

/// An argument.
pub(super) struct Argument {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) role: Role,
}

/// What an argument is.
pub(super) enum Role {
    /// `cx: &ActorCx<Self>`.
    Context,
    /// Given by the caller, at its place.
    Value(Reading),
}

/// How a value is read.
pub(super) struct Reading {
    /// Its name in refusals.
    pub(super) name: String,
    /// What it is where it is absent or null; `None` if it must be there.
    pub(super) default: Option<TokenStream>,
}

pub(super) fn read(argument: &FnArg) -> syn::Result<Option<Argument>> {
    let argument = match argument {
        FnArg::Typed(argument) => argument,
        FnArg::Receiver(_) => return Ok(None),
    };
    let ident = ident(argument)?;
    let role = match &*argument.ty {
        Type::Reference(reference) => context(argument, reference)?,
        ty if mentions_impl(ty) => {
            return Err(Error::new_spanned(
                ty,
                "an argument has one type, which it is read as: write it out",
            ));
        }
        ty => Role::Value(reading(argument, &ident, ty)?),
    };
    Ok(Some(Argument { ident, ty: (*argument.ty).clone(), role }))
}

/// The one reference among the arguments.
fn context(argument: &PatType, reference: &TypeReference) -> syn::Result<Role> {
    let what = match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => "an argument is owned: write `String`",
        Type::Slice(_) => "an argument is owned: write `Vec<..>`",
        Type::Path(path) if reference.mutability.is_none() => {
            if path.path.is_ident("Cx") {
                let text = "this is the context of actions: an actor's is `cx: &ActorCx<Self>`";
                return Err(Error::new_spanned(reference, text));
            }
            return match argument.attrs.iter().find(|attribute| is_ours(attribute)) {
                Some(attribute) => Err(Error::new_spanned(attribute, "`cx` takes no attributes")),
                None => Ok(Role::Context),
            };
        }
        _ => "the only reference is `cx: &ActorCx<Self>`; an argument is owned",
    };
    Err(Error::new_spanned(reference, what))
}

fn reading(argument: &PatType, ident: &Ident, ty: &Type) -> syn::Result<Reading> {
    let is_optional = optional(ty).is_some();
    let mut own = None;
    for attribute in argument.attrs.iter().filter(|attribute| is_ours(attribute)) {
        own = Some(own_default(attribute, ty, is_optional)?);
    }
    let none = is_optional.then(|| quote!(::core::option::Option::None));
    Ok(Reading { name: names::camel_case(ident), default: own.or(none) })
}

fn own_default(attribute: &Attribute, ty: &Type, is_optional: bool) -> syn::Result<TokenStream> {
    if !attribute.path().is_ident("default") {
        let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
        let text = format!("an argument of an actor's method knows no `#[{name}]`: there is `#[default]`");
        return Err(Error::new_spanned(attribute, text));
    }
    if is_optional {
        let text = "an `Option` is `None` where the caller gives nothing: write the type without `Option`, or \
                    take `#[default]` away";
        return Err(Error::new_spanned(attribute, text));
    }
    default(attribute, ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        let role = |argument: &str| read(&syn::parse_str(argument).unwrap()).unwrap().unwrap().role;
        assert!(matches!(role("cx: &ActorCx<Self>"), Role::Context));
        let default = |argument: &str| match role(argument) {
            Role::Value(reading) => reading.default.map(|tokens| tokens.to_string().replace(' ', "")),
            Role::Context => panic!("a value"),
        };
        assert_eq!(default("by: i64"), None);
        assert_eq!(default("#[default(1)] by: i64").as_deref(), Some("1"));
        assert_eq!(default("by: Option<i64>").as_deref(), Some("::core::option::Option::None"));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (argument, said) in [
            ("text: &str", "write `String`"),
            ("texts: &[u8]", "write `Vec<..>`"),
            ("cx: &Cx", "an actor's is `cx: &ActorCx<Self>`"),
            ("cx: &mut ActorCx<Self>", "the only reference is `cx: &ActorCx<Self>`"),
            ("text: impl Into<String>", "write it out"),
            ("(a, b): (u8, u8)", "write a plain name"),
            ("#[check(a)] text: String", "there is `#[default]`"),
            ("#[default(5)] number: Option<u8>", "without `Option`"),
            ("#[default] cx: &ActorCx<Self>", "takes no attributes"),
        ] {
            let argument: FnArg = syn::parse_str(argument).unwrap();
            let error = read(&argument).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
