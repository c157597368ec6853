//! The sessions of one mount, by their names, and the names of those that have ended lately.
//!
//! Names come from clients and are the keys to their sessions: what is kept of one are 128 bits that are made of it and of
//! keys of this process, which tell nobody anything and take the same room however long a name is.

use super::{Desk, Mount};
use playhouse_core::clock::Moment;
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard};

/// How many names of ended sessions are kept. Where more end within the time, the oldest are forgotten first, and a late
/// request of their clients begins a new session.
const ENDED_MAX: usize = 65_536;

/// What is kept of a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Name([u64; 2]);

/// The sessions of a mount.
#[derive(Default)]
pub(super) struct Sessions {
    keys: [RandomState; 2],
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    by_name: HashMap<Name, Stand>,
    /// Those that have ended, and until when their names are kept, in this order.
    ended: VecDeque<(Name, Moment)>,
}

enum Stand {
    /// Its first request is looked at.
    Opening,
    Open(Arc<Desk>),
    Ended,
}

/// What is known of a name.
pub(crate) enum Found {
    /// Nothing: it is reserved for whoever asks.
    New(Reservation),
    /// Another request opens the session just now.
    Opening,
    /// It is a session's.
    Open(Arc<Desk>),
    /// It was one's.
    Ended,
}

/// A name for a session that is yet to begin; free again when this is dropped before.
pub(crate) struct Reservation {
    mount: Arc<Mount>,
    name: Name,
    is_filled: bool,
}

impl Sessions {
    pub(super) fn find(mount: &Arc<Mount>, name: &str, now: Moment) -> Found {
        let own = &mount.sessions;
        let name = own.name(name);
        let mut all = own.all();
        all.forget(now);
        match all.by_name.entry(name) {
            Entry::Vacant(vacant) => {
                vacant.insert(Stand::Opening);
                Found::New(Reservation { mount: mount.clone(), name, is_filled: false })
            }
            Entry::Occupied(occupied) => match occupied.get() {
                Stand::Opening => Found::Opening,
                Stand::Open(desk) => Found::Open(desk.clone()),
                Stand::Ended => Found::Ended,
            },
        }
    }

    /// The session of a name, if it is open.
    pub(super) fn session(&self, name: &str) -> Option<Arc<Desk>> {
        match self.all().by_name.get(&self.name(name))? {
            Stand::Open(desk) => Some(desk.clone()),
            Stand::Opening | Stand::Ended => None,
        }
    }

    /// A session has ended; its name is kept for a time.
    pub(super) fn end(&self, name: Name, now: Moment, until: Moment) {
        let mut all = self.all();
        let before = all.by_name.insert(name, Stand::Ended);
        all.ended.push_back((name, until));
        all.forget(now);
        drop(all);
        // It may be the last that holds the desk.
        drop(before);
    }

    fn name(&self, name: &str) -> Name {
        Name(self.keys.each_ref().map(|key| key.hash_one(name)))
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().expect("nothing panics while it holds this")
    }
}

impl All {
    fn forget(&mut self, now: Moment) {
        while let Some((name, until)) = self.ended.front()
            && (*until <= now || self.ended.len() > ENDED_MAX)
        {
            self.by_name.remove(name);
            self.ended.pop_front();
        }
    }
}

impl Reservation {
    pub(super) fn mount(&self) -> &Arc<Mount> {
        &self.mount
    }

    pub(super) fn name(&self) -> Name {
        self.name
    }

    /// The session has begun.
    pub(super) fn fill(mut self, desk: &Arc<Desk>) {
        self.is_filled = true;
        self.mount.sessions.all().by_name.insert(self.name, Stand::Open(desk.clone()));
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.is_filled {
            self.mount.sessions.all().by_name.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_ended_are_kept_for_their_time_and_never_too_many() {
        let sessions = Sessions::default();
        let at = Moment::from_micros;
        let known = |name: &str| sessions.all().by_name.contains_key(&sessions.name(name));
        sessions.end(sessions.name("a"), at(0), at(10));
        sessions.end(sessions.name("b"), at(5), at(15));
        assert!(known("a") && known("b") && !known("c"));
        assert!(sessions.session("a").is_none());
        sessions.all().forget(at(10));
        assert!(!known("a") && known("b"));
        for n in 0..ENDED_MAX {
            sessions.end(sessions.name(&n.to_string()), at(10), at(20));
        }
        assert!(!known("b") && known("0"));
        assert_eq!(sessions.all().by_name.len(), ENDED_MAX);
        sessions.all().forget(at(20));
        assert!(sessions.all().by_name.is_empty() && sessions.all().ended.is_empty());
    }
}
