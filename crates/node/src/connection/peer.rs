//! Who is at the other end: what is known when a connection begins and never changes.

use playhouse_core::head::Head;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// How a connection came, as applications name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A lasting connection, by whatever transport.
    Websocket,
    /// One HTTP request.
    Web,
}

impl Kind {
    /// The name on the wire and in texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::Web => "web",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A peer's port: a number of its socket, or the text of a header that a trusted proxy sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// Of the socket.
    Number(u16),
    /// Of a header.
    Text(Box<str>),
}

impl serde::Serialize for Port {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u16(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// How it came.
    pub kind: Kind,
    /// Its address.
    pub ip: IpAddr,
    /// Its port.
    pub port: Port,
    /// The request that it began with.
    pub head: Head,
    /// What it says it is called across connections; `None` makes the connection's own id its fingerprint.
    pub fingerprint: Option<Arc<str>>,
}
