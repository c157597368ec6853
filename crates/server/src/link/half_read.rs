//! What all links of a node hold half-read: bytes of messages whose end has not come.
//!
//! One slow sender of a large message costs little; a thousand of them would fill the memory. Above the
//! limit the one that holds most is closed.

use playhouse_core::codes;
use playhouse_core::id::ConnectionId;
use playhouse_node::Connection;
use std::collections::HashMap;
use std::sync::Mutex;

/// Links that hold less are not worth counting: their sum is bounded by the number of connections.
const COUNTED_FROM: usize = 16 * 1024;

/// Who holds how much.
pub(crate) struct HalfRead {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: usize,
    /// What those hold who are closed for it already.
    going: usize,
    holders: HashMap<ConnectionId, Holder>,
}

struct Holder {
    held: usize,
    connection: Connection,
    going: bool,
}

impl HalfRead {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// What counts of the bytes that a link holds; only a change of it need be told.
    pub(crate) fn counted(held: usize) -> usize {
        if held < COUNTED_FROM { 0 } else { held }
    }

    /// Tells what a link holds now, as it counts.
    pub(crate) fn set(&self, connection: &Connection, now: usize) {
        let mut state = self.state.lock().expect("nothing panics while it holds this");
        state.set(connection, now);
        let mut victims = Vec::new();
        while state.total - state.going > self.limit {
            let Some(victim) = state.choose() else { break };
            victims.push(victim);
        }
        drop(state);
        for victim in victims {
            tracing::warn!(connection = %victim.id(), limit = self.limit, "too much is half-read: the largest goes");
            victim.close(&codes::CROWDED);
        }
    }
}

impl State {
    fn set(&mut self, connection: &Connection, now: usize) {
        let before = self.holders.remove(connection.id());
        if let Some(before) = &before {
            self.total -= before.held;
            self.going -= if before.going { before.held } else { 0 };
        }
        if now > 0 {
            let going = before.is_some_and(|before| before.going);
            self.total += now;
            self.going += if going { now } else { 0 };
            let holder = Holder { held: now, connection: connection.clone(), going };
            self.holders.insert(connection.id().clone(), holder);
        }
    }

    /// The largest that is not going yet.
    fn choose(&mut self) -> Option<Connection> {
        let staying = self.holders.values_mut().filter(|holder| !holder.going);
        let largest = staying.max_by_key(|holder| holder.held)?;
        largest.going = true;
        self.going += largest.held;
        Some(largest.connection.clone())
    }
}
