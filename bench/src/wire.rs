//! The few bytes of RFC 6455 and of HTTP/1.1 that both sides need: frames of one piece, one header block.
//!
//! Our own and not `playhouse-proto`, so that the yardstick cannot share a mistake with what it measures. It
//! knows nothing of actions or rooms, and does no input or output.

use std::ops::Range;

/// The key every client of ours sends and the answer it must get: the pair printed in RFC 6455, section 1.3.
/// A fixed key frees both sides of hashing, which is not what is measured.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What a server must answer to [`KEY`].
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The mask of all our frames. Any will do on loopback; it is not zero, so that servers have to unmask.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

const FIN: u8 = 0x80;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const MASKED: u8 = 0x80;

/// Why bytes are none of ours. The text says what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) String);

/// Where a message lies in the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The message itself, without its framing.
    pub(crate) body: Range<usize>,
    /// How many bytes it took, framing included.
    pub(crate) used: usize,
}

/// Appends a text frame as clients send it: masked.
pub(crate) fn push_client_text(out: &mut Vec<u8>, payload: &[u8]) {
    push_client(out, TEXT, payload);
}

/// Appends a binary frame as clients send it: masked.
pub(crate) fn push_client_binary(out: &mut Vec<u8>, payload: &[u8]) {
    push_client(out, BINARY, payload);
}

fn push_client(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    push_head(out, kind, payload.len(), MASKED);
    out.extend_from_slice(&MASK);
    let start = out.len();
    out.extend_from_slice(payload);
    toggle_mask(&mut out[start..], MASK);
}

/// Appends a text frame as servers send it: in the clear.
pub(crate) fn push_server_text(out: &mut Vec<u8>, payload: &[u8]) {
    push_head(out, TEXT, payload.len(), 0);
    out.extend_from_slice(payload);
}

fn push_head(out: &mut Vec<u8>, kind: u8, length: usize, masked: u8) {
    out.push(FIN | kind);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => out.push(masked | short),
        (_, Ok(middle)) => {
            out.push(masked | 126);
            out.extend_from_slice(&middle.to_be_bytes());
        }
        (_, Err(_)) => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Finds the first message of a server, text or binary; `None` while it is incomplete.
pub(crate) fn cut_server_message(bytes: &[u8]) -> Result<Option<Cut>, Malformed> {
    let Some(head) = parse_head(bytes)? else { return Ok(None) };
    if head.mask.is_some() {
        return Err(Malformed("a masked frame from a server".into()));
    }
    Ok(head.cut(bytes))
}

/// Finds the first text frame of a client and takes its mask off in place; `None` while it is incomplete.
pub(crate) fn cut_client_text(bytes: &mut [u8]) -> Result<Option<Cut>, Malformed> {
    let Some(head) = parse_head(bytes)? else { return Ok(None) };
    let Some(mask) = head.mask else {
        return Err(Malformed("a frame without a mask from a client".into()));
    };
    let cut = head.cut(bytes);
    if let Some(cut) = &cut {
        toggle_mask(&mut bytes[cut.body.clone()], mask);
    }
    Ok(cut)
}

struct Head {
    start: usize,
    length: usize,
    mask: Option<[u8; 4]>,
}

impl Head {
    fn cut(&self, bytes: &[u8]) -> Option<Cut> {
        let end = self.start.checked_add(self.length)?;
        (bytes.len() >= end).then_some(Cut { body: self.start..end, used: end })
    }
}

fn parse_head(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if *first != FIN | TEXT && *first != FIN | BINARY {
        return Err(Malformed(format!("a frame that is no whole message: {}", printable(bytes))));
    }
    let (length, wide) = match (second & !MASKED, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 2),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            let length = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            let length = usize::try_from(length).map_err(|_| Malformed("a frame beyond memory".into()))?;
            (length, 8)
        }
        (126 | 127, _) => return Ok(None),
        (short, _) => (usize::from(short), 0),
    };
    let start = 2 + wide;
    if second & MASKED == 0 {
        return Ok(Some(Head { start, length, mask: None }));
    }
    let Some(mask) = bytes.get(start..start + 4) else { return Ok(None) };
    let mask = mask.try_into().expect("the slice has four bytes");
    Ok(Some(Head { start: start + 4, length, mask: Some(mask) }))
}

fn toggle_mask(bytes: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

/// The upgrade a client asks for at `path`; `more` are further headers, each with its line's end.
pub(crate) fn upgrade_request(port: u16, path: &str, more: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{more}\r\n"
    )
    .into_bytes()
}

/// How many bytes a header block takes, its empty line included; `None` while it is incomplete.
pub(crate) fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// Finds the upgrade's answer and checks it (101 and the right accept); `None` while it is incomplete.
pub(crate) fn cut_upgrade(bytes: &[u8]) -> Result<Option<Cut>, Malformed> {
    let Some(used) = head_length(bytes) else { return Ok(None) };
    let head = &bytes[..used];
    let right = head.starts_with(b"HTTP/1.1 101 ")
        && header(head, "sec-websocket-accept").is_some_and(|value| value == ACCEPT.as_bytes());
    if !right {
        return Err(Malformed(format!("no upgrade: {}", printable(head))));
    }
    Ok(Some(Cut { body: 0..used, used }))
}

