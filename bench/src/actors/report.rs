//! What was found at actors, as tables for people and as JSON for programs; and what was hoped for.

use serde_json::{Value, json};

use super::{Figures, Found, Side, Work};
use crate::load::Delays;
use crate::report::{align, amount};

/// What ours with full durability must reach, in calls per second, at the work with most in flight.
const CALLS_MUST: f64 = 50_000.0;
/// The greatest median with relaxed durability and one call in flight at each actor, and of waking, in microseconds.
const RELAXED_US_MUST: f64 = 1_000.0;
const WAKE_US_MUST: f64 = 1_000.0;
/// The most that an actor may take that is awake, beside its state, which has a few bytes here.
const LIVE_KIB_MUST: f64 = 8.0;

/// What stands below the tables.
const READING: &str = "\
Of each server the best run counts, with all its figures (of memory the one that needed most).
of rivetkit: how many times the rate of RivetKit's best run.
rivetkit keeps the state on disk some time after it has answered, actor-core in memory alone; relaxed answers once
the operating system has it, full once the disk has it.
p50, p99: microseconds from writing a call to having its answer. fsync: the same for writing 4 KiB to the disk
      (fdatasync), the median just before the run. load: of the machine's last minute.
cost: microseconds of the server's processors for one call; busy: shares of a core used by server/generator.
";

const CALLS: [&str; 12] = [
    "work",
    "server",
    "calls/s",
    "(min-max)",
    "of rivetkit",
    "p50",
    "p99",
    "fsync",
    "cost",
    "busy",
    "load",
    "must",
];
const WAKES: [&str; 8] =
    ["work", "server", "asleep p50", "p99", "awake p50", "p99", "load", "must (p50 of both, apart)"];
const MEMORY: [&str; 6] = ["work", "server", "actors", "KiB for each", "load", "must"];

/// One work's outcome, run by run.
pub(crate) struct Line {
    pub(crate) work: Work,
    pub(crate) runs: Vec<(Side, Result<Found, String>)>,
}

/// All that was found.
pub(crate) struct Report {
    pub(crate) lines: Vec<Line>,
}

impl Found {
    /// The run with the most of it counts. Others who use the machine take from rates and add to times; what is in memory
    /// is there without them, and the worst is what has to be reckoned with.
    fn merit(&self) -> f64 {
        match &self.figures {
            Figures::Called(called, _) => called.sample.value,
            Figures::Woken(woken) => -woken.asleep.median,
            Figures::Held(held) => held.kib,
        }
    }

    /// What it must be, in words, and whether it is.
    fn judged(&self, work: Work, side: Side) -> Option<(String, bool)> {
        let (must, well) = match (&self.figures, side, work) {
            (Figures::Called(called, _), Side::Full, Work::Actors1024) => {
                (format!("{}/s", amount(CALLS_MUST)), called.sample.value >= CALLS_MUST)
            }
            (Figures::Called(called, _), Side::Relaxed, Work::Actors64) => {
                (format!("p50 {RELAXED_US_MUST} us"), called.delays.median < RELAXED_US_MUST)
            }
            (Figures::Woken(woken), ..) => {
                (format!("{WAKE_US_MUST} us"), woken.asleep.median - woken.awake.median < WAKE_US_MUST)
            }
            (Figures::Held(held), Side::Relaxed | Side::Full, Work::ActorsLive) => {
                (format!("{LIVE_KIB_MUST} KiB"), held.kib < LIVE_KIB_MUST)
            }
            (Figures::Called(..) | Figures::Held(_), ..) => return None,
        };
        Some((must, well))
    }
}

impl Line {
    fn found(&self, side: Side) -> impl Iterator<Item = &Found> {
        self.runs.iter().filter(move |(whose, _)| *whose == side).filter_map(|(_, found)| found.as_ref().ok())
    }

    /// The run of one that counts; `None` if none went well.
    fn best(&self, side: Side) -> Option<&Found> {
        self.found(side).max_by(|a, b| a.merit().total_cmp(&b.merit()))
    }

    fn failure(&self, side: Side) -> &str {
        let mut failures = self.runs.iter().filter(|(whose, _)| *whose == side);
        failures.find_map(|(_, found)| found.as_ref().err()).map_or("", String::as_str)
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        self.work.sides().iter().map(|&side| self.row(side))
    }

    fn row(&self, side: Side) -> Vec<String> {
        let mut row = vec![self.work.name(), side.name().to_owned()];
        let Some(best) = self.best(side) else {
            row.push(format!("FAILED: {}", self.failure(side)));
            return row;
        };
        match &best.figures {
            Figures::Called(called, fsync) => {
                let rates = self.found(side).map(Found::merit);
                let (min, max) =
                    rates.fold((f64::MAX, 0.0), |(min, max), rate| (rate.min(min), rate.max(max)));
                let share = self.best(Side::RivetKit).map(|theirs| called.sample.value / theirs.merit());
                let busy = (called.sample.server_busy * 100.0, called.sample.load_busy * 100.0);
                row.extend([
                    amount(called.sample.value),
                    format!("({}-{})", amount(min), amount(max)),
                    share.map_or_else(|| "-".into(), |share| format!("{share:.1}")),
                    amount(called.delays.median),
                    amount(called.delays.p99),
                    amount(*fsync),
                    format!("{:.1}", called.sample.cost_us()),
                    format!("{:.0}/{:.0}%", busy.0, busy.1),
                ]);
            }
            Figures::Woken(woken) => {
                let times = [woken.asleep, woken.awake];
                row.extend(times.iter().flat_map(|times| [amount(times.median), amount(times.p99)]));
            }
            Figures::Held(held) => {
                row.extend([held.actors.to_string(), format!("{:.2}", held.kib)]);
            }
        }
        row.push(format!("{:.1}", best.load));
        row.push(match best.judged(self.work, side) {
            Some((must, well)) => format!("{must}: {}", if well { "met" } else { "MISSED" }),
            None => "-".to_owned(),
        });
        row
    }
}

