//! What an action gives back.

use playhouse_core::error::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A result on its way to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    body: Body,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Body {
    /// Raw JSON; an object's keys travel at the top level of an answer.
    Json(String),
    #[default]
    Nothing,
    Sent,
}

/// What an action returns that has answered its caller itself, such as with a file: no reply follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent(pub(crate) ());

impl Reply {
    /// A reply with a value.
    ///
    /// # Errors
    /// A fault when the value can't be JSON.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        Ok(Self::json(serde_json::to_string(value)?))
    }

    /// A reply of raw JSON.
    #[must_use]
    pub fn json(raw: String) -> Self {
        Self { body: if raw == "null" { Body::Nothing } else { Body::Json(raw) } }
    }

    /// A reply without a result.
    #[must_use]
    pub fn nothing() -> Self {
        Self { body: Body::Nothing }
    }

    /// The raw JSON, if there is a result.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        match &self.body {
            Body::Json(raw) => Some(raw),
            Body::Nothing | Body::Sent => None,
        }
    }

    /// The result read as a type, for who ran another action; without a result it is read from `null`.
    ///
    /// # Errors
    /// A fault when the result has another form.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(self.raw().unwrap_or("null"))?)
    }

    /// Whether the action has answered its caller itself.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.body == Body::Sent
    }
}

/// What an action's function may return: anything that serde can write, or [`Sent`].
#[diagnostic::on_unimplemented(
    message = "an action can't answer with `{Self}`",
    label = "this is no `#[data]` struct and no other type that serde can write",
    note = "write `#[data]` above the struct that the action returns"
)]
pub trait Output {
    /// The value as a reply.
    ///
    /// # Errors
    /// A fault when the value can't be JSON.
    fn into_reply(self) -> Result<Reply>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Output for T {
    fn into_reply(self) -> Result<Reply> {
        Reply::of(&self)
    }
}

impl Output for Sent {
    fn into_reply(self) -> Result<Reply> {
        Ok(Reply { body: Body::Sent })
    }
}

impl Output for Reply {
    fn into_reply(self) -> Result<Reply> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_is_a_reply_without_a_result() {
        assert_eq!(().into_reply().map(|reply| reply.raw().is_none()).ok(), Some(true));
        assert_eq!(
            5.into_reply().ok().and_then(|reply| reply.raw().map(str::to_owned)),
            Some("5".to_owned())
        );
        assert_eq!(5.into_reply().and_then(|reply| reply.read::<u8>()).ok(), Some(5));
        assert!(Sent(()).into_reply().is_ok_and(|reply| reply.is_sent()));
    }
}
