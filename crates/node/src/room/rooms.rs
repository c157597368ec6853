//! The table of rooms that this node knows, and what it keeps for each.

use super::attachment::Attachment;
use playhouse_core::envelope::Topic;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

/// What a node keeps for a room.
pub(crate) struct Known {
    pub(crate) name: Arc<str>,
    pub(crate) topic: Topic,
    pub(super) attachment: Attachment,
    /// Numbers this node's envelopes. Held while the broker takes one, so that numbers and places in the
    /// order agree.
    pub(super) last_offset: Mutex<u64>,
}

/// The rooms by name.
#[derive(Default)]
pub(crate) struct Rooms(RwLock<HashMap<Arc<str>, Arc<Known>>>);

impl Rooms {
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Known>> {
        self.0.read().expect("nothing panics while it holds the rooms").get(name).cloned()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.read().expect("nothing panics while it holds the rooms").len()
    }

    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> =
            self.0.read().expect("nothing panics while it holds the rooms").keys().cloned().collect();
        names.sort();
        names
    }

    /// Adds a room; `false` if it is there.
    pub(crate) fn add(&self, name: &str) -> bool {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        if rooms.contains_key(name) {
            return false;
        }
        let name: Arc<str> = name.into();
        let known = Known {
            topic: Topic::room(&name),
            name: name.clone(),
            attachment: Attachment::default(),
            last_offset: Mutex::new(0),
        };
        rooms.insert(name, Arc::new(known));
        true
    }

    pub(crate) fn remove(&self, name: &str) -> Option<Arc<Known>> {
        self.0.write().expect("nothing panics while it holds the rooms").remove(name)
    }
}
