//! Small things that are done to raw JSON text in several crates.

mod fields;
mod text;

pub use fields::{Fields, Invalid};
pub use text::unquote;

/// Appends `text` as a JSON string, quotes included.
pub fn push_str(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(&mut *out, text).expect("a text is always JSON, and a Vec takes every write");
}

/// Appends a number.
pub fn push_u64(out: &mut Vec<u8>, number: u64) {
    serde_json::to_writer(&mut *out, &number).expect("a number is always JSON, and a Vec takes every write");
}

/// A value as raw JSON text.
///
/// # Errors
/// When the value's own serialization fails, such as a map whose keys are no texts.
pub fn to_text<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(value)
}
