//! Tokens to bytes, so that the clients take every number for one and every big integer for one.
//!
//! It must not check that what is appended makes a whole value: a list of two gets two values, a map of two
//! gets four, a tag gets one.

/// What an integer may be to be written as one: what fits into 4 bytes. All clients take more for a big one.
const NUMBERS: std::ops::RangeInclusive<i64> = -(1 << 32)..=(1 << 32) - 1;

/// Appends null.
pub fn null(out: &mut Vec<u8>) {
    out.push(0xF6);
}

/// Appends undefined. Null is what says "no value" where there is a choice.
pub fn undefined(out: &mut Vec<u8>) {
    out.push(0xF7);
}

/// Appends a boolean.
pub fn bool(out: &mut Vec<u8>, value: bool) {
    out.push(0xF4 | u8::from(value));
}

/// Appends a number. From -2^32 to 2^32-1 it is an integer in its shortest form, beyond that a float, which
/// is all that a client has for a number: beyond 2^53 the nearest one there is.
pub fn int(out: &mut Vec<u8>, value: i64) {
    if !NUMBERS.contains(&value) {
        return double(out, value as f64);
    }
    signed(out, value);
}

/// Appends a number: as [`int`] if it is a small integer, else as a float of 8 bytes.
pub fn float(out: &mut Vec<u8>, value: f64) {
    #[expect(clippy::cast_possible_truncation, reason = "it is compared with what it was")]
    let rounded = value as i64;
    let same = (rounded as f64).to_bits() == value.to_bits();
    if same && NUMBERS.contains(&rounded) {
        return signed(out, rounded);
    }
    double(out, value);
}

/// Appends a big integer of 8 bytes, however small, as the ids of calls are.
pub fn id(out: &mut Vec<u8>, id: u64) {
    eight(out, 0, id);
}

/// Appends a big integer: n, or -1 - n if `negative`, from the bytes of n with the most significant first.
/// What fits takes 8 bytes, whatever its value; the rest has tag 2 or 3.
pub fn big(out: &mut Vec<u8>, negative: bool, n: &[u8]) {
    let zeros = n.iter().take_while(|byte| **byte == 0).count();
    let n = &n[zeros..];
    if n.len() > 8 {
        tag(out, if negative { 3 } else { 2 });
        return bytes(out, n);
    }
    eight(out, u8::from(negative), n.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
}

/// Appends a text.
pub fn text(out: &mut Vec<u8>, text: &str) {
    head(out, 3, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a byte string. Clients want [`tag`] 64 before it to make the usual class of it.
pub fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, 2, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Begins a list of so many values.
pub fn list(out: &mut Vec<u8>, len: usize) {
    head(out, 4, len as u64);
}

/// Begins a map of so many pairs, each a key and a value.
pub fn map(out: &mut Vec<u8>, pairs: usize) {
    head(out, 5, pairs as u64);
}

/// Puts a tag before the value that follows.
pub fn tag(out: &mut Vec<u8>, tag: u64) {
    head(out, 6, tag);
}

fn signed(out: &mut Vec<u8>, value: i64) {
    // The bits of -1 - n are those of n turned round.
    let (major, n) = if value < 0 { (1, !value) } else { (0, value) };
    head(out, major, n.unsigned_abs());
}

fn double(out: &mut Vec<u8>, value: f64) {
    eight(out, 7, value.to_bits());
}

fn eight(out: &mut Vec<u8>, major: u8, number: u64) {
    out.push(major << 5 | 27);
    out.extend_from_slice(&number.to_be_bytes());
}

/// The shortest head of a kind with its number.
fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    let bytes = number.to_be_bytes();
    let (info, from) = match number {
        0..=23 => return out.push(major | bytes[7]),
        24..=0xFF => (24, 7),
        0x100..=0xFFFF => (25, 6),
        0x1_0000..=0xFFFF_FFFF => (26, 4),
        0x1_0000_0000.. => (27, 0),
    };
    out.push(major | info);
    out.extend_from_slice(&bytes[from..]);
}
