//! A room: one member says, every member (the sender too) must hear each message once, in order.
//!
//! A message is over when all have heard it and the sender has its reply; then the sender says the next.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Instant;

use serde::Deserialize;

use crate::load::crowd::{Crowd, WAIT, unasked};
use crate::load::meter::STALLED;
use crate::load::{Failure, Load, Sample, Target, measure, push_payload};
use crate::wire;

const MEMBERS: usize = 1000;
const ROOM: &str = "defaultRoom";

/// Everything that a member may be sent, in whatever order and spacing its fields come.
#[derive(Deserialize)]
struct Heard<'a> {
    #[serde(borrow)]
    context: Cow<'a, str>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    room: Option<Cow<'a, str>>,
    #[serde(borrow)]
    from: Option<Cow<'a, str>>,
    #[serde(rename = "sentAt")]
    sent_at: Option<u64>,
    #[serde(rename = "messageId")]
    message_id: Option<u64>,
}

struct Say {
    in_flight: usize,
    /// Messages that are over: the number of the oldest one in flight.
    over: u64,
    /// The messages in flight, oldest first.
    waiting: VecDeque<Spread>,
    /// For each member the number of the message it must hear next.
    next: Vec<u64>,
    deliveries: u64,
    text: Vec<u8>,
}

/// How far one message has come.
#[derive(Default)]
struct Spread {
    heard: usize,
    replied: bool,
    /// The frame's text as the first member got it and it was checked: the others' are compared with it.
    checked: Vec<u8>,
}

/// Measures deliveries per second (messages × members), with so many messages in flight.
pub(crate) fn run(target: &Target, in_flight: usize) -> Result<Sample, Failure> {
    let mut crowd = Crowd::empty()?;
    crowd.grow(target.address, MEMBERS)?;
    join(&mut crowd)?;
    let mut say = Say::new(MEMBERS, in_flight);
    say.end_turn(&mut crowd)?;
    measure(&mut say, &mut crowd, target)
}

