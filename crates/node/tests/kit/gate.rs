//! What tests hold back: an answer, a hook, the moment at which an engine does what it was asked for.

use playhouse_core::Later;
use playhouse_core::trouble::Trouble;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::watch;

/// What holds somebody until the test lets go.
#[derive(Clone)]
pub struct Gate(watch::Sender<bool>);

impl Gate {
    pub fn open() -> Self {
        Self(watch::Sender::new(true))
    }

    pub fn closed() -> Self {
        Self(watch::Sender::new(false))
    }

    pub fn set(&self, open: bool) {
        self.0.send_replace(open);
    }

    pub fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// At once where it is open: a runtime that wants to be fair would let others pass first.
    pub async fn pass(&self) {
        if !self.is_open() {
            self.0.subscribe().wait_for(|open| *open).await.expect("the gate is there");
        }
    }
}

/// How calls of one kind fare: each as it was when the call was made.
pub struct Door(Mutex<Way>);

#[derive(Clone)]
struct Way {
    /// Held before it is done.
    before: Gate,
    /// Done, and the answer is held.
    after: Gate,
    trouble: Option<Trouble>,
}

impl Default for Door {
    fn default() -> Self {
        Self(Mutex::new(Way { before: Gate::open(), after: Gate::open(), trouble: None }))
    }
}

impl Door {
    fn way(&self) -> MutexGuard<'_, Way> {
        self.0.lock().expect("no test panics in here")
    }

    /// Answers to the calls from now on come when the gate is opened; what they ask for is done at once.
    pub fn hold_answers(&self) -> Gate {
        self.way().after = Gate::closed();
        self.way().after.clone()
    }

    /// What the calls from now on ask for is done when the gate is opened.
    pub fn hold(&self) -> Gate {
        self.way().before = Gate::closed();
        self.way().before.clone()
    }

    /// Later calls come through; who is held stays so.
    pub fn free(&self) {
        *self.way() = Self::default().way().clone();
    }

    pub fn fail(&self, trouble: Trouble) {
        self.way().trouble = Some(trouble);
    }

    /// Away: nothing is done. Unknown: it is done, and nobody is told.
    pub fn call<'a, T: Send + 'a>(
        &self,
        effect: impl FnOnce() -> T + Send + 'a,
    ) -> Later<'a, Result<T, Trouble>> {
        let Way { before, after, trouble } = self.way().clone();
        let away = matches!(trouble, Some(Trouble::Away(_)));
        let mut effect = Some(effect).filter(|_| !away);
        // In the call, as places in an order are those of the calls.
        let now = if before.is_open() { effect.take().map(|effect| effect()) } else { None };
        Box::pin(async move {
            before.pass().await;
            let done = now.or_else(|| effect.map(|effect| effect()));
            after.pass().await;
            trouble.map_or_else(|| Ok(done.expect("it was done")), Err)
        })
    }
}
