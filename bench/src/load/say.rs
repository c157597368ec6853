//! A room: one member says, every member (the sender too) must hear each message once, in order.
//!
//! A message is over when all have heard it and the sender has its reply; then the sender says the next.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::iter;
use std::time::Instant;

use serde::Deserialize;

use crate::load::crowd::{Crowd, WAIT, unasked};
use crate::load::dialect::{Call, Dialect, ROOM};
use crate::load::meter::STALLED;
use crate::load::{Failure, Load, Sample, Target, measure, push_payload, turn};
use crate::wire;

/// Members of the room of the works that count deliveries.
pub(crate) const MEMBERS: usize = 1000;

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

pub(super) struct Say {
    dialect: Dialect,
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
pub(super) fn run(target: &Target, dialect: Dialect, in_flight: usize) -> Result<Sample, Failure> {
    Ok(Room::of(dialect, target, MEMBERS)?.say(target, in_flight)?.sample)
}

/// A room whose members have all joined and in which nothing was said yet.
pub(crate) struct Room {
    pub(super) dialect: Dialect,
    pub(super) crowd: Crowd,
}

/// What a room's saying found.
pub(crate) struct Said {
    pub(crate) sample: Sample,
    /// All that was said since the room was gathered, the warm-up included; every message was heard by all.
    pub(crate) messages: u64,
}

impl Room {
    /// Connects and joins `members` clients, in equal parts to all servers of the target, the first ones to the
    /// first.
    pub(crate) fn gather(target: &Target, members: usize) -> Result<Self, Failure> {
        Self::of(Dialect::ActionHero, target, members)
    }

    /// The same with members that speak this.
    fn of(dialect: Dialect, target: &Target, members: usize) -> Result<Self, Failure> {
        let mut crowd = Crowd::empty()?;
        let servers = 1 + target.others.len();
        let addresses = iter::once(target.address).chain(target.others.iter().copied());
        for (at, address) in addresses.enumerate() {
            crowd.grow(address, share(members, servers, at), dialect)?;
        }
        join(dialect, &mut crowd)?;
        Ok(Self { dialect, crowd })
    }

