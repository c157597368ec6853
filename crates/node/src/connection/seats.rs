//! The seats of one connection at actors, and its calls that no actor has answered.
//!
//! Owns which numbers are whose, and both limits. Knows no operand and no wire. A seat is never
//! asked for anything while this is locked: it may answer at once, and look in here for whom.

use playhouse_core::actor::Seat;
use playhouse_core::event::Tag;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// The seats of a connection. Most have none, and keep nothing here.
#[derive(Default)]
pub(crate) struct Seats(OnceLock<Box<Mutex<State>>>);

#[derive(Default)]
struct State {
    latest_call: u64,
    taken: HashMap<u32, Taken>,
    calls: HashMap<u64, Asked>,
}

#[derive(Default)]
struct Taken {
    /// `None` while it is being asked for.
    seat: Option<Arc<dyn Seat>>,
    /// Of who took it, until that is answered.
    arriving: Option<Tag>,
}

struct Asked {
    seat: u32,
    tag: Tag,
}

/// Why a call is not begun; with the tag that it came with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// The seat is no more: nobody would answer.
    NoSeat(Tag),
    /// As many calls wait as may.
    TooMany(Tag),
}

/// A seat that is no more.
pub(super) struct Gone {
    pub(super) seat: Option<Arc<dyn Seat>>,
    /// Who took it and was never answered.
    pub(super) arriving: Option<Tag>,
    /// Calls that were never answered, in their order.
    pub(super) calls: Vec<Tag>,
}

/// A tag for one who waits. The operands of what it asked are for refusals, and may be large.
fn held(tag: Tag) -> Tag {
    Tag { rest: None, ..tag }
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.get_or_init(Box::default).lock().expect("nothing panics while it holds seats")
    }

    /// What there is, if anything ever was.
    fn state(&self) -> Option<MutexGuard<'_, State>> {
        self.0.get().map(|state| state.lock().expect("nothing panics while it holds seats"))
    }

    /// Takes a number for one seat more, with at most `limit` in all.
    ///
    /// # Errors
    /// There are as many; the tag comes back.
    pub(super) fn reserve(&self, limit: usize, mut next: impl FnMut() -> u32, tag: Tag) -> Result<u32, Tag> {
        let mut state = self.lock();
        if state.taken.len() >= limit {
            return Err(tag);
        }
        let mut number = next();
        // Once in four thousand million they begin anew. 0 is no number, as it counts as none in a client's language.
        while number == 0 || state.taken.contains_key(&number) {
            number = next();
        }
        state.taken.insert(number, Taken { seat: None, arriving: Some(held(tag)) });
        Ok(number)
    }

    /// Keeps a seat under its number; gives it back if that is over already.
    pub(super) fn keep(&self, number: u32, seat: Arc<dyn Seat>) -> Option<Arc<dyn Seat>> {
        match self.lock().taken.get_mut(&number) {
            Some(taken) => {
                taken.seat = Some(seat);
                None
            }
            None => Some(seat),
        }
    }

    /// Who is to hear that the seat is taken; once.
    pub(super) fn arrived(&self, number: u32) -> Option<Tag> {
        self.state()?.taken.get_mut(&number)?.arriving.take()
    }

    pub(super) fn find(&self, number: u32) -> Option<Arc<dyn Seat>> {
        self.state()?.taken.get(&number)?.seat.clone()
    }

    /// A number for one call more of a seat, with at most `limit` that wait in all. The seat may have ended since it
    /// was found, and then nothing would ever answer.
    ///
    /// # Errors
    /// See [`Unfit`].
    pub(super) fn begin(&self, seat: u32, limit: usize, tag: Tag) -> Result<u64, Unfit> {
        let mut state = self.lock();
        if !state.taken.contains_key(&seat) {
            return Err(Unfit::NoSeat(tag));
        }
        if state.calls.len() >= limit {
            return Err(Unfit::TooMany(tag));
        }
        state.latest_call += 1;
        let number = state.latest_call;
        state.calls.insert(number, Asked { seat, tag: held(tag) });
        Ok(number)
    }

    /// Who waits for a call's answer; once.
    pub(super) fn answered(&self, call: u64) -> Option<Tag> {
        self.state()?.calls.remove(&call).map(|asked| asked.tag)
    }

    /// Forgets a seat and all that waits for it.
    pub(super) fn remove(&self, number: u32) -> Option<Gone> {
        let mut state = self.state()?;
        let Taken { seat, arriving } = state.taken.remove(&number)?;
        let mut calls: Vec<_> = state.calls.extract_if(|_, asked| asked.seat == number).collect();
        calls.sort_unstable_by_key(|(call, _)| *call);
        Some(Gone { seat, arriving, calls: calls.into_iter().map(|(_, asked)| asked.tag).collect() })
    }

    /// Forgets all; returns the seats, and how many calls nobody will hear the answers of.
    pub(super) fn clear(&self) -> (Vec<Arc<dyn Seat>>, usize) {
        let Some(mut state) = self.state() else { return (Vec::new(), 0) };
        let state = std::mem::take(&mut *state);
        (state.taken.into_values().filter_map(|taken| taken.seat).collect(), state.calls.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_limits_hold() {
        let seats = Seats::default();
        let mut latest = u32::MAX - 1;
        let mut next = || {
            latest = latest.wrapping_add(1);
            latest
        };
        let tag = || Tag { rest: Some("{}".into()), ..Tag::new("1") };
        assert_eq!(seats.reserve(2, &mut next, tag()), Ok(u32::MAX));
        assert_eq!(seats.reserve(2, &mut next, tag()), Ok(1));
        assert_eq!(seats.reserve(2, &mut next, tag()), Err(tag()), "with what the refusal gives back");
        assert_eq!(seats.arrived(1), Some(Tag::new("1")), "without");
        assert_eq!(seats.arrived(1), None);
        assert_eq!((seats.begin(1, 2, tag()), seats.begin(u32::MAX, 2, tag())), (Ok(1), Ok(2)));
        assert_eq!(seats.begin(1, 2, tag()), Err(Unfit::TooMany(tag())));
        let gone = seats.remove(1).unwrap();
        assert_eq!((gone.arriving, gone.calls), (None, vec![Tag::new("1")]));
        assert_eq!((seats.answered(1), seats.answered(2)), (None, Some(Tag::new("1"))));
        assert_eq!(seats.reserve(2, &mut next, tag()), Ok(2));
        assert!(seats.remove(1).is_none());
    }

    #[test]
    fn no_call_begins_at_a_seat_that_is_no_more() {
        let seats = Seats::default();
        assert_eq!(seats.begin(7, 2, Tag::new("1")), Err(Unfit::NoSeat(Tag::new("1"))));
        let seat = seats.reserve(1, || 7, Tag::new("1")).unwrap();
        seats.remove(seat);
        assert_eq!(seats.begin(seat, 2, Tag::new("2")), Err(Unfit::NoSeat(Tag::new("2"))));
        assert_eq!(seats.clear().1, 0, "nothing is left to be answered");
    }
}
