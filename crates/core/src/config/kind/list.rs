//! Lists: written as lists, or as one text with commas, as Primus and the environment have them.

use super::Kind;
use crate::config::raw::{Raw, Wrong};

/// A list of what another kind takes.
pub(in crate::config) struct List<K>(K);

/// A list of `kind`.
pub(in crate::config) const fn list<K>(kind: K) -> List<K> {
    List(kind)
}

impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;

    fn words(&self) -> String {
        format!("a list, each of it {}", self.0.words())
    }

    fn read(&self, raw: &Raw) -> Result<Self::Value, Wrong> {
        items(raw)?.iter().map(|item| self.0.read(item)).collect()
    }

    fn show(&self, value: &Self::Value) -> String {
        format!("[{}]", value.iter().map(|item| self.0.show(item)).collect::<Vec<_>>().join(", "))
    }
}

/// The items of a list, or of a text with commas; blanks around items and empty items are dropped.
pub(in crate::config) fn items(raw: &Raw) -> Result<Vec<Raw>, Wrong> {
    match raw.opened() {
        Raw::List(items) => Ok(items),
        Raw::Text(text) | Raw::Bare(text) => Ok(text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| Raw::Bare(item.into()))
            .collect()),
        Raw::Integer(_) | Raw::Float(_) | Raw::Bool(_) | Raw::Table(_) | Raw::Other(_) => Err(Wrong::Kind),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::Word;
    use super::*;

    #[test]
    fn lists_in_their_spellings() {
        let kind = list(Word);
        for raw in [
            Raw::Text("a, b".into()),
            Raw::Bare("a,b,".into()),
            Raw::Bare("[\"a\", \"b\"]".into()),
            Raw::List(vec![Raw::Text("a".into()), Raw::Text("b".into())]),
        ] {
            assert_eq!(kind.read(&raw), Ok(vec!["a".to_owned(), "b".to_owned()]), "{raw:?}");
        }
        assert_eq!(kind.read(&Raw::Bare(String::new())), Ok(vec![]));
        assert_eq!(kind.read(&Raw::Integer(1)), Err(Wrong::Kind));
        assert_eq!(kind.read(&Raw::List(vec![Raw::Integer(1)])), Err(Wrong::Kind));
        assert_eq!(kind.show(&vec!["a".into(), "b".into()]), "[\"a\", \"b\"]");
    }
}
