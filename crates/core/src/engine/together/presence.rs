//! Rooms and their members: one list for all, in which each node's members are known as its own.

use super::{Shared, Side};
use crate::Later;
use crate::id::ConnectionId;
use crate::presence::{Member, Presence, PresenceError, RoomChanges, RoomMark};
use futures_util::FutureExt as _;
use std::time::Duration;

/// How often nodes look at the list of rooms: as often as with Redis.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl Presence for Side {
    fn join(&self, room: &str, member: Member) -> Later<'_, Result<(), PresenceError>> {
        let name: Box<str> = room.into();
        Box::pin(async move {
            self.is_here()?;
            self.inner.state().joined.insert((name.clone(), member.id.clone()));
            self.shared.rooms.join(&name, member).await
        })
    }

    fn leave(&self, room: &str, id: &ConnectionId) -> Later<'_, Result<bool, PresenceError>> {
        let (name, id): (Box<str>, _) = (room.into(), id.clone());
        Box::pin(async move {
            self.is_here()?;
            let member = (name, id);
            self.inner.state().joined.remove(&member);
            self.shared.rooms.leave(&member.0, &member.1).await
        })
    }

    fn members(&self, room: &str) -> Later<'_, Result<Vec<Member>, PresenceError>> {
        let name: Box<str> = room.into();
        Box::pin(async move {
            self.is_here()?;
            self.shared.forget_the_gone();
            self.shared.rooms.members(&name).await
        })
    }

    fn count(&self, room: &str) -> Later<'_, Result<usize, PresenceError>> {
        let name: Box<str> = room.into();
        Box::pin(async move {
            self.is_here()?;
            self.shared.forget_the_gone();
            self.shared.rooms.count(&name).await
        })
    }

    fn set_room(&self, room: &str, exists: bool) -> Later<'_, Result<Option<u64>, PresenceError>> {
        match self.is_here() {
            Ok(()) => self.shared.rooms.set_room(room, exists),
            Err(trouble) => Box::pin(async { Err(trouble.into()) }),
        }
    }

    fn rooms<'a>(&'a self, since: &'a RoomMark) -> Later<'a, Result<RoomChanges, PresenceError>> {
        Box::pin(async move {
            self.is_here()?;
            let changes = self.shared.rooms.rooms(since).await?;
            // As long as it is alone it has no reason to look, nor a clock that is moved a timer to stop at.
            let look_again = (self.shared.sides().len() > 1).then_some(LOOK_AGAIN);
            Ok(RoomChanges { look_again, ..changes })
        })
    }

    /// A look costs nothing here, and a clock that stands still would make it wait for ever.
    fn look_pause(&self) -> Duration {
        Duration::ZERO
    }
}

impl Shared {
    /// Takes out the members of nodes whose time is over. Looked at when somebody asks, so that no task has to.
    pub(super) fn forget_the_gone(&self) {
        let now = self.clock.now();
        for side in self.sides().iter() {
            let mut state = side.state();
            if state.forgotten_at.is_none_or(|at| at > now) {
                continue;
            }
            for (room, id) in state.joined.drain() {
                let left = self.rooms.leave(&room, &id).now_or_never();
                left.expect("memory does not wait").expect("memory is there");
            }
        }
    }
}
