//! Durable actors under load: each is a counter that is asked to count, and every answer must be the next number.
//!
//! `Wire` is how a client speaks to them; `asks` makes many requests over HTTP, `calls` keeps calls in flight on
//! websockets, one for each actor, `wakes` calls those that sleep, `memory` looks at what they cost.

mod asks;
mod calls;
mod cbor;
mod memory;
mod wakes;
mod wire;

pub(crate) use calls::{Called, Crew, run as calls};
pub(crate) use memory::{Held, asleep, live};
pub(crate) use wakes::{Woken, run as wakes};
pub(crate) use wire::Wire;

use crate::load::{Failure, Target};

/// Connections that make actors, and that look at them.
const MAKERS: usize = 64;

/// Makes counters, from the one with this number on; tells where each is.
fn make(target: &Target, wire: Wire, from: usize, count: usize) -> Result<Vec<String>, Failure> {
    let port = target.address.port();
    let found = asks::ask(target.address, MAKERS, count, |nth| wire.make(port, from + nth))?;
    found.iter().map(|answer| wire.place(&answer.body)).collect()
}

/// Calls each of these counters, which nobody has counted up; an actor that sleeps is awake then.
fn look(target: &Target, wire: Wire, places: &[String]) -> Result<(), Failure> {
    let port = target.address.port();
    let found = asks::ask(target.address, MAKERS, places.len(), |nth| wire.look(port, &places[nth]))?;
    found.iter().try_for_each(|answer| untouched(wire, &answer.body))
}

/// Checks that nothing was counted.
fn untouched(wire: Wire, answer: &[u8]) -> Result<(), Failure> {
    match wire.seen(answer)? {
        0 => Ok(()),
        count => Err(Failure::Wrong(format!("a count of {count} where nobody counted"))),
    }
}
