//! One text message as a packet: its head, and its JSON checked and cut in one pass.
//!
//! Owns the parsing rules of socketio.md, 1. It must not know which namespaces exist, nor put the bytes of
//! attachments where they belong; see [`binary`](super::binary).

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Malformed, json, text};

/// The main namespace.
pub const MAIN: &str = "/";

/// The largest acknowledgement id: 2^53−1, the last whole number that every client can tell from the next.
pub const ID_MAX: u64 = (1 << 53) - 1;

/// What no event may be called: clients use these names for what happens to them.
pub const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// The arguments of an event or an acknowledgement: each a JSON value as it stands in the message. Up to four
/// need no memory of their own.
pub type Args<'a> = SmallVec<[&'a str; 4]>;

/// A packet that keeps all rules a single packet can break. It borrows from its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Begins with `/`, and is [`MAIN`] where the packet names none; without the query that old clients add.
    pub namespace: &'a str,
    /// How many binary messages belong to it, also if their bytes are in its JSON by now; 0 but for events and
    /// acknowledgements with bytes.
    pub attachments: usize,
    /// What it says.
    pub body: Body<'a>,
}

/// What a packet says. Whether it came with bytes makes no difference here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// A client asks for the namespace, or the server has let it in.
    Connect {
        /// An object, as it stands: what a client shows to be let in, or who it is now.
        data: Option<&'a str>,
    },
    /// The end of the namespace's connection.
    Disconnect,
    /// Something has happened, or is asked for.
    Event {
        /// Under which the other side wants to be answered.
        id: Option<AckId<'a>>,
        /// Never one of [`RESERVED`]. A number is given as it was written.
        name: Cow<'a, str>,
        /// What follows the name.
        args: Args<'a>,
    },
    /// The answer to an event.
    Ack {
        /// The id of that event.
        id: AckId<'a>,
        /// All of the list.
        args: Args<'a>,
    },
    /// The server has refused the namespace. A client that sends it breaks a rule, which is the caller's to say.
    ConnectError {
        /// An object, as it stands.
        data: &'a str,
    },
}

/// The id of an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckId<'a> {
    /// As it came, for the way back: also its leading zeros.
    pub text: &'a str,
    /// What it means, for the caller's own ids: at most [`ID_MAX`].
    pub number: u64,
}

impl<'a> Packet<'a> {
    /// Reads one text message, without the engine's own first digit, that may announce at most `attachments_max`
    /// binary messages.
    ///
    /// # Errors
    /// The first rule that it breaks. Nothing of it is to have an effect then.
    pub fn read(text: &'a str, attachments_max: usize) -> Result<Self, Malformed> {
        Head::read(text, attachments_max)?.packet()
    }
}

/// The digit that a packet begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

impl Kind {
    fn of(digit: u8) -> Option<Self> {
        const ALL: [Kind; 7] = [
            Kind::Connect,
            Kind::Disconnect,
            Kind::Event,
            Kind::Ack,
            Kind::ConnectError,
            Kind::BinaryEvent,
            Kind::BinaryAck,
        ];
        ALL.get(usize::from(digit.checked_sub(b'0')?)).copied()
    }
}

/// A packet whose data has not been looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    kind: Kind,
    pub(super) attachments: usize,
    namespace: &'a str,
    id: Option<AckId<'a>>,
    /// The rest of the message; empty where there is none.
    pub(super) data: &'a str,
}

impl<'a> Head<'a> {
    pub(super) fn read(text: &'a str, attachments_max: usize) -> Result<Self, Malformed> {
        let kind = text.bytes().next().and_then(Kind::of).ok_or(Malformed::Kind)?;
        let rest = &text[1..];
        let (attachments, rest) = match kind {
            Kind::BinaryEvent | Kind::BinaryAck => attachments(rest, attachments_max)?,
            Kind::Connect | Kind::Disconnect | Kind::Event | Kind::Ack | Kind::ConnectError => (0, rest),
        };
        let (namespace, rest) = namespace(rest);
        let (id, data) = ack_id(rest)?;
        Ok(Self { kind, attachments, namespace, id, data })
    }

