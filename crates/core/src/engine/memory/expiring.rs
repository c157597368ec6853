//! A map whose entries end at a time and weigh something.
//!
//! Owns the index of what ends when. Must not know the clock: the time is told.

use super::budget::{Budget, Share};
use super::trim;
use crate::clock::Moment;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What an entry takes beside its key and value, estimated: slots of both indexes with their spare room
/// (about 160 bytes) and the headers of two allocations.
pub(super) const ENTRY_BYTES: usize = 224;

/// The budget of so many bytes has no room for the entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full(pub(super) usize);

/// A value and when it ends.
pub(super) struct Kept<V> {
    pub(super) value: V,
    /// `None` for never.
    pub(super) ends_at: Option<Moment>,
    share: Share,
}

/// Keys and values that end.
pub(super) struct Expiring<V> {
    kept: HashMap<Arc<str>, Kept<V>>,
    /// The keys that end, soonest first.
    ends: BTreeSet<(Moment, Arc<str>)>,
}

impl<V> Default for Expiring<V> {
    fn default() -> Self {
        Self { kept: HashMap::new(), ends: BTreeSet::new() }
    }
}

impl<V> Expiring<V> {
    /// The entry of a key, unless its time is over; then it is removed.
    pub(super) fn get(&mut self, key: &str, now: Moment) -> Option<&mut Kept<V>> {
        if self.kept.get(key)?.ends_at.is_some_and(|ends_at| ends_at <= now) {
            self.remove(key);
            return None;
        }
        self.kept.get_mut(key)
    }

    /// Sets a key; `weight` is the value's bytes. When full, what was there before stays.
    pub(super) fn put(
        &mut self,
        key: &str,
        value: V,
        weight: usize,
        ends_at: Option<Moment>,
        budget: &Arc<Budget>,
    ) -> Result<(), Full> {
        let bytes = key.len().saturating_add(weight).saturating_add(ENTRY_BYTES);
        let Some((name, kept)) = self.kept.get_key_value(key).map(|(name, kept)| (Arc::clone(name), kept))
        else {
            let share = budget.take(bytes).ok_or(Full(budget.limit()))?;
            let name: Arc<str> = key.into();
            self.index(&name, None, ends_at);
            self.kept.insert(name, Kept { value, ends_at, share });
            return Ok(());
        };
        let before = kept.ends_at;
        let kept = self.kept.get_mut(key).expect("it was there a moment ago");
        if !kept.share.resize(bytes) {
            return Err(Full(budget.limit()));
        }
        (kept.value, kept.ends_at) = (value, ends_at);
        self.index(&name, before, ends_at);
        Ok(())
    }

    /// Removes a key, ended or not.
    pub(super) fn remove(&mut self, key: &str) {
        let Some((name, kept)) = self.kept.remove_entry(key) else { return };
        self.index(&name, kept.ends_at, None);
        trim(&mut self.kept);
    }

    /// Frees at most so many entries whose time is over.
    pub(super) fn sweep(&mut self, now: Moment, most: usize) {
        for _ in 0..most {
            let Some((ends_at, _)) = self.ends.first() else { return };
            if *ends_at > now {
                return;
            }
            let (_, name) = self.ends.pop_first().expect("it was there a moment ago");
            self.kept.remove(&name);
            trim(&mut self.kept);
        }
    }

    /// How many entries there are, those that ended and were not swept yet among them.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    fn index(&mut self, name: &Arc<str>, before: Option<Moment>, after: Option<Moment>) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.ends.remove(&(before, Arc::clone(name)));
        }
        if let Some(after) = after {
            self.ends.insert((after, Arc::clone(name)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Moment {
        Moment::from_micros(micros)
    }

    fn put(map: &mut Expiring<u32>, key: &str, value: u32, ends_at: Option<u64>, budget: &Arc<Budget>) {
        map.put(key, value, 0, ends_at.map(at), budget).unwrap();
    }

    fn get(map: &mut Expiring<u32>, key: &str, now: u64) -> Option<u32> {
        map.get(key, at(now)).map(|kept| kept.value)
    }

    #[test]
    fn an_entry_ends_at_its_moment_and_is_freed_by_the_look() {
        let budget = Budget::new(1_000);
        let mut map = Expiring::default();
        put(&mut map, "a", 1, Some(10), &budget);
        assert_eq!(get(&mut map, "a", 9), Some(1));
        assert_eq!(get(&mut map, "a", 10), None);
        assert_eq!((map.len(), map.ends.len()), (0, 0));
        assert!(budget.take(1_000).is_some());
    }

    #[test]
    fn a_new_end_replaces_the_old_one() {
        let budget = Budget::new(1_000);
        let mut map = Expiring::default();
        for ends_at in [Some(10), Some(30), None, Some(20), Some(20)] {
            put(&mut map, "a", 1, ends_at, &budget);
            assert_eq!(map.ends.len(), usize::from(ends_at.is_some()));
        }
        map.sweep(at(19), 9);
        assert_eq!(map.len(), 1);
        map.sweep(at(20), 9);
        assert_eq!(map.len(), 0);
    }

    #[test]
    fn a_sweep_frees_the_soonest_and_so_many() {
        let budget = Budget::new(100_000);
        let mut map = Expiring::default();
        for n in 0..100 {
            put(&mut map, &n.to_string(), 0, Some(100 - n), &budget);
        }
        put(&mut map, "for ever", 0, None, &budget);
        map.sweep(at(50), 10);
        assert_eq!(map.len(), 91);
        assert_eq!(get(&mut map, "89", 1), Some(0));
        assert_eq!(get(&mut map, "90", 1), None);
        map.sweep(at(50), usize::MAX);
        assert_eq!(map.len(), 51);
        map.sweep(Moment::NEVER, usize::MAX);
        assert_eq!((map.len(), map.ends.len()), (1, 0));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let budget = Budget::new(ENTRY_BYTES + 10);
        let mut map = Expiring::default();
        map.put("a", 1, 9, Some(at(5)), &budget).unwrap();
        assert_eq!(map.put("a", 2, 10, None, &budget), Err(Full(ENTRY_BYTES + 10)));
        assert_eq!(map.put("b", 2, 0, None, &budget), Err(Full(ENTRY_BYTES + 10)));
        assert_eq!(map.put("c", 2, usize::MAX, None, &budget), Err(Full(ENTRY_BYTES + 10)));
        assert_eq!((get(&mut map, "a", 4), map.len(), map.ends.len()), (Some(1), 1, 1));
        map.remove("a");
        map.put("b", 2, 9, None, &budget).unwrap();
    }
}
