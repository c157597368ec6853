//! From `main` to the exit code: reads the command line and does what it says.
//!
//! Owns the process: the log, the background runtime, signals, standard output and the exit code. A start that
//! can't go well ends with a sentence on standard error.

mod call;
mod cli;
mod documents;
mod flag;
mod form;
mod log;
mod offer;
mod serve;

use crate::app::App;
use crate::assemble::StartError;
use crate::settings::Given;
use cli::{Cli, Command};
use playhouse_core::config::{Config, Loaded, Sources};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

impl App {
    /// Runs the program: reads the command line and does what it says, by default `serve`. The whole of an
    /// application's `main`:
    ///
    /// ```no_run
    /// use playhouse::prelude::*;
    ///
    /// fn main() -> ExitCode {
    ///     App::new().room("lobby").run()
    /// }
    /// ```
    ///
    /// `--help` shows what it can do. The exit code is 0 when it ended well, 1 when it could not start or failed by
    /// a fault, 2 for a command line that means nothing, and 3 when an action that `call` ran refused.
    #[must_use = "return it from `main`"]
    pub fn run(self) -> ExitCode {
        let offered = self.manifest(&Config::default());
        let cli = match cli::read(&self.about, &offered, std::env::args_os()) {
            Ok(cli) => cli,
            Err(error) => {
                // Where it goes and which code it means, `--help` and a mistake, is clap's to know. Nobody
                // is left to be told that standard output is closed.
                let _ = error.print();
                return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
            }
        };
        match self.obey(cli) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("{}", failure(&error));
                ExitCode::FAILURE
            }
        }
    }

    /// Serves within a program that has a `main` and a runtime of its own, until [`Handle::stop`] is called or
    /// this future is dropped. It reads the configuration's file and the environment, not the command line; log
    /// and signals are the program's own affair.
    ///
    /// # Errors
    /// Why it could not start.
    ///
    /// [`Handle::stop`]: crate::Handle::stop
    pub async fn serve(self) -> Result<(), StartError> {
        let given = Given { env: Sources::process_env(), ..Given::default() };
        let loaded = self.configured(&given)?;
        serve::embedded(self, loaded).await
    }

    fn obey(self, cli: Cli) -> Result<ExitCode, StartError> {
        let given = cli.given(Sources::process_env());
        if let Command::Completions(script) = &cli.command {
            print(script);
            return Ok(ExitCode::SUCCESS);
        }
        let loaded = self.configured(&given)?;
        match cli.command {
            Command::Config => {
                print(&loaded.report());
                loaded.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
                Ok(ExitCode::SUCCESS)
            }
            Command::Call(call) => {
                prepare(&loaded)?;
                let manifest = self.manifest(&loaded.config);
                call::run(self, loaded.config, &manifest, &call)
            }
            Command::Backup(file) => Ok(backup(&loaded.config.data_dir, &file)),
            Command::Document(document) => {
                let manifest = self.manifest(&loaded.config);
                Ok(documents::run(&document, &manifest, &loaded.config))
            }
            Command::Serve | Command::Completions(_) => {
                prepare(&loaded)?;
                serve::standing(self, loaded.config)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Copies what the actors keep.
fn backup(folder: &Path, file: &Path) -> ExitCode {
    match playhouse_sqlite::backup(folder, file) {
        Ok(()) => {
            print(&format!("{} is a copy of what is in {}\n", file.display(), folder.display()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Sets up the log, and tells it what the configuration has to warn of.
fn prepare(loaded: &Loaded) -> Result<(), StartError> {
    log::start(&loaded.config.log).map_err(StartError::Log)?;
    loaded.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(())
}

/// What a person reads who can't start. A configuration's problems are a list by themselves.
fn failure(error: &StartError) -> String {
    match error {
        StartError::Config(problems) => problems.to_string(),
        StartError::Bind(_)
        | StartError::Folder(_)
        | StartError::Engine(_)
        | StartError::Store(_)
        | StartError::Cluster(_)
        | StartError::Serve(_)
        | StartError::App(_)
        | StartError::Plugin { .. }
        | StartError::Room(..)
        | StartError::Start(_)
        | StartError::System(_)
        | StartError::Log(_) => format!("error: {error}"),
    }
}

/// Writes to standard output. A reader that has gone, such as `head`, is no error of ours.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
