//! What stands in the brackets of `#[actor(..)]`.

use crate::function::Errors;
use crate::names;
use crate::setting::{list, value, wire_name};
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, Lit, LitStr, Meta, MetaList, Path, Token};

const KNOWN: &[&str] = &["name", "events", "version", "upgrade"];

/// A subscription is a bit.
const EVENTS_MAX: usize = 64;

/// The arguments, each as it was written or absent.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) name: Option<LitStr>,
    pub(super) events: Vec<Path>,
    pub(super) version: Option<u32>,
    pub(super) upgrade: Option<Expr>,
}

/// Reads what can be read, so that a mistake in one says nothing of the others.
pub(super) fn read(arguments: TokenStream, errors: &mut Errors) -> Arguments {
    let mut read = Arguments::default();
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(arguments);
    for meta in errors.take(metas).into_iter().flatten() {
        errors.take(read.set(&meta));
    }
    if let (Some(upgrade), None | Some(1)) = (&read.upgrade, read.version) {
        let text = "an upgrade makes states of older versions new: write `version = 2` beside it";
        errors.take::<()>(Err(Error::new_spanned(upgrade, text)));
    }
    read
}

impl Arguments {
    fn set(&mut self, meta: &Meta) -> syn::Result<()> {
        let name = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
        match name.as_str() {
            "name" => self.name = Some(wire_name(value(meta, "name = \"counter\"")?)?),
            "events" => self.events = events(list(meta, "events(NewCount)")?)?,
            "version" => self.version = Some(version(value(meta, "version = 2")?)?),
            "upgrade" => self.upgrade = Some(upgrade(value(meta, "upgrade = my_function")?)?),
            other => {
                let text = format!("`#[actor]` knows no `{other}`: {}", names::instead(other, KNOWN));
                return Err(Error::new_spanned(meta.path(), text));
            }
        }
        Ok(())
    }
}

fn events(list: &MetaList) -> syn::Result<Vec<Path>> {
    let paths = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).map_err(|error| {
        Error::new(
            error.span(),
            "the types that it tells, each an `#[event]`: write `events(NewCount, Joined)`",
        )
    })?;
    let paths: Vec<Path> = paths.into_iter().collect();
    for (nth, path) in paths.iter().enumerate() {
        let text = path.to_token_stream().to_string();
        if paths[..nth].iter().any(|other| other.to_token_stream().to_string() == text) {
            return Err(Error::new_spanned(path, format!("the event `{text}` is there twice")));
        }
    }
    match paths.get(EVENTS_MAX) {
        Some(extra) => Err(Error::new_spanned(extra, format!("an actor has at most {EVENTS_MAX} events"))),
        None => Ok(paths),
    }
}

fn version(value: &Expr) -> syn::Result<u32> {
    let number = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    };
    let text = "the version of the state's form is a whole number from 1: write `version = 2`";
    number.filter(|number| *number > 0).ok_or_else(|| Error::new_spanned(value, text))
}

fn upgrade(value: &Expr) -> syn::Result<Expr> {
    match value {
        Expr::Path(_) => Ok(value.clone()),
        other => {
            let text =
                "a function `fn(u32, Value) -> Result<Value>`, by its name: write `upgrade = my_function`";
            Err(Error::new_spanned(other, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Arguments, String> {
        let mut errors = Errors::default();
        let read = read(text.parse().unwrap(), &mut errors);
        errors.finish().map(|()| read).map_err(|error| error.to_string())
    }

    #[test]
    fn all_of_them_at_once() {
        let all = parsed("name = \"x\", events(A, b::C), version = 2, upgrade = from_old").unwrap();
        assert_eq!(all.name.map(|name| name.value()), Some("x".to_owned()));
        assert_eq!((all.events.len(), all.version, all.upgrade.is_some()), (2, Some(2), true));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, said) in [
            ("event(A)", "did you mean `events`?"),
            ("events = A", "write `events(NewCount)`"),
            ("events(\"newCount\")", "write `events(NewCount, Joined)`"),
            ("events(A, A)", "twice"),
            ("version = 0", "a whole number from 1"),
            ("version = 1.5", "a whole number from 1"),
            ("upgrade = up", "write `version = 2`"),
            ("version = 2, upgrade = |_, old| Ok(old)", "write `upgrade = my_function`"),
            ("name = counter", "a text in quotes"),
        ] {
            let error = parsed(text).map(|_| ()).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
