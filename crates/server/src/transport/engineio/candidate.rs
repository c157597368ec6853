//! A websocket that is to take over a session, until it has: only probe and upgrade mean something on it.

use super::desk::Arrived;
use crate::link::Socket;
use crate::link::reading::{self, Looked};
use playhouse_core::clock::Moment;
use playhouse_node::link::Flow;
use playhouse_proto::ws::{Decoder, Item, Limits, Opcode, Role, encode};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;

/// What its client says first.
const PROBE: &str = "2probe";

/// What it is answered.
const PROBED: &[u8] = b"3probe";

/// What its client says when it has stopped polling.
const UPGRADE: &str = "5";

/// What one message may be until it has taken over, far more than any that means something: what is half-read of it needs
/// no account.
const LIMITS: Limits = Limits { frame: 125, message: 125, fragments: 125 };

/// A websocket that carries nothing yet.
pub(super) struct Candidate {
    io: Box<dyn Socket>,
    decoder: Decoder,
    /// Bytes that were read but not looked at.
    held: Vec<u8>,
    /// Bytes to be written.
    out: Vec<u8>,
    is_drained: bool,
    /// When it is given up, if it is.
    pub(super) until: Option<Moment>,
}

/// What its client said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Probe,
    Upgrade,
    /// Something that means nothing here.
    Odd,
    Gone,
}

impl Candidate {
    /// One that has come; the caller's worker hears of its news from now on.
    ///
    /// # Errors
    /// It was lost on the way.
    pub(super) fn new(arrived: Arrived, until: Option<Moment>) -> io::Result<Self> {
        let Arrived { io, early } = arrived;
        let io = io.settle()?;
        let decoder = Decoder::new(Role::Server, LIMITS, None);
        Ok(Self { io, decoder, held: early, out: Vec::new(), is_drained: false, until })
    }

    /// What its client says next.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        if self.poll_write(cx).is_err() {
            return Poll::Ready(Said::Gone);
        }
        // Who does not take what it is answered is asked nothing more.
        if self.is_stuck() {
            return Poll::Pending;
        }
        if !self.held.is_empty() {
            let mut held = std::mem::take(&mut self.held);
            if let Some(said) = look(&mut self.decoder, &mut self.held, &mut held, &mut self.out) {
                return Poll::Ready(said);
            }
        }
        let Self { io, decoder, held, out, is_drained, .. } = self;
        let mut heard = None;
        let gone = reading::turn(io, is_drained, cx, |bytes| {
            heard = look(decoder, held, bytes, out);
            heard.is_none()
        });
        match heard {
            Some(said) => Poll::Ready(said),
            None => gone.map(|_| Said::Gone),
        }
    }

    pub(super) fn answer_probe(&mut self) {
        encode::whole(&mut self.out, Opcode::Text, PROBED);
    }

    /// Writes what it has to say; a socket that breaks is an error, one that is full is not.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), ()> {
        while !self.out.is_empty() {
            match Pin::new(&mut self.io).poll_write(cx, &self.out) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Ok(0) | Err(_)) => return Err(()),
                Poll::Ready(Ok(written)) => drop(self.out.drain(..written)),
            }
        }
        match Pin::new(&mut self.io).poll_flush(cx) {
            Poll::Ready(Err(_)) => Err(()),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// The websocket as it takes over: its socket, and what it has read but not looked at, which begins with a frame.
    pub(super) fn into_parts(self) -> (Box<dyn Socket>, Vec<u8>) {
        (self.io, self.held)
    }

    /// Whether its client does not even take what it is answered.
    pub(super) fn is_stuck(&self) -> bool {
        !self.out.is_empty()
    }
}

/// Looks for the next thing that is said. What is behind it is kept.
fn look(decoder: &mut Decoder, held: &mut Vec<u8>, bytes: &mut [u8], out: &mut Vec<u8>) -> Option<Said> {
    let mut said = None;
    let looked = reading::decode(decoder, bytes, |item| {
        said = heard(&item, out);
        Some(if said.is_some() { Flow::Pause } else { Flow::More })
    });
    match looked {
        Ok(Looked::Paused(rest)) => *held = rest,
        Ok(Looked::All | Looked::Ended) => {}
        Err(_) => said = Some(Said::Odd),
    }
    said
}

fn heard(item: &Item<'_>, out: &mut Vec<u8>) -> Option<Said> {
    match item {
        Item::Text(text) if text == PROBE => Some(Said::Probe),
        Item::Text(text) if text == UPGRADE => Some(Said::Upgrade),
        Item::Text(_) | Item::Binary(_) => Some(Said::Odd),
        Item::Ping(payload) => {
            encode::pong(out, payload);
            None
        }
        Item::Pong(_) => None,
        Item::Close(_) => Some(Said::Gone),
    }
}
