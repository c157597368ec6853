//! The action `echo` over websockets, in any dialect: some connections, each with a fixed number of calls in flight.

use std::borrow::Cow;

use serde::Deserialize;

use crate::load::crowd::{Crowd, unasked};
use crate::load::dialect::{Call, Dialect};
use crate::load::{Failure, Load, PAYLOAD_BYTES, Sample, Target, measure, push_payload};
use crate::wire;

const CONNECTIONS: usize = 64;

/// The answer, in whatever order and spacing its fields come.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    p: Cow<'a, str>,
    len: usize,
    #[serde(borrow)]
    context: Cow<'a, str>,
    #[serde(rename = "messageId")]
    message_id: Option<u64>,
}

struct Echo {
    callers: Vec<Caller>,
    done: u64,
}

struct Caller {
    dialect: Dialect,
    last_id: u64,
    /// Ids of the calls in flight.
    waiting: Vec<u64>,
    /// Room for the text being written or compared.
    text: Vec<u8>,
}

/// Measures answered calls per second, `in_flight` on each connection.
pub(super) fn run(target: &Target, dialect: Dialect, in_flight: usize) -> Result<Sample, Failure> {
    let mut crowd = Crowd::empty()?;
    crowd.grow(target.address, CONNECTIONS, dialect)?;
    let mut echo = Echo { callers: Vec::new(), done: 0 };
    for (who, client) in crowd.clients.iter_mut().enumerate() {
        let mut caller = Caller::new(dialect);
        for _ in 0..in_flight {
            caller.call(who, client.out());
        }
        client.flush()?;
        echo.callers.push(caller);
    }
    measure(&mut echo, &mut crowd, target)
}

impl Load for Echo {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let (client, caller) = (&mut crowd.clients[token], &mut self.callers[token]);
        let mut answered = 0;
        client.pump(&mut crowd.scratch, |text| {
            answered += 1;
            caller.hear(token, text)
        })?;
        for _ in 0..answered {
            caller.call(token, client.out());
        }
        self.done += answered;
        client.flush()
    }

    fn end_turn(&mut self, _: &mut Crowd) -> Result<(), Failure> {
        Ok(())
    }

    fn done(&self) -> u64 {
        self.done
    }
}

impl Caller {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, last_id: 0, waiting: Vec::new(), text: Vec::new() }
    }

    fn call(&mut self, who: usize, out: &mut Vec<u8>) {
        self.last_id += 1;
        self.waiting.push(self.last_id);
        let text = &mut self.text;
        text.clear();
        self.dialect.push_call(Call::Echo, self.last_id, (who, self.last_id), text);
        wire::push_client_text(out, text);
    }

    /// Checks an answer: to a call in flight, with that call's payload and its length.
    fn hear(&mut self, who: usize, text: &[u8]) -> Result<(), Failure> {
        let id = match self.dialect.likely_id(text) {
            Some(id) if self.expects(who, id, text) => id,
            Some(_) | None => self.parse(who, text)?,
        };
        let Some(at) = self.waiting.iter().position(|&waiting| waiting == id) else {
            return Err(unasked(text));
        };
        self.waiting.swap_remove(at);
        Ok(())
    }

    /// Whether the answer is, byte for byte, the one that most servers send: spares parsing it.
    fn expects(&mut self, who: usize, id: u64, text: &[u8]) -> bool {
        let right = &mut self.text;
        right.clear();
        self.dialect.push_echoed(id, (who, id), right);
        right == text
    }

    fn parse(&mut self, who: usize, text: &[u8]) -> Result<u64, Failure> {
        let wrong = || Failure::Wrong(format!("no echo: {}", wire::printable(text)));
        let told = self.dialect.told(text).ok_or_else(wrong)?;
        let answer: Answer<'_> = serde_json::from_slice(told.fields).map_err(|_| wrong())?;
        let id = told.id.or(answer.message_id).ok_or_else(wrong)?;
        self.text.clear();
        push_payload(&mut self.text, who, id);
        let right = answer.p.as_bytes() == self.text && answer.len == PAYLOAD_BYTES;
        if right && answer.context == "response" { Ok(id) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "0003-000000000001-playhouse-echo";

    fn hear(dialect: Dialect, text: &str) -> Result<(), Failure> {
        let mut caller = Caller::new(dialect);
        caller.call(3, &mut Vec::new());
        caller.hear(3, text.replace("PP", P).as_bytes())
    }

    #[test]
    fn right_answers_in_any_shape() {
        for text in [
            r#"{"p":"PP","len":32,"context":"response","messageId":1}"#,
            r#"{"len":32,"p":"PP","messageId":1,"context":"response"}"#,
            "{ \"messageId\": 1,\n \"p\": \"PP\", \"len\": 32, \"context\": \"response\", \"more\": [1] }",
        ] {
            assert!(hear(Dialect::ActionHero, text).is_ok(), "{text}");
        }
        for text in [
            r#"431[{"p":"PP","len":32,"context":"response"}]"#,
            r#"431[{"len":32, "more": [1], "p":"PP", "context":"response"}]"#,
        ] {
            assert!(hear(Dialect::SocketIo, text).is_ok(), "{text}");
        }
    }

    #[test]
    fn wrong_answers_are_found() {
        for text in [
            r#"{"p":"PPx","len":32,"context":"response","messageId":1}"#,
            r#"{"p":"PP","len":33,"context":"response","messageId":1}"#,
            r#"{"p":"PP","len":32,"context":"response","messageId":2}"#,
            r#"{"p":"PP","len":32,"context":"user","messageId":1}"#,
            r#"{"p":"PP","len":32,"context":"response"}"#,
            r#"{"error":"x","context":"response","messageId":1}"#,
            "",
        ] {
            assert!(hear(Dialect::ActionHero, text).is_err(), "{text}");
        }
        for text in [
            r#"431[{"p":"PPx","len":32,"context":"response"}]"#,
            r#"432[{"p":"PP","len":32,"context":"response"}]"#,
            r#"431[{"error":"x","context":"response"}]"#,
            r#"42["say",{"p":"PP","len":32,"context":"response"}]"#,
        ] {
            assert!(hear(Dialect::SocketIo, text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_answer_counts_once() {
        let mut caller = Caller::new(Dialect::ActionHero);
        let mut out = Vec::new();
        caller.call(3, &mut out);
        let text = format!(r#"{{"p":"{P}","len":32,"context":"response","messageId":1}}"#);
        assert!(caller.hear(3, text.as_bytes()).is_ok());
        assert!(caller.hear(3, text.as_bytes()).is_err());
        let cut = wire::cut_client_text(&mut out).unwrap().expect("whole");
        let call = format!(r#"{{"event":"action","params":{{"action":"echo","p":"{P}"}},"messageId":1}}"#);
        assert_eq!(&out[cut.body], call.as_bytes());
    }
}
