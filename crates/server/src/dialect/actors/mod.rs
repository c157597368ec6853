//! How clients of actors speak: rivetkit in three encodings, actor-core in two, over websockets, event streams and HTTP.
//!
//! Source: actors.md, sections 4 to 6, 10 and 11. [`Form`] says which way; it reads what a client asks ([`Asked`]) and writes
//! what it is told ([`Said`]). `codes` names refusals, `value` is CBOR. Knows no socket and no actor.

pub(crate) mod codes;
pub(crate) mod core;
pub(crate) mod plain;
mod read;
mod rivet;
mod spelled;
pub(crate) mod value;

pub(crate) use codes::Failure;
pub(crate) use read::Unreadable;
pub(crate) use rivet::{arguments, failure, output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use playhouse_core::actor::WrittenForm;
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use playhouse_proto::ws::{Opcode, encode};
use serde::Serialize;
use std::borrow::Cow;

/// Whose messages they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// rivetkit's.
    Rivet,
    /// rivetkit's from 2.3 on, known by what it writes in BARE: its values in CBOR spell kinds as those in JSON do.
    Rivet23,
    /// actor-core's, which has no BARE.
    Core,
}

impl Family {
    /// Which of rivetkit's wrote a message or body.
    pub(crate) fn of(encoding: Encoding, bytes: &[u8]) -> Self {
        let version = bytes.first_chunk().map(|version| u16::from_le_bytes(*version));
        match encoding {
            Encoding::Bare if version >= Some(SPELLING) => Self::Rivet23,
            Encoding::Bare | Encoding::Json | Encoding::Cbor => Self::Rivet,
        }
    }
}

/// The version of BARE messages from which on clients spell kinds in CBOR.
const SPELLING: u16 = 4;

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// As frames of a websocket.
    Websocket,
    /// As lines of an event stream; only actor-core's.
    Stream,
}

/// A wire form: connections that have the same one share bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) family: Family,
    pub(crate) encoding: Encoding,
    pub(crate) framing: Framing,
}

/// What a client asks on its connection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked<'a> {
    /// To run an action, and to answer under this id.
    Call { id: u64, name: Cow<'a, str>, args: Vec<Value> },
    /// To hear an event from now on, or not any more.
    Listen { event: Cow<'a, str>, on: bool },
}

impl Asked<'_> {
    /// The same, of a client that spells kinds.
    fn unspelled(self) -> Result<Self, Unreadable> {
        match self {
            Self::Call { id, name, args } => Ok(Self::Call { id, name, args: spelled::read(args)? }),
            listen @ Self::Listen { .. } => Ok(listen),
        }
    }
}

/// A message of a client, as its transport has it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

