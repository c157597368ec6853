//! The command line: what can be written on it, and its help.

use crate::app::About;
use crate::settings::Given;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The command line of every Playhouse application.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true, propagate_version = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// The configuration's file [default: ./playhouse.toml, if it is there]
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets anything the configuration knows; may be given several times
    #[arg(long = "set", global = true, value_name = "PATH=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// The port to listen on; 0 lets the system choose one
    #[arg(long, short, global = true, value_name = "PORT")]
    port: Option<u16>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serves until it is told to stop (this is what happens without a command)
    Serve,
    /// Shows the configuration in force and where each value came from
    Config,
    /// Runs one action in this process and prints its answer
    Call(Call),
}

/// What to call.
#[derive(Args, Debug)]
#[command(after_help = CALL_EXAMPLES)]
pub(super) struct Call {
    /// The action's name
    pub(super) action: String,
    /// Its parameters as a JSON object
    pub(super) json: Option<String>,
    /// One parameter as a text, which becomes a number or a boolean where the action wants one
    #[arg(long = "param", short = 'P', value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) params: Vec<(String, String)>,
}

const CALL_EXAMPLES: &str = "\
Examples:
  Without parameters, and with some:
    call status
    call createChatRoom --param name=lobby
    call createChatRoom '{\"name\": \"lobby\"}'";

/// Reads the command line.
///
/// # Errors
/// A mistake, or the wish for help; clap's text either way.
pub(super) fn read<I: IntoIterator<Item = OsString>>(
    about: &About,
    arguments: I,
) -> Result<Cli, clap::Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let program = arguments.first().map(Path::new).and_then(Path::file_stem);
    let program = program.map_or_else(|| "playhouse".to_owned(), |name| name.to_string_lossy().into_owned());
    let examples = examples(&program);
    let mut command = Cli::command().bin_name(program.clone()).name(program).after_help(examples);
    command = command.version(about.version.clone().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()));
    if let Some(description) = &about.description {
        command = command.about(description.clone());
    }
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

fn examples(program: &str) -> String {
    format!(
        "\
Examples:
  Serve on port 8080, or on another:
    {program}
    {program} --port 3000
  Try a setting without writing it down, and see what is in force:
    {program} --set actions.timeout=5s --set log=debug
    {program} config
  Run an action without a client:
    {program} call status

Settings come from the file, from the environment (PORT, PLAYHOUSE_ACTIONS__TIMEOUT=5s) and from here; the
later ones win."
    )
}

/// `name=value`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err(format!("`{text}` is no NAME=VALUE: write a name, `=` and a value")),
    }
}

impl Cli {
    /// What the command line and the environment say about the configuration.
    pub(super) fn given(&self, env: Vec<(String, String)>) -> Given {
        let mut set = self.set.clone();
        set.extend(self.port.map(|port| ("port".to_owned(), port.to_string())));
        Given { file: self.config.clone(), set, env }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> Result<Cli, clap::Error> {
        let words = ["/usr/bin/my-app"].iter().chain(words).map(OsString::from);
        read(&About::default(), words.collect::<Vec<_>>())
    }

    #[test]
    fn without_a_command_it_serves() {
        let cli = line(&["--port", "3000", "--set", "log=debug"]).unwrap();
        assert!(cli.command.is_none());
        let given = cli.given(Vec::new());
        assert_eq!(given.set, [("log".into(), "debug".into()), ("port".into(), "3000".into())]);
    }

    #[test]
    fn flags_may_stand_behind_the_command() {
        let cli = line(&["call", "status", "-P", "a=b=c", "{}", "--config", "x.toml"]).unwrap();
        assert_eq!(cli.given(Vec::new()).file, Some("x.toml".into()));
        let Some(Command::Call(call)) = cli.command else { panic!("a call") };
        assert_eq!((call.action.as_str(), call.json.as_deref()), ("status", Some("{}")));
        assert_eq!(call.params, [("a".to_owned(), "b=c".to_owned())]);
    }

    #[test]
    fn help_teaches_with_examples() {
        let help = line(&["--help"]).map(|_| ()).unwrap_err();
        assert_eq!(help.exit_code(), 0);
        let help = help.to_string();
        assert!(help.contains("my-app --port 3000") && help.contains("my-app call status"), "{help}");
    }

    #[test]
    fn mistakes_are_told() {
        for words in [&["--set", "log"][..], &["--port", "many"], &["serv"], &["call"]] {
            assert_eq!(line(words).map(|_| ()).unwrap_err().exit_code(), 2, "{words:?}");
        }
    }
}
