//! Rooms that other nodes make and remove: this node's table follows the list that the engine keeps.
//!
//! It looks at the start, again as often as the engine says, and when somebody asks for a room that is not in the
//! table. Looks may overlap: one that comes back later than a newer one is dropped.

use super::asked::Asked;
use super::{Known, Room, clear};
use crate::connection::Connection;
use crate::node::Node;
use futures_util::future::{join_all, select};
use playhouse_core::Later;
use playhouse_core::presence::{PresenceError, RoomChanges, RoomMark};
use std::collections::HashSet;
use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Up to where this node knows the list.
#[derive(Default)]
pub(crate) struct Follow {
    mark: Mutex<RoomMark>,
    asked: Asked,
    /// Rooms change only through this node: there is nothing to look for.
    alone: AtomicBool,
}

/// A room that is gone, and who was in it on this node.
pub(super) type Left = (Arc<Known>, Vec<Connection>);

impl Node {
    /// Follows the list until the node stops. Ends at once where no other node can change it.
    pub async fn follow_rooms(self) {
        loop {
            let pause = match self.look().await {
                Ok(Some(pause)) => pause,
                Ok(None) => return,
                Err(error) => {
                    tracing::debug!(%error, "the list of rooms can't be read");
                    Duration::from_millis(500)
                }
            };
            let stopping = self.stopping();
            if self.is_draining() {
                return;
            }
            select(pin!(stopping), pin!(self.clock().sleep(pause))).await;
        }
    }

    /// Resolves after a look, for who has asked for a room that is not there.
    pub(crate) fn look_for_rooms(&self) -> Later<'static, ()> {
        if self.follow().alone.load(Ordering::Relaxed) {
            return Box::pin(ready(()));
        }
        let node = self.downgrade();
        let look = || -> Later<'static, ()> {
            Box::pin(async move {
                let Some(node) = node.upgrade() else { return };
                if let Err(error) = node.look().await {
                    tracing::debug!(%error, "the list of rooms can't be read");
                }
            })
        };
        self.follow().asked.look(self.clock(), self.presence().look_pause(), look)
    }

    /// Returns when to look again.
    async fn look(&self) -> Result<Option<Duration>, PresenceError> {
        let since = self.mark().clone();
        let changes = self.presence().rooms(&since).await?;
        let look_again = changes.look_again;
        // Another node may come later, where the engine can tell.
        self.follow().alone.store(look_again.is_none(), Ordering::Relaxed);
        if look_again.is_none() {
            return Ok(None);
        }
        let left = if since.era.is_empty() || since.era == changes.mark.era {
            self.take_over(&since, changes)
        } else {
            let Some(gone) = self.begin_era(&since, changes).await? else {
                // Who asked wants the list of this era: it can be followed by now.
                return Box::pin(self.look()).await;
            };
            gone
        };
        join_all(left.into_iter().map(|left| self.end_stays(left))).await;
        Ok(look_again)
    }

    fn mark(&self) -> MutexGuard<'_, RoomMark> {
        self.follow().mark.lock().expect("nothing panics while it holds the mark")
    }

    /// The engine has forgotten everything. What it does not know was not removed: it is made again. Returns the rooms
    /// that were removed since, or `None` if another look is at it already.
    async fn begin_era(
        &self,
        since: &RoomMark,
        there: RoomChanges,
    ) -> Result<Option<Vec<Left>>, PresenceError> {
        let (gone, missing) = {
            let mut mark = self.mark();
            if *mark != *since {
                return Ok(None);
            }
            // From here on other looks find a list of this era. What they learn is not made again.
            *mark = there.mark;
            let gone = there.gone.iter().filter_map(|(name, _)| self.rooms().forget(name, u64::MAX));
            (self.without(gone), self.rooms().date_anew(&there.made))
        };
        tracing::warn!(rooms = missing.len(), "the list of rooms was lost; making this node's rooms again");
        let made = join_all(missing.iter().map(|known| async move {
            match self.presence().set_room(&known.name, true).await? {
                Some(version) => self.note_made(known, version),
                None => self.note_there(known),
            }
            Ok(())
        }));
        let made: Result<(), PresenceError> = made.await.into_iter().collect();
        if let Err(error) = made {
            // All of it once more, with the next look; but who was cleared out of a room is not found again by it.
            self.mark().era.clone_from(&since.era);
            join_all(gone.into_iter().map(|left| self.end_stays(left))).await;
            return Err(error);
        }
        Ok(Some(gone))
    }

    /// Takes note of the version at which the engine made a room of ours. A look that came back before may have heard
    /// that another node has removed it since, and did not know that it was this one.
    pub(super) fn note_made(&self, known: &Known, version: u64) {
        let mut mark = self.mark();
        if known.is_unborn() {
            known.is_born(version);
            if mark.version >= version {
                mark.version = 0;
            }
        }
    }

    /// Takes note that another node was the first to make a room of ours. A look that came back before may have heard of
    /// that, and that somebody has removed it since.
    fn note_there(&self, known: &Known) {
        let mut mark = self.mark();
        if known.is_unborn() {
            known.is_there();
            mark.version = 0;
        }
    }

    /// The next look hears once more of everything that is remembered.
    pub(super) fn look_back(&self) {
        self.mark().version = 0;
    }

    /// Changes the table, unless a newer look has; returns what was left by that.
    fn take_over(&self, since: &RoomMark, changes: RoomChanges) -> Vec<Left> {
        let mut mark = self.mark();
        let same_era = mark.era == changes.mark.era;
        let newer = if same_era { mark.version >= changes.mark.version } else { mark.era != since.era };
        // It began before it was told to look back.
        let skips = same_era && mark.version < since.version;
        if *mark != *since && (newer || skips) {
            return Vec::new();
        }
        let mut gone = Vec::new();
        if changes.whole && mark.era == since.era {
            let there: HashSet<&str> = changes.made.iter().map(|(name, _)| name.as_str()).collect();
            gone.extend(self.rooms().keep_only(changes.mark.version, |name| there.contains(name)));
        }
        gone.extend(changes.gone.iter().filter_map(|(name, version)| self.rooms().forget(name, *version)));
        gone.extend(changes.made.iter().filter_map(|(name, born)| self.rooms().learn(name, *born)));
        *mark = changes.mark;
        drop(mark);
        self.without(gone.into_iter())
    }

    /// Ends all stays in rooms that are out of the table.
    fn without(&self, gone: impl Iterator<Item = Arc<Known>>) -> Vec<Left> {
        gone.map(|known| (known.clone(), clear(self, &known))).collect()
    }

    /// Sees to it that nobody who was in a room that another node removed stays on the engine's lists.
    pub(super) async fn end_stays(&self, (known, members): Left) {
        let room = Room::new(self, &known.name);
        join_all(members.iter().map(|member| room.forget_member(&known, member))).await;
        if let Err(error) = room.detach_unheard(&known).await {
            tracing::debug!(room = &*known.name, %error, "the topic of a room that is gone is still attached");
        }
    }
}
