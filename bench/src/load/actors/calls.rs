//! Calls of counters over websockets, one socket for each actor as their clients have it: so many in flight, spread
//! evenly, the next as soon as one is answered. Each answer must be the actor's next number.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Wire;
use super::wire::Counted;
use crate::load::client::Client;
use crate::load::crowd::Crowd;
use crate::load::{Delays, Failure, Load, Sample, Target, measure};
use crate::wire as frames;

/// Descriptors either side needs besides.
const OTHER_FILES: u64 = 256;

/// How many actors are called, with how many calls in flight over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crew {
    pub(crate) actors: usize,
    pub(crate) in_flight: usize,
}

/// What a run found.
pub(crate) struct Called {
    /// Answered calls per second.
    pub(crate) sample: Sample,
    /// From writing a call to having its answer.
    pub(crate) delays: Delays,
}

struct Calls {
    wire: Wire,
    callers: Vec<Caller>,
    done: u64,
    times: Vec<Duration>,
    text: Vec<u8>,
}

/// The client of one actor.
#[derive(Default)]
struct Caller {
    /// The id of the oldest call that waits, which is how many were answered, too.
    answered: u64,
    /// When each call was made that waits, the oldest first.
    waiting: VecDeque<Instant>,
}

/// Measures counters that are called through their websockets.
pub(crate) fn run(target: &Target, wire: Wire, crew: Crew) -> Result<Called, Failure> {
    let need = crew.actors as u64 + OTHER_FILES;
    if target.files_max < need {
        return Err(Failure::Files(need, target.files_max));
    }
    let places = super::make(target, wire, 0, crew.actors)?;
    let (address, mut crowd) = (target.address, Crowd::empty()?);
    crowd.admit(crew.actors, |nth| {
        let client = Client::upgrading(address, wire.upgrade(address.port(), &places[nth]))?;
        Ok((client, |message: &[u8], _: &mut Vec<u8>| wire.check_welcome(message).map(|()| true)))
    })?;
    let mut calls = Calls { wire, callers: Vec::new(), done: 0, times: Vec::new(), text: Vec::new() };
    for (nth, client) in crowd.clients.iter_mut().enumerate() {
        calls.callers.push(Caller::default());
        let share = crew.in_flight / crew.actors + usize::from(nth < crew.in_flight % crew.actors);
        calls.call(nth, client.out(), share);
        client.flush()?;
    }
    let sample = measure(&mut calls, &mut crowd, target)?;
    let delays = Delays::of(calls.times).ok_or(Failure::TooFew)?;
    Ok(Called { sample, delays })
}

impl Calls {
    fn call(&mut self, who: usize, out: &mut Vec<u8>, count: usize) {
        let caller = &mut self.callers[who];
        let now = Instant::now();
        for _ in 0..count {
            self.text.clear();
            self.wire.push_call(&mut self.text, caller.answered + caller.waiting.len() as u64);
            frames::push_client_binary(out, &self.text);
            caller.waiting.push_back(now);
        }
    }
}

impl Caller {
    /// Checks an answer; when its call was made.
    fn hear(&mut self, counted: Counted) -> Result<Instant, Failure> {
        let right = Counted { id: self.answered, count: self.answered + 1 };
        match self.waiting.pop_front() {
            Some(since) if counted == right => {
                self.answered += 1;
                Ok(since)
            }
            Some(_) => Err(Failure::Wrong(format!("{counted:?} in place of {right:?}"))),
            None => Err(Failure::Wrong(format!("nobody asked for {counted:?}"))),
        }
    }
}

impl Load for Calls {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let client = &mut crowd.clients[token];
        let (wire, caller, times) = (self.wire, &mut self.callers[token], &mut self.times);
        let (mut answered, mut now) = (0, None);
        client.pump(&mut crowd.scratch, |message| {
            let since = caller.hear(wire.counted(message)?)?;
            times.push(*now.get_or_insert_with(Instant::now) - since);
            answered += 1;
            Ok(())
        })?;
        self.done += answered as u64;
        self.call(token, client.out(), answered);
        client.flush()
    }

    fn end_turn(&mut self, _: &mut Crowd) -> Result<(), Failure> {
        Ok(())
    }

    fn done(&self) -> u64 {
        self.done
    }

    fn begin_counting(&mut self) {
        self.times.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_the_next_number() {
        let mut caller = Caller::default();
        caller.waiting.extend([Instant::now(); 3]);
        assert!(caller.hear(Counted { id: 0, count: 1 }).is_ok());
        assert!(caller.hear(Counted { id: 1, count: 2 }).is_ok());
        assert!(caller.hear(Counted { id: 2, count: 4 }).is_err(), "somebody else counted");
        assert!(caller.hear(Counted { id: 3, count: 4 }).is_err(), "nobody asked");
    }
}
