//! `playhouse dev`: builds and serves the application of this folder, and does so again when its sources change. What
//! can't be built is told, and the program of before goes on serving; one that ended by itself waits for a change.

mod build;
mod process;
mod watch;

use build::{Built, Project};
use clap::Args;
use playhouse_core::clock::Clock;
use playhouse_core::os::Termination;
use process::Process;
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitStatus;
use std::task::Poll;
use tokio::runtime::Builder;
use watch::{Changed, Watch};

/// How it is to be served.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  playhouse dev
  playhouse dev --release -- --port 3000 --set log=debug

Watched are src, build.rs, Cargo.toml and playhouse.toml. Files of the public folder are served as they are: reload the
page.")]
pub(crate) struct Wanted {
    /// Builds it as for production
    #[arg(long)]
    release: bool,
    /// The program, where the package has several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// Watches another file or folder too; may be given several times
    #[arg(long, value_name = "PATH")]
    watch: Vec<PathBuf>,
    /// What the application is started with
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

/// Goes on until somebody wants it to end.
///
/// # Errors
/// Where there is no application, nothing can be watched, or no process be started.
pub(crate) fn run(wanted: &Wanted) -> Result<(), String> {
    let project = Project::here(wanted.release, wanted.bin.clone())?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("the operating system gives no runtime: {error}"))?;
    runtime.block_on(async {
        let clock = Clock::system();
        let watch = Watch::of(&project.folder, &wanted.watch, clock.clone())?;
        // The application is no process of the terminal's, so that nobody else tells it when that is closed.
        let termination = Termination::listen().and_then(Termination::with_hangup);
        let termination = termination.map_err(|error| format!("signals can't be heard: {error}"))?;
        let arguments = wanted.arguments.clone();
        let mut dev = Dev { project, watch, termination, clock, arguments, serving: None, built: None };
        dev.serve().await
    })
}

/// What is going on.
struct Dev {
    project: Project,
    watch: Watch,
    termination: Termination,
    clock: Clock,
    arguments: Vec<String>,
    serving: Option<Process>,
    built: Option<Built>,
}

/// What happened.
enum Event {
    Stop,
    Changed(Changed),
    Ended(ExitStatus),
}

impl Dev {
    async fn serve(&mut self) -> Result<(), String> {
        let mut changed = Changed::Sources;
        loop {
            let Some(is_new) = self.build(changed).await? else { break };
            if (is_new || changed == Changed::Settings) && !self.restart().await? {
                return Ok(());
            }
            match self.next_change().await? {
                Some(next) => changed = next,
                None => break,
            }
        }
        self.stop().await.map(drop)
    }

    /// Builds, unless only settings changed. Whether there is another program than before; `None` to stop.
    async fn build(&mut self, changed: Changed) -> Result<Option<bool>, String> {
        if changed == Changed::Settings && self.built.is_some() {
            return Ok(Some(false));
        }
        let build = {
            let mut build = pin!(self.project.build());
            let mut stop = pin!(self.termination.wanted());
            poll_fn(|cx| match stop.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => build.as_mut().poll(cx).map(Some),
            })
            .await
        };
        let Some(build) = build else { return Ok(None) };
        let goes_on = if self.serving.is_some() { "the program of before goes on serving" } else { "" };
        let built = match build {
            Ok(Some(built)) => built,
            Ok(None) => {
                say(&["it can't be built", goes_on, "waiting for a change"]);
                return Ok(Some(false));
            }
            // At the start it is the person's to mend; later nothing that serves is given up for it.
            Err(error) if self.serving.is_some() => {
                say(&[&error, goes_on, "waiting for a change"]);
                return Ok(Some(false));
            }
            Err(error) => return Err(error),
        };
        // A change of a comment builds nothing, and a program that ended is worth another try.
        let is_new = self.serving.is_none() || self.built.as_ref() != Some(&built);
        self.built = Some(built);
        Ok(Some(is_new))
    }

    /// The old one ends before the new one begins: both want the same port. Whether it goes on: somebody may have
    /// wanted an end meanwhile.
    async fn restart(&mut self) -> Result<bool, String> {
        let goes_on = self.stop().await?;
        if let Some(built) = self.built.as_ref().filter(|_| goes_on) {
            self.serving = Some(Process::start(&built.program, &self.arguments)?);
        }
        Ok(goes_on)
    }

    /// Waits for something to do; `None` is to stop.
    async fn next_change(&mut self) -> Result<Option<Changed>, String> {
        loop {
            match self.next_event().await? {
                Event::Stop => return Ok(None),
                Event::Changed(changed) => return Ok(Some(changed)),
                Event::Ended(status) => {
                    self.serving = None;
                    say(&[&format!("it ended by itself ({status})"), "waiting for a change"]);
                }
            }
        }
    }

    async fn next_event(&mut self) -> Result<Event, String> {
        let mut stop = pin!(self.termination.wanted());
        let mut change = pin!(self.watch.next());
        let mut end = pin!(async {
            match &mut self.serving {
                Some(process) => process.ended().await,
                None => std::future::pending().await,
            }
        });
        poll_fn(|cx| {
            if stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(Event::Stop));
            }
            if let Poll::Ready(status) = end.as_mut().poll(cx) {
                return Poll::Ready(status.map(Event::Ended));
            }
            change.as_mut().poll(cx).map(|changed| changed.map(Event::Changed))
        })
        .await
    }

    /// Politely, but not for ever: who asks for an end meanwhile gets it at once. Whether nobody did.
    async fn stop(&mut self) -> Result<bool, String> {
        let Some(mut process) = self.serving.take() else { return Ok(true) };
        process.ask_to_end();
        let over = {
            let mut ended = pin!(self.clock.timeout(process::PATIENCE, process.ended()));
            let mut again = pin!(self.termination.wanted());
            poll_fn(|cx| match again.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Over::Asked),
                Poll::Pending => ended.as_mut().poll(cx).map(|ended| match ended {
                    Ok(_) => Over::Ended,
                    Err(_) => Over::Late,
                }),
            })
            .await
        };
        match over {
            Over::Ended => {}
            Over::Late | Over::Asked => process.kill().await?,
        }
        Ok(!matches!(over, Over::Asked))
    }
}

/// How the wait for a process was over.
enum Over {
    Ended,
    Late,
    Asked,
}

/// Tells the person at the keyboard, beside what cargo and the application tell.
fn say(parts: &[&str]) {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    eprintln!("playhouse: {}", parts.join("; "));
}