/// Finds the first HTTP answer by its Content-Length and checks that its status is 200; `None` while it is
/// incomplete.
pub(crate) fn cut_http_answer(bytes: &[u8]) -> Result<Option<Cut>, Malformed> {
    let Some(start) = head_length(bytes) else { return Ok(None) };
    let head = &bytes[..start];
    if !head.starts_with(b"HTTP/1.1 200 ") {
        return Err(Malformed(format!("not 200: {}", printable(head))));
    }
    let length = header(head, "content-length").and_then(number);
    let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
        return Err(Malformed(format!("no content length: {}", printable(head))));
    };
    let end = start + length;
    Ok((bytes.len() >= end).then_some(Cut { body: start..end, used: end }))
}

/// A header's value, `name` in small letters.
fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    head.split(|&byte| byte == b'\n').skip(1).find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value =
            found.eq_ignore_ascii_case(name.as_bytes()).then(|| value.strip_prefix(b":")).flatten()?;
        Some(value.trim_ascii())
    })
}

/// A whole number written in ASCII digits and nothing else.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Appends a number as text, without the cost of formatting machinery.
pub(crate) fn push_number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).expect("a digit");
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// The beginning of some bytes as a line for people.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(200)];
    String::from_utf8_lossy(shown).escape_debug().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; 9] = [0, 1, 7, 8, 125, 126, 65_535, 65_536, 70_001];

    #[test]
    fn frames_of_every_length_come_back() {
        for length in LENGTHS {
            let text: Vec<u8> = (0..length).map(|at| b"playhouse"[at % 9]).collect();
            let mut masked = Vec::new();
            push_client_text(&mut masked, &text);
            assert!(length == 0 || !masked.ends_with(&text));
            let cut = cut_client_text(&mut masked).unwrap().expect("whole");
            assert_eq!((&masked[cut.body], cut.used), (&text[..], masked.len()));

            let mut clear = Vec::new();
            push_server_text(&mut clear, &text);
            let cut = cut_server_message(&clear).unwrap().expect("whole");
            assert_eq!((&clear[cut.body], cut.used), (&text[..], clear.len()));
        }
    }

    #[test]
    fn the_mask_is_as_the_rfc_says() {
        // RFC 6455, section 5.7: "A single-frame masked text message".
        let mut frame = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let mut ours = Vec::new();
        push_client_text(&mut ours, b"Hello");
        assert_eq!(ours, frame);
        let cut = cut_client_text(&mut frame).unwrap().expect("whole");
        assert_eq!(&frame[cut.body], b"Hello");
    }

    #[test]
    fn a_part_of_anything_is_incomplete() {
        let mut frame = Vec::new();
        push_client_text(&mut frame, &[b'x'; 300]);
        for end in 0..frame.len() {
            assert_eq!(cut_client_text(&mut frame[..end].to_vec()), Ok(None), "client, {end} bytes");
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-LENGTH:  2\r\n\r\n{}";
        for end in 0..answer.len() {
            assert_eq!(cut_http_answer(&answer[..end]), Ok(None), "http, {end} bytes");
        }
        assert_eq!(cut_http_answer(answer), Ok(Some(Cut { body: 39..41, used: 41 })));
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let complaint = |found: Result<Option<Cut>, Malformed>| found.unwrap_err().0;
        assert!(complaint(cut_server_message(&[0x88, 0x02, 0x03, 0xe8])).contains("no whole message"));
        assert!(complaint(cut_server_message(&[0x81, 0x80, 0, 0, 0, 0])).contains("masked"));
        assert!(complaint(cut_client_text(&mut [0x81, 0x01, b'x'])).contains("without a mask"));
        assert!(complaint(cut_http_answer(b"HTTP/1.1 404 Not Found\r\n\r\n")).contains("404"));
        assert!(complaint(cut_http_answer(b"HTTP/1.1 200 OK\r\n\r\n")).contains("content length"));
        assert!(complaint(cut_upgrade(b"HTTP/1.1 403 Forbidden\r\n\r\n")).contains("403"));
        assert!(complaint(cut_upgrade(b"HTTP/1.1 101 X\r\nSec-WebSocket-Accept: x\r\n\r\n")).contains("101"));
    }

    #[test]
    fn an_upgrade_may_be_followed_by_frames() {
        let bytes =
            format!("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n\u{1}x");
        let cut = cut_upgrade(bytes.as_bytes()).unwrap().expect("whole");
        assert_eq!(cut.used, bytes.len() - 2);
    }

    #[test]
    fn numbers() {
        for value in [0, 9, 10, 1234, u64::MAX] {
            let mut text = Vec::new();
            push_number(&mut text, value);
            assert_eq!(text, value.to_string().into_bytes());
            assert_eq!(number(&text), Some(value));
        }
        for text in ["", "x", "1x", "-1", "18446744073709551616"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }
}
