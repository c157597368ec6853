//! A value as somebody wrote it, before a setting's kind has read it: from TOML with its type, or from
//! the environment and the command line as bare text.

use super::kind::redis::without_password;
use toml::de::DeValue;

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    /// Text without quotes, from the environment or the command line: its type is the setting's.
    Bare(String),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Raw>),
    Table(Vec<(String, Raw)>),
    /// Something no setting takes (a date, a number beyond 64 bits), as it was written.
    Other(String),
}

/// Why a value was not taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wrong {
    /// It is not what the setting's kind takes; the message is made of the kind's words.
    Kind,
    /// A sentence of its own.
    Because(String),
}

/// Longer values are cut in messages.
const SHOWN_MAX: usize = 60;

impl Raw {
    pub(super) fn from_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Self::Other(number.to_string()), Self::Integer),
            DeValue::Float(number) => {
                number.as_str().parse().map_or_else(|_| Self::Other(number.to_string()), Self::Float)
            }
            DeValue::Boolean(yes) => Self::Bool(*yes),
            DeValue::Datetime(date) => Self::Other(date.to_string()),
            DeValue::Array(items) => {
                Self::List(items.iter().map(|item| Self::from_toml(item.get_ref())).collect())
            }
            DeValue::Table(table) => Self::Table(
                table
                    .iter()
                    .map(|(key, value)| (key.get_ref().to_string(), Self::from_toml(value.get_ref())))
                    .collect(),
            ),
        }
    }

    /// Bare text that is written like a list or a table is read as TOML; other values are as they are.
    pub(super) fn opened(&self) -> Self {
        let Self::Bare(text) = self else { return self.clone() };
        if !text.starts_with(['[', '{']) {
            return self.clone();
        }
        DeValue::parse(text).map_or_else(|_| self.clone(), |value| Self::from_toml(value.get_ref()))
    }

    /// The text, quoted or bare.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) => Some(text),
            Self::Integer(_)
            | Self::Float(_)
            | Self::Bool(_)
            | Self::List(_)
            | Self::Table(_)
            | Self::Other(_) => None,
        }
    }

    /// Whether this is the word `false`.
    pub(super) fn is_false(&self) -> bool {
        matches!(self, Self::Bool(false)) || matches!(self, Self::Bare(text) if text == "false")
    }

    /// The value for a message, cut where it is long.
    pub(super) fn shown(&self) -> String {
        let text = self.written();
        match text.char_indices().nth(SHOWN_MAX) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    fn written(&self) -> String {
        match self {
            // What is shown is sent around, and may be the wrong URL with the right password.
            Self::Bare(text) | Self::Text(text) => quoted(&without_password(text)),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Bool(yes) => yes.to_string(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::written).collect::<Vec<_>>().join(", "))
            }
            Self::Table(_) => "a table".into(),
            Self::Other(text) => text.clone(),
        }
    }
}

/// A text as TOML writes it between double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                out.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
