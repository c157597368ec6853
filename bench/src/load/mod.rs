//! The load generator: one thread, one epoll instance, raw sockets; every answer's content is checked.
//!
//! `Work` names what can be measured; each work has a file. They know the wire and nothing of any server's
//! inside.

pub(crate) mod actors;
pub(crate) mod client;
mod connects;
mod crowd;
mod dialect;
mod echo;
mod failure;
mod http;
mod idle;
mod latency;
mod meter;
mod polling;
mod say;

use std::net::SocketAddrV4;
use std::time::Duration;

use clap::ValueEnum;

pub(crate) use failure::Failure;
pub(crate) use latency::{Delays, MEMBERS as LATENCY_MEMBERS};
pub(crate) use say::{MEMBERS as SAY_MEMBERS, Room};

use crowd::{Crowd, WAIT};
use dialect::Dialect;
use meter::Meter;

/// One kind of work that a server is measured at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Action echo, 64 connections, one in flight on each
    #[value(name = "echo-1")]
    Echo1,
    /// Action echo, 64 connections, 16 in flight on each
    #[value(name = "echo-16")]
    Echo16,
    /// A room of 1,000 members, one message at a time until all have it
    #[value(name = "say-1")]
    Say1,
    /// A room of 1,000 members, 32 messages of one sender in flight
    #[value(name = "say-32")]
    Say32,
    /// Event echo with an ack of socket.io, 64 connections, one in flight on each
    #[value(name = "socketio-1")]
    SocketIo1,
    /// Event echo with an ack of socket.io, 64 connections, 16 in flight on each
    #[value(name = "socketio-16")]
    SocketIo16,
    /// A room of 1,000 members by socket.io, one message at a time until all have it
    #[value(name = "socketio-say")]
    SocketIoSay,
    /// GET /api/echo, 64 keep-alive connections, one request in flight on each
    #[value(name = "http")]
    Http,
    /// Connect, upgrade, welcome, reset, with 32 at a time
    #[value(name = "connects")]
    Connects,
    /// Memory of 10,000 idle websocket connections
    #[value(name = "idle")]
    Idle,
    /// Memory of 10,000 idle connections of socket.io, each a websocket
    #[value(name = "idle-socketio")]
    IdleSocketIo,
    /// Memory of 10,000 idle sessions of engine.io, each with a poll that waits
    #[value(name = "idle-polling")]
    IdlePolling,
}

impl Work {
    /// What its value counts.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Echo1 | Self::Echo16 | Self::SocketIo1 | Self::SocketIo16 => "actions/s",
            Self::Say1 | Self::Say32 | Self::SocketIoSay => "deliveries/s",
            Self::Http => "requests/s",
            Self::Connects => "connects/s",
            Self::Idle | Self::IdleSocketIo | Self::IdlePolling => "KiB/connection",
        }
    }

    /// Whether it looks at memory, so that there is no cost of anything done.
    pub(crate) fn is_idle(self) -> bool {
        matches!(self, Self::Idle | Self::IdleSocketIo | Self::IdlePolling)
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Which processes are measured, and for how long.
pub(crate) struct Target {
    /// Where the first server listens, the only one unless several are one.
    pub(crate) address: SocketAddrV4,
    /// Where the others listen.
    pub(crate) others: Vec<SocketAddrV4>,
    /// The first server's process.
    pub(crate) pid: u32,
    /// The processes that share the work with it: the other servers, and what stands between them.
    pub(crate) with: Vec<u32>,
    /// How long one run counts.
    pub(crate) span: Duration,
    /// How many files this process may hold open.
    pub(crate) files_max: u64,
}

/// What one run found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// In the work's unit.
    pub(crate) value: f64,
    /// Share of one core that the server used (1.0: all of it); where several processes are measured, of all
    /// of them together.
    pub(crate) server_busy: f64,
    /// Share of one core that the generator used. Near 1.0 with an idle server, it is the generator that was
    /// measured.
    pub(crate) load_busy: f64,
}

