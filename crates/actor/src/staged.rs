//! What a call wants to come of it: dropped with the call if it fails, applied as a whole if it does not.

use crate::book::AlarmChange;
use crate::kind::Actor;
use crate::seat::Seat;
use playhouse_core::actor::{HttpAnswer, Spoken};
use playhouse_core::error::Error;
use std::collections::HashMap;
use std::sync::Arc;

/// What leaves an actor, in this order, once it is durable.
pub(crate) enum Effect<A: Actor> {
    /// To all who listen to the event at this place of the actor's list.
    Broadcast(u8, Arc<Spoken>),
    /// To one, whether it listens or not.
    Send(Arc<Seat<A>>, Arc<Spoken>),
    /// Ends a connection.
    Disconnect(Arc<Seat<A>>, Arc<str>),
    /// Tells a connection that its actor is no more.
    Destroyed(Arc<Seat<A>>),
    /// Listens to an event, or not any more.
    Listen(Arc<Seat<A>>, u8, bool),
}

/// What a call does to a connection's state.
pub(crate) struct Changed<A: Actor> {
    pub(crate) seat: Arc<Seat<A>>,
    /// The state that the first step was made on; `None` where the call makes the first state.
    pub(crate) found: Option<Arc<A::Conn>>,
    /// What the call sees.
    pub(crate) state: Arc<A::Conn>,
    /// How it came there, for the case that the state is another as the call ends.
    pub(crate) steps: Vec<Step<A>>,
}

/// A change of a connection's state.
pub(crate) type Step<A> = Box<dyn FnOnce(&mut <A as Actor>::Conn) + Send>;

/// A connection's new state.
pub(crate) type ConnChange<A> = (Arc<Seat<A>>, Arc<<A as Actor>::Conn>);

pub(crate) struct Staged<A: Actor> {
    pub(crate) effects: Vec<Effect<A>>,
    /// What it does to connections' states, by [`Seat::address`].
    pub(crate) conns: HashMap<usize, Changed<A>>,
    /// What that comes to, as the call has ended.
    pub(crate) settled: Vec<ConnChange<A>>,
    pub(crate) alarms: Vec<AlarmChange>,
    pub(crate) destroys: bool,
    /// What the `#[http]` function answers.
    pub(crate) response: Option<HttpAnswer>,
    /// Why the call must fail although it did not: something it staged was not possible.
    pub(crate) trouble: Option<Error>,
}

impl<A: Actor> Default for Staged<A> {
    fn default() -> Self {
        Self {
            effects: Vec::new(),
            conns: HashMap::new(),
            settled: Vec::new(),
            alarms: Vec::new(),
            destroys: false,
            response: None,
            trouble: None,
        }
    }
}

impl<A: Actor> Staged<A> {
    /// The state that this call gave a connection, if it did.
    pub(crate) fn conn(&self, seat: &Arc<Seat<A>>) -> Option<&Arc<A::Conn>> {
        self.conns.get(&seat.address()).map(|changed| &changed.state)
    }

    /// Gives a connection its first state.
    pub(crate) fn make(&mut self, seat: &Arc<Seat<A>>, state: Arc<A::Conn>) {
        let changed = Changed { seat: seat.clone(), found: None, state, steps: Vec::new() };
        self.conns.insert(seat.address(), changed);
    }

    /// Notes a step that made `found`, or what the steps before made of that, to `state`.
    pub(crate) fn change(
        &mut self,
        seat: &Arc<Seat<A>>,
        found: Arc<A::Conn>,
        state: Arc<A::Conn>,
        step: Step<A>,
    ) {
        let changed = self.conns.entry(seat.address()).or_insert_with(|| Changed {
            seat: seat.clone(),
            found: Some(found),
            state: state.clone(),
            steps: Vec::new(),
        });
        changed.state = state;
        changed.steps.push(step);
    }
}
