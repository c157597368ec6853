//! Envelopes: one message on its way to many, and the topics they travel on.

use crate::id::{ConnectionId, NodeId};
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// The broker's word for what a room or a node subscribes to. Users never see it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Topic(Arc<str>);

const ROOM: &str = "room:";
const NODE: &str = "node:";

impl Topic {
    /// The topic on which a room's messages travel.
    #[must_use]
    pub fn room(name: &str) -> Self {
        Self([ROOM, name].concat().into())
    }

    /// The topic on which one node is asked and answered.
    #[must_use]
    pub fn node(id: &str) -> Self {
        Self([NODE, id].concat().into())
    }

    /// The topic's text, as an engine may use it in a key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The room whose topic this is.
    #[must_use]
    pub fn room_name(&self) -> Option<&str> {
        self.0.strip_prefix(ROOM)
    }
}

/// A map of topics is asked by name.
impl std::borrow::Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({})", self.0)
    }
}

/// When and where an envelope was published, and the how-manieth of its publisher on its topic it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The node that published it.
    pub node: NodeId,
    /// The publisher's run of numbers; a new one begins when continuity can't be proven.
    pub epoch: u64,
    /// Counts the publisher's envelopes on this topic within the epoch, from 1, without holes.
    pub offset: u64,
    /// Milliseconds since 1970 by the publisher's clock.
    pub sent_at: u64,
}

/// One message on its way to many.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Where it goes.
    pub topic: Topic,
    /// Its number and time.
    pub stamp: Stamp,
    /// Who said it; `"0"` for server code.
    pub from: ConnectionId,
    /// The message as raw JSON. Nobody between the one who said it and the encoder looks inside.
    pub payload: Bytes,
}

impl Envelope {
    /// The payload as text.
    ///
    /// # Panics
    /// Never for an envelope made by this crate's users: a payload is JSON text.
    #[must_use]
    pub fn json(&self) -> &str {
        std::str::from_utf8(&self.payload).unwrap_or("null")
    }
}
