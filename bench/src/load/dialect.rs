//! The dialects of the works that are done in more than one: how a client begins, and what is around its calls and
//! around what it is told.
//!
//! It must not judge what it is told: the works do.

use std::net::SocketAddrV4;

use serde::Deserialize;

use crate::load::client::Client;
use crate::load::crowd::unasked;
use crate::load::failure::Failure;
use crate::load::{PAYLOAD_BYTES, push_payload};
use crate::wire;

/// The room of all works that have one.
pub(super) const ROOM: &str = "defaultRoom";

/// One of the ways to say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// ActionHero's frames, as Primus' clients send them over a websocket.
    ActionHero,
    /// Events with acks, as socket.io's clients of major 4 send them over a websocket.
    SocketIo,
}

/// What a call asks for. Each carries a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Echo,
    Say,
}

/// What a client was told.
pub(super) struct Told<'t> {
    /// The id of the call that it answers, where that is not among its fields.
    pub(super) id: Option<u64>,
    /// Its fields, as a JSON object.
    pub(super) fields: &'t [u8],
}

#[derive(Deserialize)]
struct Welcome {
    welcome: String,
    context: String,
}

/// Checks a server's first frame.
pub(super) fn check_welcome(text: &[u8]) -> Result<(), Failure> {
    match serde_json::from_slice::<Welcome>(text) {
        Ok(first) if first.context == "api" && !first.welcome.is_empty() => Ok(()),
        Ok(_) | Err(_) => Err(Failure::Wrong(format!("no welcome: {}", wire::printable(text)))),
    }
}

impl Dialect {
    /// Begins a connection.
    pub(super) fn client(self, to: SocketAddrV4) -> Result<Client, Failure> {
        let path = match self {
            Self::ActionHero => return Client::websocket(to),
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        };
        Client::upgrading(to, wire::upgrade_request(to.port(), path, ""))
    }

