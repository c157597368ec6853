//! This node's voice on one topic: it numbers what is said, so that who listens sees a hole.

use crate::node::Node;
use bytes::Bytes;
use playhouse_core::broker::Publishing;
use playhouse_core::envelope::{Envelope, Stamp, Topic};
use playhouse_core::id::ConnectionId;
use std::sync::Mutex;

/// Numbers envelopes of one topic.
pub(crate) struct Speaker {
    topic: Topic,
    /// Held while the broker takes one, so that numbers and places in the order agree.
    last_offset: Mutex<u64>,
}

impl Speaker {
    pub(crate) fn new(topic: Topic) -> Self {
        Self { topic, last_offset: Mutex::new(0) }
    }

    pub(crate) fn topic(&self) -> &Topic {
        &self.topic
    }

    /// Publishes; its place in the order is that of the call. Resolves to the number of nodes that listen.
    pub(crate) fn say(&self, node: &Node, from: ConnectionId, payload: Bytes) -> Publishing {
        let mut offset = self.last_offset.lock().expect("a broker does not panic");
        *offset += 1;
        let stamp = Stamp {
            node: node.id().clone(),
            epoch: node.epoch(),
            offset: *offset,
            sent_at: node.clock().unix_ms(),
        };
        let envelope = Envelope { topic: self.topic.clone(), stamp, from, payload };
        node.broker().publish(envelope)
    }
}
