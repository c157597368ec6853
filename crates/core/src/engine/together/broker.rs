//! Fan-out: each node has a memory broker of its own, and what one publishes is given to those of all.

use super::Side;
use crate::Later;
use crate::broker::{Broker, BrokerError, Inbox, Publishing};
use crate::envelope::{Envelope, Topic};
use std::sync::Arc;

impl Broker for Side {
    fn publish(&self, envelope: Envelope) -> Result<Publishing, BrokerError> {
        self.is_here()?;
        // At home first: only there it may be refused, as then nobody has heard it.
        let mut all = vec![self.inner.broker.publish(envelope.clone())?];
        for other in self.shared.others(&self.inner) {
            match other.broker.publish(envelope.clone()) {
                Ok(publishing) => all.push(publishing),
                Err(_) => other.broker.gap(&envelope.topic),
            }
        }
        Ok(Box::pin(async move {
            let mut listeners = 0;
            for publishing in all {
                listeners += publishing.await?;
            }
            Ok(listeners)
        }))
    }

    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>> {
        let attached = self.inner.broker.attach(topic, inbox);
        Box::pin(async move {
            self.is_here()?;
            attached.await
        })
    }

    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>> {
        self.inner.broker.detach(topic)
    }
}
