//! One client of the limit: its socket, what is not yet whole of its requests, what is not yet written.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::limit::answer::{self, Room};
use crate::wire;

/// A client that leaves more than this unread is cut off.
const UNREAD_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(super) struct Connection {
    stream: TcpStream,
    index: usize,
    upgraded: bool,
    pub(super) joined: bool,
    partial: Vec<u8>,
    out: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, index: usize) -> Self {
        Self { stream, index, upgraded: false, joined: false, partial: Vec::new(), out: Vec::new() }
    }

    /// Reads until the socket is empty, appends the answers to `replies` and what is said to `room`.
    ///
    /// An error means that the connection is over.
    pub(super) fn read(&mut self, read: &mut [u8], room: &mut Room, replies: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let count = match (&self.stream).read(read) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.take(&mut read[..count], room, replies)?;
            // A short read of a stream socket means that it is empty; the edge comes with the next byte.
            if count < read.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, bytes: &mut [u8], room: &mut Room, replies: &mut Vec<u8>) -> io::Result<()> {
        if self.partial.is_empty() {
            let used = self.walk(bytes, room, replies)?;
            self.partial.extend_from_slice(&bytes[used..]);
        } else {
            self.partial.extend_from_slice(bytes);
            let mut partial = std::mem::take(&mut self.partial);
            let used = self.walk(&mut partial, room, replies)?;
            partial.drain(..used);
            self.partial = partial;
        }
        Ok(())
    }

    /// Answers every whole request and tells how many bytes they took.
    fn walk(&mut self, bytes: &mut [u8], room: &mut Room, replies: &mut Vec<u8>) -> io::Result<usize> {
        let mut used = 0;
        while used < bytes.len() {
            let rest = &mut bytes[used..];
            if self.upgraded {
                let cut = wire::cut_client_text(rest).map_err(|error| io::Error::other(error.0))?;
                let Some(cut) = cut else { break };
                self.joined |= answer::frame(&rest[cut.body], self.index, room, replies)?;
                used += cut.used;
            } else {
                let Some(length) = wire::head_length(rest) else { break };
                self.upgraded = answer::request(&rest[..length], replies)?;
                used += length;
            }
        }
        Ok(used)
    }

    /// Keeps bytes for the next write.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Writes what was kept, then `bytes`, in one go; keeps what the socket does not take.
    ///
    /// An error means that the connection is over.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.out.is_empty() {
            let written = self.write_some(bytes)?;
            self.keep(&bytes[written..]);
        } else {
            self.keep(bytes);
            let written = self.write_some(&self.out)?;
            self.out.drain(..written);
        }
        if self.out.len() > UNREAD_BYTES_MAX {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        Ok(())
    }

    fn write_some(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < bytes.len() {
            match (&self.stream).write(&bytes[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }
}
