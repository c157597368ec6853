//! What was found over several machines, as tables for people and as JSON for programs.
//!
//! There is no goal to judge by: what Redis costs is quoted, with the embedded engine of the same run beside it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::cluster::traffic::Traffic;
use crate::cluster::{Found, Times, Work};
use crate::pairs::{Pair, Spread};
use crate::report::{align, amount, busy_shares, median, spread_json};

/// What stands below the tables.
const READING: &str = "\
Compared are one server with the embedded engine and servers over a Redis of the run's own, one side after the
other in each round; what is quoted is the median over the rounds, with the least and the greatest.
cost: microseconds of all servers' and Redis's processors for one delivery; busy: shares of a core used by
      them/generator.
added: how much later a message is heard over Redis: beside the sayer (near), at the other server (far), and
      until the sayer has its reply.
Redis: what it did for each message, by its own account, without the joining and without the asking. What the
      servers do by the clock is in it, and so are the calls within scripts.
";

/// What is said where the processes share cores.
const SHARED: &str = "\
The servers and Redis had fewer cores than they are: the ratio says what the way over Redis costs a processor,
not what a second machine brings.
";

/// What all works count; a work that takes times has a rate too, for whoever wonders.
const UNIT: &str = "deliveries/s";

const RATES: [&str; 8] = ["work", "unit", "embedded", "redis", "ratio", "(min-max)", "cost", "busy"];
const TIMES: [&str; 7] = ["work", "heard", "quantile", "embedded", "redis", "added", "(min-max)"];
const TRAFFIC: [&str; 8] = [
    "work",
    "commands",
    "(min-max)",
    "bytes in",
    "(min-max)",
    "bytes out",
    "(min-max)",
    "Redis, for each message",
];

/// Commands that are called less often than this for a message have no place in the table: it would say 0.00.
const SELDOM: f64 = 0.005;

/// One work's outcome: its pairs (at least one), or why there are none.
pub(crate) struct Line {
    pub(crate) work: Work,
    pub(crate) outcome: Result<Vec<Pair<Found>>, String>,
}

/// All that was found.
pub(crate) struct Report {
    /// Whether each server and Redis had a core of its own.
    pub(crate) apart: bool,
    pub(crate) lines: Vec<Line>,
}

/// A figure that is compared: at the embedded engine, over Redis, and how the two stand to each other.
struct Compared {
    embedded: Spread,
    redis: Spread,
    between: Spread,
}

impl Compared {
    fn of(
        pairs: &[Pair<Found>],
        figure: impl Fn(&Found) -> Option<f64>,
        between: impl Fn(f64, f64) -> f64,
    ) -> Option<Self> {
        let both = |pair: &Pair<Found>| Some((figure(&pair.reference)?, figure(&pair.ours)?));
        let both: Vec<(f64, f64)> = pairs.iter().filter_map(both).collect();
        Some(Self {
            embedded: Spread::of(both.iter().map(|&(embedded, _)| embedded))?,
            redis: Spread::of(both.iter().map(|&(_, redis)| redis))?,
            between: Spread::of(both.iter().map(|&(embedded, redis)| between(embedded, redis)))?,
        })
    }

    /// As a share of the embedded engine's rate.
    fn rates(pairs: &[Pair<Found>]) -> Option<Self> {
        Self::of(pairs, |found| Some(found.sample.value), |embedded, redis| redis / embedded)
    }

    /// As what Redis adds.
    fn times(pairs: &[Pair<Found>], time: fn(&Times) -> f64) -> Option<Self> {
        Self::of(pairs, |found| found.times.as_ref().map(time), |embedded, redis| redis - embedded)
    }
}

/// The times of a work: who hears, which quantile, and how to find it.
type Moment = (&'static str, &'static str, fn(&Times) -> f64);
const MOMENTS: [Moment; 6] = [
    ("near", "median", |times| times.near.median),
    ("near", "p99", |times| times.near.p99),
    ("far", "median", |times| times.far.median),
    ("far", "p99", |times| times.far.p99),
    ("reply", "median", |times| times.reply.median),
    ("reply", "p99", |times| times.reply.p99),
];

