//! The command line: what can be written on it, and its help. What `call` offers is made from the application's own
//! actions, so that its help shows them and a shell completes them.

use super::call::Call;
use super::documents::{Document, DocumentKind};
use super::offer::Offer;
use crate::app::About;
use crate::settings::Given;
use clap::builder::{EnumValueParser, ValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command as Words, value_parser};
use clap_complete::Shell;
use playhouse_core::manifest::Manifest;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What was asked for.
#[derive(Debug)]
pub(super) struct Cli {
    pub(super) command: Command,
    given: Given,
}

/// What to do.
#[derive(Debug)]
pub(super) enum Command {
    Serve,
    Config,
    Call(Call),
    Document(Document),
    /// A copy of what the actors keep.
    Backup(PathBuf),
    /// The script that completes words for a shell.
    Completions(String),
}

/// Reads the command line.
///
/// # Errors
/// A mistake, or the wish for help; clap's text either way.
pub(super) fn read<I: IntoIterator<Item = OsString>>(
    about: &About,
    manifest: &Manifest,
    arguments: I,
) -> Result<Cli, clap::Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let program = arguments.first().map(Path::new).and_then(Path::file_stem);
    let program = program.map_or_else(|| "playhouse".to_owned(), |name| name.to_string_lossy().into_owned());
    let offer = Offer::of(manifest, &program);
    let mut words = words(about, &program, &offer);
    let matches = words.try_get_matches_from_mut(&arguments);
    let matches = matches.map_err(|error| in_our_words(error, &arguments, &offer))?;
    let mut given = Given::default();
    settings_of(&matches, &mut given);
    let command = match matches.subcommand() {
        None => Command::Serve,
        Some((name, below)) => {
            settings_of(below, &mut given);
            chosen(name, below, &offer, &mut given, words)?
        }
    };
    Ok(Cli { command, given })
}

impl Cli {
    /// What the command line and the environment say about the configuration.
    pub(super) fn given(&self, env: Vec<(String, String)>) -> Given {
        Given { env, ..self.given.clone() }
    }
}

fn words(about: &About, program: &str, offer: &Offer) -> Words {
    let version = about.version.clone().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
    let words = Words::new(program.to_owned())
        .bin_name(program.to_owned())
        .version(version)
        .disable_help_subcommand(true)
        .args(settings())
        .after_help(examples(program, offer))
        .subcommands([
            below("serve", "Serves until it is told to stop (this is what happens without a command)"),
            below("config", "Shows the configuration in force and where each value came from"),
            below("backup", "Copies what the actors keep into a new file, also while a server runs").arg(
                Arg::new("file").required(true).value_name("FILE").value_parser(value_parser!(PathBuf)).help(
                    "The copy. Put it into an empty folder as `playhouse.db`, and that is a `data_dir`",
                ),
            ),
            offer.words(&settings()).about("Runs one action in this process and prints its answer"),
            document("openapi", "Prints a description of the actions for programs and tools").arg(
                Arg::new("format")
                    .long("format")
                    .value_name("FORMAT")
                    .default_value("openapi")
                    .value_parser(EnumValueParser::<DocumentKind>::new())
                    .help("OpenAPI 3.1 for HTTP, AsyncAPI 3 for the websocket, or Swagger 2"),
            ),
            document(
                "types",
                "Prints the types of the generated client, with this application's actions in them",
            ),
            Words::new("completions")
                .about("Prints a script that lets your shell complete commands, actions and inputs")
                .arg(Arg::new("shell").required(true).value_parser(EnumValueParser::<Shell>::new()))
                .after_help(format!("Examples:\n  source <({program} completions bash)")),
        ]);
    match &about.description {
        Some(description) => words.about(description.clone()),
        None => words,
    }
}

fn below(name: &'static str, about: &'static str) -> Words {
    Words::new(name).about(about).args(settings())
}

fn document(name: &'static str, about: &'static str) -> Words {
    let out = Arg::new("out").long("out").short('o').value_name("FILE").value_parser(value_parser!(PathBuf));
    below(name, about).arg(out.help("Writes it into this file, where it differs from what is there"))
}

/// The arguments that say something about the configuration. They may stand before and behind a command.
fn settings() -> [Arg; 3] {
    [
        Arg::new("config")
            .long("config")
            .short('c')
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("The configuration's file [default: ./playhouse.toml, if it is there]"),
        Arg::new("set")
            .long("set")
            .value_name("PATH=VALUE")
            .action(ArgAction::Append)
            .value_parser(ValueParser::from(pair))
            .help("Sets anything the configuration knows; may be given several times"),
        Arg::new("port")
            .long("port")
            .short('p')
            .value_name("PORT")
            .value_parser(value_parser!(u16))
            .help("The port to listen on; 0 lets the system choose one"),
    ]
}

/// Reads them; the innermost wins. An action may have inputs of these names, which then are no settings.
fn settings_of(matches: &ArgMatches, given: &mut Given) {
    if let Ok(Some(file)) = matches.try_get_one::<PathBuf>("config") {
        given.file = Some(file.clone());
    }
    if let Ok(Some(pairs)) = matches.try_get_many::<(String, String)>("set") {
        given.set.extend(pairs.cloned());
    }
    if let Ok(Some(port)) = matches.try_get_one::<u16>("port") {
        given.set.push(("port".to_owned(), port.to_string()));
    }
}

