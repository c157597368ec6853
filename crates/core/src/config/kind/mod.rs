//! What may be written for a setting: each kind reads a value, shows it as TOML and says in words what it
//! takes. Knows no setting by name.

pub(super) mod choice;
pub(super) mod list;
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
