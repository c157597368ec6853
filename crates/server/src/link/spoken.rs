//! A connection's link: a transport, and what is spoken over it.

use super::speech::Speech;
use crate::transport::{Message, Transport};
use playhouse_core::clock::Moment;
use playhouse_core::codes::Close;
use playhouse_node::link::{Gone, Link, Sink};
use playhouse_node::outbox::Outbox;
use std::task::{Context, Poll};

/// A transport over which a dialect is spoken.
///
/// In this order in memory: what a turn touches that only writes comes first.
#[repr(C)]
pub(crate) struct Spoken<T> {
    speech: Speech,
    transport: T,
}

impl<T: Transport> Spoken<T> {
    pub(crate) fn new(speech: Speech, transport: T) -> Self {
        Self { speech, transport }
    }
}

impl<T: Transport> Link for Spoken<T> {
    fn poll_read(&mut self, cx: &mut Context<'_>, outbox: &Outbox, sink: &mut dyn Sink) -> Poll<Gone> {
        let speech = &mut self.speech;
        self.transport.poll_read(cx, outbox, |message: Message<'_>| speech.hear(&message, outbox, sink))
    }

    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        self.transport.poll_news(cx)
    }

    fn may_read(&self) -> bool {
        self.transport.may_read()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        self.transport.poll_write(cx, outbox)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        let speech = &self.speech;
        self.transport.poll_close(cx, outbox, close, |out| speech.last_words(close, out))
    }

    fn deadline(&self) -> Option<Moment> {
        let transport = self.transport.deadline();
        if self.transport.is_ending() {
            return transport;
        }
        match (self.speech.deadline(), transport) {
            (Some(speech), Some(transport)) => Some(speech.min(transport)),
            (speech, transport) => speech.or(transport),
        }
    }

    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close> {
        self.speech.on_deadline(now, outbox).or_else(|| self.transport.on_deadline(now, outbox))
    }

    fn set_paused(&mut self, paused: bool, now: Moment) {
        self.speech.set_paused(paused, now);
        self.transport.set_paused(paused, now);
    }
}
