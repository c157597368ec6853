//! An inbox that remembers, for the suite of `Broker`. Must not know what should have been heard.

use crate::broker::Inbox;
use crate::clock::Clock;
use crate::envelope::{Envelope, Topic};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// One thing an inbox was told.
#[derive(Clone, Debug)]
pub(super) enum Told {
    Said(Envelope),
    Gap(Topic),
}

impl Told {
    pub(super) fn topic(&self) -> &Topic {
        match self {
            Told::Said(envelope) => &envelope.topic,
            Told::Gap(topic) => topic,
        }
    }
}

/// Everything an inbox was told, in order.
#[derive(Default)]
pub(super) struct Heard {
    told: Mutex<Vec<Told>>,
    more: Notify,
}

impl Heard {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// All so far.
    pub(super) fn told(&self) -> Vec<Told> {
        self.locked().clone()
    }

    /// The envelopes so far.
    pub(super) fn said(&self) -> Vec<Envelope> {
        let said = |told| match told {
            Told::Said(envelope) => Some(envelope),
            Told::Gap(_) => None,
        };
        self.told().into_iter().filter_map(said).collect()
    }

    /// Waits for so many envelopes; after `patience` it is what it is.
    pub(super) async fn wait(&self, envelopes: usize, patience: Duration) {
        if self.said().len() >= envelopes || patience.is_zero() {
            return;
        }
        let enough = async {
            loop {
                let more = self.more.notified();
                if self.said().len() >= envelopes {
                    return;
                }
                more.await;
            }
        };
        // Too little is found, and said better, by whoever looks at what was heard.
        Clock::system().timeout(patience, enough).await.ok();
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, told: Told) {
        self.locked().push(told);
        self.more.notify_waiters();
    }
}

impl Inbox for Heard {
    fn deliver(&self, envelope: &Envelope) {
        self.note(Told::Said(envelope.clone()));
    }

    fn gap(&self, topic: &Topic) {
        self.note(Told::Gap(topic.clone()));
    }
}
