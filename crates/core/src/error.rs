//! Errors of the application's world: what the caller can mend ([`Reject`]), and what is ours ([`Fault`]).

use crate::actor::ActorError;
use crate::broker::BrokerError;
use crate::codes::{self, RejectCode};
use crate::store::StoreError;
use crate::trouble::Trouble;
use crate::value::{Value, ValueError, to_value};
use std::borrow::Cow;
use std::fmt;

/// What actions, middleware and hooks return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The caller's error: answered, never logged above debug.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Reject {
    /// Stable name for programs, such as `missing_param`.
    pub code: Cow<'static, str>,
    /// For people, in the caller's language.
    pub message: Cow<'static, str>,
    /// The HTTP status that carries it, 100..=599; `None` takes the configured default.
    pub status: Option<u16>,
    /// The inputs concerned.
    pub fields: Vec<String>,
    /// What else a program may want to know; travels to those who read codes: clients of actors, and ours.
    pub metadata: Option<Box<Value>>,
}

impl Reject {
    /// An application's own refusal.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), message: message.into(), status: None, fields: Vec::new(), metadata: None }
    }

    /// One of the framework's own refusals, with the message in force.
    #[must_use]
    pub fn of(code: &'static RejectCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: code.status, ..Self::new(code.name, message) }
    }

    /// Sets the HTTP status, 100..=599.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Says more to the caller's program; clients of actors see it, and ours.
    ///
    /// # Errors
    /// When it can't be a value.
    pub fn metadata<T: serde::Serialize + ?Sized>(mut self, metadata: &T) -> Result<Self, ValueError> {
        self.metadata = Some(Box::new(to_value(metadata)?));
        Ok(self)
    }

    /// Names an input that is concerned.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>) -> Self {
        self.fields.push(name.into());
        self
    }
}

/// Our error: the caller gets [`codes::INTERNAL`] and the id, the log has the same id and the cause.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct Fault {
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl Fault {
    /// A fault with a cause.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { cause: cause.into() }
    }

    /// Why it happened, with all causes below it.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = self.cause.to_string();
        let mut cause = self.cause.source();
        while let Some(below) = cause {
            text.push_str(": ");
            text.push_str(&below.to_string());
            cause = below.source();
        }
        text
    }

    /// What the caller is told.
    #[must_use]
    pub fn reject(id: &str) -> Reject {
        Reject::of(&codes::INTERNAL, format!("internal error (id {id})"))
    }
}

/// Either kind. Every error of another library becomes a [`Fault`] by `?`; a [`Reject`] stays one, and an engine in
/// [`Trouble`] is told as such. It is no
/// `std::error::Error` itself, as otherwise `?` could not tell the two apart.
#[derive(Debug)]
pub enum Error {
    /// The caller can do something.
    Reject(Reject),
    /// The caller can't.
    Fault(Fault),
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
        let boxed = match boxed.downcast::<Reject>() {
            Ok(reject) => return Self::Reject(*reject),
            Err(other) => other,
        };
        let boxed = match boxed.downcast::<ActorError>() {
            Ok(error) => return Self::Reject(error.reject()),
            Err(other) => other,
        };
        if let Some(reject) = of_engine(&*boxed) {
            return Self::Reject(reject);
        }
        match boxed.downcast::<Fault>() {
            Ok(fault) => Self::Fault(*fault),
            Err(cause) => Self::Fault(Fault { cause }),
        }
    }
}

/// What the caller is told when an engine is in trouble, however deep in the error that is: it is not the
/// application's fault, and the caller can try again.
fn of_engine(error: &(dyn std::error::Error + 'static)) -> Option<Reject> {
    if let Some(trouble) = error.downcast_ref::<Trouble>() {
        return Some(trouble.reject());
    }
    if let Some(StoreError::Unwritable(_)) = error.downcast_ref::<StoreError>() {
        let text = "what is kept can't be written now; nothing was changed, try again later";
        return Some(Reject::of(&codes::UNWRITABLE, text));
    }
    if let Some(BrokerError::Full) = error.downcast_ref::<BrokerError>() {
        return Some(Reject::of(
            &codes::OVERLOADED,
            "more waits to be said than the server keeps; try again",
        ));
    }
    of_engine(error.source()?)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reject(reject) => reject.fmt(f),
            Self::Fault(fault) => f.write_str(&fault.report()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses() -> Result<()> {
        Err(Reject::new("too_poor", "not enough gold").status(402))?;
        Ok(())
    }

    fn breaks() -> Result<u8> {
        Ok("x".parse::<u8>()?)
    }

    #[test]
    fn question_mark_keeps_a_reject() {
        let Err(Error::Reject(reject)) = refuses() else { panic!("a reject stays a reject") };
        assert_eq!((reject.code.as_ref(), reject.status), ("too_poor", Some(402)));
    }

    #[test]
    fn an_engine_in_trouble_is_told_to_the_caller() {
        let away = || Trouble::Away("no route to 10.0.0.7".into());
        let rows: [(Error, &str); 4] = [
            (away().into(), "engine_away"),
            (BrokerError::Engine(away()).into(), "engine_away"),
            (crate::cache::CacheError::Engine(Trouble::Unknown(String::new())).into(), "outcome_unknown"),
            (BrokerError::Full.into(), "overloaded"),
        ];
        for (error, code) in rows {
            let Error::Reject(reject) = error else { panic!("{code}: {error}") };
            assert_eq!(reject.code, code);
            assert!(!reject.message.contains("10.0.0.7"), "a host is nobody's business");
        }
    }

    #[test]
    fn question_mark_makes_any_other_error_a_fault() {
        let Err(Error::Fault(fault)) = breaks() else { panic!("a foreign error is a fault") };
        assert_eq!(fault.report(), "invalid digit found in string");
    }
}
