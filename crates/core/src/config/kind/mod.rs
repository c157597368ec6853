//! What may be written for a setting: each kind reads a value, shows it as TOML and says in words what it
//! takes. Knows no setting by name.

pub(super) mod choice;
pub(super) mod client;
pub(super) mod list;
pub(super) mod manage;
pub(super) mod net;
pub(super) mod number;
pub(super) mod redis;
pub(super) mod template;
pub(super) mod text;
pub(super) mod time;

use super::raw::{Raw, Wrong};

/// A way to read, show and describe the values of a setting.
pub(in crate::config) trait Kind {
    /// What the setting's field holds.
    type Value;

    /// What is taken, as the end of the sentence "it must be …".
    fn words(&self) -> String;

    /// Reads a value as written.
    fn read(&self, raw: &Raw) -> Result<Self::Value, Wrong>;

    /// The value as TOML, such that reading it gives the same value.
    fn show(&self, value: &Self::Value) -> String;
}

/// Another kind, or `false` for none.
pub(in crate::config) struct Off<K> {
    kind: K,
    meaning: &'static str,
}

/// What `kind` takes, or `false` (also 0), which means `meaning`.
pub(in crate::config) const fn off<K>(kind: K, meaning: &'static str) -> Off<K> {
    Off { kind, meaning }
}

impl<K: Kind> Kind for Off<K> {
    type Value = Option<K::Value>;

    fn words(&self) -> String {
        format!("{}, or false: {}", self.kind.words(), self.meaning)
    }

    fn read(&self, raw: &Raw) -> Result<Self::Value, Wrong> {
        let zero = matches!(raw, Raw::Integer(0)) || matches!(raw, Raw::Bare(text) if text == "0");
        if zero || raw.is_false() { Ok(None) } else { self.kind.read(raw).map(Some) }
    }

    fn show(&self, value: &Self::Value) -> String {
        value.as_ref().map_or_else(|| "false".into(), |value| self.kind.show(value))
    }
}

/// Another kind, or no limit.
pub(in crate::config) struct Unlimited<K>(K);

/// What `kind` takes, or `Infinity` as JavaScript has it (also `inf` and `false`).
pub(in crate::config) const fn unlimited<K>(kind: K) -> Unlimited<K> {
    Unlimited(kind)
}

impl<K: Kind> Kind for Unlimited<K> {
    type Value = Option<K::Value>;

    fn words(&self) -> String {
        format!("{}, or \"Infinity\": no limit", self.0.words())
    }

    fn read(&self, raw: &Raw) -> Result<Self::Value, Wrong> {
        let is_word =
            |text: &str| ["infinity", "inf"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
        let is_infinite =
            matches!(raw, Raw::Float(number) if *number == f64::INFINITY) || raw.text().is_some_and(is_word);
        if is_infinite || raw.is_false() { Ok(None) } else { self.0.read(raw).map(Some) }
    }

    fn show(&self, value: &Self::Value) -> String {
        value.as_ref().map_or_else(|| "\"Infinity\"".into(), |value| self.0.show(value))
    }
}

#[cfg(test)]
mod tests {
    use super::number::whole;
    use super::*;

    #[test]
    fn without_limit_in_its_spellings() {
        let kind = unlimited(whole(0_usize, 9));
        for raw in [
            Raw::Text("Infinity".into()),
            Raw::Bare("infinity".into()),
            Raw::Bare("inf".into()),
            Raw::Float(f64::INFINITY),
            Raw::Bool(false),
        ] {
            assert_eq!(kind.read(&raw), Ok(None), "{raw:?}");
        }
        assert_eq!(kind.read(&Raw::Integer(0)), Ok(Some(0)));
        for raw in [Raw::Float(f64::NEG_INFINITY), Raw::Float(f64::NAN), Raw::Integer(10), Raw::Bool(true)] {
            assert_eq!(kind.read(&raw), Err(Wrong::Kind), "{raw:?}");
        }
        assert_eq!(kind.read(&Raw::Text(kind.show(&None).trim_matches('"').into())), Ok(None));
    }
}