fn chosen(
    name: &str,
    matches: &ArgMatches,
    offer: &Offer,
    given: &mut Given,
    mut words: Words,
) -> Result<Command, clap::Error> {
    let document =
        |kind| Command::Document(Document { kind, out: matches.get_one::<PathBuf>("out").cloned() });
    Ok(match name {
        "config" => Command::Config,
        "backup" => Command::Backup(matches.get_one::<PathBuf>("file").cloned().unwrap_or_default()),
        "openapi" => {
            let kind: Option<&DocumentKind> = matches.get_one("format");
            document(kind.copied().unwrap_or(DocumentKind::Openapi))
        }
        "types" => document(DocumentKind::Types),
        "completions" => {
            let shell: Option<&Shell> = matches.get_one("shell");
            let program = words.get_name().to_owned();
            let mut script = Vec::new();
            clap_complete::generate(shell.copied().unwrap_or(Shell::Bash), &mut words, program, &mut script);
            Command::Completions(String::from_utf8_lossy(&script).into_owned())
        }
        "call" => match matches.subcommand() {
            Some((action, below)) => {
                settings_of(below, given);
                Command::Call(offer.call(action, below))
            }
            None => {
                return Err(words.error(ErrorKind::MissingSubcommand, "`call` needs the name of an action"));
            }
        },
        _ => Command::Serve,
    })
}

/// What stands behind `call` is an action with inputs to everybody but clap.
fn in_our_words(error: clap::Error, arguments: &[OsString], offer: &Offer<'_>) -> clap::Error {
    let mut behind =
        arguments.iter().skip_while(|word| *word != "call").skip(1).filter_map(|word| word.to_str());
    let kind = error.kind();
    let what = match kind {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return error,
    };
    let Some(ContextValue::String(word)) = error.get(what) else { return error };
    let text = match kind {
        ErrorKind::InvalidSubcommand if behind.any(|behind| behind == word) => offer.no_action(word),
        ErrorKind::UnknownArgument => match behind.find_map(|action| offer.no_flag(action, word)) {
            Some(text) => text,
            None => return error,
        },
        _ => return error,
    };
    clap::Error::raw(kind, text + "\n")
}

fn examples(program: &str, offer: &Offer) -> String {
    let call = offer.example().unwrap_or_else(|| format!("{program} call --help"));
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
    {call}

Settings come from the file, from the environment (PORT, PLAYHOUSE_ACTIONS__TIMEOUT=5s) and from here; the
later ones win.

Exit codes:
  0  it went well
  1  it could not start, or failed by a fault of ours
  2  the command line means nothing: an unknown word, a missing input
  3  the action that was called refused; standard error has its code"
    )
}

/// `name=value`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err(format!("`{text}` is no NAME=VALUE: write a name, `=` and a value")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::Typed;
    use super::*;

    fn line(words: &[&str]) -> Result<Cli, clap::Error> {
        let words = ["/usr/bin/my-app"].iter().chain(words).map(OsString::from);
        read(&About::default(), &super::super::offer::tests::toys(), words.collect::<Vec<_>>())
    }

    fn told(words: &[&str]) -> (i32, String) {
        let error = line(words).map(|_| ()).unwrap_err();
        (error.exit_code(), error.to_string())
    }

    #[test]
    fn without_a_command_it_serves() {
        let cli = line(&["--port", "3000", "--set", "log=debug"]).unwrap();
        assert!(matches!(cli.command, Command::Serve));
        let given = cli.given(Vec::new());
        assert_eq!(given.set, [("log".into(), "debug".into()), ("port".into(), "3000".into())]);
    }

    #[test]
    fn settings_may_stand_before_and_behind_a_command() {
        let cli = line(&["--set", "a=1", "config", "--set", "b=2", "--config", "x.toml"]).unwrap();
        let given = cli.given(Vec::new());
        assert_eq!(given.file, Some("x.toml".into()));
        assert_eq!(given.set, [("a".into(), "1".into()), ("b".into(), "2".into())]);
        let cli = line(&["--config", "x.toml", "call", "greet", "--set", "b=2"]).unwrap();
        assert_eq!(cli.given(Vec::new()).set, [("b".into(), "2".into())]);
    }

    #[test]
    fn an_input_wins_over_a_setting_of_its_name() {
        let cli = line(&["--port", "1", "call", "dial", "--port", "many"]).unwrap();
        assert_eq!(cli.given(Vec::new()).set, [("port".into(), "1".into())]);
        let Command::Call(call) = cli.command else { panic!("a call") };
        assert_eq!(call.inputs, [("port".to_owned(), Typed::Text("many".to_owned()))]);
    }

    #[test]
    fn help_teaches_with_examples() {
        let (code, help) = told(&["--help"]);
        assert_eq!(code, 0);
        for text in ["my-app --port 3000", "my-app call greet --name text", "Exit codes:", "completions"] {
            assert!(help.contains(text), "{text} in {help}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for words in
            [&["--set", "log"][..], &["--port", "many"], &["serv"], &["call"], &["openapi", "--format", "x"]]
        {
            assert_eq!(told(words).0, 2, "{words:?}");
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_nearest() {
        let (code, text) = told(&["call", "gret"]);
        assert_eq!(code, 2);
        assert_eq!(
            text,
            "error: there is no action `gret`: did you mean `greet`? `call --help` lists them all\n"
        );
        assert_eq!(
            told(&["call", "greet", "--nmae", "Ben"]).1,
            "error: `greet` has no input `--nmae`: did you mean `--name`? `call greet --help` lists them all\n"
        );
        assert!(told(&["--prot", "1"]).1.contains("--port"));
        assert!(told(&["serv"]).1.contains("serve"));
    }

    #[test]
    fn every_shell_gets_a_script_that_knows_the_actions() {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let Command::Completions(script) = line(&["completions", shell]).unwrap().command else {
                panic!("a script")
            };
            assert!(script.contains("greet") && script.contains("is-loud"), "{shell}");
        }
    }

    #[test]
    fn the_words_fit_together() {
        let manifest = super::super::offer::tests::toys();
        words(&About::default(), "my-app", &Offer::of(&manifest, "my-app")).debug_assert();
    }
}
