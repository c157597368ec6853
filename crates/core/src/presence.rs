//! The contract `Presence`: who is in a room, over all nodes, and which rooms there are.

use crate::Later;
use crate::id::ConnectionId;
use bytes::Bytes;

/// One member of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The connection.
    pub id: ConnectionId,
    /// What it shows to the others: a raw JSON object. Nobody between the one who joined and the one who
    /// looks reads it.
    pub details: Bytes,
}

/// Who is in a room.
///
/// Guarantees, each with a test of that name in `core::contract::presence`:
/// - `join_is_seen`: once `join` resolves, every node's `members` has the member, once, with its details.
/// - `join_again_replaces`: joining anew changes the details and adds no second member.
/// - `leave_is_seen`: once `leave` resolves, no node's `members` has the member; leaving twice is no error.
/// - `counts_are_members`: `count` is the number of members.
/// - `rooms_are_one_list`: a room created or destroyed by one node is there or gone for all; only the first of
///   two who create it is told that it is new; destroying it forgets its members.
/// - `order_of_joining`: `members` are in the order in which they joined.
///
/// Members of a node that died vanish within the engine's lease.
pub trait Presence: Send + Sync + 'static {
    /// Adds or replaces a member.
    fn join(&self, room: &str, member: Member) -> Later<'_, Result<(), PresenceError>>;

    /// Removes a member; `true` if it was there.
    fn leave(&self, room: &str, id: &ConnectionId) -> Later<'_, Result<bool, PresenceError>>;

    /// All members.
    fn members(&self, room: &str) -> Later<'_, Result<Vec<Member>, PresenceError>>;

    /// How many members there are.
    fn count(&self, room: &str) -> Later<'_, Result<usize, PresenceError>>;

    /// Makes (`true`) or destroys (`false`) a room; the answer tells whether that changed anything.
    fn set_room(&self, room: &str, exists: bool) -> Later<'_, Result<bool, PresenceError>>;

    /// All rooms, sorted by name.
    fn rooms(&self) -> Later<'_, Result<Vec<String>, PresenceError>>;
}

/// Why presence could not be read or changed. The caller may try again.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// The engine can't be reached now.
    #[error("presence can't be reached: {0}")]
    Away(String),
}
