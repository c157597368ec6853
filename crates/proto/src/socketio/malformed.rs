//! What a socket.io peer can do wrong on the wire: one variant per rule.
//!
//! Owns the names and the texts. It must not decide when a rule is broken, nor how that is answered: every one
//! of them ends the engine connection (socketio.md, 1).

/// A rule of packets that the peer has broken. Nothing of the packet may have an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The first character is no digit from 0 to 6, or there is none.
    #[error("the packet has no known type")]
    Kind,
    /// A type with bytes and no number of attachments before a `-`.
    #[error("the number of attachments is missing")]
    AttachmentsMissing,
    /// No attachments at all, or more than [`Limits::attachments`](super::Limits::attachments).
    #[error("the number of attachments is 0 or above the limit")]
    AttachmentsCount,
    /// The id of an acknowledgement is above 2^53−1.
    #[error("the acknowledgement id is too large")]
    IdTooLarge,
    /// An acknowledgement that does not say of what.
    #[error("the acknowledgement has no id")]
    IdMissing,
    /// An acknowledgement id on a type that nobody acknowledges.
    #[error("a packet of this type has no acknowledgement id")]
    IdUnasked,
    /// No data on a type that needs it.
    #[error("the data is missing")]
    DataMissing,
    /// Data on a type that has none.
    #[error("a packet of this type has no data")]
    DataUnasked,
    /// What stands behind the head is no JSON.
    #[error("the data is not valid JSON")]
    NotJson,
    /// JSON of more than 127 brackets inside of each other; most readers of it take no more.
    #[error("the data is nested too deep")]
    TooDeep,
    /// The data of an event or an acknowledgement is no list.
    #[error("the data is not an array")]
    NotList,
    /// The data of a connect or a connect error is no object.
    #[error("the data is not an object")]
    NotObject,
    /// An event whose list does not begin with a text or a number.
    #[error("the event has no name")]
    NameMissing,
    /// An event with a name that belongs to the library itself.
    #[error("the event's name is reserved")]
    NameReserved,
    /// A packet begins while attachments of the one before it are outstanding.
    #[error("a packet begins before the one before it has its attachments")]
    Interrupted,
    /// A binary message while no attachment is outstanding.
    #[error("a binary message belongs to no packet")]
    AttachmentUnasked,
    /// A placeholder whose `num` is not the number of one of the attachments.
    #[error("a placeholder names no attachment")]
    PlaceholderNumber,
    /// A second placeholder for the same attachment: none is ever written, and a few bytes would grow without limit.
    #[error("two placeholders name the same attachment")]
    PlaceholderTwice,
    /// A packet and its attachments are more than [`Limits::bytes`](super::Limits::bytes).
    #[error("the packet is larger than the limit")]
    TooLarge,
}
