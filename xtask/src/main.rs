//! The command line of `cargo xtask`: what can be asked for, in which words, and nothing of how it is done.
//!
//! `suites` says what the tests are, `plan` which run beside each other, `setup` brings what they need, `trial` takes one
//! through its steps, `run` starts and bounds processes, `counts` and `summary` turn their output into a verdict, `tidy`
//! holds the rules on source text, `protocols` runs what others publish.

mod bench;
mod board;
mod book;
mod counts;
mod course;
mod lanes;
mod log;
mod os;
mod place;
mod plan;
mod protocols;
mod run;
mod setup;
mod suites;
mod summary;
mod tidy;
mod trial;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::place::Place;

/// Everything that a person or CI runs on this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need, then run them all (or the suites named)
    #[command(after_help = suites::overview(), after_long_help = suites::overview())]
    Test(TestArgs),
    /// Only the installs of `cargo xtask test`: packages, browser, Python environment, redis-server
    #[command(after_help = "Runs again and again without doing anything twice.\n\
        Example: cargo xtask setup            everything\n         \
                 cargo xtask setup clients    what one suite needs")]
    Setup {
        /// The suites to set up for; all if none is named
        suites: Vec<String>,
    },
    /// Check the rules of the house: arrows between crates, lengths, banned calls, names, guarantees
    #[command(after_help = tidy::overview())]
    Tidy,
    /// Run the suites that engine.io and socket.io publish with their protocols, from checkouts of yours, against our echo
    #[command(
        after_help = "They are not part of this repository. Their packages are installed below target/.\n\
        Example: git clone https://github.com/socketio/engine.io-protocol\n         \
                 git clone https://github.com/socketio/socket.io-protocol\n         \
                 cargo xtask protocol-suites --engine-io engine.io-protocol --socket-io socket.io-protocol"
    )]
    ProtocolSuites(protocols::Checkouts),
    /// Write docs/ as a book: target/book/index.html
    Book,
    /// Build the demo and the load generator in release and measure the one with the other
    #[command(after_help = "Everything after `bench` goes to the load generator, behind its `--server`.\n\
        Example: cargo xtask bench            all works\n         \
                 cargo xtask bench -- --help  what the load generator can be told")]
    Bench {
        /// Arguments of the load generator
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

/// What `cargo xtask test` can be told.
#[derive(Args)]
pub(crate) struct TestArgs {
    /// The suites to run, in the order that is told below; all if none is named
    pub(crate) suites: Vec<String>,
    /// What one runs while working: fmt, clippy, tidy, unit, and clients and cluster on a debug build
    #[arg(long)]
    pub(crate) quick: bool,
    /// Run the soak as well, for this many minutes per file
    #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "10")]
    pub(crate) soak: Option<u32>,
    /// Show the whole output of every suite as it comes
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Name the suites that would run, and run none
    #[arg(long)]
    pub(crate) list: bool,
}

fn main() -> ExitCode {
    let place = match Place::find() {
        Ok(place) => place,
        Err(sentence) => return refuse(&sentence),
    };
    let outcome = match Cli::parse().task {
        Task::Test(args) => course::test(&place, &args),
        Task::Setup { suites } => course::setup(&place, &suites),
        Task::Tidy => tidy::main(&place),
        Task::ProtocolSuites(checkouts) => protocols::main(&place, &checkouts),
        Task::Book => book::main(&place),
        Task::Bench { args } => bench::main(&place, &args),
    };
    outcome.unwrap_or_else(|sentence| refuse(&sentence))
}

/// What cannot be done is said in one sentence, on the error output.
fn refuse(sentence: &str) -> ExitCode {
    eprintln!("xtask: {sentence}");
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn soak_takes_minutes_or_its_default() {
        for (line, minutes) in
            [("--soak 3", Some(3)), ("--soak", Some(10)), ("--soak=7 unit", Some(7)), ("unit", None)]
        {
            let words = ["cargo xtask", "test"].into_iter().chain(line.split(' '));
            let Task::Test(args) = Cli::try_parse_from(words).unwrap().task else {
                panic!("not a test: {line}")
            };
            assert_eq!(args.soak, minutes, "{line}");
        }
    }

    #[test]
    fn bench_passes_everything_on() {
        let cli = Cli::try_parse_from(["cargo xtask", "bench", "echo", "--seconds", "3"]).unwrap();
        let Task::Bench { args } = cli.task else { panic!("not a bench") };
        assert_eq!(args, ["echo", "--seconds", "3"]);
    }
}
