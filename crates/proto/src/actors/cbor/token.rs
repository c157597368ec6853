//! The smallest parts of a value. It must not know in which order they may come.

/// One part of a value, borrowed from the input. How many bytes an integer, a float or a length took is gone,
/// except for the one difference that clients see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// `f6`.
    Null,
    /// `f7`; an absent value to clients.
    Undefined,
    /// `f4`, `f5`.
    Bool(bool),
    /// A number: an integer of at most 4 bytes, so from -2^32 to 2^32-1.
    Int(i64),
    /// A number: a float of 2, 4 or 8 bytes.
    Float(f64),
    /// A big integer of 8 bytes, however small: from -2^64 to 2^64-1.
    Wide(i128),
    /// A big integer of any size, tag 2 or 3.
    Big {
        /// Whether the value is -1 - n instead of n.
        negative: bool,
        /// n, its most significant byte first. May begin with zeros, and may be empty, which is 0.
        bytes: &'a [u8],
    },
    /// A text.
    Text(&'a str),
    /// A byte string. Clients mostly write tag 64 in front of it, which is a token of its own.
    Bytes(&'a [u8]),
    /// A list begins: elements follow up to [`End`](Self::End). The number of them, if it was written. Over a
    /// whole input these numbers add up to at most its length, so room may be made for them.
    List(Option<usize>),
    /// A map begins: keys and values in turn follow up to [`End`](Self::End). The number of pairs, if it was
    /// written; what holds for a list's holds here.
    Map(Option<usize>),
    /// The innermost list or map has ended, whether by its number or by a break.
    End,
    /// The value that follows has this tag. Never 2 or 3.
    Tag(u64),
}
