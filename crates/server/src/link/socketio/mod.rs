//! Clients of socket.io: a session of engine.io, and the connections that share it, one for each namespace.
//!
//! `client` is the task of a session: it drives the transport and knows which namespaces are connected. Each of these is a
//! connection of the node with a task of its own; `pipe` is what lies between the two, `event` what it takes, and `join` how one begins or comes
//! back.

mod client;
mod event;
mod join;
mod pipe;

pub(crate) use client::Client;

use super::Shared;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::Window;
use playhouse_node::outbox::LogLimits;
use playhouse_proto::socketio::Limits;
use playhouse_proto::socketio::packet::MAIN;
use std::sync::Arc;
use std::time::Duration;

/// What all clients of socket.io share.
pub(crate) struct SocketIo {
    shared: Arc<Shared>,
    /// All namespaces, the main one first.
    namespaces: Vec<Box<str>>,
    limits: Limits,
    window: Option<Window>,
    connect_timeout: Duration,
    auth_size: usize,
}

impl SocketIo {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let config = shared.node.config();
        let own = &config.socketio;
        let all = [MAIN].into_iter().chain(own.namespaces.iter().map(String::as_str));
        let log = LogLimits { messages: own.recovery_messages, bytes: own.recovery_bytes };
        Self {
            shared: shared.clone(),
            namespaces: all.map(Box::from).collect(),
            limits: Limits { attachments: own.attachments, bytes: config.engineio.max_payload },
            window: own.recovery_window.map(|time| Window { time, log }),
            connect_timeout: own.connect_timeout,
            auth_size: own.auth_size,
        }
    }

    /// The place of a namespace among all, if there is one of this name.
    fn place(&self, namespace: &str) -> Option<u16> {
        let place = self.namespaces.iter().position(|name| **name == *namespace)?;
        u16::try_from(place).ok()
    }

    fn name(&self, place: u16) -> &str {
        self.namespaces.get(usize::from(place)).map_or(MAIN, |name| name)
    }

    fn form(&self, namespace: u16, is_base64: bool) -> WireForm {
        let dialect = Dialect::SocketIo { namespace, is_counted: self.window.is_some() };
        WireForm { dialect, parser: Parser::Json, framing: Framing::EngineIo { is_base64 } }
    }
}
