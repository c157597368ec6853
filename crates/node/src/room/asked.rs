//! Looks at the list of rooms that callers ask for: few, however many ask.
//!
//! Anybody may ask for rooms that don't exist, as fast as they can; the list belongs to all nodes. So whoever asks
//! waits for one look that begins after the question, together with all others who do, and looks have a pause
//! between them.

use futures_util::FutureExt;
use futures_util::future::Shared;
use playhouse_core::Later;
use playhouse_core::clock::{Clock, Moment};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
pub(super) struct Asked(Mutex<State>);

#[derive(Default)]
struct State {
    next: Option<Look>,
    /// When the latest look begins.
    begins: Option<Moment>,
}

#[derive(Clone)]
struct Look {
    done: Shared<Later<'static, ()>>,
    /// It may have missed what came after.
    begun: Arc<AtomicBool>,
}

impl Asked {
    /// Resolves after a look that has begun since. `look` is called if nobody else has asked for one; it begins no closer
    /// than `apart` to the one before.
    pub(super) fn look(
        &self,
        clock: &Clock,
        apart: Duration,
        look: impl FnOnce() -> Later<'static, ()>,
    ) -> Later<'static, ()> {
        let mut state = self.0.lock().expect("nothing panics while it holds this");
        if let Some(next) = state.next.as_ref().filter(|next| !next.begun.load(Ordering::Relaxed)) {
            return next.done.clone().boxed();
        }
        let now = clock.now();
        let pause = state.begins.map_or(Duration::ZERO, |last| (last + apart).since(now));
        let (clock, look, begun) = (clock.clone(), look(), Arc::new(AtomicBool::new(false)));
        let begins = begun.clone();
        let done: Later<'static, ()> = Box::pin(async move {
            if !pause.is_zero() {
                clock.sleep(pause).await;
            }
            begins.store(true, Ordering::Relaxed);
            look.await;
        });
        let next = Look { done: done.shared(), begun };
        state.begins = Some(now + pause);
        state.next = Some(next.clone());
        next.done.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    const PAUSE: Duration = Duration::from_millis(20);

    #[test]
    fn who_asks_before_a_look_begins_shares_it() {
        let (clock, hand) = Clock::manual();
        let (asked, looks) = (Asked::default(), Arc::new(AtomicUsize::new(0)));
        let ask = || {
            let looks = looks.clone();
            asked.look(&clock, PAUSE, || Box::pin(async move { _ = looks.fetch_add(1, Ordering::Relaxed) }))
        };
        let many: Vec<_> = (0..100).map(|_| ask()).collect();
        assert!(many.into_iter().all(|one| one.now_or_never().is_some()));
        assert_eq!(looks.load(Ordering::Relaxed), 1, "the first look waits for nothing");
        let mut many: Vec<_> = (0..100).map(|_| ask()).collect();
        assert!(many.iter_mut().all(|one| one.now_or_never().is_none()), "the next one pauses");
        hand.advance(PAUSE);
        assert!(many.iter_mut().all(|one| one.now_or_never().is_some()));
        assert_eq!(looks.load(Ordering::Relaxed), 2);
    }
}
