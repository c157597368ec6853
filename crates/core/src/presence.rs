//! The contract `Presence`: who is in a room, over all nodes, and which rooms there are.

use crate::Later;
use crate::id::ConnectionId;
use crate::trouble::Trouble;
use bytes::Bytes;
use std::time::Duration;

/// One member of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The connection.
    pub id: ConnectionId,
    /// What it shows to the others: a raw JSON object. Nobody between the one who joined and the one who
    /// looks reads it.
    pub details: Bytes,
}

/// Up to where a node knows the list of rooms. The default is the mark of one that knows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomMark {
    /// Changes when the engine has lost what it kept, as a Redis that was started anew and empty.
    pub era: String,
    /// Grows with each change.
    pub version: u64,
}

/// What has changed in the list of rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomChanges {
    /// Up to where it is known with them.
    pub mark: RoomMark,
    /// `made` is the whole list: another room was destroyed; or, where the era is another one, forgotten by the
    /// engine, and who knows it makes it again.
    pub whole: bool,
    /// Rooms that were made, sorted, each with the version at which that was: a room made anew is another one.
    pub made: Vec<(String, u64)>,
    /// Rooms that were destroyed and not made anew, with the version of that; of a whole list only the latest.
    pub gone: Vec<(String, u64)>,
    /// When to look again; `None` where rooms change only through this very engine.
    pub look_again: Option<Duration>,
}

/// Who is in a room.
///
/// A member belongs to the node that joined it: only this node replaces it or lets it leave.
///
/// Guarantees, each with a test of that name in `core::contract::presence`:
/// - `join_is_seen`: once `join` resolves, every node's `members` has the member, once, with its details.
/// - `join_again_replaces`: joining anew changes the details and adds no second member.
/// - `leave_is_seen`: once `leave` resolves, no node's `members` has the member; leaving twice is no error.
/// - `counts_are_members`: `count` is the number of members.
/// - `rooms_are_one_list`: a room created or destroyed by one node is there or gone for all; only the first of
///   two who create it is told that it is new; destroying it forgets its members.
/// - `order_of_joining`: `members` are in the order in which they joined.
/// - `the_lost_are_gone_and_back`: members of a node that was lost to the engine are gone within its lease, and there
///   again, once each and in their places, as soon as the node is back.
pub trait Presence: Send + Sync + 'static {
    /// Adds a member of this node, or replaces its details.
    fn join(&self, room: &str, member: Member) -> Later<'_, Result<(), PresenceError>>;

    /// Removes a member of this node; `true` if it was there. What an engine that is away does not hear of is made good
    /// when it is back, so that nobody who left stays on the list.
    fn leave(&self, room: &str, id: &ConnectionId) -> Later<'_, Result<bool, PresenceError>>;

    /// All members.
    fn members(&self, room: &str) -> Later<'_, Result<Vec<Member>, PresenceError>>;

    /// How many members there are.
    fn count(&self, room: &str) -> Later<'_, Result<usize, PresenceError>>;

    /// Makes (`true`) or destroys (`false`) a room; resolves to the version of the list at which that was, or to `None`
    /// if it changed nothing. One node's changes take effect in the order of its calls, not of their first polls.
    fn set_room(&self, room: &str, exists: bool) -> Later<'_, Result<Option<u64>, PresenceError>>;

    /// What has changed in the list of rooms since a mark.
    fn rooms<'a>(&'a self, since: &'a RoomMark) -> Later<'a, Result<RoomChanges, PresenceError>>;

    /// How far apart a node keeps the looks that its clients cause by asking for rooms it does not know. The list belongs
    /// to all nodes, and they can ask as fast as they like.
    fn look_pause(&self) -> Duration {
        Duration::from_millis(20)
    }
}

/// Why presence could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// The engine.
    #[error("{0}")]
    Engine(#[from] Trouble),
}
