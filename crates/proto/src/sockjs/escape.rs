//! Escapes: what stands in the place of bytes that a format does not allow as they are.
//!
//! It must not know which format that is.

/// Appends `text`, with other bytes wherever `special` is true of one. `put` writes them for what it is
/// given, which begins with such a byte, and says how many bytes of it that stands for (at least one).
/// What lies between is copied in runs.
pub(super) fn replaced(
    out: &mut Vec<u8>,
    text: &[u8],
    special: impl Fn(u8) -> bool,
    put: impl Fn(&mut Vec<u8>, &[u8]) -> usize,
) {
    out.reserve(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| special(*byte)) {
        let (run, from) = rest.split_at(at);
        out.extend_from_slice(run);
        let used = put(out, from).max(1);
        rest = &from[used.min(from.len())..];
    }
    out.extend_from_slice(rest);
}

/// `\uXXXX`.
pub(super) fn unicode(unit: u16) -> [u8; 6] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| DIGITS[usize::from(unit >> shift & 0xF)];
    [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]
}

/// The character that the text begins with, if it has three bytes and is U+1000 or above. Those that formats
/// want escaped beside ASCII are all of this kind.
pub(super) fn three_bytes(text: &[u8]) -> Option<u16> {
    match *text {
        [first @ 0xE1..=0xEF, second @ 0x80..=0xBF, third @ 0x80..=0xBF, ..] => {
            Some(u16::from(first & 0x0F) << 12 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F))
        }
        _ => None,
    }
}
