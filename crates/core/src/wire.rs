//! Wire forms: everything that must be equal for two links to share the same encoded bytes.

use bytes::Bytes;
use smallvec::SmallVec;

/// What messages mean on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `ActionHero`'s frames: `{event, messageId, ..}`.
    ActionHero,
    /// Events and acks of socket.io.
    SocketIo {
        /// Which of the configured namespaces; 0 is the main one.
        namespace: u16,
        /// Whether events carry their number, so that their client can come back for those it missed.
        is_counted: bool,
    },
}

/// How one message becomes bytes before it is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parser {
    /// JSON text.
    Json,
}

/// How bytes are wrapped for their transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// A websocket frame as a server sends it: not masked, hence the same for all.
    Websocket,
    /// A websocket frame compressed by permessage-deflate without context takeover.
    WebsocketDeflate {
        /// The base-2 logarithm of the compression window, 9 to 15.
        window: u8,
    },
    /// A packet of engine.io in a websocket frame. Also where a client polls: what it gets is unwrapped for it, so that a
    /// session's form stays the same when it changes to a websocket.
    EngineIo {
        /// Bytes are told as text: its client can't take them.
        is_base64: bool,
    },
    /// A frame of SockJS in a websocket frame. Unwrapped likewise where a client has no websocket.
    SockJs,
    /// The bare body of an HTTP answer.
    Http,
}

impl Framing {
    /// The same without compression.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        match self {
            Self::WebsocketDeflate { .. } => Self::Websocket,
            Self::Websocket | Self::EngineIo { .. } | Self::SockJs | Self::Http => self,
        }
    }
}

/// Dialect × parser × framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireForm {
    /// What messages mean.
    pub dialect: Dialect,
    /// How a message is written.
    pub parser: Parser,
    /// How it is wrapped.
    pub framing: Framing,
}

/// What follows a shared body for one connection only, such as socket.io's offset. Short by nature; the
/// shared header already counts it, so all tails of a wire form have one length.
pub type Tail = SmallVec<[u8; 24]>;

/// Complete frames, ready to be written: a body that many outboxes share and, where the wire form needs it,
/// a tail of this connection's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// The part shared by reference.
    pub body: Bytes,
    /// The part of this connection; empty for most wire forms.
    pub tail: Tail,
    /// How many bytes of the body are before the tail: all, unless frames follow to which it does not belong.
    at: usize,
}

impl Frames {
    /// Frames without a tail.
    #[must_use]
    pub fn shared(body: Bytes) -> Self {
        Self { at: body.len(), body, tail: Tail::new() }
    }

    /// Frames with a tail behind all of them.
    #[must_use]
    pub fn tailed(body: Bytes, tail: Tail) -> Self {
        Self { at: body.len(), body, tail }
    }

    /// Frames whose tail has its place behind so many bytes of the body, or behind all of it.
    #[must_use]
    pub fn tailed_at(body: Bytes, tail: Tail, at: usize) -> Self {
        Self { at: at.min(body.len()), body, tail }
    }

    /// All of it, in order.
    #[must_use]
    pub fn slices(&self) -> [&[u8]; 3] {
        let (before, behind) = self.body.split_at(self.at);
        [before, &self.tail, behind]
    }

    /// Bytes that will be written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len() + self.tail.len()
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
