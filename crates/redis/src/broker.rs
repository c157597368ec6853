//! The broker over Redis.
//!
//! A message is heard on its own node at once, and by the others when Redis passes it on. That keeps the order of
//! each publisher, and everybody hears a question before its answer; two messages said at the same moment on two
//! nodes may be heard in either order. In exchange nobody waits for Redis to hear somebody next door.

use crate::frame;
use crate::pipe::Pipe;
use crate::queue::Queue;
use crate::subscriptions::{Seen, Subscriptions, count};
use playhouse_core::Later;
use playhouse_core::broker::{self, Broker as _, BrokerError, Inbox, Publishing};
use playhouse_core::envelope::{Envelope, Topic};
use playhouse_core::trouble::Trouble;
use std::sync::Arc;

/// Fan-out over Redis's publish and subscribe.
pub(crate) struct Broker {
    commands: Arc<Pipe>,
    queue: Arc<Queue>,
    subscriptions: Arc<Subscriptions>,
}

impl Broker {
    pub(crate) fn new(commands: Arc<Pipe>, queue: Arc<Queue>, subscriptions: Arc<Subscriptions>) -> Self {
        Self { commands, queue, subscriptions }
    }

    /// Without Redis: heard where nobody else could have heard it, refused as a whole elsewhere.
    fn publish_here(
        &self,
        envelope: Envelope,
        seen: Seen,
        trouble: Trouble,
    ) -> Result<Publishing, BrokerError> {
        if !seen.alone {
            return Err(trouble.into());
        }
        self.subscriptions.left_out(&envelope.topic);
        self.subscriptions.local().publish(envelope)
    }
}

impl broker::Broker for Broker {
    fn publish(&self, envelope: Envelope) -> Result<Publishing, BrokerError> {
        let seen = self.subscriptions.seen(&envelope.topic);
        if let Err(trouble) = self.commands.up() {
            return self.publish_here(envelope, seen, trouble);
        }
        let topic = envelope.topic.clone();
        let frame = frame::said(self.subscriptions.origin(), seen.hole, &envelope);
        let command = self.subscriptions.publishing(&topic, frame);
        // Its place on this node is taken before Redis can hear of it: another node's answer must find it there. What is
        // full here may still be heard elsewhere.
        let here = || self.subscriptions.local().publish(envelope);
        let (ticket, here) = self.queue.push_after(command, here).map_err(|_full| BrokerError::Full)?;
        let subscriptions = self.subscriptions.clone();
        Ok(Box::pin(async move {
            let here = match here {
                Ok(here) => here.await,
                Err(full) => Err(full),
            };
            match (ticket.answer().await, here) {
                (Ok(answer), here) => {
                    let nodes = count(answer);
                    subscriptions.heard_by(&topic, nodes, seen);
                    // Redis may not count us while our subscriptions are being made again.
                    here.map(|here| nodes.max(here)).map_err(|full| Trouble::Unknown(full.to_string()).into())
                }
                (Err(trouble), here) => {
                    subscriptions.left_out(&topic);
                    match here {
                        Ok(here) if seen.alone => Ok(here),
                        // Even a refusal: it was heard here.
                        Ok(_) | Err(_) => Err(Trouble::Unknown(trouble.to_string()).into()),
                    }
                }
            }
        }))
    }

    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>> {
        let topic = topic.clone();
        Box::pin(async move { self.subscriptions.attach(&topic, inbox).await })
    }

    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>> {
        let topic = topic.clone();
        Box::pin(async move { self.subscriptions.detach(&topic).await })
    }
}
