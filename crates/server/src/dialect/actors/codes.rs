//! What refusals are called on the wires of actors: one table for both families of clients (actors.md, sections 5.2, 5.3
//! and 11.2).
//!
//! Knows no message. Nothing of the cause of a fault is told.

use playhouse_core::actor::ActorError;
use playhouse_core::codes::{self, RejectCode};
use playhouse_core::value::Value;
use std::borrow::Cow;

/// The words that stand for every fault.
const INTERNAL: &str = "Internal error. Read the server logs for more details.";

/// One kind of refusal: what it is called by either family, and its HTTP status.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The group in which rivetkit's code is.
    pub(crate) group: &'static str,
    /// Its code.
    pub(crate) code: &'static str,
    /// What actor-core's clients call it.
    pub(crate) core: &'static str,
    /// Over HTTP.
    pub(crate) status: u16,
}

const fn kind(group: &'static str, code: &'static str, core: &'static str, status: u16) -> Kind {
    Kind { group, code, core, status }
}

/// Our error.
pub(crate) const FAULT: Kind = kind("internal", "internal_error", "internal_error", 500);
/// The encoding is none of ours.
pub(crate) const ENCODING: Kind = kind("encoding", "invalid", "invalid_encoding", 400);
/// The connection's parameters can't be read.
pub(crate) const PARAMS: Kind = kind("params", "invalid", "malformed_connection_parameters", 400);
/// The same, as they are too long; actor-core has a limit for them.
pub(crate) const LONG_PARAMS: Kind = kind("params", "invalid", "connection_parameters_too_long", 400);
/// A request lacks something, or something in it can't be read.
pub(crate) const REQUEST: Kind = kind("request", "invalid", "invalid_request", 400);
/// A body or frame can't be read.
pub(crate) const MALFORMED: Kind = kind("message", "malformed", "malformed_message", 400);
/// A message of the client is over the limit.
pub(crate) const INCOMING: Kind = kind("message", "incoming_too_long", "message_too_long", 413);
/// A message of ours is over the limit.
pub(crate) const OUTGOING: Kind = kind("message", "outgoing_too_long", "message_too_long", 413);
/// What this server does not have.
pub(crate) const NOT_OFFERED: Kind = kind("feature", "not_implemented", "not_implemented", 501);
/// A path that is nobody's.
pub(crate) const NO_PATH: Kind = kind("request", "not_found", "not_found", 404);
/// A method that a path does not have.
pub(crate) const NO_METHOD: Kind = kind("request", "method_not_allowed", "method_not_allowed", 405);
/// A page that may not ask.
pub(crate) const ORIGIN: Kind = kind("request", "forbidden_origin", "forbidden_origin", 403);
/// Nobody may manage actors here.
pub(crate) const UNMANAGED: Kind = kind("request", "forbidden", "forbidden", 403);
/// Only who has a token may.
pub(crate) const TOKEN: Kind = kind("request", "unauthorized", "unauthorized", 401);
/// There is no actor of this id.
pub(crate) const NO_ACTOR: Kind = kind("actor", "not_found", "actor_not_found", 404);
/// It was destroyed while somebody was connected.
pub(crate) const DESTROYED: Kind = kind("actor", "destroyed_by_request", "actor_destroyed", 404);
/// It is being stopped or moved.
pub(crate) const STOPPING: Kind = kind("actor", "stopping", "actor_stopping", 400);
/// As much waits as may.
pub(crate) const OVERLOADED: Kind = kind("actor", "overloaded", "overloaded", 400);
/// There is no such event stream.
pub(crate) const NO_CONNECTION: Kind = kind("connection", "not_found", "connection_not_found", 404);
/// Somebody else's event stream.
pub(crate) const BAD_TOKEN: Kind = kind("connection", "incorrect_token", "incorrect_connection_token", 403);

/// What refusals of the framework are called.
const TABLE: &[(&RejectCode, Kind)] = &[
    (&codes::ACTOR_EXISTS, kind("actor", "duplicate_key", "actor_already_exists", 400)),
    (&codes::ACTOR_STOPPING, STOPPING),
    (&codes::CYCLE, kind("actor", "cycle", "cycle", 400)),
    (&codes::ENGINE_AWAY, kind("actor", "engine_away", "engine_away", 400)),
    (&codes::INVALID_PARAM, REQUEST),
    (&codes::MISSING_PARAM, REQUEST),
    (&codes::NO_HTTP, kind("handler", "request_not_defined", "not_found", 404)),
    (&codes::NO_SUCH_ACTOR, NO_ACTOR),
    (&codes::NO_WEBSOCKET, kind("handler", "websocket_not_defined", "not_found", 404)),
    (&codes::NOT_OFFERED, NOT_OFFERED),
    (&codes::OUTCOME_UNKNOWN, kind("actor", "outcome_unknown", "outcome_unknown", 400)),
    (&codes::OVERLOADED, OVERLOADED),
    (&codes::PAYLOAD_TOO_LARGE, INCOMING),
    (&codes::SHUTTING_DOWN, STOPPING),
    (&codes::STATE_TOO_LARGE, kind("actor", "state_too_large", "state_too_large", 413)),
    (&codes::TIMEOUT, kind("action", "timed_out", "rpc_timed_out", 400)),
    (&codes::TOO_MANY_ALARMS, kind("actor", "too_many_alarms", "too_many_alarms", 400)),
    (&codes::TOO_MANY_PENDING, OVERLOADED),
    (&codes::UNKNOWN_ACTION, kind("action", "not_found", "rpc_not_found", 400)),
    (&codes::UNKNOWN_ACTOR, kind("actor", "unknown_actor", "unknown_actor", 400)),
    (&codes::UNWRITABLE, kind("actor", "unwritable", "unwritable", 400)),
];

