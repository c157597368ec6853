//! What can be wrong with a value. Owns the names and the texts, not the rules.

/// Why the bytes are no value. Nothing more is read after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The input is over before the value is.
    #[error("the CBOR ends at byte {at}, in the middle of a value")]
    EndsEarly {
        /// Where the missing byte would be.
        at: usize,
    },
    /// The input goes on after the value.
    #[error("the CBOR goes on at byte {at}, after its value has ended")]
    Trailing {
        /// The first byte too many.
        at: usize,
    },
    /// A text, a byte string, a list or a map that announces more than there is.
    #[error("the CBOR announces {len} at byte {at}, which is more than follows")]
    TooLong {
        /// The byte that announces it.
        at: usize,
        /// How many bytes, elements or pairs.
        len: u64,
    },
    /// Lists, maps and tags inside of each other beyond the limit.
    #[error("the CBOR is nested deeper than {depth} at byte {at}")]
    TooDeep {
        /// The list, map or tag too many.
        at: usize,
        /// The limit.
        depth: usize,
    },
    /// A text or byte string in pieces, which no client writes.
    #[error("the text or byte string at byte {at} of the CBOR has no length; write it in one piece")]
    Pieces {
        /// Where it begins.
        at: usize,
    },
    /// A text that is not UTF-8.
    #[error("the text at byte {at} of the CBOR is not UTF-8")]
    NotUtf8 {
        /// Where it begins.
        at: usize,
    },
    /// A big integer whose tag is not followed by a plain byte string.
    #[error("the big integer at byte {at} of the CBOR is no byte string")]
    NotBytes {
        /// Where its content begins.
        at: usize,
    },
    /// A break outside of a list or map that wants one, or between a key and its value.
    #[error("the break at byte {at} of the CBOR ends nothing")]
    Break {
        /// The break.
        at: usize,
    },
    /// A byte that begins nothing: reserved, or a simple value without a meaning.
    #[error("the byte {byte:#04x} at {at} of the CBOR begins no value")]
    Reserved {
        /// Where it is.
        at: usize,
        /// The byte.
        byte: u8,
    },
}
