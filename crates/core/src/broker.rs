//! The contract `Broker`: fan-out between nodes.

use crate::Later;
use crate::envelope::{Envelope, Topic};
use std::sync::Arc;

/// Where a node hears what is published on the topics it is attached to.
pub trait Inbox: Send + Sync + 'static {
    /// Takes an envelope. Never blocks and never awaits: the broker calls it for one after the other.
    fn deliver(&self, envelope: &Envelope);

    /// Something may have been missed on this topic; what was delivered before is complete.
    fn gap(&self, topic: &Topic);
}

/// Carries a topic's envelopes to every node that is attached to it, the publisher's own included.
///
/// Guarantees, each with a test of that name in `core::contract::broker`:
/// - `reaches_every_inbox`: what is published after `attach` resolved is delivered to that inbox once.
/// - `order_per_publisher`: what one node publishes to one topic arrives everywhere in that order.
/// - `gap_is_told`: when something may have been missed, the inbox hears `gap` before anything newer; never silence.
/// - `detach_is_final`: once `detach` resolves, the inbox gets nothing more from that topic.
/// - `topics_are_apart`: an inbox hears only the topics it is attached to.
pub trait Broker: Send + Sync + 'static {
    /// Publishes; resolves when the engine has taken it, which is not when all have got it. The place in the
    /// order is taken by the call itself, not by the first poll: who numbers envelopes under a lock calls
    /// this under the same lock and awaits outside it.
    fn publish(&self, envelope: Envelope) -> Later<'_, Result<(), BrokerError>>;

    /// Begins to deliver a topic to an inbox. A topic has one inbox per broker: attaching again replaces it.
    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>>;

    /// Ends the delivery of a topic. Detaching what is not attached is no error.
    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>>;
}

/// Why a broker could not do its work. The caller may try again.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The engine can't be reached now.
    #[error("the broker can't be reached: {0}")]
    Away(String),
    /// More waits to be published than the engine keeps.
    #[error("the broker has too much to publish")]
    Full,
}
