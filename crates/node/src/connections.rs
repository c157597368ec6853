//! All connections of a node, to be found by id.

use crate::connection::Connection;
use playhouse_core::id::ConnectionId;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard};

/// Spread over so many locks, so that workers that accept don't contend.
const SHARDS: usize = 16;

type Shard = Mutex<HashMap<ConnectionId, Connection>>;

/// The connections of a node.
pub(crate) struct Connections {
    shards: [Shard; SHARDS],
    hasher: RandomState,
}

impl Default for Connections {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl Connections {
    fn shard(&self, id: &str) -> MutexGuard<'_, HashMap<ConnectionId, Connection>> {
        let hash = self.hasher.hash_one(id);
        let shard = &self.shards[usize::try_from(hash % SHARDS as u64).expect("a small number")];
        shard.lock().expect("nothing panics while it holds a shard")
    }

    pub(crate) fn add(&self, connection: &Connection) {
        self.shard(connection.id().as_str()).insert(connection.id().clone(), connection.clone());
    }

    /// Removes it; `true` for the one caller who did.
    pub(crate) fn remove(&self, connection: &Connection) -> bool {
        let mut shard = self.shard(connection.id().as_str());
        let removed = shard.remove(connection.id()).is_some();
        if shard.is_empty() {
            shard.shrink_to_fit();
        }
        removed
    }

    pub(crate) fn get(&self, id: &str) -> Option<Connection> {
        self.shard(id).get(id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Connection> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.lock().expect("nothing panics while it holds a shard").values().cloned());
        }
        all
    }

    pub(crate) fn count(&self) -> usize {
        self.shards.iter().map(|s| s.lock().expect("nothing panics while it holds a shard").len()).sum()
    }
}
