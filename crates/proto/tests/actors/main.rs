//! What clients of actors write is read, what is written for them is what they read, and nothing else gets
//! through. The bytes in `frames.txt` were recorded.

mod bare;
mod bombs;
mod cbor;
mod frames;
mod properties;
mod tree;

/// Bytes from hexadecimal, blanks between them or not.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split(' ').collect();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
