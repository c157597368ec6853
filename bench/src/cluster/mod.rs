//! Several servers that are one over Redis, compared with one server on the embedded engine, in the same run.
//!
//! `Work` names what can be measured. `redis` starts the Redis and asks it what it has done, `traffic` makes
//! figures of its answers, `report` the tables.

mod redis;
mod report;
mod traffic;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;

use crate::child::{Program, Server};
use crate::load::{self, Delays, Failure, Room, Sample, Target};
use crate::pairs::Side;
use crate::places::Places;
use crate::report::amount;

pub(crate) use redis::Redis;
pub(crate) use report::{Line, Report};
use traffic::Traffic;

/// What the keys and topics of a run begin with. The Redis is the run's own, so any name will do.
const PREFIX: &str = "bench";

/// One kind of work that servers over Redis are measured at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// As say-1, one server on the engine redis against one on the embedded engine
    #[value(name = "redis-say-1")]
    RedisSay1,
    /// As say-32, one server on the engine redis against one on the embedded engine
    #[value(name = "redis-say-32")]
    RedisSay32,
    /// As say-1, 500 members on each of two servers over Redis against 1,000 on one embedded
    #[value(name = "nodes-say-1")]
    NodesSay1,
    /// As say-32, 500 members on each of two servers over Redis against 1,000 on one embedded
    #[value(name = "nodes-say-32")]
    NodesSay32,
    /// Time from saying to hearing, on the sayer's server and on another one over Redis, against one embedded
    #[value(name = "nodes-latency")]
    NodesLatency,
}

impl Work {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Servers over Redis.
    fn servers(self) -> usize {
        match self {
            Self::RedisSay1 | Self::RedisSay32 => 1,
            Self::NodesSay1 | Self::NodesSay32 | Self::NodesLatency => 2,
        }
    }

    /// Members of the room, over all servers.
    fn members(self) -> usize {
        match self {
            Self::RedisSay1 | Self::RedisSay32 | Self::NodesSay1 | Self::NodesSay32 => load::SAY_MEMBERS,
            Self::NodesLatency => load::LATENCY_MEMBERS,
        }
    }

    /// Messages in flight.
    fn in_flight(self) -> usize {
        match self {
            Self::RedisSay1 | Self::NodesSay1 | Self::NodesLatency => 1,
            Self::RedisSay32 | Self::NodesSay32 => 32,
        }
    }

    /// Whether its figure is a time and not a rate.
    fn is_timed(self) -> bool {
        match self {
            Self::NodesLatency => true,
            Self::RedisSay1 | Self::RedisSay32 | Self::NodesSay1 | Self::NodesSay32 => false,
        }
    }
}

/// What all runs share.
pub(crate) struct Ground<'a> {
    /// The application.
    pub(crate) demo: &'a Path,
    pub(crate) places: Places,
    /// How long one run counts.
    pub(crate) span: Duration,
    /// How many files this process may hold open.
    pub(crate) files_max: u64,
}

/// What one run found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Deliveries per second, and the processors of all servers and Redis.
    pub(crate) sample: Sample,
    /// Of a work that takes times.
    pub(crate) times: Option<Times>,
    /// All that was said, the warm-up included.
    pub(crate) messages: u64,
    /// What Redis had to do for a message; none without Redis.
    pub(crate) traffic: Option<Traffic>,
}

/// How long a message is on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Times {
    /// To a member on the sayer's server.
    pub(crate) near: Delays,
    /// To a member on the other server.
    pub(crate) far: Delays,
    /// Until the sayer has its reply.
    pub(crate) reply: Delays,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.times {
            Some(times) => write!(
                out,
                "near {:.0} us, far {:.0} us, reply {:.0} us",
                times.near.median, times.far.median, times.reply.median
            ),
            None => write!(out, "{} deliveries/s", amount(self.sample.value)),
        }
    }
}

/// The side's name, for people.
pub(crate) fn name_of(side: Side) -> &'static str {
    match side {
        Side::Reference => "embedded",
        Side::Ours => "redis",
    }
}

/// Does one work once, on servers and a Redis of its own: no run inherits another's memory or keys.
pub(crate) fn run(work: Work, side: Side, ground: &Ground<'_>) -> Result<Found, String> {
    let found = match side {
        Side::Reference => embedded(work, ground),
        Side::Ours => over_redis(work, ground),
    };
    found.map_err(|error| format!("{}: {error}", name_of(side)))
}

fn embedded(work: Work, ground: &Ground<'_>) -> Result<Found, String> {
    let engine = [("PLAYHOUSE_ENGINE", "embedded".to_owned())];
    let servers = [start(ground, 0, &engine)?];
    measured(work, &target(ground, &servers, None), None)
}

fn over_redis(work: Work, ground: &Ground<'_>) -> Result<Found, String> {
    let redis = Redis::start(ground.places.redis).map_err(|trouble| trouble.to_string())?;
    let engine = [
        ("PLAYHOUSE_ENGINE", "redis".to_owned()),
        ("PLAYHOUSE_REDIS__URL", redis.url()),
        ("PLAYHOUSE_REDIS__PREFIX", PREFIX.to_owned()),
    ];
    let servers = (0..work.servers()).map(|at| start(ground, at, &engine)).collect::<Result<Vec<_>, _>>()?;
    measured(work, &target(ground, &servers, Some(&redis)), Some(&redis))
}

/// Starts the server `at` its place.
fn start(ground: &Ground<'_>, at: usize, engine: &[(&str, String)]) -> Result<Server, String> {
    let core = ground.places.servers.get(at).copied().flatten();
    Server::start(&Program::Demo(ground.demo.to_owned()), core, engine)
        .map_err(|error| format!("server {}: {error}", at + 1))
}

fn target(ground: &Ground<'_>, servers: &[Server], redis: Option<&Redis>) -> Target {
    let (first, others) = servers.split_first().expect("every work has a server");
    let with = others.iter().map(Server::pid).chain(redis.map(Redis::pid)).collect();
    Target {
        address: first.address(),
        others: others.iter().map(Server::address).collect(),
        pid: first.pid(),
        with,
        span: ground.span,
        files_max: ground.files_max,
    }
}

/// Gathers the room, does the work in it, and asks Redis before and after. Neither joining nor leaving is part of
/// a message: the room outlives the second question.
fn measured(work: Work, target: &Target, redis: Option<&Redis>) -> Result<Found, String> {
    let told = |failure: Failure| failure.to_string();
    let count = || redis.map(Redis::account).transpose().map_err(|trouble| trouble.to_string());
    let mut room = Room::gather(target, work.members()).map_err(told)?;
    let before = count()?;
    let (sample, times, messages) = if work.is_timed() {
        let timed = room.time(target).map_err(told)?;
        let times = Times { near: timed.near, far: timed.far, reply: timed.reply };
        (timed.sample, Some(times), timed.messages)
    } else {
        let said = room.say(target, work.in_flight()).map_err(told)?;
        (said.sample, None, said.messages)
    };
    let traffic = before.zip(count()?).map(|(before, after)| Traffic::between(&before, &after, messages));
    drop(room);
    Ok(Found { sample, times, messages, traffic })
}