impl Report {
    /// Whether every work could be measured.
    pub(crate) fn is_complete(&self) -> bool {
        self.lines.iter().all(|line| line.outcome.is_ok())
    }

    /// The tables, each if there is something to stand in it, with a text on how to read them.
    pub(crate) fn tables(&self) -> String {
        let heads_and_rows: [(&[&str], Vec<Vec<String>>); 3] = [
            (&RATES, self.lines.iter().filter(|line| !line.work.is_timed()).map(rates_row).collect()),
            (&TIMES, self.lines.iter().filter(|line| line.work.is_timed()).flat_map(times_rows).collect()),
            (&TRAFFIC, self.lines.iter().filter_map(traffic_row).collect()),
        ];
        let mut text = String::new();
        for (head, rows) in heads_and_rows {
            if !rows.is_empty() {
                let head = head.iter().map(|&cell| cell.to_owned()).collect();
                text.push_str(&align(&[vec![head], rows].concat()));
                text.push('\n');
            }
        }
        text.push_str(READING);
        if !self.apart {
            text.push_str(SHARED);
        }
        text
    }

    /// The same for programs, with every single run.
    pub(crate) fn json(&self) -> Value {
        let works: Vec<Value> = self.lines.iter().map(line_json).collect();
        json!({ "coresApart": self.apart, "works": works })
    }
}

fn rates_row(line: &Line) -> Vec<String> {
    let name = line.work.name();
    let pairs = match &line.outcome {
        Ok(pairs) => pairs,
        Err(reason) => return vec![name, format!("FAILED: {reason}")],
    };
    let Some(rates) = Compared::rates(pairs) else { return vec![name] };
    let samples: Vec<Pair> = pairs.iter().map(samples).collect();
    let cost = |part: fn(&Pair) -> f64| format!("{:.2}", median(samples.iter().map(part)));
    vec![
        name,
        UNIT.to_owned(),
        amount(rates.embedded.median),
        amount(rates.redis.median),
        format!("{:.3}", rates.between.median),
        format!("({:.3}-{:.3})", rates.between.min, rates.between.max),
        format!("{} {}", cost(|pair| pair.reference.cost_us()), cost(|pair| pair.ours.cost_us())),
        busy_shares(&samples),
    ]
}

fn times_rows(line: &Line) -> Vec<Vec<String>> {
    let name = line.work.name();
    let pairs = match &line.outcome {
        Ok(pairs) => pairs,
        Err(reason) => return vec![vec![name, format!("FAILED: {reason}")]],
    };
    let row = |&(heard, quantile, time): &Moment| {
        let times = Compared::times(pairs, time)?;
        Some(vec![
            name.clone(),
            heard.to_owned(),
            quantile.to_owned(),
            format!("{:.0} us", times.embedded.median),
            format!("{:.0} us", times.redis.median),
            format!("{:+.0} us", times.between.median),
            format!("({:+.0} to {:+.0})", times.between.min, times.between.max),
        ])
    };
    MOMENTS.iter().filter_map(row).collect()
}

/// None for a work that failed: another table says so.
fn traffic_row(line: &Line) -> Option<Vec<String>> {
    let traffic = over_rounds(line.outcome.as_ref().ok()?)?;
    let span = |spread: Spread, digits: usize| {
        let Spread { median, min, max } = spread;
        [format!("{median:.digits$}"), format!("({min:.digits$}-{max:.digits$})")]
    };
    let mut calls: Vec<_> = traffic.calls.iter().filter(|(_, calls)| calls.median >= SELDOM).collect();
    calls.sort_by(|(_, one), (_, other)| other.median.total_cmp(&one.median));
    let by_command = calls.into_iter().map(|(command, calls)| format!("{command} {:.2}", calls.median));
    let mut row = vec![line.work.name()];
    row.extend(span(traffic.commands, 2));
    row.extend(span(traffic.input, 0));
    row.extend(span(traffic.output, 0));
    row.push(by_command.collect::<Vec<_>>().join(", "));
    Some(row)
}

