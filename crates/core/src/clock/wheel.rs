//! One shard of a hashed timer wheel (Varghese and Lauck): who is to be woken at which tick. Pure data:
//! it reads no clock, takes no lock and wakes nobody; its owner does.

use std::mem;
use std::task::Waker;

/// Slots of one revolution. With ticks of 8 ms one revolution is 32.8 s, so that a heartbeat of 30 s is
/// looked at once, when it is due.
const SLOTS: usize = 4_096;
const WORDS: usize = SLOTS / 64;

/// The end of a list, and the index of no entry.
const NONE: u32 = u32::MAX;

/// The tick of an entry that is in no slot: it has fired, or it is free.
const UNLINKED: u64 = u64::MAX;

/// Names an entry of one shard, until it is released.
pub(super) type Key = u32;

/// 32 bytes: what a registered timer costs beside itself.
struct Entry {
    tick: u64,
    waker: Option<Waker>,
    before: u32,
    after: u32,
}

/// Entries in slots by tick, slots in a bitmap so that empty ones are skipped.
pub(super) struct Wheel {
    entries: Vec<Entry>,
    /// The first free entry; free entries are chained by `after`.
    free: u32,
    heads: Box<[u32]>,
    filled: [u64; WORDS],
    /// Every tick up to this one has been handled.
    done: u64,
}

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: NONE,
            heads: vec![NONE; SLOTS].into_boxed_slice(),
            filled: [0; WORDS],
            done: 0,
        }
    }

    /// Takes an entry that wakes `waker` at `tick`. Returns it with the tick it was given: a tick that
    /// has been handled already becomes the next one.
    pub(super) fn insert(&mut self, tick: u64, waker: Waker) -> (Key, u64) {
        let key = self.claim(waker);
        (key, self.link(key, tick))
    }

    /// Sees to it that `key` wakes `waker` no later than `tick`. An entry that is due earlier stays where
    /// it is. Returns the tick only where the entry was moved.
    pub(super) fn renew(&mut self, key: Key, tick: u64, waker: &Waker) -> Option<u64> {
        let entry = &mut self.entries[key as usize];
        match &mut entry.waker {
            Some(held) if held.will_wake(waker) => {}
            held => *held = Some(waker.clone()),
        }
        self.hasten(key, tick)
    }

    /// Moves `key` to `tick` if it is due later than that, or has fired and still has its waker.
    pub(super) fn hasten(&mut self, key: Key, tick: u64) -> Option<u64> {
        let entry = &self.entries[key as usize];
        if entry.tick <= tick || entry.waker.is_none() {
            return None;
        }
        self.unlink(key);
        Some(self.link(key, tick))
    }

    /// Frees `key`. The waker is returned so that the owner drops it outside its lock.
    pub(super) fn release(&mut self, key: Key) -> Option<Waker> {
        self.unlink(key);
        let entry = &mut self.entries[key as usize];
        entry.after = self.free;
        self.free = key;
        entry.waker.take()
    }

    /// Moves the wakers of what is due at `now` to `out`, until `out` is full. Returns false if there is
    /// more: call again with room.
    pub(super) fn collect(&mut self, now: u64, out: &mut Vec<Waker>, room: usize) -> bool {
        while let Some(tick) = self.next() {
            if tick > now {
                break;
            }
            if !self.collect_slot(slot_of(tick), now, out, room) {
                return false;
            }
            self.done = tick;
        }
        self.done = self.done.max(now);
        true
    }

    /// The next tick at which something may be due; what sits there may belong to a later revolution.
    pub(super) fn next(&self) -> Option<u64> {
        let from = slot_of(self.done + 1);
        let (first, bit) = (from / 64, from % 64);
        // The first word is looked at twice: above `from` at the beginning, below it at the end.
        for step in 0..=WORDS {
            let index = (first + step) % WORDS;
            let mask = match step {
                0 => u64::MAX << bit,
                WORDS => !(u64::MAX << bit),
                _ => u64::MAX,
            };
            let word = self.filled[index] & mask;
            if word != 0 {
                let slot = index * 64 + word.trailing_zeros() as usize;
                let ahead = (slot + SLOTS - from) % SLOTS;
                return Some(self.done + 1 + ahead as u64);
            }
        }
        None
    }

    fn collect_slot(&mut self, slot: usize, now: u64, out: &mut Vec<Waker>, room: usize) -> bool {
        let mut key = self.heads[slot];
        while key != NONE {
            let (tick, after) = (self.entries[key as usize].tick, self.entries[key as usize].after);
            if tick <= now {
                if out.len() >= room {
                    return false;
                }
                self.unlink(key);
                out.extend(self.entries[key as usize].waker.take());
            }
            key = after;
        }
        true
    }

    fn claim(&mut self, waker: Waker) -> Key {
        if self.free != NONE {
            let key = self.free;
            let entry = &mut self.entries[key as usize];
            self.free = mem::replace(&mut entry.after, NONE);
            entry.waker = Some(waker);
            return key;
        }
        let key = u32::try_from(self.entries.len()).expect("fewer than four billion timers");
        self.entries.push(Entry { tick: UNLINKED, waker: Some(waker), before: NONE, after: NONE });
        key
    }

    fn link(&mut self, key: Key, tick: u64) -> u64 {
        // Never into the slot that was just handled: it comes round only after a whole revolution.
        let tick = tick.clamp(self.done + 1, UNLINKED - 1);
        let slot = slot_of(tick);
        let after = mem::replace(&mut self.heads[slot], key);
        if after != NONE {
            self.entries[after as usize].before = key;
        }
        let entry = &mut self.entries[key as usize];
        (entry.tick, entry.before, entry.after) = (tick, NONE, after);
        self.filled[slot / 64] |= 1 << (slot % 64);
        tick
    }

    fn unlink(&mut self, key: Key) {
        let entry = &mut self.entries[key as usize];
        let tick = mem::replace(&mut entry.tick, UNLINKED);
        if tick == UNLINKED {
            return;
        }
        let (before, after) = (entry.before, entry.after);
        (entry.before, entry.after) = (NONE, NONE);
        if after != NONE {
            self.entries[after as usize].before = before;
        }
        if before != NONE {
            self.entries[before as usize].after = after;
            return;
        }
        let slot = slot_of(tick);
        self.heads[slot] = after;
        if after == NONE {
            self.filled[slot / 64] &= !(1 << (slot % 64));
        }
    }
}

