//! Sessions of engine.io that do nothing: each has its keep-alive connection, on which a poll waits for its answer.

use std::net::SocketAddrV4;

use serde::Deserialize;

use crate::load::client::Client;
use crate::load::crowd::{Crowd, unasked};
use crate::load::dialect::check_welcome;
use crate::load::failure::Failure;

/// Between two packets of a payload.
const BETWEEN: u8 = 0x1e;

/// One session.
#[derive(Default)]
struct Session {
    sid: Option<String>,
    welcomed: bool,
}

#[derive(Deserialize)]
struct Open {
    sid: String,
}

/// Opens so many more sessions; the poll of each is sent once it is welcome.
pub(super) fn grow(crowd: &mut Crowd, to: SocketAddrV4, count: usize) -> Result<(), Failure> {
    crowd.admit(count, |_| {
        let mut client = Client::http(to)?;
        let mut session = Session::default();
        session.ask(to.port(), client.out());
        let greeting = move |payload: &[u8], out: &mut Vec<u8>| {
            session.hear(payload)?;
            session.ask(to.port(), out);
            Ok(session.welcomed)
        };
        Ok((client, greeting))
    })
}

impl Session {
    /// Appends the handshake, or a poll.
    fn ask(&self, port: u16, out: &mut Vec<u8>) {
        out.extend_from_slice(b"GET /engine.io/?EIO=4&transport=polling");
        if let Some(sid) = &self.sid {
            out.extend_from_slice(b"&sid=");
            out.extend_from_slice(sid.as_bytes());
        }
        out.extend_from_slice(format!(" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes());
    }

    /// Takes the packets of an answer: the first says the session's id, the second is the welcome.
    fn hear(&mut self, payload: &[u8]) -> Result<(), Failure> {
        for packet in payload.split(|&byte| byte == BETWEEN) {
            match (packet, &self.sid) {
                ([b'0', open @ ..], None) => {
                    let open: Open = serde_json::from_slice(open).map_err(|_| unasked(packet))?;
                    self.sid = Some(open.sid);
                }
                ([b'4', text @ ..], Some(_)) if !self.welcomed => {
                    check_welcome(text)?;
                    self.welcomed = true;
                }
                _ => return Err(unasked(packet)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELCOME: &str = r#"4{"welcome":"Hello!","context":"api"}"#;

    #[test]
    fn a_session_begins_with_one_answer_or_two() {
        let open = r#"0{"sid":"x","upgrades":[]}"#;
        for answers in [vec![format!("{open}\u{1e}{WELCOME}")], vec![open.to_owned(), WELCOME.to_owned()]] {
            let mut session = Session::default();
            for answer in answers {
                session.hear(answer.as_bytes()).unwrap();
            }
            assert!(session.welcomed);
            let mut out = Vec::new();
            session.ask(80, &mut out);
            let poll = "GET /engine.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n";
            assert_eq!(out, poll.as_bytes());
            assert!(session.hear(WELCOME.as_bytes()).is_err(), "a second welcome");
        }
        for wrong in ["", WELCOME, "0{}", "6"] {
            assert!(Session::default().hear(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
