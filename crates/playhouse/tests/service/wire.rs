//! Clients that write and read bytes themselves.

use playhouse::prelude::*;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing that these tests wait for takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

const HANDSHAKE: &str = "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/// Asks over HTTP: `request` is the first line, or all but the connection's headers.
pub(crate) async fn ask(address: SocketAddr, request: &str) -> String {
    let (line, rest) = request.split_once("\r\n").unwrap();
    let rest = if rest.is_empty() { "\r\n" } else { rest };
    exchange(address, &format!("{line}\r\nHost: x\r\nConnection: close\r\n{rest}")).await
}

/// What is answered in the place of an upgrade.
pub(crate) async fn refusal(address: SocketAddr, path: &str) -> String {
    exchange(address, &format!("GET {path} HTTP/1.1\r\n{HANDSHAKE}")).await
}

/// One exchange on a socket of its own. An answer that is an upgrade has no end; its head has.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.starts_with(b"HTTP/1.1 101") {
        let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await.expect("it is answered").unwrap();
        if read == 0 {
            break;
        }
    }
    String::from_utf8(answer).unwrap()
}

/// A websocket that speaks `ActionHero`'s messages.
pub(crate) struct Client<S = TcpStream> {
    stream: S,
    bytes: Vec<u8>,
    asked: u64,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_at(address, "/realtime/primus").await
    }

    pub(crate) async fn connect_at(address: SocketAddr, path: &str) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), path).await
    }

    /// Tries again while the server is full.
    pub(crate) async fn patiently(address: SocketAddr) -> Self {
        let tries =
            async { while !refusal(address, "/realtime/primus").await.starts_with("HTTP/1.1 101") {} };
        timeout(PATIENCE, tries).await.expect("a place gets free");
        // That one has left again; its place may take a moment too.
        let tries = async {
            loop {
                let stream = TcpStream::connect(address).await.unwrap();
                if let Some(client) = Self::upgraded(stream, "/realtime/primus").await {
                    break client;
                }
            }
        };
        timeout(PATIENCE, tries).await.expect("a place gets free")
    }

    pub(crate) fn local_port(&self) -> u16 {
        self.stream.local_addr().unwrap().port()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// A websocket over anything.
    pub(crate) async fn over(stream: S, path: &str) -> Self {
        Self::upgraded(stream, path).await.expect("the upgrade is granted")
    }

    async fn upgraded(stream: S, path: &str) -> Option<Self> {
        let mut client = Self { stream, bytes: Vec::new(), asked: 0 };
        client.stream.write_all(format!("GET {path} HTTP/1.1\r\n{HANDSHAKE}").as_bytes()).await.unwrap();
        let end = loop {
            let end = client.bytes.windows(4).position(|end| end == b"\r\n\r\n");
            match end {
                Some(end) => break end,
                None => assert!(client.more().await, "the head of an answer is complete"),
            }
        };
        let head: Vec<u8> = client.bytes.drain(..end + 4).collect();
        head.starts_with(b"HTTP/1.1 101 ").then_some(client)
    }

    /// Whether anything more came.
    async fn more(&mut self) -> bool {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.bytes)).await;
        read.expect("something comes in time").is_ok_and(|read| read > 0)
    }

    /// Sends a message, masked with zeros.
    pub(crate) async fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let mut frame = vec![0x81];
        match u16::try_from(text.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | u8::try_from(short).unwrap()),
            Ok(middle) => {
                frame.push(0x80 | 126);
                frame.extend(middle.to_be_bytes());
            }
            Err(_) => {
                frame.push(0x80 | 127);
                frame.extend((text.len() as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.stream.write_all(&frame).await.unwrap();
    }

    /// Sends a message and returns the answer to it.
    pub(crate) async fn ask(&mut self, message: &Value) -> Value {
        self.asked += 1;
        let mut message = message.clone();
        message["messageId"] = self.asked.into();
        self.send(&message).await;
        loop {
            let frame = self.frame().await.expect("the connection is open");
            if frame["messageId"] == self.asked {
                break frame;
            }
        }
    }

    /// The next message of a context.
    pub(crate) async fn message(&mut self, context: &str) -> Value {
        loop {
            let frame = self.frame().await.expect("the connection is open");
            if frame["context"] == context {
                break frame;
            }
        }
    }

    /// Reads until the server has closed the connection properly.
    pub(crate) async fn ended(&mut self) {
        while self.frame().await.is_some() {}
    }

    /// The next message; `None` when the server closes.
    async fn frame(&mut self) -> Option<Value> {
        loop {
            if let Some((opcode, payload)) = self.taken() {
                match opcode {
                    1 => match serde_json::from_slice(&payload).unwrap() {
                        // Primus's own.
                        Value::String(_) => {}
                        message => return Some(message),
                    },
                    8 => {
                        // Answered and closed, so that the server need not wait for either.
                        let _ = self.stream.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await;
                        let _ = self.stream.shutdown().await;
                        return None;
                    }
                    _ => {}
                }
            } else {
                assert!(self.more().await, "a websocket ends with a close frame");
            }
        }
    }

    /// A frame that has come as a whole.
    fn taken(&mut self) -> Option<(u8, Vec<u8>)> {
        let [first, second, ..] = self.bytes[..] else { return None };
        let long = |at: std::ops::Range<usize>| {
            let bytes = self.bytes.get(at)?;
            Some(bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)))
        };
        let (length, begin) = match second & 0x7f {
            126 => (long(2..4)?, 4),
            127 => (long(2..10)?, 10),
            short => (usize::from(short), 2),
        };
        let payload = self.bytes.get(begin..begin + length)?.to_vec();
        self.bytes.drain(..begin + length);
        Some((first & 0x0f, payload))
    }
}