fn slot_of(tick: u64) -> usize {
    usize::try_from(tick % SLOTS as u64).expect("below the number of slots")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn counter() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        (count.clone(), Waker::from(count))
    }

    fn due(wheel: &mut Wheel, now: u64) -> usize {
        let mut out = Vec::new();
        assert!(wheel.collect(now, &mut out, usize::MAX));
        out.len()
    }

    #[test]
    fn an_entry_costs_32_bytes() {
        assert_eq!(size_of::<Entry>(), 32);
    }

    #[test]
    fn nothing_is_due_before_its_tick_nor_a_revolution_early() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        let far = 3 * SLOTS as u64 + 7;
        wheel.insert(5, waker.clone());
        wheel.insert(far, waker);
        assert_eq!(due(&mut wheel, 4), 0);
        assert_eq!(due(&mut wheel, 5), 1);
        for now in 6..far {
            assert_eq!(due(&mut wheel, now), 0, "at {now}");
        }
        assert_eq!(due(&mut wheel, far), 1);
        assert_eq!(wheel.next(), None);
    }

    #[test]
    fn a_leap_over_many_revolutions_finds_all() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        for n in 0..1_000 {
            wheel.insert(n * 37, waker.clone());
        }
        assert_eq!(due(&mut wheel, 1_000_000), 1_000);
    }

    #[test]
    fn next_is_the_nearest_filled_slot() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        assert_eq!(wheel.next(), None);
        wheel.insert(4_000, waker.clone());
        assert_eq!(wheel.next(), Some(4_000));
        due(&mut wheel, 4_050);
        wheel.insert(4_051 + SLOTS as u64 - 1, waker.clone());
        assert_eq!(wheel.next(), Some(4_051 + SLOTS as u64 - 1), "the slot just behind is the farthest");
        wheel.insert(4_060, waker);
        assert_eq!(wheel.next(), Some(4_060));
    }

    #[test]
    fn what_is_late_already_is_due_at_the_next_tick() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        due(&mut wheel, 100);
        assert_eq!(wheel.insert(7, waker).1, 101);
        assert_eq!(due(&mut wheel, 101), 1);
    }

    #[test]
    fn renewing_to_a_later_tick_moves_nothing() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        let (key, _) = wheel.insert(10, waker.clone());
        assert_eq!(wheel.renew(key, 50, &waker), None);
        assert_eq!(wheel.renew(key, 3, &waker), Some(3));
        assert_eq!(due(&mut wheel, 3), 1);
        assert_eq!(wheel.hasten(key, 50), None, "it has fired and has no waker");
        assert_eq!(wheel.renew(key, 50, &waker), Some(50));
        assert_eq!(due(&mut wheel, 50), 1);
    }

    #[test]
    fn releasing_frees_the_entry_for_the_next() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        let keys: Vec<Key> = (0..100).map(|_| wheel.insert(9, waker.clone()).0).collect();
        for key in &keys {
            assert!(wheel.release(*key).is_some());
        }
        assert_eq!(wheel.next(), None);
        for _ in 0..100 {
            wheel.insert(9, waker.clone());
        }
        assert_eq!(wheel.entries.len(), 100);
        assert_eq!(due(&mut wheel, 9), 100);
    }

    #[test]
    fn collects_in_portions() {
        let (_, waker) = counter();
        let mut wheel = Wheel::new();
        for _ in 0..10 {
            wheel.insert(1, waker.clone());
        }
        let mut out = Vec::new();
        assert!(!wheel.collect(1, &mut out, 4));
        assert_eq!(mem::take(&mut out).len(), 4);
        assert!(wheel.collect(1, &mut out, 100));
        assert_eq!(out.len(), 6);
    }
}
