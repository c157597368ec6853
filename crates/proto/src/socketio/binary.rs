//! Bytes inside of JSON, as `{"$base64":"…"}`, and the same bytes beside it, as attachments with placeholders.
//!
//! Who sends such an object as JSON has sent bytes: inside there is no difference.
//!
//! It must not read packets, nor check JSON: both ways begin at text that has been checked or was written here, and
//! take any other without a panic. Both are linear: an object is looked into only as far as it may be one of the
//! two forms, and those have no object inside.

use std::iter;
use std::sync::LazyLock;

use base64::engine::general_purpose::STANDARD;
use base64::{Engine as _, encoded_len};
use memchr::memmem::Finder;
use memchr::{memchr, memchr2};

use super::text::unquote;
use super::{Malformed, json};

/// The key of bytes inside of JSON, as it stands there.
const KEY: &str = "\"$base64\"";

/// The key that marks a placeholder.
const MARK: &str = "_placeholder";

/// JSON with placeholders, and what they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// The JSON text.
    pub text: String,
    /// The bytes, in the order of their numbers.
    pub attachments: Vec<Vec<u8>>,
}

/// Puts attachments into the JSON text of their packet: every `{"_placeholder":true,"num":i}` becomes
/// `{"$base64":"…"}`, in standard base64 with padding; nothing else changes.
///
/// A placeholder has exactly these two keys, in any order, and a `num` that is no object or list; strings that
/// look like one are left alone, and so are keys written with escapes. Attachments that no placeholder names are
/// dropped, as by the stock parser.
///
/// # Errors
/// When a `num` is not the number of an attachment, or of one that had its placeholder before.
pub fn inline(text: &str, attachments: &[Vec<u8>]) -> Result<String, Malformed> {
    let size = attachments.iter().map(|bytes| encoded_len(bytes.len(), true).unwrap_or(0)).sum::<usize>();
    let mut out = String::with_capacity(text.len() + size);
    let mut left: Vec<Option<&[u8]>> = attachments.iter().map(|bytes| Some(bytes.as_slice())).collect();
    let mut copied = 0;
    for (from, found) in matches(text, placeholder) {
        let num = found.num.and_then(|num| left.get_mut(num)).ok_or(Malformed::PlaceholderNumber)?;
        let bytes = num.take().ok_or(Malformed::PlaceholderTwice)?;
        out.push_str(&text[copied..from]);
        out.push_str("{\"$base64\":\"");
        STANDARD.encode_string(bytes, &mut out);
        out.push_str("\"}");
        copied = found.end;
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// Whether [`extract`] could find bytes in a text. One scan, and no allocation.
#[must_use]
pub fn may_have_bytes(text: &[u8]) -> bool {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(KEY));
    FINDER.find(text).is_some()
}

/// Takes bytes out of JSON text: every `{"$base64":"…"}` becomes a placeholder, numbered as they stand in the text,
/// which is the order of a walk depth first. Objects with other keys beside it, and base64 that is not standard
/// with padding, are left as they are.
///
/// `None` if nothing is to be done: the text has no bytes, which costs one scan, or more than `attachments_max`
/// of them, or somebody wrote a placeholder into it. Then all stay inside of the JSON: clients refuse a packet with more
/// attachments than they expect (10 in socket.io-parser), and take every object marked as a placeholder for one, whatever
/// else is in it.
#[must_use]
pub fn extract(text: &str, attachments_max: usize) -> Option<Extracted> {
    if !may_have_bytes(text.as_bytes()) {
        return None;
    }
    let mut out = String::new();
    let mut attachments = Vec::new();
    let mut copied = 0;
    for (from, found) in matches(text, base64) {
        if attachments.len() == attachments_max {
            return None;
        }
        out.push_str(&text[copied..from]);
        out.push_str("{\"_placeholder\":true,\"num\":");
        out.push_str(&attachments.len().to_string());
        out.push('}');
        attachments.push(found.bytes);
        copied = found.end;
    }
    if attachments.is_empty() || has_mark(text) {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(Extracted { text: out, attachments })
}

/// An object of one of the two forms.
trait Found {
    /// The place behind it.
    fn end(&self) -> usize;
}

struct Placeholder {
    /// `None` for what is no number at all.
    num: Option<usize>,
    end: usize,
}

struct Base64 {
    bytes: Vec<u8>,
    end: usize,
}

impl Found for Placeholder {
    fn end(&self) -> usize {
        self.end
    }
}

impl Found for Base64 {
    fn end(&self) -> usize {
        self.end
    }
}

/// Every object that `form` takes, with the place where it begins.
fn matches<'a, T: Found>(
    text: &'a str,
    form: impl Fn(Cursor<'a>) -> Option<T> + 'a,
) -> impl Iterator<Item = (usize, T)> + 'a {
    let mut at = 0;
    iter::from_fn(move || {
        loop {
            let from = next_object(text.as_bytes(), at)?;
            at = from + 1;
            if let Some(found) = form(Cursor { text, at }) {
                at = found.end();
                return Some((from, found));
            }
        }
    })
}

/// Where the next object begins, at `at` or behind it; strings are stepped over.
fn next_object(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'{', bytes.get(at..)?)?;
        if bytes[at] == b'{' {
            return Some(at);
        }
        at = string_end(bytes, at + 1);
    }
}