/// What a client is told on its connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said<'a> {
    /// The connection is made. Only actor-core's clients get a token.
    Init { actor: &'a str, connection: &'a str, token: &'a str },
    /// A call's output.
    Response { id: u64, output: &'a Value },
    /// Why a call was not done, or the connection not made.
    Error { failure: &'a Failure<'a>, id: Option<u64> },
    /// An event.
    Event { name: &'a str, args: &'a [Value] },
}

/// A message that would be over the limit, and how many bytes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong(pub(crate) usize);

impl Form {
    /// Its place among all forms.
    pub(crate) fn place(self) -> WrittenForm {
        match (self.family, self.encoding, self.framing) {
            (Family::Rivet, Encoding::Json, _) => WrittenForm::RivetJson,
            (Family::Rivet, Encoding::Cbor, _) => WrittenForm::RivetCbor,
            (Family::Rivet, Encoding::Bare, _) => WrittenForm::RivetBare,
            (Family::Rivet23, _, _) => WrittenForm::RivetSpelled,
            (Family::Core, Encoding::Json, Framing::Websocket) => WrittenForm::CoreJson,
            (Family::Core, Encoding::Json, Framing::Stream) => WrittenForm::CoreJsonStream,
            (Family::Core, Encoding::Cbor | Encoding::Bare, Framing::Websocket) => WrittenForm::CoreCbor,
            (Family::Core, Encoding::Cbor | Encoding::Bare, Framing::Stream) => WrittenForm::CoreCborStream,
        }
    }

    /// The form of who writes this message: the first of a client says which version it is.
    pub(crate) fn of(self, message: Message<'_>) -> Self {
        match (message, self) {
            (Message::Binary(bytes), Self { family: Family::Rivet, encoding, .. }) => {
                Self { family: Family::of(encoding, bytes), ..self }
            }
            _ => self,
        }
    }

    /// Whether messages are texts on a websocket.
    fn is_text(self) -> bool {
        self.encoding == Encoding::Json
    }

    /// Reads a message of a client. JSON comes in texts, the rest in bytes; a body over HTTP is bytes always.
    /// It may have `values` values at most.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub(crate) fn read<'a>(self, message: Message<'a>, values: usize) -> Result<Asked<'a>, Unreadable> {
        let bytes = match (message, self.is_text(), self.framing) {
            (Message::Text(text), true, _) => text.as_bytes(),
            (Message::Binary(bytes), false, _) | (Message::Binary(bytes), true, Framing::Stream) => bytes,
            (Message::Text(_), false, _) => return Err(Unreadable::new("a text where bytes are spoken")),
            (Message::Binary(_), true, Framing::Websocket) => {
                return Err(Unreadable::new("bytes where texts are spoken"));
            }
        };
        match self.family {
            Family::Rivet => rivet::read(self.encoding, bytes, values),
            Family::Rivet23 => rivet::read(self.encoding, bytes, values)?.unspelled(),
            Family::Core => core::read(self.encoding, bytes, values),
        }
    }

    /// Appends a message, framed. Nothing is appended where it is too long.
    ///
    /// # Errors
    /// It has more than `limit` bytes.
    pub(crate) fn write(self, out: &mut Vec<u8>, said: &Said<'_>, limit: usize) -> Result<(), TooLong> {
        match self.framing {
            Framing::Websocket => {
                let mark = encode::begin(out);
                let from = out.len();
                self.body(out, said);
                let len = out.len() - from;
                if len > limit {
                    encode::abandon(out, mark);
                    return Err(TooLong(len));
                }
                encode::end(out, mark, if self.is_text() { Opcode::Text } else { Opcode::Binary });
            }
            Framing::Stream => {
                let mut body = Vec::new();
                self.body(&mut body, said);
                if body.len() > limit {
                    return Err(TooLong(body.len()));
                }
                out.extend_from_slice(b"data: ");
                match self.is_text() {
                    true => out.append(&mut body),
                    false => out.extend_from_slice(STANDARD.encode(body).as_bytes()),
                }
                out.extend_from_slice(b"\n\n");
            }
        }
        Ok(())
    }

    fn body(self, out: &mut Vec<u8>, said: &Said<'_>) {
        match self.family {
            Family::Rivet => rivet::write(self.encoding, out, said),
            Family::Rivet23 => spelled::write(self.encoding, out, said),
            Family::Core => core::write(self.encoding, out, said),
        }
    }

    /// Whether a client that may not sit down is told why before the close. actor-core's would take it for news of a
    /// connection that it has.
    pub(crate) fn explains_refusals(self) -> bool {
        self.family != Family::Core
    }

    /// Whether clients prove themselves with a token in other requests.
    pub(crate) fn has_token(self) -> bool {
        self.family == Family::Core
    }

    /// The code and reason of the close that follows a failure.
    pub(crate) fn closes(self, failure: &Failure<'_>) -> (Option<u16>, String) {
        let reason = match self.family {
            Family::Rivet | Family::Rivet23 => failure.reason(),
            Family::Core => failure.core.to_owned(),
        };
        (Some(INTERNAL), reason)
    }
}

/// The close code of whatever went wrong (RFC 6455, 7.4.1).
const INTERNAL: u16 = 1011;

/// Appends JSON of a value or of a list of them, in rivetkit's spelling.
fn put_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, values: &T) {
    serde_json::to_writer(out, values).expect("a value is always JSON, and a Vec takes every write");
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests;
