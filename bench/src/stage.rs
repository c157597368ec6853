//! What all works share: who is compared, on which cores, for how long; and the turns that the sides take.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Wanted;
use crate::actors;
use crate::child::{Program, Server};
use crate::cluster::{self, Ground};
use crate::load::{self, Sample, Target, Work};
use crate::net;
use crate::pairs::{self, Side};
use crate::places::{self, Places};
use crate::report::{self, Line, Report};

/// A load of the last minute above this is somebody else's work.
const LOAD_MAX: f64 = 0.7;

/// What all works share: who is compared, where, and for how long.
pub(crate) struct Stage {
    reference: Program,
    ours: Program,
    rounds: u32,
    span: Duration,
    files_max: u64,
    places: Places,
    /// All that this process was allowed before the generator took one.
    cores: Vec<usize>,
    references: PathBuf,
}

impl Stage {
    pub(crate) fn set(wanted: &Wanted) -> Result<Self, String> {
        warn_of_load();
        let files_max =
            net::raise_files_limit().map_err(|error| format!("cannot raise the files limit: {error}"))?;
        let demo = |path: &Option<PathBuf>| path.clone().map_or(Program::Limit, Program::Demo);
        let cores = net::cores().unwrap_or_default();
        Ok(Self {
            reference: demo(&wanted.reference),
            ours: demo(&wanted.server),
            rounds: wanted.rounds,
            span: Duration::from_secs(wanted.seconds),
            files_max,
            places: pin_generator(&cores),
            cores,
            references: wanted.references.clone(),
        })
    }

    fn reference_name(&self) -> &'static str {
        if self.reference == Program::Limit { "limit" } else { "reference" }
    }

    /// Measures servers one by one, beside the reference.
    pub(crate) fn compare(&self, works: &[Work]) -> Report {
        let lines = works.iter().map(|&work| self.measure(work)).collect();
        let judged = self.reference == Program::Limit && self.ours != Program::Limit;
        Report { reference: self.reference_name(), judged, lines }
    }

    /// Measures servers over Redis, beside one on the embedded engine.
    pub(crate) fn compare_clusters(&self, demo: &Path, works: &[cluster::Work]) -> cluster::Report {
        let ground = Ground { demo, places: self.places, span: self.span, files_max: self.files_max };
        let lines = works.iter().map(|&work| self.measure_cluster(work, &ground)).collect();
        cluster::Report { apart: self.places.are_apart(), lines }
    }

    /// Measures actors, beside other servers that have such. All share all cores, the generator too: what is asked is
    /// what the machine does.
    pub(crate) fn compare_actors(&self, demo: &Path, works: &[actors::Work]) -> actors::Report {
        if let Err(error) = net::pin_to(&self.cores) {
            eprintln!("playhouse-bench: cannot leave the generator's core ({error}): all have only that one");
        }
        let (span, files_max) = (self.span, self.files_max);
        let ground = actors::Ground { demo, references: &self.references, span, files_max };
        let lines = works.iter().map(|&work| self.measure_actors(work, &ground)).collect();
        actors::Report { lines }
    }

    fn measure_actors(&self, work: actors::Work, ground: &actors::Ground<'_>) -> actors::Line {
        let mut runs = Vec::new();
        for round in 1..=self.rounds {
            for &side in work.sides() {
                let found = actors::run(work, side, ground);
                let told = match &found {
                    Ok(found) => found.to_string(),
                    Err(reason) => format!("FAILED: {reason}"),
                };
                self.tell(&work.name(), round, side.name(), &told);
                runs.push((side, found));
            }
        }
        actors::Line { work, runs }
    }

    fn measure_cluster(&self, work: cluster::Work, ground: &Ground<'_>) -> cluster::Line {
        let outcome = pairs::interleave(self.rounds, |round, side| {
            let found = cluster::run(work, side, ground);
            let told = match &found {
                Ok(found) => found.to_string(),
                Err(reason) => format!("FAILED: {reason}"),
            };
            self.tell(&work.name(), round, cluster::name_of(side), &told);
            found
        });
        cluster::Line { work, outcome }
    }

    /// A line on standard error, so that one sees that it goes on.
    fn tell(&self, work: &str, round: u32, side: &str, found: &str) {
        eprintln!("{work:<13}  round {round} of {}  {side:<10}  {found}", self.rounds);
    }

    /// All pairs of one work. Its progress goes to standard error.
    fn measure(&self, work: Work) -> Line {
        let outcome = pairs::interleave(self.rounds, |round, side| {
            let sample = self.run(work, side);
            let name = if side == Side::Ours { "ours" } else { self.reference_name() };
            let found = match &sample {
                Ok(sample) => format!("{} {}", report::amount(sample.value), work.unit()),
                Err(reason) => format!("FAILED: {reason}"),
            };
            self.tell(&work.name(), round, name, &found);
            sample
        });
        Line { work, outcome }
    }

    /// One run, on a server of its own: no run inherits another's memory or connections.
    fn run(&self, work: Work, side: Side) -> Result<Sample, String> {
        let (program, name) = match side {
            Side::Reference => (&self.reference, self.reference_name()),
            Side::Ours => (&self.ours, "ours"),
        };
        let server = Server::start(program, self.places.servers[0], &[])
            .map_err(|error| format!("{name}: {error}"))?;
        let (address, pid) = (server.address(), server.pid());
        let target = Target {
            address,
            others: Vec::new(),
            pid,
            with: Vec::new(),
            span: self.span,
            files_max: self.files_max,
        };
        load::run(work, &target).map_err(|failure| format!("{name}: {failure}"))
    }
}

/// Takes the generator's core and leaves the others to the servers. Where that is impossible it says so, and
/// nothing is pinned.
fn pin_generator(cores: &[usize]) -> Places {
    let Some(generator) = places::generator(cores) else {
        eprintln!("playhouse-bench: only one core: server and generator share it, ratios say little");
        return Places::default();
    };
    match net::pin(generator) {
        Ok(()) => Places::on(cores),
        Err(error) => {
            eprintln!("playhouse-bench: cannot pin to a core ({error}): figures will scatter");
            Places::default()
        }
    }
}

/// Says so when others use the machine: then rates scatter by more than the differences looked for.
fn warn_of_load() {
    let last_minute = last_minutes_load();
    if last_minute > LOAD_MAX {
        eprintln!(
            "playhouse-bench: the machine is busy (load {last_minute}): trust the costs, not the rates"
        );
    }
}

/// How many processes wanted a core, on average over the last minute.
pub(crate) fn last_minutes_load() -> f64 {
    let average = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    average.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}
