//! This node's voice on one topic: it numbers what is said, so that who listens sees a hole.

use crate::node::Node;
use bytes::Bytes;
use playhouse_core::broker::{BrokerError, Publishing};
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

    /// Publishes; its place in the order is that of the call.
    ///
    /// # Errors
    /// It was refused, and has no number: who listens sees no hole.
    pub(crate) fn say(
        &self,
        node: &Node,
        from: ConnectionId,
        payload: Bytes,
    ) -> Result<Publishing, BrokerError> {
        let mut last = self.last_offset.lock().expect("a broker does not panic");
        let stamp = Stamp {
            node: node.id().clone(),
            epoch: node.epoch(),
            offset: *last + 1,
            sent_at: node.clock().unix_ms(),
        };
        let envelope = Envelope { topic: self.topic.clone(), stamp, from, payload };
        let publishing = node.broker().publish(envelope)?;
        *last += 1;
        Ok(publishing)
    }
}
