//! The memory engine: `Broker`, `Presence`, `Cache` and `Store` for one machine, kept in this process.
//!
//! Production code, not a stand-in: it passes the same contract suites as every other engine. Owns no task
//! and no thread; what there is to do is done in the call. Knows no other node: there is none.

mod broker;
mod budget;
mod cache;
mod expiring;
mod line;
mod presence;
mod store;

pub use broker::Broker;
pub use cache::Cache;
pub use presence::Presence;
pub use store::Store;

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, MutexGuard};

/// Parts of a sharded map: few enough that an empty one weighs nothing, and enough that two workers seldom
/// want the same part at the same moment.
const SHARDS: usize = 64;

/// A map in parts by the key's hash, each behind a lock of its own, so that workers don't contend.
struct Shards<T> {
    /// Not the hasher of the maps inside: with the same one, all keys of a part would share their low bits.
    hash: RandomState,
    parts: Box<[Mutex<T>]>,
}

impl<T: Default> Shards<T> {
    fn new() -> Self {
        Self { hash: RandomState::new(), parts: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// The part that a key belongs to, locked.
    fn of(&self, key: &str) -> MutexGuard<'_, T> {
        let part = self.hash.hash_one(key) % SHARDS as u64;
        locked(&self.parts[usize::try_from(part).expect("smaller than SHARDS")])
    }

    /// Every part, locked one after the other.
    fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.parts.iter().map(locked)
    }
}

/// Locks for a moment. Nothing is awaited and no code of a caller runs under the engine's locks, so none is
/// ever poisoned.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics under an engine's lock")
}

/// Gives memory back after removals. A map never does by itself: a room of 10,000 that all have left would
/// keep their places. Halving at a quarter costs a constant per removal, spread over all.
fn trim<K: Eq + Hash, V>(map: &mut HashMap<K, V>) {
    const SMALL: usize = 64;
    if map.capacity() > SMALL && map.len() < map.capacity() / 4 {
        map.shrink_to(map.len() * 2);
    }
}