    /// Hears what a new client is told and appends what it says to that; tells when it is welcome.
    pub(super) fn greeting(self) -> impl FnMut(&[u8], &mut Vec<u8>) -> Result<bool, Failure> {
        let mut heard = 0;
        move |text, out| {
            heard += 1;
            match (self, heard) {
                (Self::ActionHero, 1) => check_welcome(text).map(|()| true),
                (Self::SocketIo, 1) if text.starts_with(br#"0{"sid":""#) => {
                    wire::push_client_text(out, b"40");
                    Ok(false)
                }
                (Self::SocketIo, 2) if text.starts_with(br#"40{"sid":""#) => Ok(false),
                (Self::SocketIo, 3) => {
                    let fields = event(text, "welcome").ok_or_else(|| unasked(text))?;
                    check_welcome(fields).map(|()| true)
                }
                (Self::ActionHero | Self::SocketIo, _) => Err(unasked(text)),
            }
        }
    }

    /// Appends a call, as a message without its frame; its payload is that of `who` and `which`.
    pub(super) fn push_call(self, call: Call, id: u64, (who, which): (usize, u64), out: &mut Vec<u8>) {
        let (before, behind) = self.around(call);
        if self == Self::SocketIo {
            out.extend_from_slice(b"42");
            wire::push_number(out, id);
        }
        out.extend_from_slice(before);
        push_payload(out, who, which);
        out.extend_from_slice(behind);
        if self == Self::ActionHero {
            wire::push_number(out, id);
            out.push(b'}');
        }
    }

    /// What stands before and behind a call's payload.
    fn around(self, call: Call) -> (&'static [u8], &'static [u8]) {
        match (self, call) {
            (Self::ActionHero, Call::Echo) => {
                (br#"{"event":"action","params":{"action":"echo","p":""#, br#""},"messageId":"#)
            }
            (Self::ActionHero, Call::Say) => {
                (br#"{"event":"say","room":"defaultRoom","message":""#, br#"","messageId":"#)
            }
            (Self::SocketIo, Call::Echo) => (br#"["echo",{"p":""#, br#""}]"#),
            (Self::SocketIo, Call::Say) => (br#"["say",{"room":"defaultRoom","message":""#, br#""}]"#),
        }
    }

    /// The call, without its frame, by which a client joins the room. Its id is 1.
    pub(super) fn join(self) -> String {
        match self {
            Self::ActionHero => format!(r#"{{"event":"roomAdd","room":"{ROOM}","messageId":1}}"#),
            Self::SocketIo => format!(r#"421["roomAdd",{{"room":"{ROOM}"}}]"#),
        }
    }

    /// Appends the answer to an echo, byte for byte as most servers write it.
    pub(super) fn push_echoed(self, id: u64, (who, which): (usize, u64), out: &mut Vec<u8>) {
        if self == Self::SocketIo {
            out.extend_from_slice(b"43");
            wire::push_number(out, id);
            out.push(b'[');
        }
        out.extend_from_slice(br#"{"p":""#);
        push_payload(out, who, which);
        out.extend_from_slice(br#"","len":"#);
        wire::push_number(out, PAYLOAD_BYTES as u64);
        out.extend_from_slice(br#","context":"response""#);
        match self {
            Self::ActionHero => {
                out.extend_from_slice(br#","messageId":"#);
                wire::push_number(out, id);
                out.push(b'}');
            }
            Self::SocketIo => out.extend_from_slice(b"}]"),
        }
    }

    /// The id of the call that an answer is to, where it is in the place that most servers have it in.
    pub(super) fn likely_id(self, text: &[u8]) -> Option<u64> {
        match self {
            Self::ActionHero => {
                let rest = text.strip_suffix(b"}")?;
                let colon = rest.iter().rposition(|&byte| byte == b':')?;
                wire::number(&rest[colon + 1..])
            }
            Self::SocketIo => ack(text).map(|(id, _)| id),
        }
    }

    /// Takes off what is around an answer or a message of the room. `None` where it is neither.
    pub(super) fn told(self, text: &[u8]) -> Option<Told<'_>> {
        match self {
            Self::ActionHero => Some(Told { id: None, fields: text }),
            Self::SocketIo => match ack(text) {
                Some((id, fields)) => Some(Told { id: Some(id), fields }),
                None => event(text, "say").map(|fields| Told { id: None, fields }),
            },
        }
    }
}

/// The id of an ack and its only argument.
fn ack(text: &[u8]) -> Option<(u64, &[u8])> {
    let rest = text.strip_prefix(b"43")?.strip_suffix(b"]")?;
    let (id, argument) = rest.split_at(rest.iter().position(|&byte| byte == b'[')?);
    Some((wire::number(id)?, &argument[1..]))
}

/// The argument of an event of this name. Behind it may stand where the event is among those of its connection.
fn event<'t>(text: &'t [u8], name: &str) -> Option<&'t [u8]> {
    let rest = text.strip_prefix(br#"42[""#)?.strip_prefix(name.as_bytes())?.strip_prefix(br#"","#)?;
    let (argument, place) = rest.split_at(rest.iter().rposition(|&byte| byte == b'}')? + 1);
    let placed = place.starts_with(br#",""#) && place.ends_with(br#""]"#);
    (placed || place == b"]").then_some(argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welcomes() {
        assert!(check_welcome(br#"{"welcome":"Hello!","context":"api"}"#).is_ok());
        assert!(check_welcome(br#"{ "context": "api", "x": 1, "welcome": "H" }"#).is_ok());
        for wrong in
            ["", "{}", "null", r#"{"welcome":"","context":"api"}"#, r#"{"welcome":"x","context":"user"}"#]
        {
            assert!(check_welcome(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn greetings() {
        let greeted = |dialect: Dialect, texts: &[&str]| {
            let (mut greeting, mut out) = (dialect.greeting(), Vec::new());
            let told: Result<Vec<bool>, _> =
                texts.iter().map(|text| greeting(text.as_bytes(), &mut out)).collect();
            (told.ok(), out.len())
        };
        let welcome = r#"{"welcome":"Hello!","context":"api"}"#;
        assert_eq!(greeted(Dialect::ActionHero, &[welcome]), (Some(vec![true]), 0));
        assert_eq!(greeted(Dialect::ActionHero, &["{}"]), (None, 0));
        let (open, connected) = (r#"0{"sid":"x","pingInterval":1}"#, r#"40{"sid":"x","pid":"y"}"#);
        let event = format!(r#"42["welcome",{welcome},"1-1"]"#);
        let frame = 2 + 4 + "40".len();
        let all = Some(vec![false, false, true]);
        assert_eq!(greeted(Dialect::SocketIo, &[open, connected, &event]), (all, frame));
        assert_eq!(greeted(Dialect::SocketIo, &[open, &event]), (None, frame));
        assert_eq!(greeted(Dialect::SocketIo, &[connected]), (None, 0));
    }

    #[test]
    fn calls() {
        let call = |dialect: Dialect, call| {
            let mut out = Vec::new();
            dialect.push_call(call, 7, (1, 2), &mut out);
            String::from_utf8(out).unwrap().replace("0001-000000000002-playhouse-echo", "P")
        };
        for (dialect, echo, say) in [
            (
                Dialect::ActionHero,
                r#"{"event":"action","params":{"action":"echo","p":"P"},"messageId":7}"#,
                r#"{"event":"say","room":"defaultRoom","message":"P","messageId":7}"#,
            ),
            (
                Dialect::SocketIo,
                r#"427["echo",{"p":"P"}]"#,
                r#"427["say",{"room":"defaultRoom","message":"P"}]"#,
            ),
        ] {
            assert_eq!((&*call(dialect, Call::Echo), &*call(dialect, Call::Say)), (echo, say));
        }
    }

    #[test]
    fn what_is_told_has_its_id_and_fields() {
        let told = |text: &'static str| {
            let told = Dialect::SocketIo.told(text.as_bytes())?;
            Some((told.id, std::str::from_utf8(told.fields).unwrap()))
        };
        assert_eq!(told(r#"4312[{"a":[1]}]"#), Some((Some(12), r#"{"a":[1]}"#)));
        assert_eq!(told(r#"42["say",{"a":[1]}]"#), Some((None, r#"{"a":[1]}"#)));
        assert_eq!(told(r#"42["say",{"a":[1]},"x-1"]"#), Some((None, r#"{"a":[1]}"#)));
        for odd in ["", "43[{}]", "4312", r#"42["saying",{}]"#, r#"42["say",{},1]"#, r#"42["say",{}"#, "{}"] {
            assert_eq!(told(odd), None, "{odd}");
        }
        for dialect in [Dialect::ActionHero, Dialect::SocketIo] {
            let mut text = Vec::new();
            dialect.push_echoed(12, (1, 2), &mut text);
            assert_eq!(dialect.likely_id(&text), Some(12));
            assert!(dialect.told(&text).is_some());
        }
    }
}
