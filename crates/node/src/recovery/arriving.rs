//! A link that waits for the task of its connection to take it.

use crate::link::Link;
use std::mem;
use std::sync::{Mutex, MutexGuard};

/// A link that comes for a connection which lost its own, or has it no more though nobody knows yet.
pub(crate) struct Return {
    pub(crate) link: Box<dyn Link>,
    /// The last message that its client has got.
    pub(crate) from: u64,
    /// What it is to be told before all that it missed.
    pub(crate) first: Vec<u8>,
}

/// What has come for a connection.
#[derive(Default)]
pub(super) struct Arriving(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Nobody,
    Somebody(Return),
    /// Its client goes for good, or it ends: whoever comes is too late.
    Over,
}

impl Arriving {
    /// Leaves a link for the task. It is given back where the connection has ended.
    pub(super) fn leave(&self, back: Return) -> Result<(), Return> {
        let mut state = self.lock();
        if matches!(*state, State::Over) {
            return Err(back);
        }
        let before = mem::replace(&mut *state, State::Somebody(back));
        drop(state);
        // A link that came and was never taken ends here, outside of the lock.
        drop(before);
        Ok(())
    }

    pub(super) fn take(&self) -> Option<Return> {
        let mut state = self.lock();
        match mem::take(&mut *state) {
            State::Somebody(back) => Some(back),
            State::Nobody => None,
            State::Over => {
                *state = State::Over;
                None
            }
        }
    }

    /// Nobody who has not come yet can come any more. Whoever waits has it, and it is his to leave.
    pub(super) fn refuse_others(&self) {
        let mut state = self.lock();
        match *state {
            State::Nobody => *state = State::Over,
            State::Somebody(_) | State::Over => {}
        }
    }

    /// Others can come again, as one has.
    pub(super) fn accept(&self) {
        let mut state = self.lock();
        match *state {
            State::Over => *state = State::Nobody,
            State::Nobody | State::Somebody(_) => {}
        }
    }

    /// Nobody can come any more.
    pub(super) fn refuse(&self) {
        let before = mem::replace(&mut *self.lock(), State::Over);
        drop(before);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds this")
    }
}
