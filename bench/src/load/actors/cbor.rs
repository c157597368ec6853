//! The little of CBOR (RFC 8949) that counters are told and tell: whole numbers up to 32 bits, short texts, maps.
//!
//! Our own and not `playhouse-proto`, so that the yardstick cannot share a mistake with what it measures.

const WHOLE: u8 = 0x00;
const TEXT: u8 = 0x60;
const MAP: u8 = 0xa0;
/// The bits that say what an item is, and those with its size or value.
const KIND: u8 = 0xe0;

/// Reads items one by one; every method gives `None` for anything else than it is named after.
pub(super) struct Items<'a>(pub(super) &'a [u8]);

impl<'a> Items<'a> {
    /// A whole number of at most 32 bits.
    pub(super) fn number(&mut self) -> Option<u64> {
        self.head(WHOLE)
    }

    /// The number of pairs in a map.
    pub(super) fn map(&mut self) -> Option<u64> {
        self.head(MAP)
    }

    /// A text, as its bytes.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.head(TEXT)?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }

    /// This very text.
    pub(super) fn key(&mut self, name: &str) -> Option<()> {
        (self.text()? == name.as_bytes()).then_some(())
    }

    /// Whether all was read.
    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    fn head(&mut self, kind: u8) -> Option<u64> {
        let (&first, rest) = self.0.split_first().filter(|(first, _)| *first & KIND == kind)?;
        let width = match first & !KIND {
            short @ ..24 => {
                self.0 = rest;
                return Some(short.into());
            }
            24 => 1,
            25 => 2,
            26 => 4,
            _ => return None,
        };
        let (bytes, rest) = rest.split_at_checked(width)?;
        self.0 = rest;
        Some(bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }
}

/// Appends a whole number in its shortest form. Nothing counts beyond 32 bits within a run.
pub(super) fn push_number(out: &mut Vec<u8>, value: u64) {
    match (u8::try_from(value), u16::try_from(value)) {
        (Ok(short @ ..24), _) => out.push(short),
        (Ok(byte), _) => out.extend_from_slice(&[24, byte]),
        (Err(_), Ok(two)) => {
            out.push(25);
            out.extend_from_slice(&two.to_be_bytes());
        }
        (Err(_), Err(_)) => {
            out.push(26);
            out.extend_from_slice(&u32::try_from(value).expect("no run counts so far").to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 23, 24, 255, 256, 65_535, 65_536, u64::from(u32::MAX)] {
            let mut bytes = Vec::new();
            push_number(&mut bytes, value);
            let mut items = Items(&bytes);
            assert_eq!((items.number(), items.is_over()), (Some(value), true));
            for end in 0..bytes.len() {
                assert_eq!(Items(&bytes[..end]).number(), None, "{end} bytes of {value}");
            }
        }
    }

    #[test]
    fn maps_have_two_forms_of_head() {
        for bytes in [&b"\xa1\x61b\x07"[..], b"\xb9\x00\x01\x61b\x07"] {
            let mut items = Items(bytes);
            assert_eq!((items.map(), items.key("b"), items.number()), (Some(1), Some(()), Some(7)));
        }
        assert_eq!(Items(b"\x61b").map(), None);
        assert_eq!(Items(b"\x62b").text(), None);
    }
}
