//! What stands in the brackets of an attribute: `word = value` and `word(..)`.

use crate::time;
use std::time::Duration;
use syn::{Error, Expr, ExprLit, Lit, LitStr, Meta, MetaList, MetaNameValue};

/// What stands after `name =`.
pub(crate) fn value<'m>(meta: &'m Meta, example: &str) -> syn::Result<&'m Expr> {
    match meta {
        Meta::NameValue(MetaNameValue { value, .. }) => Ok(value),
        Meta::Path(_) | Meta::List(_) => Err(Error::new_spanned(meta, format!("write `{example}`"))),
    }
}

/// What stands in the brackets after a word.
pub(crate) fn list<'m>(meta: &'m Meta, example: &str) -> syn::Result<&'m MetaList> {
    match meta {
        Meta::List(list) => Ok(list),
        Meta::Path(_) | Meta::NameValue(_) => Err(Error::new_spanned(meta, format!("write `{example}`"))),
    }
}

/// A name that can stand in a path and in a message.
pub(crate) fn wire_name(value: &Expr) -> syn::Result<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if !name.value().trim().is_empty() => Ok(name.clone()),
        other => Err(Error::new_spanned(other, "a name is a text in quotes: write `\"status\"`")),
    }
}

/// `timeout = "5s"`.
pub(crate) fn timeout(value: &Expr) -> syn::Result<Duration> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => time::duration(text),
        other => {
            Err(Error::new_spanned(other, "a duration is a text with its unit: write `timeout = \"5s\"`"))
        }
    }
}