/// Every client joins, and every reply says so.
fn join(crowd: &mut Crowd) -> Result<(), Failure> {
    let text = format!(r#"{{"event":"roomAdd","room":"{ROOM}","messageId":1}}"#);
    for client in &mut crowd.clients {
        wire::push_client_text(client.out(), text.as_bytes());
        client.flush()?;
    }
    let mut joined = vec![false; crowd.clients.len()];
    let (mut missing, mut tokens, mut last) = (joined.len(), Vec::new(), Instant::now());
    while missing > 0 {
        crowd.poll.wait(&mut tokens, Some(WAIT)).map_err(Failure::while_("waiting"))?;
        let before = missing;
        for &token in &tokens {
            crowd.clients[token].flush()?;
            crowd.clients[token].pump(&mut crowd.scratch, |text| {
                if joined[token] || parse_reply(text)? != 1 {
                    return Err(unasked(text));
                }
                joined[token] = true;
                missing -= 1;
                Ok(())
            })?;
        }
        if missing < before {
            last = Instant::now();
        } else if last.elapsed() > STALLED {
            return Err(Failure::Stalled(STALLED));
        }
    }
    Ok(())
}

impl Say {
    fn new(members: usize, in_flight: usize) -> Self {
        let (next, waiting) = (vec![0; members], VecDeque::new());
        Self { in_flight, over: 0, waiting, next, deliveries: 0, text: Vec::new() }
    }

    fn say(&mut self, out: &mut Vec<u8>) {
        let number = self.over + self.waiting.len() as u64;
        self.waiting.push_back(Spread::default());
        let text = &mut self.text;
        text.clear();
        text.extend_from_slice(br#"{"event":"say","room":""#);
        text.extend_from_slice(ROOM.as_bytes());
        text.extend_from_slice(br#"","message":""#);
        push_payload(text, 0, number);
        text.extend_from_slice(br#"","messageId":"#);
        wire::push_number(text, message_id(number));
        text.push(b'}');
        wire::push_client_text(out, text);
    }

    fn hear(&mut self, member: usize, text: &[u8]) -> Result<(), Failure> {
        let number = self.next[member];
        let spread = number.checked_sub(self.over).and_then(|at| usize::try_from(at).ok());
        match spread.and_then(|at| self.waiting.get_mut(at)) {
            Some(spread) if spread.checked == text => spread.heard += 1,
            Some(_) | None if member == 0 && is_reply(text) => return self.hear_reply(text),
            Some(spread) => {
                check_message(number, text, &mut self.text)?;
                spread.checked = text.to_vec();
                spread.heard += 1;
            }
            None => return Err(unasked(text)),
        }
        self.next[member] += 1;
        self.deliveries += 1;
        Ok(())
    }

    fn hear_reply(&mut self, text: &[u8]) -> Result<(), Failure> {
        let id = parse_reply(text)?;
        let at = id.checked_sub(message_id(self.over)).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| self.waiting.get_mut(at)) {
            Some(spread) if !spread.replied => {
                spread.replied = true;
                Ok(())
            }
            Some(_) | None => Err(unasked(text)),
        }
    }
}

impl Load for Say {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let client = &mut crowd.clients[token];
        client.pump(&mut crowd.scratch, |text| self.hear(token, text))?;
        client.flush()
    }

    fn end_turn(&mut self, crowd: &mut Crowd) -> Result<(), Failure> {
        while self.waiting.front().is_some_and(|oldest| oldest.replied && oldest.heard == self.next.len()) {
            self.waiting.pop_front();
            self.over += 1;
        }
        let sender = &mut crowd.clients[0];
        while self.waiting.len() < self.in_flight {
            self.say(sender.out());
        }
        sender.flush()
    }

    fn done(&self) -> u64 {
        self.deliveries
    }
}

/// Id 1 was the joining; the messages' ids follow.
fn message_id(number: u64) -> u64 {
    number + 2
}

/// Whether a frame is a reply and not a message of the room. Replies are few: parsing costs nothing here.
fn is_reply(text: &[u8]) -> bool {
    serde_json::from_slice::<Heard<'_>>(text).is_ok_and(|heard| heard.context == "response")
}

fn parse_reply(text: &[u8]) -> Result<u64, Failure> {
    match serde_json::from_slice::<Heard<'_>>(text) {
        Ok(Heard { context, status: Some(status), message_id: Some(id), .. })
            if context == "response" && status == "OK" =>
        {
            Ok(id)
        }
        Ok(_) | Err(_) => Err(Failure::Wrong(format!("no reply: {}", wire::printable(text)))),
    }
}

/// Checks a room's message against what was said; `right` is room for the text.
fn check_message(number: u64, text: &[u8], right: &mut Vec<u8>) -> Result<(), Failure> {
    right.clear();
    push_payload(right, 0, number);
    match serde_json::from_slice::<Heard<'_>>(text) {
        Ok(Heard {
            context, message: Some(message), room: Some(room), from: Some(from), sent_at, ..
        }) if context == "user"
            && message.as_bytes() == right
            && room == ROOM
            && !from.is_empty()
            && sent_at.is_some() =>
        {
            Ok(())
        }
        Ok(_) | Err(_) => {
            let right = String::from_utf8_lossy(right);
            Err(Failure::Wrong(format!("not the message {right}: {}", wire::printable(text))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u64) -> String {
        let mut said = Vec::new();
        push_payload(&mut said, 0, number);
        let said = String::from_utf8(said).unwrap();
        format!(r#"{{"message":"{said}","room":"{ROOM}","from":"x","context":"user","sentAt":1}}"#)
    }

    fn reply(id: u64) -> String {
        format!(r#"{{"status":"OK","context":"response","messageId":{id}}}"#)
    }

    /// Three members, two messages said; each entry is (member, text). Tells at which entry it went wrong.
    fn check(heard: &[(usize, String)]) -> Option<usize> {
        let mut say = Say::new(3, 2);
        say.say(&mut Vec::new());
        say.say(&mut Vec::new());
        heard.iter().position(|(member, text)| say.hear(*member, text.as_bytes()).is_err())
    }

    #[test]
    fn members_may_be_ahead_of_each_other() {
        let right = [
            (1, message(0)),
            (1, message(1)),
            (0, reply(3)),
            (0, message(0)),
            (0, reply(2)),
            (2, message(0)),
            (0, message(1)),
            (2, message(1)),
        ];
        assert_eq!(check(&right), None);
    }

    #[test]
    fn loss_doubles_and_disorder_are_found() {
        assert_eq!(check(&[(1, message(1))]), Some(0), "the first is missing");
        assert_eq!(check(&[(1, message(0)), (1, message(0))]), Some(1), "twice");
        assert_eq!(check(&[(1, message(0)), (2, message(1))]), Some(1), "disorder at another member");
        assert_eq!(check(&[(1, message(0)), (1, message(1)), (1, message(2))]), Some(2), "never said");
        assert_eq!(check(&[(0, reply(2)), (0, reply(2))]), Some(1), "two replies");
        assert_eq!(check(&[(1, reply(2))]), Some(0), "a reply to who did not ask");
        assert_eq!(check(&[(0, reply(4))]), Some(0), "a reply to nothing");
    }

    #[test]
    fn the_content_is_checked() {
        for (from, to) in [(ROOM, "otherRoom"), ("-000000000000-", "-000000000001-"), ("user", "api")] {
            assert_eq!(check(&[(1, message(0).replace(from, to))]), Some(0), "{to}");
        }
        assert!(
            parse_reply(br#"{"status":"connection not in this room","context":"response","messageId":2}"#)
                .is_err()
        );
    }
}
