//! The `playhouse` command: makes an application and builds it anew while somebody works on it. An application itself
//! knows nothing of it.

mod backup;
mod dev;
mod names;
mod new;
mod source;
mod template;

use clap::builder::EnumValueParser;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use std::process::ExitCode;

/// Makes and runs realtime applications: actions and rooms over one connection.
#[derive(Debug, Parser)]
#[command(name = "playhouse", version, disable_help_subcommand = true, arg_required_else_help = true, after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes an application: two actions, a room, a page, tests and a configuration
    New(new::Wanted),
    /// Builds and serves the application in this folder, and again on every change
    Dev(dev::Wanted),
    /// Copies what a node's actors keep into a new file, also while the node runs
    Backup(backup::Wanted),
    /// Prints a script that lets your shell complete this command
    Completions {
        #[arg(value_parser = EnumValueParser::<Shell>::new())]
        shell: Shell,
    },
}

const AFTER: &str = "\
Examples:
  playhouse new chat
  cd chat
  playhouse dev
  playhouse dev -- --port 3000
  playhouse backup monday.db

An application has commands of its own: `cargo run -- --help` in its folder.

Exit codes: 0 it went well, 1 it could not be done, 2 the command line means nothing.";

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::New(wanted) => new::run(&wanted),
        Command::Dev(wanted) => dev::run(&wanted),
        Command::Backup(wanted) => backup::run(&wanted),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "playhouse", &mut std::io::stdout());
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_fit_together() {
        Cli::command().debug_assert();
    }
}
