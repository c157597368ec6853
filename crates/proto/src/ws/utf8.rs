//! UTF-8 over pieces: a text may be cut anywhere, also inside of a character.
//!
//! Owns the few bytes of a character that has not ended. It must not keep the text.

/// Bytes that no continuation can turn into UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8;

/// Checks a text that arrives in pieces, and refuses it with the first byte that cannot be right.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8 {
    open: [u8; 4],
    len: u8,
}

impl Utf8 {
    /// Checks the next piece.
    ///
    /// # Errors
    /// [`NotUtf8`] as soon as no further bytes could make a valid text.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), NotUtf8> {
        let rest = self.close_character(piece)?;
        let Err(error) = simdutf8::compat::from_utf8(rest) else { return Ok(()) };
        if error.error_len().is_some() {
            return Err(NotUtf8);
        }
        let tail = &rest[error.valid_up_to()..];
        self.open[..tail.len()].copy_from_slice(tail);
        self.len = u8::try_from(tail.len()).expect("an unfinished character has at most three bytes");
        Ok(())
    }

    /// Whether the text may end here, between two characters.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.len == 0
    }

    /// Feeds the open character byte by byte until it is whole; what is left of the piece begins a new one.
    fn close_character<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], NotUtf8> {
        let mut rest = piece;
        while self.len > 0 {
            let Some((byte, after)) = rest.split_first() else { break };
            self.open[usize::from(self.len)] = *byte;
            self.len += 1;
            rest = after;
            match std::str::from_utf8(&self.open[..usize::from(self.len)]) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return Err(NotUtf8),
                Err(_) => {}
            }
        }
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many bytes are taken before the refusal, fed one at a time.
    fn refused_at(bytes: &[u8]) -> Option<usize> {
        let mut utf8 = Utf8::default();
        bytes.iter().position(|byte| utf8.push(&[*byte]).is_err())
    }

    #[test]
    fn refuses_with_the_first_wrong_byte() {
        let table: &[(&[u8], Option<usize>)] = &[
            (b"plain", None),
            ("κόσμε€😀".as_bytes(), None),
            (b"\xCE\xBA\xFF", Some(2)),
            (b"\x80", Some(0)),
            (b"\xC0\xAF", Some(0)),
            (b"\xED\xA0\x80", Some(1)),
            (b"\xF4\x90\x80\x80", Some(1)),
            (b"\xF4\x8F\xBF\xBF", None),
            (b"\xF5", Some(0)),
            (b"\xE2\x82A", Some(2)),
        ];
        for (bytes, expected) in table {
            assert_eq!(refused_at(bytes), *expected, "{bytes:x?}");
        }
    }

    #[test]
    fn a_text_may_not_end_inside_of_a_character() {
        let mut utf8 = Utf8::default();
        assert_eq!(utf8.push(b"\xE2\x82"), Ok(()));
        assert!(!utf8.may_end());
        assert_eq!(utf8.push(b"\xAC"), Ok(()));
        assert!(utf8.may_end());
    }

    proptest! {
        #[test]
        fn agrees_with_the_whole(bytes in prop_oneof![any::<Vec<u8>>(), any::<String>().prop_map(String::into_bytes)],
                                 size in 1_usize..7) {
            let mut utf8 = Utf8::default();
            let taken = bytes.chunks(size).all(|piece| utf8.push(piece).is_ok());
            prop_assert_eq!(taken && utf8.may_end(), std::str::from_utf8(&bytes).is_ok());
        }
    }
}
