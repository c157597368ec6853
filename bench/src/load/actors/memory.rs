//! What actors cost in memory that are awake, and what those that sleep: the growth of the server's resident set.

use std::thread;
use std::time::Duration;

use super::{Wire, look, make};
use crate::load::idle::settled_kib;
use crate::load::{Failure, Target};

/// Made before the first look, so that what a server sets up once is not counted: of actors that are awake some, of those
/// that sleep as many as are counted then, so that the store's own memory, which is bounded, is full.
const FIRST: usize = 500;

/// What a run found.
pub(crate) struct Held {
    pub(crate) actors: usize,
    /// Resident memory for each actor, in KiB.
    pub(crate) kib: f64,
}

/// Measures `actors` that are awake. The server was told to let none sleep.
pub(crate) fn live(target: &Target, wire: Wire, actors: usize) -> Result<Held, Failure> {
    grown(target, wire, [FIRST, actors], Duration::ZERO)
}

/// Measures `actors` that were made, have been called once, and sleep. The server was told how soon they sleep; `nap` is longer.
pub(crate) fn asleep(target: &Target, actors: usize, nap: Duration) -> Result<Held, Failure> {
    grown(target, Wire::RivetKit, [actors, actors], nap)
}

fn grown(target: &Target, wire: Wire, [first, actors]: [usize; 2], nap: Duration) -> Result<Held, Failure> {
    // Each is called, so that it has been awake.
    let grow = |from, count| {
        look(target, wire, &make(target, wire, from, count)?)?;
        thread::sleep(nap);
        settled_kib(target.pid)
    };
    let before = grow(0, first)?;
    let kib = (grow(first, actors)? - before) / f64::from(u32::try_from(actors).unwrap_or(u32::MAX));
    Ok(Held { actors, kib })
}
