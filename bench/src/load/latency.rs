//! How long a message of a room is on its way: one in flight, one member beside the sayer on its own server, one
//! on the last server (the same one, where there is but one).
//!
//! The clock starts before the sayer's write and is read once the whole frame was taken from the socket and
//! checked. The generator's own part is in every figure, on both sides of a comparison alike.

use std::time::{Duration, Instant};

use crate::load::crowd::Crowd;
use crate::load::say::{Room, Say};
use crate::load::{Failure, Load, Sample, Target, measure};

/// The sayer, one beside it, one at the last server.
pub(crate) const MEMBERS: usize = 3;
const SAYER: usize = 0;
const NEAR: usize = 1;

/// The times from saying to hearing, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Delays {
    pub(crate) median: f64,
    pub(crate) p99: f64,
}

/// What a run found.
pub(crate) struct Timed {
    pub(crate) sample: Sample,
    /// As heard by a member on the sayer's server.
    pub(crate) near: Delays,
    /// As heard by a member on the last server.
    pub(crate) far: Delays,
    /// Until the sayer has its reply.
    pub(crate) reply: Delays,
    /// All that was said since the room was gathered, the warm-up included.
    pub(crate) messages: u64,
}

struct Latency {
    say: Say,
    said_at: Instant,
    near: Vec<Duration>,
    far: Vec<Duration>,
    reply: Vec<Duration>,
}

impl Room {
    /// Measures how long messages are on their way. The room must have [`MEMBERS`].
    pub(crate) fn time(&mut self, target: &Target) -> Result<Timed, Failure> {
        let say = Say::new(self.dialect, self.crowd.clients.len(), 1);
        let mut latency =
            Latency { say, said_at: Instant::now(), near: Vec::new(), far: Vec::new(), reply: Vec::new() };
        latency.end_turn(&mut self.crowd)?;
        let sample = measure(&mut latency, &mut self.crowd, target)?;
        let messages = latency.say.finish(&mut self.crowd)?;
        let delays = |found: Vec<Duration>| Delays::of(found).ok_or(Failure::TooFew);
        let (near, far, reply) = (delays(latency.near)?, delays(latency.far)?, delays(latency.reply)?);
        Ok(Timed { sample, near, far, reply, messages })
    }
}

impl Load for Latency {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let Self { say, said_at, near, far, reply } = self;
        let client = &mut crowd.clients[token];
        client.pump(&mut crowd.scratch, |text| {
            let is_message = say.hear(token, text)?;
            match (token, is_message) {
                (_, false) => reply.push(said_at.elapsed()),
                // Its own copy: neither near nor far.
                (SAYER, true) => {}
                (NEAR, true) => near.push(said_at.elapsed()),
                (_, true) => far.push(said_at.elapsed()),
            }
            Ok(())
        })?;
        client.flush()
    }

    fn end_turn(&mut self, crowd: &mut Crowd) -> Result<(), Failure> {
        if self.say.settle() {
            self.said_at = Instant::now();
        }
        self.say.end_turn(crowd)
    }

    fn done(&self) -> u64 {
        self.say.done()
    }

    fn begin_counting(&mut self) {
        for found in [&mut self.near, &mut self.far, &mut self.reply] {
            found.clear();
        }
    }
}

impl Delays {
    /// The quantiles of some times, by nearest rank: each is a time that was measured. `None` of none.
    pub(crate) fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let at = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.checked_sub(1)?).map(|time| time.as_secs_f64() * 1e6)
        };
        Some(Self { median: at(50)?, p99: at(99)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let of = |micros: &[u64]| {
            Delays::of(micros.iter().copied().map(Duration::from_micros).collect())
                .map(|delays| (delays.median.round(), delays.p99.round()))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some((7.0, 7.0)));
        assert_eq!(of(&[9, 1]), Some((1.0, 9.0)));
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), Some((50.0, 99.0)));
    }
}
