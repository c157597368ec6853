//! What a call wants to come of it: dropped with the call if it fails, applied as a whole if it does not.

use crate::book::AlarmChange;
use crate::kind::Actor;
use crate::seat::Seat;
use playhouse_core::actor::{HttpAnswer, Spoken};
use playhouse_core::error::Error;
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

/// A connection's new state.
pub(crate) type ConnChange<A> = (Arc<Seat<A>>, Arc<<A as Actor>::Conn>);

pub(crate) struct Staged<A: Actor> {
    pub(crate) effects: Vec<Effect<A>>,
    pub(crate) conns: Vec<ConnChange<A>>,
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
            conns: Vec::new(),
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
        self.conns.iter().rev().find(|(other, _)| Arc::ptr_eq(other, seat)).map(|(_, conn)| conn)
    }
}
