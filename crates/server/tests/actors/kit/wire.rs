//! Requests and websockets as bytes on a socket.

use super::{PATIENCE, World};
use playhouse_proto::ws::{Decoder, Item, Limits, Opcode, Role, encode};
use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::TcpStream;

const KEY: [u8; 4] = [1, 2, 3, 4];

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        assert_eq!(
            self.headers.get("content-type").map(String::as_str),
            Some("application/json"),
            "{self:?}"
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    /// `400 group/code`.
    pub fn refusal(&self) -> String {
        let body = self.json();
        let part = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
        format!("{} {}/{}", self.status, part("group"), part("code"))
    }
}

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The bytes up to the empty line, and what was read of what follows.
fn head(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = read.split_off(at + 4);
            return (String::from_utf8_lossy(&read).into_owned(), rest);
        }
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0, "it closed after {}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&buffer[..n]);
    }
}

fn parsed(head: &str) -> (u16, BTreeMap<String, String>) {
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    (status, pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect())
}

impl World {
    /// One request on a socket of its own.
    pub fn ask(&self, line: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Answer {
        let mut stream = self.begin(line, headers, body);
        let (head, mut rest) = head(&mut stream);
        let _ = stream.read_to_end(&mut rest);
        let (status, headers) = parsed(&head);
        Answer { status, headers, body: rest }
    }

    /// A request whose answer nobody has read yet.
    pub fn begin(&self, line: &str, headers: &[(&str, &[u8])], body: &[u8]) -> TcpStream {
        let mut stream = connect(self);
        let mut request =
            format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address).into_bytes();
        for (name, value) in headers {
            request.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !body.is_empty() {
            request.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        // One that is too large is answered before it is read.
        let _ = stream.write_all(&request);
        stream
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[], b"")
    }

    pub fn send(&self, line: &str, body: &str) -> Answer {
        self.ask(line, &[("content-type", b"application/json")], body.as_bytes())
    }

    /// A websocket, or the answer in its place.
    pub fn upgrade(&self, path: &str, headers: &[(&str, &str)]) -> Result<Socket, Answer> {
        let mut stream = connect(self);
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            self.address
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let (head, mut rest) = head(&mut stream);
        let (status, headers) = parsed(&head);
        if status != 101 {
            let _ = stream.read_to_end(&mut rest);
            return Err(Answer { status, headers, body: rest });
        }
        let limits = Limits { frame: 1 << 26, message: 1 << 26, fragments: 1000 };
        let decoder = Decoder::new(Role::Client, limits, None);
        let mut socket = Socket { stream, decoder, seen: VecDeque::new(), headers };
        socket.take(rest);
        Ok(socket)
    }

    /// A connection to an actor, as rivetkit opens it.
    pub fn rivet(&self, id: &str, encoding: &str, params: &str) -> Socket {
        let mut offer = format!("rivet, rivet_encoding.{encoding}");
        if !params.is_empty() {
            offer.push_str(", rivet_conn_params.");
            offer.push_str(params);
        }
        let socket = self.upgrade(&format!("/gateway/{id}/connect"), &[("Sec-WebSocket-Protocol", &offer)]);
        let socket = socket.expect("an upgrade");
        assert_eq!(socket.headers.get("sec-websocket-protocol").map(String::as_str), Some("rivet"));
        socket
    }

    /// A stream of lines.
    pub fn lines(&self, path: &str) -> Lines {
        let mut stream = connect(self);
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).as_bytes())
            .unwrap();
        let (head, rest) = head(&mut stream);
        let (status, headers) = parsed(&head);
        assert_eq!((status, &*headers["content-type"]), (200, "text/event-stream"));
        Lines { stream, read: String::from_utf8(rest).unwrap() }
    }
}

/// What comes on a websocket.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Text(String),
    Binary(Vec<u8>),
    Ping,
    Pong,
    Close(Option<(u16, String)>),
    Eof,
}

/// A client's end of a websocket. It answers nothing by itself.
pub struct Socket {
    pub stream: TcpStream,
    decoder: Decoder,
    seen: VecDeque<Seen>,
    pub headers: BTreeMap<String, String>,
}

impl Socket {
    pub fn write(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut out = Vec::new();
        encode::masked(&mut out, opcode, payload, KEY);
        self.stream.write_all(&out).unwrap();
    }

    pub fn text(&mut self, text: &str) {
        self.write(Opcode::Text, text.as_bytes());
    }

    pub fn hex(&mut self, text: &str) {
        self.write(Opcode::Binary, &hex(text));
    }

    pub fn close(&mut self, code: u16, reason: &str) {
        let mut out = Vec::new();
        encode::masked_close(&mut out, Some((code, reason)), KEY);
        self.stream.write_all(&out).unwrap();
    }

    fn take(&mut self, mut bytes: Vec<u8>) {
        let mut rest = &mut bytes[..];
        while !rest.is_empty() {
            let step = self.decoder.next(rest).unwrap();
            let used = step.used;
            self.seen.extend(step.item.map(|item| match item {
                Item::Text(text) => Seen::Text(text.into_owned()),
                Item::Binary(bytes) => Seen::Binary(bytes.into_owned()),
                Item::Ping(_) => Seen::Ping,
                Item::Pong(_) => Seen::Pong,
                Item::Close(said) => Seen::Close(said.map(|(code, reason)| (code, reason.into_owned()))),
            }));
            rest = &mut rest[used..];
        }
    }

    /// The next thing that comes.
    pub fn next(&mut self) -> Seen {
        let mut buffer = vec![0; 1 << 16];
        loop {
            if let Some(seen) = self.seen.pop_front() {
                return seen;
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Seen::Eof,
                Ok(n) => self.take(buffer[..n].to_vec()),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return Seen::Eof,
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    /// The next text, as JSON.
    pub fn json(&mut self) -> serde_json::Value {
        match self.next() {
            Seen::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("a text, and not {other:?}"),
        }
    }

    /// The next bytes, in hex.
    pub fn bytes(&mut self) -> String {
        match self.next() {
            Seen::Binary(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            other => panic!("bytes, and not {other:?}"),
        }
    }

    /// The close that comes next, and the end after it.
    pub fn closed(&mut self) -> (u16, String) {
        match self.next() {
            Seen::Close(Some(said)) => said,
            other => panic!("a close, and not {other:?}"),
        }
    }
}

/// An event stream's client.
pub struct Lines {
    stream: TcpStream,
    read: String,
}

impl Lines {
    /// The next message's data; `None` at the end of the stream.
    pub fn next(&mut self) -> Option<String> {
        let mut buffer = [0; 4096];
        loop {
            // Chunks begin with a line that has their length.
            if let Some((before, rest)) = self.read.split_once("data: ")
                && let Some((data, rest)) = rest.split_once("\n\n")
            {
                assert!(!before.contains("0\r\n\r\n"), "it has ended");
                let data = data.to_owned();
                self.read = rest.to_owned();
                return Some(data);
            }
            if self.read.ends_with("0\r\n\r\n") {
                return None;
            }
            match self.stream.read(&mut buffer).unwrap() {
                0 => return None,
                n => self.read.push_str(std::str::from_utf8(&buffer[..n]).unwrap()),
            }
        }
    }

    pub fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.next().expect("the stream goes on")).unwrap()
    }
}

/// Bytes from hex with blanks.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// Hex of a text, for messages that carry it.
pub fn of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
