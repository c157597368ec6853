//! The sessions of one mount, by their ids. An id is a secret: its first part finds a session, the rest proves that
//! whoever asks may have it.

use super::desk::Desk;
use playhouse_core::rng::Rng;
use playhouse_core::secret;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard};

/// Random bytes of an id: 24, which are 32 characters. The first 6 bytes are no secret, the other 144 bits are.
const ID_BYTES: usize = 24;

/// Characters of an id that find its session.
const FINDS: usize = 8;

/// The sessions of a mount.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Box<str>, Arc<Desk>>>);

impl Sessions {
    /// Gives a new session its id, and keeps it.
    pub(super) fn add(&self, rng: &Rng, make: impl FnOnce(Arc<str>) -> Arc<Desk>) -> Arc<Desk> {
        let mut all = self.all();
        loop {
            let id = rng.token(ID_BYTES);
            if let Entry::Vacant(vacant) = all.entry(id[..FINDS].into()) {
                return vacant.insert(make(id.into())).clone();
            }
        }
    }

    /// The session of an id.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Desk>> {
        let found = self.all().get(id.get(..FINDS)?)?.clone();
        secret::same(found.sid(), id).then_some(found)
    }

    pub(super) fn remove(&self, desk: &Desk) {
        self.all().remove(&desk.sid()[..FINDS]);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<Desk>>> {
        self.0.lock().expect("nothing panics while it holds this")
    }
}
