//! The action `echo` over HTTP: some keep-alive connections, one request in flight on each.

use std::borrow::Cow;

use serde::Deserialize;

use crate::load::client::Client;
use crate::load::crowd::{Crowd, unasked};
use crate::load::{Failure, Load, PAYLOAD_BYTES, Sample, Target, measure, push_payload};
use crate::wire;

const CONNECTIONS: usize = 64;

/// The answer; servers may add fields of their own and spaces.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    p: Cow<'a, str>,
    len: usize,
}

struct Http {
    /// Everything of a request behind its payload.
    tail: Vec<u8>,
    /// For each connection how many requests were made.
    asked: Vec<u64>,
    done: u64,
    text: Vec<u8>,
}

/// Measures answered requests per second.
pub(crate) fn run(target: &Target) -> Result<Sample, Failure> {
    let mut crowd = Crowd::empty()?;
    let mut http = Http::new(target.address.port(), CONNECTIONS);
    for who in 0..CONNECTIONS {
        crowd.add(Client::http(target.address)?)?;
        http.ask(who, crowd.clients[who].out());
    }
    measure(&mut http, &mut crowd, target)
}

impl Http {
    fn new(port: u16, connections: usize) -> Self {
        let tail = format!(" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").into_bytes();
        Self { tail, asked: vec![0; connections], done: 0, text: Vec::new() }
    }

    fn ask(&mut self, who: usize, out: &mut Vec<u8>) {
        self.asked[who] += 1;
        out.extend_from_slice(b"GET /api/echo?p=");
        push_payload(out, who, self.asked[who]);
        out.extend_from_slice(&self.tail);
    }

    fn check(&mut self, who: usize, body: &[u8]) -> Result<(), Failure> {
        self.text.clear();
        push_payload(&mut self.text, who, self.asked[who]);
        match serde_json::from_slice::<Answer<'_>>(body) {
            Ok(answer) if answer.p.as_bytes() == self.text && answer.len == PAYLOAD_BYTES => Ok(()),
            Ok(_) | Err(_) => Err(Failure::Wrong(format!("no echo: {}", wire::printable(body)))),
        }
    }
}

impl Load for Http {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let client = &mut crowd.clients[token];
        let mut answered = 0;
        client.pump(&mut crowd.scratch, |body| {
            answered += 1;
            if answered > 1 { Err(unasked(body)) } else { self.check(token, body) }
        })?;
        if answered == 1 {
            self.done += 1;
            self.ask(token, client.out());
        }
        client.flush()
    }

    fn end_turn(&mut self, _: &mut Crowd) -> Result<(), Failure> {
        Ok(())
    }

    fn done(&self) -> u64 {
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_with_what_was_asked() {
        let mut http = Http::new(80, 1);
        let mut out = Vec::new();
        http.ask(0, &mut out);
        let request =
            "GET /api/echo?p=0000-000000000001-playhouse-echo HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n";
        assert_eq!(out, request.as_bytes());

        let right = "{\n  \"p\": \"0000-000000000001-playhouse-echo\",\n  \"len\": 32,\n  \"serverInformation\": {}\n}";
        assert!(http.check(0, right.as_bytes()).is_ok());
        for (from, to) in [("001-", "002-"), ("32", "31"), ("\"p\"", "\"q\""), ("}\n}", "}")] {
            assert!(http.check(0, right.replace(from, to).as_bytes()).is_err(), "{to}");
        }
    }
}
