//! What the limit answers to those who speak socket.io over a websocket, or poll: as `answer` does, from the exact text
//! that `load` sends.

use std::io;

use crate::limit::answer::{Room, WELCOME, push_answer, push_echo, push_framed, unknown};
use crate::wire;

/// The engine's first packet. Nothing is pinged.
pub(super) const OPEN: &[u8] = br#"0{"sid":"0000000000000000","upgrades":[],"pingInterval":3600000,"pingTimeout":20000,"maxPayload":1000000}"#;
const CONNECTED: &[u8] = br#"40{"sid":"00000000-0000-4000-8000-000000000000","pid":"0000000000000000"}"#;

/// As long as what real servers put behind an event, so that as many bytes travel.
const PLACE: &[u8] = br#","000000-0000000001"]"#;

const ECHO: &[u8] = br#"["echo",{"p":""#;
const SAY: &[u8] = br#"["say",{"room":"defaultRoom","message":""#;
const ROOM_ADD: &[u8] = br#"["roomAdd",{"room":"defaultRoom"}]"#;

/// Answers the request that begins a session; one with a session's id waits for ever.
pub(super) fn poll(head: &[u8], replies: &mut Vec<u8>) {
    if head.windows(5).any(|part| part == b"&sid=") {
        return;
    }
    push_answer(replies, &[OPEN, b"\x1e4", WELCOME].concat());
}

/// Answers one packet; tells whether it was a member's joining.
///
/// # Errors
/// `InvalidData` for whatever `load` does not send.
pub(super) fn frame(text: &[u8], index: usize, room: &mut Room, replies: &mut Vec<u8>) -> io::Result<bool> {
    if text == b"40" {
        wire::push_server_text(replies, CONNECTED);
        wire::push_server_text(replies, &[br#"42["welcome","#, WELCOME, PLACE].concat());
        return Ok(false);
    }
    let rest = text.strip_prefix(b"42").ok_or_else(unknown)?;
    let begin = rest.iter().position(|&byte| byte == b'[').ok_or_else(unknown)?;
    let (id, event) = rest.split_at(begin);
    if let Some(p) = event.strip_prefix(ECHO) {
        let p = payload(p)?;
        push_ack(replies, id, |out| {
            push_echo(out, p);
            out.extend_from_slice(br#","context":"response"}"#);
        });
        return Ok(false);
    }
    if let Some(message) = event.strip_prefix(SAY) {
        room.say(payload(message)?, index, (br#"42["say","#, PLACE));
        push_ack(replies, id, |out| out.extend_from_slice(br#"{"status":"OK","context":"response"}"#));
        return Ok(false);
    }
    if event != ROOM_ADD {
        return Err(unknown());
    }
    push_ack(replies, id, |out| {
        out.extend_from_slice(br#"{"status":"OK","context":"response","data":true}"#);
    });
    Ok(true)
}

/// What stands before the event's end.
fn payload(rest: &[u8]) -> io::Result<&[u8]> {
    rest.strip_suffix(br#""}]"#).ok_or_else(unknown)
}

fn push_ack(replies: &mut Vec<u8>, id: &[u8], argument: impl FnOnce(&mut Vec<u8>)) {
    push_framed(replies, |out| {
        out.extend_from_slice(b"43");
        out.extend_from_slice(id);
        out.push(b'[');
        argument(out);
        out.push(b']');
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::answer::request;
    use crate::limit::answer::tests::texts;

    #[test]
    fn a_client_is_welcome_calls_and_hears() {
        let (mut room, mut replies) = (Room::default(), Vec::new());
        let upgrade = wire::upgrade_request(80, "/socket.io/?EIO=4&transport=websocket", "");
        assert!(request(&upgrade, &mut replies).unwrap());
        let cut = wire::cut_upgrade(&replies).unwrap().expect("whole");
        assert_eq!(texts(&replies[cut.used..]), [String::from_utf8(OPEN.to_vec()).unwrap()]);

        replies.clear();
        let said = ["40", r#"427["echo",{"p":"hi"}]"#, r#"428["roomAdd",{"room":"defaultRoom"}]"#];
        let joined = said.map(|text| frame(text.as_bytes(), 7, &mut room, &mut replies).unwrap());
        assert_eq!(joined, [false, false, true]);
        let told = texts(&replies);
        assert!(told[0].starts_with(r#"40{"sid":"#) && told[1].starts_with(r#"42["welcome",{"welcome":"#));
        assert_eq!(told[2], r#"437[{"p":"hi","len":2,"context":"response"}]"#);
        assert_eq!(told[3], r#"438[{"status":"OK","context":"response","data":true}]"#);

        replies.clear();
        let say = r#"429["say",{"room":"defaultRoom","message":"hi"}]"#;
        assert!(!frame(say.as_bytes(), 7, &mut room, &mut replies).unwrap());
        assert_eq!(texts(&replies), [r#"439[{"status":"OK","context":"response"}]"#]);
        let heard = texts(room.frames());
        assert!(
            heard[0].starts_with(r#"42["say",{"message":"hi","room":"defaultRoom","from":""#),
            "{heard:?}"
        );
        assert!(heard[0].ends_with(r#"},"000000-0000000001"]"#), "{heard:?}");
    }

    #[test]
    fn a_poll_waits_once_it_has_a_session() {
        let mut replies = Vec::new();
        for (sid, answered) in [("", true), ("&sid=0000000000000000", false)] {
            replies.clear();
            let head = format!("GET /engine.io/?EIO=4&transport=polling{sid} HTTP/1.1\r\n\r\n");
            assert!(!request(head.as_bytes(), &mut replies).unwrap());
            assert_eq!(wire::cut_http_answer(&replies).unwrap().is_some(), answered);
        }
    }

    #[test]
    fn all_else_ends_the_connection() {
        for text in ["4", "41", "42", "42[]", r#"421["quit"]"#, r#"421["echo",{"p":"x"}"#] {
            assert!(frame(text.as_bytes(), 0, &mut Room::default(), &mut Vec::new()).is_err(), "{text}");
        }
    }
}
