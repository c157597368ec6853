//! One table of every code a client can meet. Constants, metric labels and `docs/codes.md` come from here.

use std::fmt::Write;

/// Why something that a client asked for was not done.
#[derive(Debug, PartialEq, Eq)]
pub struct RejectCode {
    /// Stable name; also the metric label.
    pub name: &'static str,
    /// HTTP status; `None` means `http.default_error_status_code`.
    pub status: Option<u16>,
    /// What it means and what to do, for the documentation.
    pub text: &'static str,
}

/// Whether a client whose link was closed should come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// At once.
    Now,
    /// After its usual back-off.
    AfterBackoff,
    /// No: it was ended on purpose.
    Never,
}

/// Why a link ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Close {
    /// Number in the native dialect; other dialects map it.
    pub number: u16,
    /// The websocket close code elsewhere; `None` sends a close frame without a code.
    pub websocket: Option<u16>,
    /// Stable name; also the metric label.
    pub name: &'static str,
    /// Reason sent with it; at most 123 bytes, as a close frame has 125 and two of them are the code.
    pub text: &'static str,
    /// Whether to come back.
    pub again: Again,
}

macro_rules! rejects {
    ($($name:ident = $text:literal, $status:expr, $doc:literal;)*) => {
        $(#[doc = $doc] pub const $name: RejectCode = RejectCode { name: $text, status: $status, text: $doc };)*
        /// All reject codes, by name.
        pub const REJECTS: &[&RejectCode] = &[$(&$name),*];
    };
}

rejects! {
    ACTOR_EXISTS = "actor_exists", Some(409), "There is an actor of this name and key already; use get or get-or-create.";
    ACTOR_STOPPING = "actor_stopping", Some(503), "The actor is being stopped or moved; the call was not begun. Try again.";
    ALREADY_IN_ROOM = "already_in_room", None, "The connection is in this room already; nothing to do.";
    CYCLE = "cycle", Some(508), "An actor that waits for this call is what it calls: waiting would never end. Answer first and call afterwards, with `cx.after`.";
    ENGINE_AWAY = "engine_away", Some(503), "What the nodes share (Redis) can't be reached or refuses to write: nothing was done. Try again after a few seconds.";
    FILE_NOT_FOUND = "file_not_found", Some(404), "There is no such file in the public folder.";
    FORBIDDEN_ORIGIN = "forbidden_origin", Some(403), "The page's origin is not allowed; add it to `websocket.server.origins`.";
    INTERNAL = "internal", Some(500), "Our error. The log has its cause under the id that the message names.";
    INVALID_PARAM = "invalid_param", None, "An input does not have the form that the action declares.";
    MISSING_PARAM = "missing_param", Some(422), "A required input is absent, null or an empty text.";
    NO_CONNECTION = "no_connection", None, "An actor asked for the connection that calls it, and none does: the call came of an alarm or of the application itself.";
    NO_HTTP = "no_http", Some(404), "The actor has no `#[http]` function.";
    NO_SUCH_ACTOR = "no_such_actor", Some(404), "There is no actor of this id or key; it may have been destroyed.";
    NO_SUCH_CONNECTION = "no_such_connection", Some(404), "No node has a connection with this id; it may have gone.";
    NO_SUCH_ROOM = "no_such_room", None, "The room does not exist.";
    NO_SUCH_SEAT = "no_such_seat", None, "The connection has no seat of this number; it may have ended, and seats end with their connection. Take a new one.";
    NO_WEBSOCKET = "no_websocket", Some(404), "The actor has no `#[websocket]` function.";
    NOT_IN_ROOM = "not_in_room", None, "The connection is not in this room; join it first.";
    NOT_OFFERED = "not_offered", Some(501), "The node does not offer this, as it is configured.";
    OUTCOME_UNKNOWN = "outcome_unknown", Some(504), "What the nodes share (Redis), or another node, did not answer in time: it may have been done or not. Look before you try again.";
    OVERLOADED = "overloaded", Some(503), "More waits than the server keeps; try again after a pause.";
    PAYLOAD_TOO_LARGE = "payload_too_large", Some(413), "The request's body is over its limit.";
    ROOM_AND_MESSAGE_REQUIRED = "room_and_message_required", None, "`say` needs a room and a message.";
    ROOM_EXISTS = "room_exists", None, "A room of this name exists.";
    SEAT_ENDED = "seat_ended", None, "The seat at the actor ended before the call was answered: it may have been done or not. Look before you try again.";
    SHUTTING_DOWN = "shutting_down", None, "The server is stopping; connect anew.";
    STATE_TOO_LARGE = "state_too_large", Some(413), "The change would make the actor's state, that of a connection at it, or the arguments of an alarm larger than `actors.state_size`; nothing was changed.";
    TIMEOUT = "timeout", Some(504), "The action did not end within its time. Whether it had an effect is unknown.";
    TOO_MANY_ALARMS = "too_many_alarms", Some(429), "The actor has as many alarms as `actors.alarms` allows; nothing was changed. Cancel some, or let one alarm do the work of many.";
    TOO_MANY_PENDING = "too_many_pending", None, "More actions run on this connection than `actions.simultaneous`; wait for an answer.";
    TOO_MANY_ROOMS = "too_many_rooms", None, "The connection or the server has as many rooms as it may; leave or remove one.";
    TOO_MANY_SEATS = "too_many_seats", None, "The connection has as many seats at actors as `actors.seats_per_connection` allows; leave one.";
    UNAUTHORIZED = "unauthorized", Some(401), "The application's authorization refused the connection.";
    UNKNOWN_ACTION = "unknown_action", Some(404), "There is no action of this name and version.";
    UNKNOWN_ACTOR = "unknown_actor", Some(404), "The application has no kind of actor of this name.";
    UNKNOWN_VERB = "unknown_verb", None, "A frame's event is none of the verbs.";
    UNWRITABLE = "unwritable", Some(503), "What actors keep can't be written: the disk is full, or the file may not be written. Nothing was changed; try again later.";
    WRONG_CONNECTION_TYPE = "wrong_connection_type", None, "The action is not served over this kind of connection.";
}

/// The application ended the connection, or the client asked for it.
pub const ENDED: Close =
    Close { number: 4000, websocket: None, name: "ended", text: "", again: Again::Never };
/// The node is stopping.
pub const DRAINING: Close = Close {
    number: 4001,
    websocket: Some(1001),
    name: "draining",
    text: "server is going away",
    again: Again::Now,
};
/// The client reads too slowly for what is sent to it.
pub const SLOW: Close = Close {
    number: 4002,
    websocket: Some(1013),
    name: "slow",
    text: "outbox limit reached",
    again: Again::AfterBackoff,
};
/// Nothing was heard from the client.
pub const SILENT: Close =
    Close { number: 4003, websocket: None, name: "silent", text: "", again: Again::Now };
/// The client broke the protocol; the transport says how.
pub const PROTOCOL: Close = Close {
    number: 4004,
    websocket: Some(1002),
    name: "protocol",
    text: "protocol error",
    again: Again::AfterBackoff,
};
/// A hook of the application failed while the connection was made.
pub const FAULT: Close = Close {
    number: 4005,
    websocket: Some(1011),
    name: "fault",
    text: "internal error",
    again: Again::AfterBackoff,
};
/// The node holds more half-read bytes than it may.
pub const CROWDED: Close = Close {
    number: 4006,
    websocket: Some(1013),
    name: "crowded",
    text: "server is out of room",
    again: Again::AfterBackoff,
};

/// The node is stopping, and clients shall stay away.
pub const STOPPED: Close = Close {
    number: 4007,
    websocket: Some(1001),
    name: "stopped",
    text: "server has stopped",
    again: Again::Never,
};

/// The client ended the link itself.
pub const LEFT: Close =
    Close { number: 4008, websocket: None, name: "left", text: "", again: Again::AfterBackoff };

/// All close codes, by number.
pub const CLOSES: &[&Close] =
    &[&ENDED, &DRAINING, &SLOW, &SILENT, &PROTOCOL, &FAULT, &CROWDED, &STOPPED, &LEFT];

const _: () = {
    let mut i = 0;
    while i < CLOSES.len() {
        assert!(CLOSES[i].text.len() <= 123, "a close frame has 125 bytes, two of them are the code");
        assert!(i == 0 || CLOSES[i - 1].number < CLOSES[i].number, "sorted, so unique");
        i += 1;
    }
};

/// The page `docs/codes.md`.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(
        "# Codes\n\nGenerated from `core::codes`; do not edit.\n\n## Rejects: the caller's errors\n\n\
         | code | HTTP status | meaning |\n|---|---|---|\n",
    );
    for code in REJECTS {
        let status = code.status.map_or_else(|| "default".to_owned(), |status| status.to_string());
        writeln!(out, "| `{}` | {status} | {} |", code.name, code.text).expect("a String takes every write");
    }
    out.push_str(
        "\n\"default\" is `http.default_error_status_code`.\n\n## Closes: why a link ended\n\n\
         | code | number | websocket | reason | come back |\n|---|---|---|---|---|\n",
    );
    for close in CLOSES {
        let websocket = close.websocket.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let again = match close.again {
            Again::Now => "at once",
            Again::AfterBackoff => "after a pause",
            Again::Never => "no",
        };
        writeln!(out, "| `{}` | {} | {websocket} | {} | {again} |", close.name, close.number, close.text)
            .expect("a String takes every write");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reject_names_are_sorted_and_unique() {
        assert!(REJECTS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn the_page_names_every_code() {
        let page = page();
        assert!(REJECTS.iter().all(|code| page.contains(code.name)));
        assert!(CLOSES.iter().all(|close| page.contains(close.name)));
    }
}
