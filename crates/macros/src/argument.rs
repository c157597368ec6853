//! Arguments of functions, as far as actions and actors read them alike.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{Attribute, Error, Expr, ExprLit, GenericArgument, Lit, Meta, Pat, PatType, PathArguments, Type};

/// Whether the attribute is ours to read.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    !["cfg", "cfg_attr", "allow", "expect", "warn", "deny", "doc"]
        .iter()
        .any(|rust| attribute.path().is_ident(rust))
}

/// Whether the attribute is taken off the function: ours, and doc comments, which Rust allows nowhere but before us.
pub(crate) fn is_taken(attribute: &Attribute) -> bool {
    is_ours(attribute) || attribute.path().is_ident("doc")
}

pub(crate) fn ident(argument: &PatType) -> syn::Result<Ident> {
    match &*argument.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Ok(pat.ident.clone()),
        other => {
            let text = "an argument's name is its name on the wire: write a plain name, such as `text: String`, \
                        and take it apart inside";
            Err(Error::new_spanned(other, text))
        }
    }
}

/// The type inside of an `Option`.
pub(crate) fn optional(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) => Some(inner.clone()),
        Some(_) | None => None,
    }
}

/// What is written between the brackets of `#[default(..)]`, or the type's own default.
pub(crate) fn default(attribute: &Attribute, ty: &Type) -> syn::Result<TokenStream> {
    match &attribute.meta {
        Meta::Path(_) => Ok(quote!(<#ty as ::core::default::Default>::default())),
        Meta::List(_) => {
            let value: Expr = attribute.parse_args()?;
            Ok(match &value {
                // People write a text as they would elsewhere; an input owns it.
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                    quote!(<#ty as ::core::convert::From<&str>>::from(#text))
                }
                _ => value.to_token_stream(),
            })
        }
        Meta::NameValue(_) => Err(Error::new_spanned(attribute, "write `#[default(1)]`, or `#[default]`")),
    }
}
