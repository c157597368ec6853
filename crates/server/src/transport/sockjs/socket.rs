//! A session of SockJS on a websocket, with frames or without: its arrays, its pings and its last frame.

use super::{Mount, ends};
use crate::link::Socket;
use crate::transport::{Message, Transport, Websocket};
use playhouse_core::clock::Moment;
use playhouse_core::codes::{self, Close};
use playhouse_node::guest::Served;
use playhouse_node::link::{Flow, Gone};
use playhouse_node::outbox::Outbox;
use playhouse_proto::engineio::Protocol;
use playhouse_proto::engineio::beat::{Beat, Do, Told};
use playhouse_proto::sockjs::Messages;
use playhouse_proto::ws::{Decoder, Opcode, Role, encode};
use std::sync::Arc;
use std::task::{Context, Poll};

/// A session on a websocket.
pub(super) struct OnSocket {
    websocket: Websocket<Box<dyn Socket>, ()>,
    mount: Arc<Mount>,
    /// Of pings: who sends them is the same as in engine.io 4, and so are the times.
    beat: Beat,
    /// Messages of an array that nobody wanted yet.
    left: Option<Box<Messages<Box<[u8]>>>>,
    is_framed: bool,
}

impl OnSocket {
    pub(super) fn new(
        mount: Arc<Mount>,
        served: Served,
        is_framed: bool,
        io: Box<dyn Socket>,
        early: Vec<u8>,
    ) -> Self {
        let decoder = Decoder::new(Role::Server, mount.messages, None);
        let websocket = Websocket::new(io, mount.shared.clone(), served, decoder, early, ());
        let beat = Beat::open(mount.now().as_millis(), Protocol::V4, &mount.beat);
        let websocket = websocket.closing_with(ends::NORMAL);
        Self { websocket, mount, beat, left: None, is_framed }
    }

    /// Whether nothing is left of the last array.
    fn read_left(&mut self, hear: &mut impl FnMut(Message<'_>) -> Flow) -> bool {
        let Some(left) = &mut self.left else { return true };
        while let Some(text) = left.next() {
            if hear(Message::Text(&text)) == Flow::Pause {
                return false;
            }
        }
        self.left = None;
        true
    }
}

/// Reads what came as one message; what is left of it goes to `left`. `None` where it can't be read.
fn read(
    text: &str,
    left: &mut Option<Box<Messages<Box<[u8]>>>>,
    hear: &mut impl FnMut(Message<'_>) -> Flow,
) -> Option<Flow> {
    let mut messages = Messages::websocket(text).ok()?;
    while let Some(text) = messages.next() {
        if hear(Message::Text(&text)) == Flow::Pause {
            *left = Some(Box::new(messages.kept()));
            return Some(Flow::Pause);
        }
    }
    Some(Flow::More)
}

impl Transport for OnSocket {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        mut hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone> {
        if !self.read_left(&mut hear) {
            return Poll::Pending;
        }
        let Self { websocket, mount, beat, left, is_framed } = self;
        websocket.poll_read(cx, outbox, |message| match message {
            Message::Text(text) if *is_framed => read(text, left, &mut hear).unwrap_or_else(|| {
                outbox.close(&codes::PROTOCOL);
                Flow::Pause
            }),
            Message::Sign => {
                // A sign of life asks for nothing.
                let _ = beat.step(mount.now().as_millis(), Told::Pong, &mount.beat);
                hear(message)
            }
            Message::Text(_) | Message::Binary(_) => hear(message),
        })
    }

    fn may_read(&self) -> bool {
        self.left.is_some() || self.websocket.may_read()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        self.websocket.poll_write(cx, outbox)
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        close: &'static Close,
        last: impl FnOnce(&mut Vec<u8>),
    ) -> Poll<Gone> {
        if *close == codes::SILENT {
            self.websocket.close_with(ends::SILENT);
        }
        // Who sends what is no JSON is cut without a word.
        let has_last = self.is_framed && *close != codes::PROTOCOL;
        self.websocket.poll_close(cx, outbox, close, |out| {
            last(out);
            if has_last {
                encode::whole(out, Opcode::Text, &ends::frame(ends::said(close)));
            }
        })
    }

    fn deadline(&self) -> Option<Moment> {
        if self.is_ending() {
            return self.websocket.deadline();
        }
        self.beat.due().map(|ms| Moment::from_micros(ms.saturating_mul(1000)))
    }

    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close> {
        match self.beat.step(now.as_millis(), Told::Clock, &self.mount.beat) {
            Do::Nothing => None,
            Do::GiveUp => Some(&codes::SILENT),
            Do::Ping => {
                outbox.append(|out| encode::ping(out, b""));
                None
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.websocket.is_ending()
    }

    fn set_paused(&mut self, paused: bool, now: Moment) {
        let told = if paused { Told::Paused } else { Told::Resumed };
        // Pausing asks for nothing.
        let _ = self.beat.step(now.as_millis(), told, &self.mount.beat);
    }
}
