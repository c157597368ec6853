//! Whether a room's topic is attached to the broker, and the order of attaching and detaching.
//!
//! The first member attaches, the last one to leave detaches; both may have to wait for the engine. Each of
//! these waits for the one before it, so that a room which empties and fills at once ends attached.

use futures_util::FutureExt;
use futures_util::future::Shared;
use playhouse_core::Later;
use playhouse_core::broker::{Broker, BrokerError, Inbox};
use playhouse_core::envelope::Topic;
use std::sync::{Arc, Mutex};

type Done = Result<(), Arc<BrokerError>>;
type Pending = Shared<Later<'static, Done>>;

#[derive(Default)]
pub(super) struct Attachment(Mutex<State>);

#[derive(Default)]
struct State {
    wanted: bool,
    last: Option<Pending>,
}

impl Attachment {
    /// Resolves once the topic is attached; a failed attempt is made anew by the next caller.
    pub(super) async fn attach(
        &self,
        broker: &Arc<dyn Broker>,
        topic: &Topic,
        inbox: Arc<dyn Inbox>,
    ) -> Done {
        let pending = {
            let mut state = self.0.lock().expect("nothing panics while it holds this");
            let failed = state.last.as_ref().is_some_and(|last| matches!(last.peek(), Some(Err(_))));
            if state.wanted && !failed {
                state.last.clone()
            } else {
                state.wanted = true;
                let (broker, topic) = (broker.clone(), topic.clone());
                Some(state.then(async move { broker.attach(&topic, inbox).await }))
            }
        };
        match pending {
            Some(pending) => pending.await,
            None => Ok(()),
        }
    }

    /// Resolves once the topic is detached; does nothing while somebody hears it. `heard` is asked under the
    /// lock which attaching takes too: whoever joins is in the hub before that, so either is seen here or
    /// attaches anew. It is asked again when it is this one's turn: a room of the same name that was made meanwhile
    /// has the same topic, and takes it for attached.
    pub(super) async fn detach(
        &self,
        broker: &Arc<dyn Broker>,
        topic: &Topic,
        heard: impl Fn() -> bool + Send + 'static,
    ) -> Done {
        let pending = {
            let mut state = self.0.lock().expect("nothing panics while it holds this");
            if heard() {
                None
            } else if state.wanted {
                state.wanted = false;
                let (broker, topic) = (broker.clone(), topic.clone());
                let detaching = async move { if heard() { Ok(()) } else { broker.detach(&topic).await } };
                Some(state.then(detaching))
            } else {
                state.last.clone()
            }
        };
        match pending {
            Some(pending) => pending.await,
            None => Ok(()),
        }
    }
}

impl State {
    fn then(&mut self, next: impl Future<Output = Result<(), BrokerError>> + Send + 'static) -> Pending {
        let before = self.last.take();
        let step: Later<'static, Done> = Box::pin(async move {
            if let Some(before) = before {
                // What it came to was told to those who asked for it.
                let _ = before.await;
            }
            next.await.map_err(Arc::new)
        });
        let step = step.shared();
        self.last = Some(step.clone());
        step
    }
}
