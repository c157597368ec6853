//! The one `match` over what a client asks.

use super::Connection;
use super::calls::Calls;
use super::verbs::Verbs;
use crate::link::{Flow, Sink};
use playhouse_core::event::{Ask, ClientEvent};
use std::task::{Context, Waker};

/// Takes the events of one turn of the connection's task.
pub(super) struct Intake<'a> {
    pub(super) connection: &'a Connection,
    pub(super) verbs: &'a mut Verbs,
    pub(super) calls: &'a mut Calls,
    pub(super) waker: &'a Waker,
}

impl Sink for Intake<'_> {
    fn take(&mut self, event: ClientEvent<'_>) -> Flow {
        if self.verbs.is_quitting() || self.connection.outbox().closing().is_some() {
            return Flow::Pause;
        }
        let mut cx = Context::from_waker(self.waker);
        self.connection.saved().note(&event.tag);
        match event.ask {
            Ask::Call { name, params } => {
                self.calls.start(&mut cx, self.connection, &name, params, event.tag);
            }
            Ask::Verb(verb) => self.verbs.take(&mut cx, self.connection, verb, event.tag),
            Ask::AtActor(verb) => self.verbs.at_actor(&mut cx, self.connection, *verb, event.tag),
            Ask::Refuse(reject) => self.verbs.refuse(&mut cx, self.connection, reject, event.tag),
        }
        if is_enough(self.verbs, self.connection) { Flow::Pause } else { Flow::More }
    }
}

/// Whether nothing more is taken from a client for now: as many of its verbs wait as may, or it should read
/// what it has asked for before it asks for more. It is not read meanwhile, so that one who reads fast is never
/// closed as slow for its own replies.
pub(super) fn is_enough(verbs: &Verbs, connection: &Connection) -> bool {
    verbs.is_quitting() || verbs.is_full(connection) || connection.outbox().is_half_full()
}
