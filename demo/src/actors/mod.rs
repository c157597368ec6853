//! The demo's actors, a file each.

pub(crate) mod chat_room;
pub(crate) mod counter;
mod newest;
