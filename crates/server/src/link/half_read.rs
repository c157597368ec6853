//! What all links of a node hold half-read: bytes of messages whose end has not come.
//!
//! One slow sender of a large message costs little; a thousand of them would fill the memory. Above the
//! limit the one that holds most is closed.

use playhouse_core::codes;
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
    holders: HashMap<String, (usize, Connection)>,
}

impl HalfRead {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// Tells what a link holds now, where it held `before` when it told last; returns what it has told.
    pub(crate) fn set(&self, connection: &Connection, before: usize, now: usize) -> usize {
        let now = if now < COUNTED_FROM { 0 } else { now };
        if before == now {
            return now;
        }
        let mut state = self.state.lock().expect("nothing panics while it holds this");
        state.total = state.total - before + now;
        if now == 0 {
            state.holders.remove(connection.id().as_str());
        } else {
            state.holders.insert(connection.id().to_string(), (now, connection.clone()));
        }
        if state.total > self.limit {
            let largest =
                state.holders.values().max_by_key(|(held, _)| *held).map(|(_, holder)| holder.clone());
            drop(state);
            if let Some(largest) = largest {
                tracing::warn!(connection = %largest.id(), limit = self.limit, "too much is half-read");
                largest.close(&codes::CROWDED);
            }
        }
        now
    }
}
