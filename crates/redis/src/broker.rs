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
use std::future::ready;
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
    fn publish_here(&self, envelope: Envelope, seen: Seen, trouble: Trouble) -> Publishing {
        if seen.alone {
            return self.subscriptions.local().publish(envelope);
        }
        Box::pin(ready(Err(trouble.into())))
    }
}

impl broker::Broker for Broker {
    fn publish(&self, envelope: Envelope) -> Publishing {
        let seen = self.subscriptions.seen(&envelope.topic);
        if let Err(trouble) = self.commands.connection() {
            return self.publish_here(envelope, seen, trouble);
        }
        let topic = envelope.topic.clone();
        let frame = frame::said(self.subscriptions.origin(), &envelope);
        let Ok(ticket) = self.queue.push(self.subscriptions.publishing(&topic, frame)) else {
            return Box::pin(ready(Err(BrokerError::Full)));
        };
        // Its place among this node's own is taken here too, so that the order is one.
        let here = self.subscriptions.local().publish(envelope);
        let subscriptions = self.subscriptions.clone();
        Box::pin(async move {
            let here = here.await?;
            match ticket.answer().await {
                Ok(answer) => {
                    let nodes = count(answer);
                    subscriptions.heard_by(&topic, nodes, seen);
                    // Redis may not count us while our subscriptions are being made again.
                    Ok(nodes.max(here))
                }
                Err(_) if seen.alone => Ok(here),
                // Even a refusal: it was heard here.
                Err(Trouble::Away(why) | Trouble::Unknown(why)) => Err(Trouble::Unknown(why).into()),
            }
        })
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
