//! A seat whose actor has to be found first: what its client asks for meanwhile waits.

use super::Inner;
use super::reach::{Comer, TRIES, stopping};
use crate::seat::too_many;
use playhouse_core::actor::{ActorError, Ear, Ending, Frame, Seat as AnySeat, Told, Which};
use playhouse_core::value::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The seat.
pub(super) struct Coming {
    state: Mutex<State>,
    ear: Arc<dyn Ear>,
    /// What a client may ask before its actor is found; who asks for more is sent away.
    limit: usize,
}

enum State {
    Coming(Vec<Wish>),
    At(Arc<dyn AnySeat>),
    Over,
}

enum Wish {
    Call(u64, String, Vec<Value>),
    Listen(String, bool),
    Frame(Frame),
    Leave,
}

impl Wish {
    fn come_true(self, seat: &dyn AnySeat) {
        match self {
            Self::Call(number, action, args) => seat.call(number, &action, args),
            Self::Listen(event, on) => seat.listen(&event, on),
            Self::Frame(frame) => seat.frame(frame),
            Self::Leave => seat.leave(),
        }
    }
}

impl Coming {
    pub(super) fn new(ear: Arc<dyn Ear>, limit: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::Coming(Vec::new())), ear, limit })
    }

    /// Looks for the actor, and hands on what was asked of it.
    pub(super) async fn find(&self, inner: &Arc<Inner>, which: Which, who: Comer) {
        for _ in 0..TRIES {
            if inner.is_stopping() {
                break;
            }
            match inner.open(which.clone()).await {
                Ok((place, _)) => {
                    if let Some(seat) = place.arrive(who.clone()) {
                        return self.found(seat);
                    }
                }
                Err(error) => return self.refuse(error),
            }
        }
        self.refuse(stopping());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(&self, seat: Arc<dyn AnySeat>) {
        let mut state = self.state();
        if let State::Coming(wishes) = &mut *state {
            for wish in std::mem::take(wishes) {
                wish.come_true(&*seat);
            }
            *state = State::At(seat);
        } else {
            seat.leave();
        }
    }

    pub(super) fn refuse(&self, error: ActorError) {
        if let State::Coming(_) = std::mem::replace(&mut *self.state(), State::Over) {
            self.ear.hear(Told::Ended(&Ending::Refused(error)));
        }
    }

    fn wish(&self, wish: Wish) {
        let mut state = self.state();
        match &mut *state {
            State::Coming(wishes) if wishes.len() < self.limit => wishes.push(wish),
            State::Coming(_) => {
                drop(state);
                self.refuse(too_many("requests", self.limit));
            }
            State::At(seat) => {
                let seat = seat.clone();
                drop(state);
                wish.come_true(&*seat);
            }
            State::Over => {}
        }
    }
}

impl AnySeat for Coming {
    fn call(&self, number: u64, action: &str, args: Vec<Value>) {
        self.wish(Wish::Call(number, action.to_owned(), args));
    }

    fn listen(&self, event: &str, on: bool) {
        self.wish(Wish::Listen(event.to_owned(), on));
    }

    fn frame(&self, frame: Frame) {
        self.wish(Wish::Frame(frame));
    }

    fn leave(&self) {
        self.wish(Wish::Leave);
    }
}
