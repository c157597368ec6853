//! `playhouse-bench`: the command line. Measures a Playhouse application beside a raw epoll server that does
//! the least possible work, in the same run and on the same cores.
//!
//! `load` drives servers, `limit` is the raw one, `child` starts both, `pairs` and `report` make the figures;
//! `cluster` does all that for several servers over Redis, `actors` for durable actors beside other servers that have
//! such. `stage` is what all works share.

#[cfg(not(target_os = "linux"))]
compile_error!("playhouse-bench measures with epoll and pins processes to cores: it needs Linux");

mod actors;
mod child;
mod cluster;
mod folder;
mod limit;
mod load;
mod net;
mod pairs;
mod places;
mod report;
mod stage;
mod wire;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::stage::Stage;

const TEACHING: &str = "\
Two cores are used: the first for the server, the second for the load generator. Every run starts the server
afresh, warms up 0.3 s and counts for --seconds; runs of the reference and of ours take turns. Every answer's
content is checked: a wrong one fails the work. Figures are worth something only on a machine with nothing
else to do.

The server is told PORT=0 and must print http://<host>:<port> within 10 seconds. It is also told to allow 32
simultaneous actions, to send no pings, to log warnings only, and to use one worker.

The works redis-* and nodes-* compare servers with PLAYHOUSE_ENGINE=redis with one server on the embedded engine,
and need redis-server on PATH: every run starts one of its own on a free port. The first server, the second and
Redis have the first, the third and the fourth core, or share what there is; the generator has the second.

The works actors-* compare RivetKit 2.0.33's own server, actor-core 0.6.3's, and ours with relaxed and with full
durability; they need node on PATH and the packages of both in --references. There all share all cores, each run
has a folder of its own beside this program, and the best run counts: others who use the machine only take away.

Examples:
  playhouse-bench --server target/release/playhouse-demo
  playhouse-bench --server target/release/playhouse-demo --work echo-1,say-32 --rounds 9
  playhouse-bench --server target/release/playhouse-demo --work nodes-say-1,nodes-latency
  playhouse-bench --server target/release/playhouse-demo --work actors-1024,actors-64 --rounds 3
  playhouse-bench --server ./new --reference ./old     two builds of an application
  playhouse-bench --against-limit                      the yardstick against itself: ratios near 1

Exit status: 0 all works measured, 1 a work failed, 2 wrong usage, 3 a `must` was missed (with --must).";

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
    /// The folder with `rivetkit/server.mjs` and `actor-core/server.mjs`
    #[arg(long, value_name = "FOLDER", default_value = "bench/reference")]
    references: PathBuf,
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

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// One server, beside the limit.
    Single(load::Work),
    /// Servers over Redis, beside one on the embedded engine.
    Cluster(cluster::Work),
    /// Durable actors, beside other servers that have such.
    Actors(actors::Work),
}

static WORKS: LazyLock<Vec<Work>> = LazyLock::new(|| {
    let single = load::Work::value_variants().iter().copied().map(Work::Single);
    let cluster = cluster::Work::value_variants().iter().copied().map(Work::Cluster);
    let actors = actors::Work::value_variants().iter().copied().map(Work::Actors);
    single.chain(cluster).chain(actors).collect()
});

impl ValueEnum for Work {
    fn value_variants<'a>() -> &'a [Self] {
        &WORKS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Single(work) => work.to_possible_value(),
            Self::Cluster(work) => work.to_possible_value(),
            Self::Actors(work) => work.to_possible_value(),
        }
    }
}

/// What was asked for, apart by its kind.
#[derive(Default)]
struct Works {
    single: Vec<load::Work>,
    cluster: Vec<cluster::Work>,
    actors: Vec<actors::Work>,
}

impl Wanted {
    /// Which works. The limit speaks to no Redis and has no actors: of it only the first kind can be had.
    fn works(&self) -> Works {
        let asked: &[Work] = if self.work.is_empty() { &WORKS } else { &self.work };
        let mut works = Works::default();
        for work in asked {
            match work {
                Work::Single(work) => works.single.push(*work),
                Work::Cluster(_) | Work::Actors(_) if self.against_limit && !self.work.is_empty() => {
                    let name = work.to_possible_value().map(|value| value.get_name().to_owned());
                    let name = name.unwrap_or_default();
                    let told = format!("--against-limit has no {name}: that work needs --server");
                    Cli::command().error(ErrorKind::ArgumentConflict, told).exit()
                }
                Work::Cluster(work) => works.cluster.push(*work),
                Work::Actors(work) => works.actors.push(*work),
            }
        }
        works
    }
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
    let works = wanted.works();
    let demo_for = |wanted_at_all: bool| wanted.server.as_deref().filter(|_| wanted_at_all);
    let (cluster_demo, actors_demo) =
        (demo_for(!works.cluster.is_empty()), demo_for(!works.actors.is_empty()));
    if cluster_demo.is_some() {
        // Before anything is measured, not after minutes.
        cluster::Redis::look_for().map_err(|trouble| trouble.to_string())?;
    }
    let stage = Stage::set(wanted)?;
    let report = stage.compare(&works.single);
    let cluster = cluster_demo.map(|demo| stage.compare_clusters(demo, &works.cluster));
    let actors = actors_demo.map(|demo| stage.compare_actors(demo, &works.actors));
    println!();
    if !works.single.is_empty() {
        println!("{}", report.table());
    }
    if let Some(cluster) = &cluster {
        println!("{}", cluster.tables());
    }
    if let Some(actors) = &actors {
        println!("{}", actors.tables());
    }
    if let Some(file) = &wanted.json {
        let mut json = report.json();
        json["cluster"] = cluster.as_ref().map_or(serde_json::Value::Null, cluster::Report::json);
        json["actors"] = actors.as_ref().map_or(serde_json::Value::Null, actors::Report::json);
        fs::write(file, format!("{json:#}\n"))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    let has_missed = report.has_missed() || actors.as_ref().is_some_and(actors::Report::has_missed);
    let is_complete = report.is_complete()
        && cluster.is_none_or(|cluster| cluster.is_complete())
        && actors.is_none_or(|actors| actors.is_complete());
    Ok(match (is_complete, wanted.must && has_missed) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::SUCCESS,
    })
}
