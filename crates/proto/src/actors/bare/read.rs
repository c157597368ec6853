//! Fields of BARE from bytes. It must not know which fields make a message.

use super::{Malformed, VERSIONS};

/// Bytes that an integer of 64 bits takes at most, 7 bits in each.
const UINT_BYTES: usize = 10;

/// Reads a message field by field, in the order that its shape says. What it gives borrows from the input.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    /// A reader of one message, behind its version.
    ///
    /// # Errors
    /// A version that is not in [`VERSIONS`], or half of one.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let version = bytes.first_chunk().ok_or(Malformed::EndsEarly { at: bytes.len() })?;
        let version = u16::from_le_bytes(*version);
        if VERSIONS.contains(&version) {
            Ok(Self { bytes, pos: 2 })
        } else {
            Err(Malformed::Version { version })
        }
    }

    /// The byte that chooses among `max` + 1 kinds.
    ///
    /// # Errors
    /// A byte above `max`, or none.
    pub fn choice(&mut self, max: u8) -> Result<u8, Malformed> {
        let at = self.pos;
        let byte = self.byte()?;
        if byte > max { Err(Malformed::Choice { at, byte, max }) } else { Ok(byte) }
    }

    /// A boolean.
    ///
    /// # Errors
    /// A byte that is neither 0 nor 1, or none.
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        Ok(self.choice(1)? == 1)
    }

    /// A field that may be absent, read by `read` if it is not.
    ///
    /// # Errors
    /// Those of the mark, as for [`bool`](Self::bool), and of the field.
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    /// An integer, unsigned LEB128. The shortest form is the only one: what clients read with refuses all
    /// others, so none of them writes one.
    ///
    /// # Errors
    /// More bytes than it needs, more than 64 bits, or a message that ends in it.
    pub fn uint(&mut self) -> Result<u64, Malformed> {
        let at = self.pos;
        let mut value = 0;
        for nth in 0..UINT_BYTES {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << (7 * nth);
            let overlong = byte == 0 && nth > 0;
            let too_large = byte > 1 && nth + 1 == UINT_BYTES;
            if overlong || too_large {
                break;
            }
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed::Integer { at })
    }

    /// Bytes behind their length.
    ///
    /// # Errors
    /// A length beyond what follows, or one that is no [`uint`](Self::uint).
    pub fn data(&mut self) -> Result<&'a [u8], Malformed> {
        let at = self.pos;
        let len = self.uint()?;
        let rest = &self.bytes[self.pos..];
        let bytes = usize::try_from(len)
            .ok()
            .and_then(|len| rest.get(..len))
            .ok_or(Malformed::TooLong { at, len })?;
        self.pos += bytes.len();
        Ok(bytes)
    }

    /// A text behind its length.
    ///
    /// # Errors
    /// Those of [`data`](Self::data), and what is not UTF-8.
    pub fn str(&mut self) -> Result<&'a str, Malformed> {
        let at = self.pos;
        simdutf8::basic::from_utf8(self.data()?).map_err(|_| Malformed::NotUtf8 { at })
    }

    /// The end of the message.
    ///
    /// # Errors
    /// Bytes that are left.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.pos == self.bytes.len() { Ok(()) } else { Err(Malformed::Trailing { at: self.pos }) }
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = *self.bytes.get(self.pos).ok_or(Malformed::EndsEarly { at: self.pos })?;
        self.pos += 1;
        Ok(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uint(bytes: &[u8]) -> Result<u64, Malformed> {
        let message = [&[2, 0], bytes].concat();
        let mut reader = Reader::new(&message)?;
        let value = reader.uint()?;
        reader.end().map(|()| value)
    }

    #[test]
    fn integers_in_their_shortest_form_only() {
        let most = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        for (bytes, expected) in [
            (&[0][..], Ok(0)),
            (&[0x7F], Ok(127)),
            (&[0x80, 1], Ok(128)),
            (&[0xFF, 0xFF, 3], Ok(65_535)),
            (&most, Ok(u64::MAX)),
            (&[0x80, 0], Err(Malformed::Integer { at: 2 })),
            (&[0x81, 0x80, 0], Err(Malformed::Integer { at: 2 })),
            (&[0xFF; 10], Err(Malformed::Integer { at: 2 })),
            (&[0x80; 20], Err(Malformed::Integer { at: 2 })),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2], Err(Malformed::Integer { at: 2 })),
            (&[0x80], Err(Malformed::EndsEarly { at: 3 })),
            (&[], Err(Malformed::EndsEarly { at: 2 })),
            (&[1, 1], Err(Malformed::Trailing { at: 3 })),
        ] {
            assert_eq!(uint(bytes), expected, "{bytes:02x?}");
        }
    }
}