/// A refusal as clients hear it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure<'a> {
    /// rivetkit's group.
    pub(crate) group: &'a str,
    /// rivetkit's code.
    pub(crate) code: &'a str,
    /// actor-core's code.
    pub(crate) core: &'a str,
    /// For people.
    pub(crate) message: Cow<'a, str>,
    /// For programs.
    pub(crate) metadata: Option<Cow<'a, Value>>,
    /// Over HTTP.
    pub(crate) status: u16,
}

impl<'a> Failure<'a> {
    /// A refusal of the server's own.
    pub(crate) fn new(kind: &'static Kind, message: impl Into<Cow<'a, str>>) -> Self {
        let Kind { group, code, core, status } = *kind;
        Self { group, code, core, message: message.into(), metadata: None, status }
    }

    /// What a client hears of an actor's error.
    pub(crate) fn of(error: &'a ActorError) -> Self {
        let reject = match error {
            ActorError::Fault(_) => return Self::fault(),
            ActorError::User(reject) | ActorError::Refused(reject) => reject,
        };
        let known = match error {
            ActorError::Refused(_) => {
                let found = TABLE.iter().find(|(code, _)| code.name == reject.code);
                match found {
                    Some((_, kind)) => Some(kind),
                    // What is not in the table is none that actors give; its words may be about our insides.
                    None => return Self::fault(),
                }
            }
            ActorError::User(_) | ActorError::Fault(_) => None,
        };
        let (group, code, core, status) = match known {
            Some(kind) => (kind.group, kind.code, kind.core, kind.status),
            None => ("user", &*reject.code, &*reject.code, 400),
        };
        let metadata = reject.metadata.as_deref().map(Cow::Borrowed);
        Self { group, code, core, message: Cow::Borrowed(&*reject.message), metadata, status }
    }

    fn fault() -> Self {
        let metadata = Some(Cow::Owned(Value::Map(Vec::new())));
        Self { metadata, ..Self::new(&FAULT, INTERNAL) }
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: &Kind) -> bool {
        self.group == kind.group && self.code == kind.code
    }

    /// The reason of the close that follows it.
    pub(crate) fn reason(&self) -> String {
        [self.group, ".", self.code].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::error::Reject;

    fn shown(error: &ActorError) -> String {
        let failure = Failure::of(error);
        let metadata = failure.metadata.as_ref().map(|value| value.to_json()).unwrap_or_default();
        let metadata = String::from_utf8(metadata).unwrap();
        let Failure { group, code, core, message, status, .. } = failure;
        format!("{status} {group}/{code} {core} {message} {metadata}")
    }

    #[test]
    fn an_actors_own_words_are_passed_on() {
        let poor = Reject::new("insufficient_funds", "insufficient funds");
        let poor = poor.metadata(&Value::map([("needed", 5.into()), ("have", 2.into())])).unwrap();
        assert_eq!(
            shown(&ActorError::User(poor)),
            r#"400 user/insufficient_funds insufficient_funds insufficient funds {"needed":5,"have":2}"#
        );
        let odd = ActorError::User(Reject::new("unknown_action", "mine"));
        assert_eq!(shown(&odd), "400 user/unknown_action unknown_action mine ");
    }

    #[test]
    fn the_frameworks_have_names_of_their_own() {
        for (code, expected) in [
            (&codes::UNKNOWN_ACTION, "400 action/not_found rpc_not_found x "),
            (&codes::NO_SUCH_ACTOR, "404 actor/not_found actor_not_found x "),
            (&codes::ACTOR_EXISTS, "400 actor/duplicate_key actor_already_exists x "),
            (&codes::NO_HTTP, "404 handler/request_not_defined not_found x "),
            (&codes::NOT_OFFERED, "501 feature/not_implemented not_implemented x "),
        ] {
            assert_eq!(shown(&ActorError::Refused(Reject::of(code, "x"))), expected);
        }
    }

    #[test]
    fn of_a_fault_nothing_is_told() {
        let words = "500 internal/internal_error internal_error Internal error. Read the server logs for more details. {}";
        assert_eq!(shown(&ActorError::Fault("id".into())), words);
        assert_eq!(shown(&ActorError::Refused(Reject::of(&codes::FILE_NOT_FOUND, "/etc"))), words);
    }
}