/// What Redis did for a message, over all rounds.
struct Rounds {
    commands: Spread,
    input: Spread,
    output: Spread,
    calls: Vec<(String, Spread)>,
}

fn over_rounds(pairs: &[Pair<Found>]) -> Option<Rounds> {
    let rounds: Vec<&Traffic> = pairs.iter().filter_map(|pair| pair.ours.traffic.as_ref()).collect();
    let spread = |figure: &dyn Fn(&Traffic) -> f64| Spread::of(rounds.iter().map(|round| figure(round)));
    let names: BTreeSet<&String> = rounds.iter().flat_map(|round| round.calls.keys()).collect();
    let calls_of = |name: &String| {
        let calls = spread(&|round| round.calls.get(name).copied().unwrap_or(0.0))?;
        Some((name.clone(), calls))
    };
    Some(Rounds {
        commands: spread(&Traffic::commands)?,
        input: spread(&|round| round.input)?,
        output: spread(&|round| round.output)?,
        calls: names.into_iter().filter_map(calls_of).collect(),
    })
}

fn samples(pair: &Pair<Found>) -> Pair {
    Pair { reference: pair.reference.sample, ours: pair.ours.sample }
}

fn line_json(line: &Line) -> Value {
    let (work, unit) = (line.work.name(), UNIT);
    let pairs = match &line.outcome {
        Ok(pairs) => pairs,
        Err(reason) => return json!({ "work": work, "unit": unit, "failed": reason }),
    };
    let compared = |compared: Compared, between: &str| {
        json!({
            "embedded": spread_json(compared.embedded),
            "redis": spread_json(compared.redis),
            between: spread_json(compared.between),
        })
    };
    let moment = |&(heard, quantile, time): &Moment| {
        let mut figures = compared(Compared::times(pairs, time)?, "addedUs");
        figures["heard"] = heard.into();
        figures["quantile"] = quantile.into();
        Some(figures)
    };
    let runs = pairs
        .iter()
        .map(|pair| json!({ "embedded": run_json(&pair.reference), "redis": run_json(&pair.ours) }));
    json!({
        "work": work,
        "unit": unit,
        "rate": Compared::rates(pairs).map(|rates| compared(rates, "ratio")),
        "times": MOMENTS.iter().filter_map(moment).collect::<Vec<_>>(),
        "forEachMessage": over_rounds(pairs).map(|rounds| rounds.json()),
        "pairs": runs.collect::<Vec<_>>(),
    })
}

impl Rounds {
    fn json(&self) -> Value {
        let calls = self.calls.iter().map(|(command, calls)| (command.clone(), spread_json(*calls)));
        json!({
            "commands": spread_json(self.commands),
            "bytesIn": spread_json(self.input),
            "bytesOut": spread_json(self.output),
            "calls": calls.collect::<Map<_, _>>(),
        })
    }
}