/// Whether one of the strings is a placeholder's mark, however it is written.
fn has_mark(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr(b'"', rest)) {
        let from = at + next;
        at = string_end(bytes, from + 1);
        // As an escape each of its letters takes six.
        if at - from <= 2 + 6 * MARK.len()
            && text.get(from..at).and_then(unquote).is_some_and(|key| key == MARK)
        {
            return true;
        }
    }
    false
}

/// Behind the string whose first quote is before `at`; the end of the text where it has no last one.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += next;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// A place in the text, from where an object is compared with a form.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Over blanks and then `token`.
    fn take(&mut self, token: &str) -> Option<()> {
        self.skip_blanks();
        self.rest().starts_with(token.as_bytes()).then(|| self.at += token.len())
    }

    /// Over blanks and then a value that is no object or list: that value.
    fn scalar(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let from = self.at;
        self.at = match self.rest().first()? {
            b'{' | b'[' => return None,
            b'"' => string_end(self.text.as_bytes(), from + 1),
            _ => from + self.rest().iter().take_while(|byte| in_scalar(**byte)).count(),
        };
        self.text.get(from..self.at)
    }

    fn skip_blanks(&mut self) {
        self.at = json::blanks(self.text.as_bytes(), self.at);
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
}

/// Part of a number, `true`, `false` or `null`. Nothing else, or text that is no JSON would be gone over to its end
/// again and again.
fn in_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// From behind the bracket.
fn placeholder(mut cursor: Cursor<'_>) -> Option<Placeholder> {
    let num = if mark(&mut cursor).is_some() {
        cursor.take(",")?;
        num(&mut cursor)?
    } else {
        let num = num(&mut cursor)?;
        cursor.take(",")?;
        mark(&mut cursor)?;
        num
    };
    cursor.take("}")?;
    // A sign, a fraction or an exponent makes it no number of an attachment.
    Some(Placeholder { num: num.parse().ok(), end: cursor.at })
}

fn mark(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take("\"_placeholder\"")?;
    cursor.take(":")?;
    cursor.take("true")
}

fn num<'a>(cursor: &mut Cursor<'a>) -> Option<&'a str> {
    cursor.take("\"num\"")?;
    cursor.take(":")?;
    cursor.scalar()
}

/// From behind the bracket.
fn base64(mut cursor: Cursor<'_>) -> Option<Base64> {
    cursor.take(KEY)?;
    cursor.take(":")?;
    let text = cursor.scalar()?;
    cursor.take("}")?;
    let bytes = STANDARD.decode(text.strip_prefix('"')?.strip_suffix('"')?).ok()?;
    Some(Base64 { bytes, end: cursor.at })
}
