//! What can be wrong with a packet or a payload. Owns the names and the texts, not the rules.

/// Why the bytes are no packet, or no payload. All of it ends the session with `parse error` (4, 5, 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A body without any packet.
    #[error("the body is empty")]
    EmptyPayload,
    /// A packet without even its type: also what stands behind a separator at the end, and the `0:` of
    /// protocol 3.
    #[error("a packet is empty")]
    EmptyPacket,
    /// A text packet that begins with neither `0` to `6` nor `b`.
    #[error("a packet begins with the byte {byte:#04x}, which is no type")]
    UnknownKind {
        /// Its first byte.
        byte: u8,
    },
    /// A binary packet of protocol 3 whose type is not 4: nothing but messages is binary.
    #[error("a binary packet begins with the byte {byte:#04x}, not with the type of a message")]
    NotMessage {
        /// What stands where the type should: the byte 4, or the letter `4` before base64.
        byte: u8,
    },
    /// A `b4` of protocol 3 that is cut off behind the `b`.
    #[error("a base64 packet ends before its type")]
    NoType,
    /// Something else than standard base64 with its padding.
    #[error("a packet is not base64")]
    NotBase64,
    /// A text packet that is not UTF-8.
    #[error("a packet is not UTF-8")]
    NotUtf8,
    /// Protocol 3, a binary payload: a packet is marked as neither text (0) nor binary (1).
    #[error("a packet is marked with the byte {byte:#04x}, neither text nor binary")]
    UnknownMark {
        /// The mark.
        byte: u8,
    },
    /// Protocol 3: the length of a packet is missing, no number, negative, or does not end.
    #[error("a packet has no length")]
    NoLength,
    /// Protocol 3: a packet announces more than follows.
    #[error("a packet announces more than follows")]
    TooLong,
    /// Protocol 3: the length of a text ends inside of a character that counts as two.
    #[error("the length of a packet ends inside of a character")]
    InsideCharacter,
}
