//! UTF-16 code units of a text that is in UTF-8: how protocol 3 counts (engineio.md, 10).
//!
//! It must not check that the text is UTF-8; whoever cuts does so with what was cut.

use super::super::Malformed;

/// Counted at a time: twice as many units still fit into a byte.
const PIECE: usize = 64;

/// How many units the text has.
pub(super) fn count(text: &[u8]) -> usize {
    text.chunks(PIECE).map(of_piece).sum()
}

/// How many bytes the first `units` have. Looks at no more bytes than those and the piece behind them.
pub(super) fn end_of(text: &[u8], units: usize) -> Result<usize, Malformed> {
    // A unit has at least one byte.
    if units > text.len() {
        return Err(Malformed::TooLong);
    }
    let (mut at, mut left) = (0, units);
    for piece in text.chunks(PIECE) {
        match left.checked_sub(of_piece(piece)) {
            None => break,
            Some(less) => (at, left) = (at + piece.len(), less),
        }
    }
    for byte in &text[at..] {
        match (left, of_byte(*byte)) {
            (0, 1 | 2) => return Ok(at),
            (1, 2) => return Err(Malformed::InsideCharacter),
            (_, units) => left -= usize::from(units),
        }
        at += 1;
    }
    if left == 0 { Ok(at) } else { Err(Malformed::TooLong) }
}

fn of_piece(piece: &[u8]) -> usize {
    usize::from(piece.iter().map(|byte| of_byte(*byte)).sum::<u8>())
}

/// A character counts at its first byte: 2 if it has four bytes, else 1.
fn of_byte(byte: u8) -> u8 {
    u8::from(byte & 0xC0 != 0x80) + u8::from(byte >= 0xF0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts() {
        let table = [
            ("", 0, Ok(0)),
            ("", 1, Err(Malformed::TooLong)),
            ("abc", 2, Ok(2)),
            ("abc", 3, Ok(3)),
            ("abc", 4, Err(Malformed::TooLong)),
            ("é€", 1, Ok(2)),
            ("é€", 2, Ok(5)),
            ("é€", 3, Err(Malformed::TooLong)),
            ("😀a", 2, Ok(4)),
            ("😀a", 3, Ok(5)),
            ("😀a", 1, Err(Malformed::InsideCharacter)),
            ("a😀", 2, Err(Malformed::InsideCharacter)),
            ("a", usize::MAX, Err(Malformed::TooLong)),
        ];
        for (text, units, expected) in table {
            assert_eq!(end_of(text.as_bytes(), units), expected, "{units} of {text}");
        }
    }

    proptest! {
        #[test]
        fn counts_as_utf16_does(left in "[a-é€😀]{0,200}", right in "[a-é€😀]{0,200}") {
            let text = format!("{left}{right}");
            let units = left.encode_utf16().count();
            prop_assert_eq!(count(left.as_bytes()), units);
            prop_assert_eq!(end_of(text.as_bytes(), units), Ok(left.len()));
        }

        #[test]
        fn any_bytes_are_cut_or_refused(bytes: Vec<u8>, units in 0_usize..300) {
            prop_assert!(end_of(&bytes, units).is_ok_and(|end| end <= bytes.len()) || end_of(&bytes, units).is_err());
        }
    }
}