    /// Reads the data, by the rules of its type.
    pub(super) fn packet(self) -> Result<Packet<'a>, Malformed> {
        let Self { kind, attachments, namespace, id, data } = self;
        let body = match kind {
            Kind::Connect => connect(id, data)?,
            Kind::Disconnect => disconnect(id, data)?,
            Kind::Event | Kind::BinaryEvent => event(id, data)?,
            Kind::Ack | Kind::BinaryAck => ack(id, data)?,
            Kind::ConnectError => connect_error(id, data)?,
        };
        Ok(Packet { namespace, attachments, body })
    }
}

/// The digits up to `-`, and what follows.
fn attachments(text: &str, max: usize) -> Result<(usize, &str), Malformed> {
    let (digits, rest) = digits(text);
    let rest = rest.strip_prefix('-').filter(|_| !digits.is_empty()).ok_or(Malformed::AttachmentsMissing)?;
    let count = digits.parse().ok().filter(|count| (1..=max).contains(count));
    Ok((count.ok_or(Malformed::AttachmentsCount)?, rest))
}

/// What begins with `/`, up to a comma or the end, and what follows.
fn namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return (MAIN, text);
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    let path = namespace.split_once('?').map_or(namespace, |(path, _)| path);
    (path, rest)
}

fn ack_id(text: &str) -> Result<(Option<AckId<'_>>, &str), Malformed> {
    let (text, rest) = digits(text);
    if text.is_empty() {
        return Ok((None, rest));
    }
    let number = text.parse().ok().filter(|number| *number <= ID_MAX).ok_or(Malformed::IdTooLarge)?;
    Ok((Some(AckId { text, number }), rest))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn connect<'a>(id: Option<AckId<'_>>, data: &'a str) -> Result<Body<'a>, Malformed> {
    no_id(id)?;
    let data = (!data.is_empty()).then_some(data);
    data.map_or(Ok(()), json::object)?;
    Ok(Body::Connect { data })
}

fn disconnect<'a>(id: Option<AckId<'_>>, data: &'a str) -> Result<Body<'a>, Malformed> {
    no_id(id)?;
    if data.is_empty() { Ok(Body::Disconnect) } else { Err(Malformed::DataUnasked) }
}

fn connect_error<'a>(id: Option<AckId<'_>>, data: &'a str) -> Result<Body<'a>, Malformed> {
    no_id(id)?;
    json::object(some(data)?)?;
    Ok(Body::ConnectError { data })
}

fn event<'a>(id: Option<AckId<'a>>, data: &'a str) -> Result<Body<'a>, Malformed> {
    let mut first = None;
    let mut args = Args::new();
    json::list(some(data)?, |value| match first {
        None => first = Some(value),
        Some(_) => args.push(value),
    })?;
    let name = name(first.ok_or(Malformed::NameMissing)?)?;
    Ok(Body::Event { id, name, args })
}

fn ack<'a>(id: Option<AckId<'a>>, data: &'a str) -> Result<Body<'a>, Malformed> {
    let id = id.ok_or(Malformed::IdMissing)?;
    let mut args = Args::new();
    json::list(some(data)?, |value| args.push(value))?;
    Ok(Body::Ack { id, args })
}

fn name(raw: &str) -> Result<Cow<'_, str>, Malformed> {
    if let Some(b'-' | b'0'..=b'9') = raw.bytes().next() {
        return Ok(Cow::Borrowed(raw));
    }
    let name = text::unquote(raw).ok_or(Malformed::NameMissing)?;
    if RESERVED.contains(&&*name) { Err(Malformed::NameReserved) } else { Ok(name) }
}

fn no_id(id: Option<AckId<'_>>) -> Result<(), Malformed> {
    if id.is_none() { Ok(()) } else { Err(Malformed::IdUnasked) }
}

fn some(data: &str) -> Result<&str, Malformed> {
    if data.is_empty() { Err(Malformed::DataMissing) } else { Ok(data) }
}
