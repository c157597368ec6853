//! `playhouse-bench`: the command line. Measures a Playhouse application beside a raw epoll server that does
//! the least possible work, in the same run and on the same cores.
//!
//! `load` drives servers, `limit` is the raw one, `child` starts both, `pairs` and `report` make the figures.

#[cfg(not(target_os = "linux"))]
compile_error!("playhouse-bench measures with epoll and pins processes to cores: it needs Linux");

mod child;
mod limit;
mod load;
mod net;
mod pairs;
mod report;
mod wire;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::child::{Program, Server};
use crate::load::{Sample, Target, Work};
use crate::pairs::Side;
use crate::report::{Line, Report};

const TEACHING: &str = "\
Two cores are used: the first for the server, the second for the load generator. Every run starts the server
afresh, warms up 0.3 s and counts for --seconds; runs of the reference and of ours take turns. Every answer's
content is checked: a wrong one fails the work. Figures are worth something only on a machine with nothing
else to do.

The server is told PORT=0 and must print http://<host>:<port> within 10 seconds. It is also told to allow 32
simultaneous actions, to send no pings, to log warnings only, and to use one worker.

Examples:
  playhouse-bench --server target/release/playhouse-demo
  playhouse-bench --server target/release/playhouse-demo --work echo-1,say-32 --rounds 9
  playhouse-bench --server ./new --reference ./old     two builds of an application
  playhouse-bench --against-limit                      the yardstick against itself: ratios near 1

Exit status: 0 all works measured, 1 a work failed, 2 wrong usage, 3 a `must` was missed (with --must).";

/// A load of the last minute above this is somebody else's work.
const LOAD_MAX: f64 = 0.7;

/// Measures a Playhouse application against the limit of the machine.
#[derive(Parser)]
#[command(name = "playhouse-bench", version, after_help = TEACHING, disable_help_subcommand = true)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Subcommand)]
enum Part {
    /// Be the limit: the raw epoll server
    #[command(hide = true)]
    Limit {
        /// Where to listen on 127.0.0.1; 0 lets the system choose
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
}

#[derive(Args)]
struct Wanted {
    /// The application to measure: the path of a build of the demo
    #[arg(long, value_name = "PATH", required_unless_present = "against_limit")]
    server: Option<PathBuf>,
    /// Another build to compare with, in place of the limit
    #[arg(long, value_name = "PATH")]
    reference: Option<PathBuf>,
    /// Measure the limit in place of an application: shows how far the figures can be trusted
    #[arg(long, conflicts_with = "server")]
    against_limit: bool,
    /// Which works, separated by commas [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    work: Vec<Work>,
    /// Pairs of runs for each work
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// How long each run counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Write all figures into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Exit with 3 when a figure is below what it must be
    #[arg(long)]
    must: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.part {
        Some(Part::Limit { port }) => {
            limit::serve(port).map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string())
        }
        None => compare(&cli.wanted),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("playhouse-bench: {error}");
        ExitCode::FAILURE
    })
}

/// Measures all that was asked for and tells it.
fn compare(wanted: &Wanted) -> Result<ExitCode, String> {
    let stage = Stage::set(wanted)?;
    let works = if wanted.work.is_empty() { Work::value_variants() } else { &wanted.work };
    let lines = works.iter().map(|&work| stage.measure(work)).collect();
    let judged = stage.reference == Program::Limit && stage.ours != Program::Limit;
    let report = Report { reference: stage.reference_name(), judged, lines };
    println!("\n{}", report.table());
    if let Some(file) = &wanted.json {
        fs::write(file, format!("{:#}\n", report.json()))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(match (report.is_complete(), wanted.must && report.has_missed()) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::SUCCESS,
    })
}

/// What all works share: who is compared, where, and for how long.
struct Stage {
    reference: Program,
    ours: Program,
    rounds: u32,
    span: Duration,
    files_max: u64,
    /// The servers' core; `None` leaves all to the kernel.
    server_core: Option<usize>,
}

impl Stage {
    fn set(wanted: &Wanted) -> Result<Self, String> {
        warn_of_load();
        let files_max =
            net::raise_files_limit().map_err(|error| format!("cannot raise the files limit: {error}"))?;
        let demo = |path: &Option<PathBuf>| path.clone().map_or(Program::Limit, Program::Demo);
        Ok(Self {
            reference: demo(&wanted.reference),
            ours: demo(&wanted.server),
            rounds: wanted.rounds,
            span: Duration::from_secs(wanted.seconds),
            files_max,
            server_core: pin_generator(),
        })
    }

    fn reference_name(&self) -> &'static str {
        if self.reference == Program::Limit { "limit" } else { "reference" }
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
            eprintln!("{:<8}  round {round} of {}  {name:<9}  {found}", work.name(), self.rounds);
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
        let server = Server::start(program, self.server_core).map_err(|error| format!("{name}: {error}"))?;
        let (address, pid) = (server.address(), server.pid());
        let target = Target { address, pid, span: self.span, files_max: self.files_max };
        load::run(work, &target).map_err(|failure| format!("{name}: {failure}"))
    }
}

/// Takes the second core for the generator and leaves the first to the servers. Where that is impossible it
/// says so, and nothing is pinned.
fn pin_generator() -> Option<usize> {
    let cores = net::cores().unwrap_or_default();
    let [servers, generator, ..] = cores[..] else {
        eprintln!("playhouse-bench: only one core: server and generator share it, ratios say little");
        return None;
    };
    match net::pin(generator) {
        Ok(()) => Some(servers),
        Err(error) => {
            eprintln!("playhouse-bench: cannot pin to a core ({error}): figures will scatter");
            None
        }
    }
}

/// Says so when others use the machine: then rates scatter by more than the differences looked for.
fn warn_of_load() {
    let average = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let last_minute = average.split(' ').next().and_then(|load| load.parse::<f64>().ok()).unwrap_or(0.0);
    if last_minute > LOAD_MAX {
        eprintln!(
            "playhouse-bench: the machine is busy (load {last_minute}): trust the costs, not the rates"
        );
    }
}
