//! The contract `Broker`: fan-out between nodes.

use crate::Later;
use crate::envelope::{Envelope, Topic};
use crate::trouble::Trouble;
use std::sync::Arc;

/// Where a node hears what is published on the topics it is attached to.
pub trait Inbox: Send + Sync + 'static {
    /// Takes an envelope. Never blocks and never awaits: the broker calls it for one after the other.
    fn deliver(&self, envelope: &Envelope);

    /// Something may have been missed on this topic; what was delivered before is complete.
    fn gap(&self, topic: &Topic);
}

/// An envelope on its way; resolves to the number of nodes that were attached to its topic. It borrows nothing, so that
/// who publishes in order may wait for the answers later. Dropping it does not call the envelope back.
pub type Publishing = Later<'static, Result<usize, BrokerError>>;

/// Carries a topic's envelopes to every node that is attached to it, the publisher's own included.
///
/// Guarantees, each with a test of that name in `core::contract::broker`:
/// - `reaches_every_inbox`: what is published after `attach` resolved is delivered to that inbox once.
/// - `order_per_publisher`: what one node publishes to one topic arrives everywhere in that order.
/// - `answers_come_after`: what is published by one who heard an envelope is heard after it, everywhere.
/// - `listeners_are_counted`: `publish` resolves to the number of nodes that were attached; 0 means that nobody heard.
/// - `gap_is_told`: when something may have been missed, the inbox hears `gap` before anything newer; never silence.
/// - `detach_is_final`: once `detach` resolves, the inbox gets nothing more from that topic.
/// - `topics_are_apart`: an inbox hears only the topics it is attached to.
pub trait Broker: Send + Sync + 'static {
    /// Publishes; resolves when the engine has taken it, which is not when all have got it. The place in the order is
    /// taken by the call itself, not by the first poll: who numbers envelopes under a lock calls this under the same
    /// lock and awaits outside it.
    ///
    /// # Errors
    /// Refused in the call ([`Trouble::Away`], [`BrokerError::Full`]), it needs no number: nobody hears it. After
    /// [`Trouble::Unknown`] this node's own inbox has heard it, and of the others some may have: who has not hears of a
    /// gap before the next envelope.
    fn publish(&self, envelope: Envelope) -> Result<Publishing, BrokerError>;

    /// Begins to deliver a topic to an inbox. A topic has one inbox per broker: attaching again replaces it. Who
    /// attaches or detaches a topic waits for the end of it before the next.
    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>>;

    /// Ends the delivery of a topic. Detaching what is not attached is no error, nor is an engine that is away: what
    /// it forgets to end is ended here.
    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>>;
}

/// Why a broker could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The engine.
    #[error("{0}")]
    Engine(#[from] Trouble),
    /// More waits to be published than the engine keeps.
    #[error("the broker has too much to publish")]
    Full,
}
