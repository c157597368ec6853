//! What the limit answers: the same frames as a real server, made with the fewest steps.
//!
//! Requests are compared with the exact text that `load` sends and never parsed as JSON.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::limit::socketio;
use crate::wire::{self, ACCEPT, KEY};

const ECHO: &[u8] = br#"{"event":"action","params":{"action":"echo","p":""#;
const ROOM_ADD: &[u8] = br#"{"event":"roomAdd","room":"defaultRoom","messageId":"#;
const SAY: &[u8] = br#"{"event":"say","room":"defaultRoom","message":""#;
pub(super) const WELCOME: &[u8] = br#"{"welcome":"Welcome to the limit api","context":"api"}"#;

/// What was said and is not yet delivered, as frames that all members share.
#[derive(Default)]
pub(super) struct Room {
    frames: Vec<u8>,
    text: Vec<u8>,
}

impl Room {
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn frames(&self) -> &[u8] {
        &self.frames
    }

    pub(super) fn clear(&mut self) {
        self.frames.clear();
    }

    /// `before` and `behind` stand around the message's fields.
    pub(super) fn say(&mut self, message: &[u8], sender: usize, (before, behind): (&[u8], &[u8])) {
        let text = &mut self.text;
        text.clear();
        text.extend_from_slice(before);
        text.extend_from_slice(br#"{"message":""#);
        text.extend_from_slice(message);
        text.extend_from_slice(br#"","room":"defaultRoom","from":""#);
        // As long as the ids of real servers, so that as many bytes travel.
        text.extend_from_slice(b"00000000-0000-4000-8000-00");
        push_index(text, sender);
        text.extend_from_slice(br#"","context":"user","sentAt":"#);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        wire::push_number(text, u64::try_from(now.as_millis()).expect("the year is below 500 million"));
        text.push(b'}');
        text.extend_from_slice(behind);
        wire::push_server_text(&mut self.frames, text);
    }
}

/// Ten digits.
fn push_index(text: &mut Vec<u8>, index: usize) {
    let mut place = 1_000_000_000;
    while place > 0 {
        text.push(b'0' + u8::try_from(index / place % 10).expect("a digit"));
        place /= 10;
    }
}

/// Answers a header block; tells whether the connection is a websocket from here on.
///
/// # Errors
/// `InvalidData` for whatever `load` does not send.
pub(super) fn request(head: &[u8], replies: &mut Vec<u8>) -> io::Result<bool> {
    if let Some(rest) = head.strip_prefix(b"GET /api/echo?p=") {
        let end = rest.iter().position(|&byte| byte == b' ').ok_or_else(unknown)?;
        push_http(replies, &rest[..end]);
        return Ok(false);
    }
    if head.starts_with(b"GET /engine.io/?EIO=4&transport=polling") {
        socketio::poll(head, replies);
        return Ok(false);
    }
    let events = head.starts_with(b"GET /socket.io/?EIO=4&transport=websocket ");
    let asks = events || head.starts_with(b"GET /primus ");
    if !asks || !head.windows(KEY.len()).any(|part| part == KEY.as_bytes()) {
        return Err(unknown());
    }
    replies.extend_from_slice(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Accept: ",
    );
    replies.extend_from_slice(ACCEPT.as_bytes());
    replies.extend_from_slice(b"\r\n\r\n");
    wire::push_server_text(replies, if events { socketio::OPEN } else { WELCOME });
    Ok(true)
}

fn push_http(replies: &mut Vec<u8>, p: &[u8]) {
    let mut body = Vec::with_capacity(64);
    push_echo(&mut body, p);
    body.push(b'}');
    push_answer(replies, &body);
}

/// Appends an answer over HTTP.
pub(super) fn push_answer(replies: &mut Vec<u8>, body: &[u8]) {
    replies.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
    wire::push_number(replies, body.len() as u64);
    replies.extend_from_slice(b"\r\n\r\n");
    replies.extend_from_slice(body);
}

/// The two fields of the action's output. The payloads of `load` are ASCII: bytes are characters.
pub(super) fn push_echo(out: &mut Vec<u8>, p: &[u8]) {
    out.extend_from_slice(br#"{"p":""#);
    out.extend_from_slice(p);
    out.extend_from_slice(br#"","len":"#);
    wire::push_number(out, p.len() as u64);
}

/// Answers one frame's text; tells whether it was a member's joining.
///
/// # Errors
/// `InvalidData` for whatever `load` does not send.
pub(super) fn frame(text: &[u8], index: usize, room: &mut Room, replies: &mut Vec<u8>) -> io::Result<bool> {
    if text.starts_with(b"4") {
        return socketio::frame(text, index, room, replies);
    }
    if let Some(rest) = text.strip_prefix(ECHO) {
        let (p, id) = split(rest, br#""},"messageId":"#)?;
        push_framed(replies, |out| {
            push_echo(out, p);
            push_tail(out, b",", id);
        });
        return Ok(false);
    }
    if let Some(rest) = text.strip_prefix(SAY) {
        let (message, id) = split(rest, br#"","messageId":"#)?;
        room.say(message, index, (b"", b""));
        push_framed(replies, |out| push_tail(out, br#"{"status":"OK","#, id));
        return Ok(false);
    }
    let rest = text.strip_prefix(ROOM_ADD).ok_or_else(unknown)?;
    let id = rest.strip_suffix(b"}").ok_or_else(unknown)?;
    push_framed(replies, |out| {
        out.extend_from_slice(br#"{"status":"OK","context":"response","data":true,"messageId":"#);
        out.extend_from_slice(id);
        out.push(b'}');
    });
    Ok(true)
}

/// The text before the first quote, and the message id behind `between`.
fn split<'a>(rest: &'a [u8], between: &[u8]) -> io::Result<(&'a [u8], &'a [u8])> {
    let quote = rest.iter().position(|&byte| byte == b'"').ok_or_else(unknown)?;
    let (text, rest) = rest.split_at(quote);
    let id = rest.strip_prefix(between).and_then(|rest| rest.strip_suffix(b"}")).ok_or_else(unknown)?;
    Ok((text, id))
}

fn push_tail(out: &mut Vec<u8>, begin: &[u8], id: &[u8]) {
    out.extend_from_slice(begin);
    out.extend_from_slice(br#""context":"response","messageId":"#);
    out.extend_from_slice(id);
    out.push(b'}');
}

/// Frames what `write` appends, in place: our replies are below 126 bytes, so the header is two bytes and is
/// filled in afterwards. A longer one is framed anew.
pub(super) fn push_framed(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0x81, 0]);
    write(out);
    match u8::try_from(out.len() - start - 2) {
        Ok(length @ ..126) => out[start + 1] = length,
        Ok(_) | Err(_) => {
            let text = out.split_off(start + 2);
            out.truncate(start);
            wire::push_server_text(out, &text);
        }
    }
}

pub(super) fn unknown() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn answers(text: &str) -> (Vec<String>, bool, Room) {
        let (mut room, mut replies) = (Room::default(), Vec::new());
        let joined = frame(text.as_bytes(), 7, &mut room, &mut replies).unwrap();
        (texts(&replies), joined, room)
    }

    pub(in crate::limit) fn texts(mut frames: &[u8]) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(cut) = wire::cut_server_message(frames).unwrap() {
            texts.push(String::from_utf8(frames[cut.body].to_vec()).unwrap());
            frames = &frames[cut.used..];
        }
        texts
    }

    #[test]
    fn an_echo_of_any_length() {
        for p in ["hello", &"x".repeat(300)] {
            let call =
                format!(r#"{{"event":"action","params":{{"action":"echo","p":"{p}"}},"messageId":12}}"#);
            let (replies, joined, _) = answers(&call);
            let right = format!(r#"{{"p":"{p}","len":{},"context":"response","messageId":12}}"#, p.len());
            assert_eq!((replies, joined), (vec![right], false));
        }
    }

    #[test]
    fn a_room() {
        let (replies, joined, _) = answers(r#"{"event":"roomAdd","room":"defaultRoom","messageId":1}"#);
        let right = r#"{"status":"OK","context":"response","data":true,"messageId":1}"#;
        assert_eq!((replies, joined), (vec![right.to_owned()], true));

        let say = r#"{"event":"say","room":"defaultRoom","message":"hi","messageId":2}"#;
        let (replies, joined, room) = answers(say);
        let right = r#"{"status":"OK","context":"response","messageId":2}"#;
        assert_eq!((replies, joined), (vec![right.to_owned()], false));
        let heard = texts(room.frames());
        let from = "00000000-0000-4000-8000-000000000007";
        let begin =
            format!(r#"{{"message":"hi","room":"defaultRoom","from":"{from}","context":"user","sentAt":"#);
        assert!(heard.len() == 1 && heard[0].starts_with(&begin), "{heard:?}");
    }

    #[test]
    fn http_and_the_upgrade() {
        let mut replies = Vec::new();
        assert!(!request(b"GET /api/echo?p=hello HTTP/1.1\r\n\r\n", &mut replies).unwrap());
        let cut = wire::cut_http_answer(&replies).unwrap().expect("whole");
        assert_eq!(&replies[cut.body], br#"{"p":"hello","len":5}"#);

        replies.clear();
        assert!(request(&wire::upgrade_request(80, "/primus", ""), &mut replies).unwrap());
        let cut = wire::cut_upgrade(&replies).unwrap().expect("whole");
        assert_eq!(texts(&replies[cut.used..]), [String::from_utf8(WELCOME.to_vec()).unwrap()]);
    }

    #[test]
    fn all_else_ends_the_connection() {
        let mut replies = Vec::new();
        for head in ["GET / HTTP/1.1\r\n\r\n", "GET /primus HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n", "x"] {
            assert!(request(head.as_bytes(), &mut replies).is_err(), "{head}");
        }
        for text in
            ["", "null", r#"{"event":"quit"}"#, r#"{"event":"say","room":"defaultRoom","message":"x"}"#]
        {
            assert!(frame(text.as_bytes(), 0, &mut Room::default(), &mut replies).is_err(), "{text}");
        }
    }
}