fn run_json(found: &Found) -> Value {
    let mut run = found.sample.json();
    run["messages"] = found.messages.into();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Delays, Sample};

    fn found(value: f64) -> Found {
        let sample = Sample { value, server_busy: 1.0, load_busy: 0.5 };
        Found { sample, times: None, messages: 100, traffic: None }
    }

    fn traffic(calls: &[(&str, f64)]) -> Traffic {
        let calls = calls.iter().map(|&(command, calls)| (command.to_owned(), calls)).collect();
        Traffic { calls, input: 300.0, output: 650.4 }
    }

    fn timed(near: f64, far: f64) -> Found {
        let delays = |median: f64| Delays { median, p99: median * 2.0 };
        let times = Times { near: delays(near), far: delays(far), reply: delays(near) };
        Found { times: Some(times), ..found(1.0) }
    }

    fn rates() -> Line {
        let rounds = [(1000.0, 800.0, 0.0), (2000.0, 1000.0, 0.03), (1000.0, 900.0, 0.0)];
        let pairs = rounds.map(|(embedded, redis, pings)| {
            let calls = [("get", 0.2), ("publish", 1.0), ("ping", pings)];
            let traffic = Some(traffic(if pings > 0.0 { &calls } else { &calls[..2] }));
            Pair { reference: found(embedded), ours: Found { traffic, ..found(redis) } }
        });
        Line { work: Work::NodesSay32, outcome: Ok(pairs.to_vec()) }
    }

    fn report(lines: Vec<Line>) -> Report {
        Report { apart: true, lines }
    }

    #[test]
    fn rates_are_shares_of_the_embedded_engines() {
        let text = report(vec![rates()]).tables();
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[1].starts_with("nodes-say-32  deliveries/s  1,000     900"), "{text}");
        assert_eq!(rows[0].find("ratio"), rows[1].find("0.800"), "{text}");
        assert!(rows[1].contains("(0.500-0.900)") && rows[1].ends_with("100/50% 100/50%"), "{text}");
        assert!(!text.contains("quantile"), "no table without rows: {text}");
    }

    #[test]
    fn what_redis_did_stands_there_by_command() {
        let text = report(vec![rates()]).tables();
        let rows: Vec<&str> = text.lines().skip_while(|row| !row.contains("bytes in")).collect();
        assert_eq!(rows[0].find("commands"), rows[1].find("1.20"), "{text}");
        assert!(rows[1].contains("(1.20-1.23)") && rows[1].contains("650"), "{text}");
        assert!(rows[1].ends_with("publish 1.00, get 0.20"), "ping is called too seldom: {text}");
    }

    #[test]
    fn times_are_what_redis_adds() {
        let pair = Pair { reference: timed(100.0, 110.0), ours: timed(90.0, 310.0) };
        let line = Line { work: Work::NodesLatency, outcome: Ok(vec![pair]) };
        let report = report(vec![line]);
        let text = report.tables();
        let row = |heard: &str| {
            let words = |row: &str| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
            text.lines().map(words).find(|row| row.contains(heard)).unwrap()
        };
        assert_eq!(row("near median"), "nodes-latency near median 100 us 90 us -10 us (-10 to -10)");
        assert_eq!(row("far p99"), "nodes-latency far p99 220 us 620 us +400 us (+400 to +400)");
        let times = &report.json()["works"][0]["times"];
        assert_eq!((&times[2]["heard"], &times[2]["addedUs"]["median"]), (&json!("far"), &json!(200.0)));
    }

    #[test]
    fn a_work_that_failed_says_so() {
        let failed = |work| Line { work, outcome: Err("redis: the server closed a connection".into()) };
        let mut report = report(vec![rates(), failed(Work::RedisSay1), failed(Work::NodesLatency)]);
        let text = report.tables();
        assert_eq!(text.matches("FAILED: redis: the server closed a connection").count(), 2, "{text}");
        assert!(!report.is_complete() && !text.contains(SHARED));
        assert_eq!(report.json()["works"][1]["failed"], "redis: the server closed a connection");
        report.apart = false;
        assert!(report.tables().contains(SHARED));
    }

    #[test]
    fn the_json_has_every_run() {
        let json = report(vec![rates()]).json();
        let work = &json["works"][0];
        assert_eq!(work["work"], "nodes-say-32");
        assert_eq!(work["rate"]["ratio"], json!({ "median": 0.8, "min": 0.5, "max": 0.9 }));
        assert_eq!(
            work["forEachMessage"]["calls"]["ping"],
            json!({ "median": 0.0, "min": 0.0, "max": 0.03 })
        );
        assert_eq!(work["pairs"][1]["redis"]["value"], 1000.0);
        assert_eq!(work["pairs"][1]["redis"]["messages"], 100);
    }
}
