//! What stands in the brackets of `#[action(..)]`.

use crate::names;
use crate::setting::{list, timeout, value, wire_name};
use proc_macro2::Ident;
use std::time::Duration;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, Lit, LitStr, Meta, MetaList, Token};

const KNOWN: &[&str] = &["name", "version", "timeout", "middleware", "block", "errors"];

/// The arguments, each as it was written or absent.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) name: Option<LitStr>,
    pub(super) version: Option<f64>,
    pub(super) timeout: Option<Duration>,
    pub(super) middleware: Vec<LitStr>,
    pub(super) blocked: Vec<Blocked>,
    pub(super) errors: Vec<LitStr>,
}

/// A kind of connection that the action does not serve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocked {
    Web,
    Websocket,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Self::default();
        for meta in Punctuated::<Meta, Token![,]>::parse_terminated(input)? {
            let name = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
            match name.as_str() {
                "name" => arguments.name = Some(wire_name(value(&meta, "name = \"status\"")?)?),
                "version" => arguments.version = Some(version(value(&meta, "version = 2")?)?),
                "timeout" => arguments.timeout = Some(timeout(value(&meta, "timeout = \"5s\"")?)?),
                "middleware" => arguments.middleware = middleware(list(&meta, "middleware(\"auth\")")?)?,
                "errors" => arguments.errors = errors(list(&meta, "errors(\"not_found\")")?)?,
                "block" => arguments.blocked = blocked(list(&meta, "block(web)")?)?,
                other => {
                    let text = format!("`#[action]` knows no `{other}`: {}", names::instead(other, KNOWN));
                    return Err(Error::new_spanned(meta.path(), text));
                }
            }
        }
        Ok(arguments)
    }
}

fn version(value: &Expr) -> syn::Result<f64> {
    let number = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<f64>().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse::<f64>().ok(),
        _ => None,
    };
    number
        .filter(|number| *number > 0.0)
        .ok_or_else(|| Error::new_spanned(value, "a version is a number above 0: write `version = 2`"))
}

fn middleware(list: &MetaList) -> syn::Result<Vec<LitStr>> {
    let names = list.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated).map_err(|error| {
        let text = "the names that `.middleware_named` gave, in quotes: write `middleware(\"auth\")`";
        Error::new(error.span(), text)
    })?;
    Ok(names.into_iter().collect())
}

fn errors(list: &MetaList) -> syn::Result<Vec<LitStr>> {
    let codes = list.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated).map_err(|error| {
        let text = "the codes of the action's own refusals, in quotes: write `errors(\"not_found\")`";
        Error::new(error.span(), text)
    })?;
    Ok(codes.into_iter().collect())
}

fn blocked(list: &MetaList) -> syn::Result<Vec<Blocked>> {
    let kinds = list.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated)?;
    let kind = |ident: Ident| match ident.to_string().as_str() {
        "web" => Ok(Blocked::Web),
        "websocket" => Ok(Blocked::Websocket),
        other => {
            let text = format!(
                "no connection is of the kind `{other}`: {}",
                names::instead(other, &["web", "websocket"])
            );
            Err(Error::new_spanned(&ident, text))
        }
    };
    kinds.into_iter().map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Arguments, String> {
        syn::parse_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn all_of_them_at_once() {
        let all = read(r#"name = "x", version = 2, timeout = "5s", middleware("a", "b"), block(web)"#);
        let all = all.unwrap();
        assert_eq!(all.name.map(|name| name.value()), Some("x".to_owned()));
        assert_eq!((all.version, all.timeout), (Some(2.0), Some(Duration::from_secs(5))));
        assert_eq!((all.middleware.len(), all.blocked == [Blocked::Web]), (2, true));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, said) in [
            ("tiemout = \"5s\"", "did you mean `timeout`?"),
            ("timeout = 5", "write `timeout = \"5s\"`"),
            ("version = \"2\"", "write `version = 2`"),
            ("version = 0", "above 0"),
            ("name = \"\"", "a text in quotes"),
            ("middleware = \"auth\"", "write `middleware(\"auth\")`"),
            ("middleware(auth)", "in quotes"),
            ("errors(not_found)", "in quotes"),
            ("block(websockets)", "did you mean `websocket`?"),
        ] {
            let error = read(text).map(|_| ()).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
