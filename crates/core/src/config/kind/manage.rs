//! Who may see and destroy what is there, over HTTP.

use std::fmt;

use super::Kind;
use super::text::Text;
use crate::config::raw::{Raw, Wrong};

/// Who may manage actors.
#[derive(Clone, PartialEq, Eq)]
pub enum Manage {
    /// Nobody.
    Off,
    /// Everybody.
    Open,
    /// Who has this token.
    Token(Box<str>),
}

impl fmt::Debug for Manage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Manage {
    /// Without the token: configurations are printed and sent around.
    fn shown(&self) -> &'static str {
        match self {
            Self::Off => "\"off\"",
            Self::Open => "\"open\"",
            Self::Token(_) => "\"***\"",
        }
    }
}

/// The shortest token, in bytes.
const TOKEN_MIN: usize = 16;

/// Two words, or a token.
pub(in crate::config) struct ManageKind;

impl Kind for ManageKind {
    type Value = Manage;

    fn words(&self) -> String {
        format!(
            "\"off\", \"open\", or a token of {TOKEN_MIN} letters, digits and signs or more, without blanks"
        )
    }

    fn read(&self, raw: &Raw) -> Result<Manage, Wrong> {
        if raw.is_false() {
            return Ok(Manage::Off);
        }
        let text = Text.read(raw)?;
        match &*text {
            "off" => Ok(Manage::Off),
            "open" => Ok(Manage::Open),
            token if token.len() >= TOKEN_MIN && token.bytes().all(|b| b.is_ascii_graphic()) => {
                Ok(Manage::Token(token.into()))
            }
            _ => Err(Wrong::Kind),
        }
    }

    fn show(&self, value: &Manage) -> String {
        value.shown().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_tokens() {
        let read = |text: &str| ManageKind.read(&Raw::Text(text.into()));
        assert_eq!((read("off"), read("open")), (Ok(Manage::Off), Ok(Manage::Open)));
        assert_eq!(ManageKind.read(&Raw::Bool(false)), Ok(Manage::Off));
        let token = Manage::Token("correct-horse-battery".into());
        assert_eq!(read("correct-horse-battery"), Ok(token.clone()));
        assert_eq!((ManageKind.show(&token), format!("{token:?}")), ("\"***\"".into(), "\"***\"".into()));
        for odd in ["", "Open", "short-secret", "correct horse battery", "correct-horse-bätt"] {
            assert_eq!(read(odd), Err(Wrong::Kind), "{odd}");
        }
    }
}