    /// The first member says, with so many messages in flight; measures deliveries per second.
    pub(crate) fn say(&mut self, target: &Target, in_flight: usize) -> Result<Said, Failure> {
        let mut say = Say::new(self.dialect, self.crowd.clients.len(), in_flight);
        say.end_turn(&mut self.crowd)?;
        let sample = measure(&mut say, &mut self.crowd, target)?;
        let messages = say.finish(&mut self.crowd)?;
        Ok(Said { sample, messages })
    }
}

/// How many of `members` are at the server `at`, of so many: the first ones take what can't be divided.
fn share(members: usize, servers: usize, at: usize) -> usize {
    members / servers + usize::from(at < members % servers)
}

/// Every client joins, and every reply says so.
fn join(dialect: Dialect, crowd: &mut Crowd) -> Result<(), Failure> {
    let text = dialect.join();
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
                if joined[token] || parse_reply(dialect, text)? != 1 {
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
    pub(super) fn new(dialect: Dialect, members: usize, in_flight: usize) -> Self {
        let (next, waiting) = (vec![0; members], VecDeque::new());
        Self { dialect, in_flight, over: 0, waiting, next, deliveries: 0, text: Vec::new() }
    }

    fn say(&mut self, out: &mut Vec<u8>) {
        let number = self.over + self.waiting.len() as u64;
        self.waiting.push_back(Spread::default());
        let text = &mut self.text;
        text.clear();
        self.dialect.push_call(Call::Say, message_id(number), (0, number), text);
        wire::push_client_text(out, text);
    }

    /// Takes what a member was sent; tells whether it was a message of the room (else it was a reply).
    pub(super) fn hear(&mut self, member: usize, text: &[u8]) -> Result<bool, Failure> {
        let number = self.next[member];
        let spread = number.checked_sub(self.over).and_then(|at| usize::try_from(at).ok());
        match spread.and_then(|at| self.waiting.get_mut(at)) {
            Some(spread) if spread.checked == text => spread.heard += 1,
            Some(_) | None if member == 0 && is_reply(self.dialect, text) => {
                self.hear_reply(text)?;
                return Ok(false);
            }
            Some(spread) => {
                check_message(self.dialect, number, text, &mut self.text)?;
                spread.checked = text.to_vec();
                spread.heard += 1;
            }
            None => return Err(unasked(text)),
        }
        self.next[member] += 1;
        self.deliveries += 1;
        Ok(true)
    }

    fn hear_reply(&mut self, text: &[u8]) -> Result<(), Failure> {
        let id = parse_reply(self.dialect, text)?;
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

impl Say {
    /// Forgets the messages that are over; tells whether none is in flight.
    pub(super) fn settle(&mut self) -> bool {
        while self.waiting.front().is_some_and(|oldest| oldest.replied && oldest.heard == self.next.len()) {
            self.waiting.pop_front();
            self.over += 1;
        }
        self.waiting.is_empty()
    }

    /// Says no more and waits until all that was said is over; tells how many messages that were.
    pub(super) fn finish(&mut self, crowd: &mut Crowd) -> Result<u64, Failure> {
        self.in_flight = 0;
        let (mut tokens, mut last) = (Vec::new(), Instant::now());
        while !self.settle() {
            let before = self.deliveries;
            turn(self, crowd, &mut tokens)?;
            if self.deliveries > before {
                last = Instant::now();
            } else if last.elapsed() > STALLED {
                return Err(Failure::Stalled(STALLED));
            }
        }
        Ok(self.over)
    }
}

impl Load for Say {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let client = &mut crowd.clients[token];
        client.pump(&mut crowd.scratch, |text| self.hear(token, text).map(drop))?;
        client.flush()
    }

    fn end_turn(&mut self, crowd: &mut Crowd) -> Result<(), Failure> {
        self.settle();
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
fn is_reply(dialect: Dialect, text: &[u8]) -> bool {
    heard(dialect, text).is_some_and(|heard| heard.context == "response")
}

fn heard(dialect: Dialect, text: &[u8]) -> Option<Heard<'_>> {
    let told = dialect.told(text)?;
    let heard: Heard<'_> = serde_json::from_slice(told.fields).ok()?;
    Some(Heard { message_id: told.id.or(heard.message_id), ..heard })
}

fn parse_reply(dialect: Dialect, text: &[u8]) -> Result<u64, Failure> {
    match heard(dialect, text) {
        Some(Heard { context, status: Some(status), message_id: Some(id), .. })
            if context == "response" && status == "OK" =>
        {
            Ok(id)
        }
        Some(_) | None => Err(Failure::Wrong(format!("no reply: {}", wire::printable(text)))),
    }
}

/// Checks a room's message against what was said; `right` is room for the text.
fn check_message(dialect: Dialect, number: u64, text: &[u8], right: &mut Vec<u8>) -> Result<(), Failure> {
    right.clear();
    push_payload(right, 0, number);
    match heard(dialect, text) {
        Some(Heard {
            context, message: Some(message), room: Some(room), from: Some(from), sent_at, ..
        }) if context == "user"
            && message.as_bytes() == right
            && room == ROOM
            && !from.is_empty()
            && sent_at.is_some() =>
        {
            Ok(())
        }
        Some(_) | None => {
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
        let mut say = Say::new(Dialect::ActionHero, 3, 2);
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
    fn a_room_in_events_is_checked_too() {
        let mut say = Say::new(Dialect::SocketIo, 2, 1);
        say.say(&mut Vec::new());
        let event = |fields: &str| format!(r#"42["say",{fields},"x-1"]"#);
        for (member, text, is_message) in [
            (1, event(&message(0)), Some(true)),
            (1, event(&message(1)), None),
            (0, r#"432[{"status":"no","context":"response"}]"#.to_owned(), None),
            (0, r#"432[{"status":"OK","context":"response"}]"#.to_owned(), Some(false)),
            (0, message(0), None),
            (0, event(&message(0)), Some(true)),
        ] {
            assert_eq!(say.hear(member, text.as_bytes()).ok(), is_message, "{member} {text}");
        }
        assert!(say.settle());
    }

    #[test]
    fn members_are_spread_evenly() {
        for (members, servers, shares) in
            [(1000, 1, vec![1000]), (1000, 2, vec![500, 500]), (3, 2, vec![2, 1]), (1, 2, vec![1, 0])]
        {
            let found: Vec<_> = (0..servers).map(|at| share(members, servers, at)).collect();
            assert_eq!(found, shares, "{members} over {servers}");
        }
    }

    #[test]
    fn the_content_is_checked() {
        for (from, to) in [(ROOM, "otherRoom"), ("-000000000000-", "-000000000001-"), ("user", "api")] {
            assert_eq!(check(&[(1, message(0).replace(from, to))]), Some(0), "{to}");
        }
        assert!(
            parse_reply(
                Dialect::ActionHero,
                br#"{"status":"connection not in this room","context":"response","messageId":2}"#
            )
            .is_err()
        );
    }
}