impl Sample {
    /// Processor time of the server for one unit, in microseconds. On a machine that others use too it
    /// scatters far less than the rate does.
    pub(crate) fn cost_us(&self) -> f64 {
        self.server_busy / self.value * 1e6
    }
}

/// Does one work once.
pub(crate) fn run(work: Work, target: &Target) -> Result<Sample, Failure> {
    let to = target.address;
    match work {
        Work::Echo1 => echo::run(target, Dialect::ActionHero, 1),
        Work::Echo16 => echo::run(target, Dialect::ActionHero, 16),
        Work::Say1 => say::run(target, Dialect::ActionHero, 1),
        Work::Say32 => say::run(target, Dialect::ActionHero, 32),
        Work::SocketIo1 => echo::run(target, Dialect::SocketIo, 1),
        Work::SocketIo16 => echo::run(target, Dialect::SocketIo, 16),
        Work::SocketIoSay => say::run(target, Dialect::SocketIo, 1),
        Work::Http => http::run(target),
        Work::Connects => connects::run(target),
        Work::Idle => idle::run(target, |crowd, more| crowd.grow(to, more, Dialect::ActionHero)),
        Work::IdleSocketIo => idle::run(target, |crowd, more| crowd.grow(to, more, Dialect::SocketIo)),
        Work::IdlePolling => idle::run(target, |crowd, more| polling::grow(crowd, to, more)),
    }
}

/// A work's own part of the loop below.
trait Load {
    /// Something happened at the client with this token.
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure>;
    /// All that happened in this turn was told.
    fn end_turn(&mut self, crowd: &mut Crowd) -> Result<(), Failure>;
    /// How much has been done since the beginning.
    fn done(&self) -> u64;
    /// The warm-up is over: what is found from here on counts.
    fn begin_counting(&mut self) {}
}

/// Turns the loop until the meter has its sample. What is to be sent first must have been flushed.
fn measure(load: &mut impl Load, crowd: &mut Crowd, target: &Target) -> Result<Sample, Failure> {
    let (mut meter, mut tokens) = (Meter::new(target), Vec::new());
    loop {
        turn(load, crowd, &mut tokens)?;
        let warms_up = meter.warms_up();
        if let Some(sample) = meter.turn(load.done())? {
            return Ok(sample);
        }
        if warms_up && !meter.warms_up() {
            load.begin_counting();
        }
    }
}

/// Waits for something to happen, tells it, and ends the turn. `tokens` is room for what is told.
fn turn(load: &mut impl Load, crowd: &mut Crowd, tokens: &mut Vec<usize>) -> Result<(), Failure> {
    crowd.poll.wait(tokens, Some(WAIT)).map_err(Failure::while_("waiting"))?;
    for &token in &*tokens {
        load.ready(crowd, token)?;
    }
    load.end_turn(crowd)
}

/// Appends a text of 32 bytes that no other call of a run carries: who, which, and a constant end.
fn push_payload(out: &mut Vec<u8>, who: usize, which: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let hex = |value: u64, shift: u32| DIGITS[usize::try_from(value >> shift & 15).expect("four bits")];
    let who = who as u64;
    out.extend((0..4).rev().map(|at| hex(who, at * 4)));
    out.push(b'-');
    out.extend((0..12).rev().map(|at| hex(which, at * 4)));
    out.extend_from_slice(b"-playhouse-echo");
}

/// Length of [`push_payload`]'s text, in bytes.
const PAYLOAD_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_distinct_and_of_one_length() {
        let text = |who, which| {
            let mut out = Vec::new();
            push_payload(&mut out, who, which);
            assert_eq!(out.len(), PAYLOAD_BYTES);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(0x1f, 0xabc), "001f-000000000abc-playhouse-echo");
        assert_ne!(text(1, 2), text(2, 1));
    }

    #[test]
    fn every_work_has_its_name() {
        let names: Vec<_> = Work::value_variants().iter().map(|work| work.name()).collect();
        let wanted = "echo-1 echo-16 say-1 say-32 socketio-1 socketio-16 socketio-say http connects idle \
                      idle-socketio idle-polling";
        assert_eq!(names.join(" "), wanted);
    }
}
