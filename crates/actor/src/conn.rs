//! Connections as an actor's code sees them.

use crate::cx::ActorCx;
use crate::event::{Event, Tells};
use crate::kind::Actor;
use crate::seat::Seat;
use crate::staged::Effect;
use playhouse_core::error::Result;
use playhouse_core::value::from_value;
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A connection at this actor, as this call sees it: its fields are those of the connection's state.
///
/// What is sent, changed or ended through it leaves with what else the call does: on `Ok`, once it is durable.
pub struct Conn<A: Actor> {
    cx: ActorCx<A>,
    seat: Arc<Seat<A>>,
    state: Arc<A::Conn>,
}

impl<A: Actor> Conn<A> {
    pub(crate) fn of(cx: &ActorCx<A>, seat: &Arc<Seat<A>>) -> Option<Self> {
        let staged = cx.staged().conn(seat).cloned();
        let state = staged.or_else(|| seat.conn())?;
        Some(Self { cx: cx.clone(), seat: seat.clone(), state })
    }

    /// Its id: unique, and what clients know it by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.seat.id
    }

    /// What its client said of itself as it connected.
    ///
    /// # Errors
    /// When the parameters do not fit the type; they did when the connection was made.
    pub fn params(&self) -> Result<A::Params> {
        Ok(from_value(self.seat.params.clone())?)
    }

    /// Changes its state, as a part of this call: the newest, which may be newer than what was read here before. If others
    /// change it before this call has ended, the same change is made once more, to what they left; so it loses nothing of
    /// theirs, and should do nothing else.
    pub fn update(&mut self, change: impl FnOnce(&mut A::Conn) + Clone + Send + 'static) {
        let staged = self.cx.staged().conn(&self.seat).cloned();
        let found = staged.or_else(|| self.seat.conn()).unwrap_or_else(|| self.state.clone());
        self.state = found.clone();
        change.clone()(Arc::make_mut(&mut self.state));
        self.cx.staged().change(&self.seat, found, self.state.clone(), Box::new(change));
    }

    /// Gives it another state, as a part of this call.
    pub fn set(&mut self, state: A::Conn) {
        self.update(move |old| *old = state);
    }

    /// Tells it an event, whether it listens or not.
    #[expect(clippy::needless_pass_by_value, reason = "an event is made in its place")]
    pub fn send<E: Event>(&self, event: E)
    where
        A: Tells<E>,
    {
        if let Some(spoken) = self.cx.spoken(&event) {
            self.cx.staged().effects.push(Effect::Send(self.seat.clone(), spoken));
        }
    }

    /// Ends it; its client sees the reason (at most 123 bytes of it) and may come back.
    pub fn disconnect(&self, reason: &str) {
        self.cx.staged().effects.push(Effect::Disconnect(self.seat.clone(), reason.into()));
    }
}

impl<A: Actor> Deref for Conn<A> {
    type Target = A::Conn;

    fn deref(&self) -> &A::Conn {
        &self.state
    }
}

impl<A: Actor> fmt::Debug for Conn<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conn({})", self.seat.id)
    }
}

/// All connections of an actor at one moment, by id and in the order of their making.
pub struct Connections<A: Actor> {
    all: Vec<Conn<A>>,
    by_id: HashMap<Arc<str>, usize>,
}

impl<A: Actor> Connections<A> {
    pub(crate) fn of(all: Vec<Conn<A>>) -> Self {
        let by_id = all.iter().enumerate().map(|(nth, conn)| (conn.seat.id.clone(), nth)).collect();
        Self { all, by_id }
    }

    /// The connection with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Conn<A>> {
        Some(&self.all[*self.by_id.get(id)?])
    }

    /// All, in the order of their making.
    pub fn iter(&self) -> std::slice::Iter<'_, Conn<A>> {
        self.all.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl<'a, A: Actor> IntoIterator for &'a Connections<A> {
    type Item = &'a Conn<A>;
    type IntoIter = std::slice::Iter<'a, Conn<A>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<A: Actor> IntoIterator for Connections<A> {
    type Item = Conn<A>;
    type IntoIter = std::vec::IntoIter<Conn<A>>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}
