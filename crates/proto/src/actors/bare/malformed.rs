//! What can be wrong with a message. Owns the names and the texts, not the rules.

use super::VERSIONS;

/// Why the bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The message is over in the middle of a field.
    #[error("the message ends at byte {at}, in the middle of a field")]
    EndsEarly {
        /// Where the missing byte would be.
        at: usize,
    },
    /// There is more than the last field.
    #[error("the message goes on at byte {at}, after its last field")]
    Trailing {
        /// The first byte too many.
        at: usize,
    },
    /// A version that no client writes.
    #[error(
        "the message has version {version}; those from {} to {} are read", VERSIONS.start(), VERSIONS.end()
    )]
    Version {
        /// The version.
        version: u16,
    },
    /// The byte that says which message follows, or whether a field does, has no meaning.
    #[error("the byte {byte:#04x} at {at} of the message is not from 0 to {max}")]
    Choice {
        /// Where it is.
        at: usize,
        /// The byte.
        byte: u8,
        /// The largest with a meaning.
        max: u8,
    },
    /// An integer of more than 64 bits, or with more bytes than it needs: clients refuse both as well.
    #[error("the integer at byte {at} of the message has too many bytes")]
    Integer {
        /// Where it begins.
        at: usize,
    },
    /// A text or data that announces more than there is.
    #[error("the message announces {len} bytes at byte {at}, which is more than follows")]
    TooLong {
        /// Where the length begins.
        at: usize,
        /// The length.
        len: u64,
    },
    /// A text that is not UTF-8.
    #[error("the text at byte {at} of the message is not UTF-8")]
    NotUtf8 {
        /// Where its length begins.
        at: usize,
    },
}
