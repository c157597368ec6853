//! How long the first call of an actor takes that sleeps, beside the same call of one that is awake: one call in flight,
//! over HTTP, that only reads, so that no write to the disk is in it.

use std::thread;
use std::time::Duration;

use super::{Wire, asks, look, make, untouched};
use crate::load::{Delays, Failure, Target};

const ACTORS: usize = 2_000;

/// What a run found.
pub(crate) struct Woken {
    pub(crate) asleep: Delays,
    pub(crate) awake: Delays,
}

/// Makes counters, calls them once so that they have lived, lets them sleep, and calls each twice. The server was told how soon they sleep; `nap` is longer.
pub(crate) fn run(target: &Target, nap: Duration) -> Result<Woken, Failure> {
    let wire = Wire::RivetKit;
    let places = make(target, wire, 0, ACTORS)?;
    look(target, wire, &places)?;
    thread::sleep(nap);
    let (mut asleep, mut awake) = (Vec::new(), Vec::new());
    let port = target.address.port();
    // Two behind each other at the same actor: only the first one has to wake it.
    let answers = asks::ask(target.address, 1, ACTORS * 2, |nth| wire.look(port, &places[nth / 2]))?;
    for (nth, answer) in answers.iter().enumerate() {
        untouched(wire, &answer.body)?;
        if nth % 2 == 0 { asleep.push(answer.time) } else { awake.push(answer.time) }
    }
    let delays = |times| Delays::of(times).ok_or(Failure::TooFew);
    Ok(Woken { asleep: delays(asleep)?, awake: delays(awake)? })
}
