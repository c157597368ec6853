//! One client's socket: what was read and is not yet whole, what is still to be written.
//!
//! It cuts bytes into messages and must not know what they mean; the works judge them.

use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};

use crate::load::failure::Failure;
use crate::net;
use crate::wire;

/// Room for one read; larger than what a server sends a client in one turn of any work.
pub(crate) const SCRATCH_BYTES: usize = 256 * 1024;

/// What the bytes from the server are, at this moment of the connection's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
    /// The answer to the upgrade is awaited.
    Upgrade,
    /// Websocket frames.
    Frames,
    /// Answers of plain HTTP.
    Http,
}

/// A connection to the server under load. Closing (dropping) it is a reset.
pub(crate) struct Client {
    stream: TcpStream,
    speaks: Speaks,
    partial: Vec<u8>,
    out: Vec<u8>,
}

impl Client {
    /// Begins a websocket connection and queues the request to upgrade.
    pub(crate) fn websocket(to: SocketAddrV4) -> Result<Self, Failure> {
        Self::upgrading(to, wire::upgrade_request(to.port(), "/primus", ""))
    }

    /// Begins a websocket connection and queues this request to upgrade.
    pub(crate) fn upgrading(to: SocketAddrV4, request: Vec<u8>) -> Result<Self, Failure> {
        let mut client = Self::begin(to, Speaks::Upgrade)?;
        client.out = request;
        Ok(client)
    }

    /// Begins a plain HTTP connection.
    pub(crate) fn http(to: SocketAddrV4) -> Result<Self, Failure> {
        Self::begin(to, Speaks::Http)
    }

    fn begin(to: SocketAddrV4, speaks: Speaks) -> Result<Self, Failure> {
        let stream = net::connect(to).map_err(Failure::while_("connecting"))?;
        net::reset_on_close(&stream).map_err(Failure::while_("setting linger"))?;
        Ok(Self { stream, speaks, partial: Vec::new(), out: Vec::new() })
    }

    /// The socket, to watch it.
    pub(crate) fn socket(&self) -> &TcpStream {
        &self.stream
    }

    /// What will be written next; works append to it.
    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Writes what is queued, as far as the socket takes it. What it does not take goes with the next call:
    /// the socket tells when it takes more.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        while !self.out.is_empty() {
            match (&self.stream).write(&self.out) {
                Ok(written) => drop(self.out.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::System("writing", error)),
            }
        }
        Ok(())
    }

    /// Reads all there is and gives `each` every whole message. The upgrade's answer is checked here and not
    /// given on.
    pub(crate) fn pump(
        &mut self,
        scratch: &mut [u8],
        mut each: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        loop {
            let count = match (&self.stream).read(scratch) {
                Ok(0) => return Err(Failure::Closed),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::System("reading", error)),
            };
            self.take(&scratch[..count], &mut each)?;
            // A short read of a stream socket means that it is empty; the edge comes with the next byte.
            if count < scratch.len() {
                return Ok(());
            }
        }
    }

    fn take(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.partial.is_empty() {
            let used = self.speaks.walk(bytes, each)?;
            self.partial.extend_from_slice(&bytes[used..]);
        } else {
            self.partial.extend_from_slice(bytes);
            let used = self.speaks.walk(&self.partial, each)?;
            self.partial.drain(..used);
        }
        Ok(())
    }
}

impl Speaks {
    /// Gives on every whole message and tells how many bytes they took.
    fn walk(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<usize, Failure> {
        let mut used = 0;
        while used < bytes.len() {
            let rest = &bytes[used..];
            let cut = match self {
                Self::Upgrade => wire::cut_upgrade(rest)?,
                Self::Frames => wire::cut_server_message(rest)?,
                Self::Http => wire::cut_http_answer(rest)?,
            };
            let Some(cut) = cut else { break };
            match self {
                Self::Upgrade => *self = Self::Frames,
                Self::Frames | Self::Http => each(&rest[cut.body])?,
            }
            used += cut.used;
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes an upgraded client reads, and what `each` must see of them.
    fn stream_of(texts: &[&str]) -> Vec<u8> {
        let mut bytes =
            format!("HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: {}\r\n\r\n", wire::ACCEPT).into_bytes();
        for text in texts {
            wire::push_server_text(&mut bytes, text.as_bytes());
        }
        bytes
    }

    #[test]
    fn any_split_gives_the_same_messages() {
        let texts = ["{\"welcome\":\"x\"}", "", &"y".repeat(200)];
        let bytes = stream_of(&texts);
        let listener = net::listen(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        for split in 0..bytes.len() {
            let mut client = Client::websocket(SocketAddrV4::new([127, 0, 0, 1].into(), port)).unwrap();
            let mut seen = Vec::new();
            for part in [&bytes[..split], &bytes[split..]] {
                let mut each = |text: &[u8]| {
                    seen.push(text.to_vec());
                    Ok(())
                };
                client.take(part, &mut each).unwrap();
            }
            assert_eq!(seen, texts.map(|text| text.as_bytes().to_vec()), "split at {split}");
            assert!(client.partial.is_empty());
        }
    }
}
