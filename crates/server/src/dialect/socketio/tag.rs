//! What an answer needs to find its question: the id of the ack, and for a whole frame its messageId.

use compact_str::{CompactString, format_compact};
use playhouse_core::event::Tag;

/// Where an answer goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way<'t> {
    /// Nowhere.
    Silence,
    /// Into the ack of this id.
    Ack(&'t str),
    /// Into the ack of this id, with the frame's messageId.
    FrameAck(&'t str, &'t str),
    /// Into an event, with the frame's messageId.
    Frame(&'t str),
}

/// The tag of an event with or without an ack.
pub(super) fn of(ack: Option<&str>) -> Tag {
    Tag { id: CompactString::new(ack.unwrap_or_default()), ..Tag::default() }
}

/// The tag of a whole frame.
pub(super) fn of_frame(ack: Option<&str>, message_id: &str) -> CompactString {
    format_compact!("m{}:{message_id}", ack.unwrap_or_default())
}

/// Where the answer to a tag goes.
pub(super) fn way(tag: &Tag) -> Way<'_> {
    match tag.id.strip_prefix('m').and_then(|rest| rest.split_once(':')) {
        Some(("", message_id)) => Way::Frame(message_id),
        Some((ack, message_id)) => Way::FrameAck(ack, message_id),
        None if tag.id.is_empty() => Way::Silence,
        None => Way::Ack(&tag.id),
    }
}