impl Report {
    /// Whether every run went well.
    pub(crate) fn is_complete(&self) -> bool {
        self.lines.iter().all(|line| line.runs.iter().all(|(_, found)| found.is_ok()))
    }

    /// Whether something is not as it must be, in the best of its runs.
    pub(crate) fn has_missed(&self) -> bool {
        let missed = |line: &Line, side: Side| {
            let judged = line.best(side).and_then(|best| best.judged(line.work, side));
            judged.is_some_and(|(_, well)| !well)
        };
        self.lines.iter().any(|line| line.work.sides().iter().any(|&side| missed(line, side)))
    }

    /// The tables, each if there is something to stand in it, with a text on how to read them.
    pub(crate) fn tables(&self) -> String {
        let mut text = String::new();
        let of_kind = |works: &'static [Work]| self.lines.iter().filter(|line| works.contains(&line.work));
        let tables: [(&[&str], Vec<Vec<String>>); 3] = [
            (
                &CALLS,
                of_kind(&[Work::Actors1024, Work::Actors64, Work::ActorsOne]).flat_map(Line::rows).collect(),
            ),
            (&WAKES, of_kind(&[Work::ActorsWake]).flat_map(Line::rows).collect()),
            (&MEMORY, of_kind(&[Work::ActorsLive, Work::ActorsAsleep]).flat_map(Line::rows).collect()),
        ];
        for (head, rows) in tables {
            if !rows.is_empty() {
                let head = head.iter().map(|&cell| cell.to_owned()).collect();
                text.push_str(&align(&[vec![head], rows].concat()));
                text.push('\n');
            }
        }
        text.push_str(READING);
        text
    }

    /// The same for programs, with every single run.
    pub(crate) fn json(&self) -> Value {
        let runs = |line: &Line| -> Vec<Value> { line.runs.iter().map(run_json).collect() };
        let lines = self.lines.iter().map(|line| json!({ "work": line.work.name(), "runs": runs(line) }));
        json!({ "works": lines.collect::<Vec<_>>() })
    }
}

fn run_json((side, found): &(Side, Result<Found, String>)) -> Value {
    let server = side.name();
    let found = match found {
        Ok(found) => found,
        Err(reason) => return json!({ "server": server, "failed": reason }),
    };
    let figures = match &found.figures {
        Figures::Called(called, fsync) => {
            json!({ "calls": called.sample.json(), "delays": delays_json(called.delays), "fsyncUs": fsync })
        }
        Figures::Woken(woken) => {
            json!({ "asleep": delays_json(woken.asleep), "awake": delays_json(woken.awake) })
        }
        Figures::Held(held) => json!({ "actors": held.actors, "kibForEach": held.kib }),
    };
    json!({ "server": server, "load": found.load, "figures": figures })
}

fn delays_json(delays: Delays) -> Value {
    json!({ "p50Us": delays.median, "p99Us": delays.p99 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Sample;
    use crate::load::actors::{Called, Held};

    fn called(rate: f64) -> Result<Found, String> {
        let sample = Sample { value: rate, server_busy: 1.2, load_busy: 0.5 };
        let delays = Delays { median: 900.0, p99: 4_000.0 };
        Ok(Found { figures: Figures::Called(Called { sample, delays }, 1500.0), load: 0.5 })
    }

    fn report(runs: Vec<(Side, Result<Found, String>)>) -> Report {
        Report { lines: vec![Line { work: Work::Actors1024, runs }] }
    }

    #[test]
    fn the_best_run_counts() {
        let runs = vec![
            (Side::RivetKit, called(5_000.0)),
            (Side::Full, called(49_000.0)),
            (Side::RivetKit, called(4_000.0)),
            (Side::Full, called(51_000.0)),
            (Side::ActorCore, Err("it ended".into())),
        ];
        let report = report(runs);
        let table = report.tables();
        let rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
        let row = |name| rows.clone().find(|row| row.get(1) == Some(&name)).unwrap().join(" ");
        let full =
            "actors-1024 full 51,000 (49,000-51,000) 10.2 900 4,000 1,500 23.5 120/50% 0.5 50,000/s: met";
        assert_eq!(row("full"), full);
        assert!(row("rivetkit").contains(" 1.0 900 "), "{table}");
        assert_eq!(row("actor-core"), "actors-1024 actor-core FAILED: it ended");
        assert!(!report.is_complete() && !report.has_missed());
    }

    #[test]
    fn what_is_missed_is_said() {
        let report = report(vec![(Side::Full, called(49_999.0))]);
        assert!(report.has_missed() && report.tables().contains("MISSED"));
        let held = Found { figures: Figures::Held(Held { actors: 20_000, kib: 7.5 }), load: 0.1 };
        assert_eq!(held.judged(Work::ActorsLive, Side::Relaxed), Some(("8 KiB".to_owned(), true)));
        assert_eq!(held.judged(Work::ActorsLive, Side::RivetKit), None);
        assert_eq!(report.json()["works"][0]["runs"][0]["figures"]["delays"]["p50Us"], 900.0);
    }
}
