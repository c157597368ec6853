//! `cargo xtask protocol-suites`: the suites of tests that engine.io and socket.io publish with their protocols, from
//! checkouts that the caller has, against our echo. Their code is copied below target/ and never into the repository.
//! What they test is theirs to know.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use crate::counts::Runner;
use crate::log::Log;
use crate::os;
use crate::place::Place;
use crate::run::{Bounds, End, Step};
use crate::summary::{Row, Summary};
use crate::trial::log_for;

/// What `cargo xtask protocol-suites` can be told.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Checkouts {
    /// A checkout of github.com/socketio/engine.io-protocol, or its folder test-suite
    #[arg(long, value_name = "DIR")]
    engine_io: Option<PathBuf>,
    /// A checkout of github.com/socketio/socket.io-protocol, or its folder test-suite
    #[arg(long, value_name = "DIR")]
    socket_io: Option<PathBuf>,
}

/// How long building, and how long installing and testing one of them may take.
const BUILD: Duration = Duration::from_secs(900);
const SUITE: Duration = Duration::from_secs(300);

/// The heartbeat that both suites expect, in ms.
const BEAT: [&str; 4] = ["--ping-interval", "300", "--ping-timeout", "200"];

/// Where they expect the server.
const THEIR_SERVER: &str = "http://localhost:3000";

/// The file of each suite that names its server.
const TESTS: &str = "test-suite.js";

/// What our echo says before its address.
const LISTENING: &str = "listening on ";

/// `cargo xtask protocol-suites`
pub(crate) fn main(place: &Place, checkouts: &Checkouts) -> Result<ExitCode, String> {
    let stop = os::stop_flag();
    let begun = Instant::now();
    build(place, &stop)?;
    let mut rows = Vec::new();
    for (name, checkout) in [("engine.io", &checkouts.engine_io), ("socket.io", &checkouts.socket_io)] {
        if let Some(checkout) = checkout {
            println!("{name}");
            rows.push(suite(place, name, checkout, &stop)?);
        }
    }
    if stop.load(Ordering::Relaxed) {
        return Err("stopped".into());
    }
    let summary = Summary::new(rows, begun.elapsed());
    print!("\n{summary}");
    Ok(if summary.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn build(place: &Place, stop: &AtomicBool) -> Result<(), String> {
    let mut log = log_for(place, "protocol-suites-build", false)?;
    match fixture_build(place).run(&mut log, Bounds::from_now(BUILD, stop)) {
        End::Passed => Ok(()),
        End::Failed(why) => Err(format!("the echo does not build: {why}\n{}", log.tail().join("\n"))),
        End::Stopped => Err("stopped".into()),
    }
}

/// Builds the echo, which stands among the examples then. It has a feature of its own crate, so it is built apart.
pub(crate) fn fixture_build(place: &Place) -> Step {
    let (package, feature) = (["--package", "playhouse-server"], ["--features", "fixture"]);
    let example = ["--example", "protocol-fixture"];
    Step::new(place, "cargo").args(["build"]).args(package).args(feature).args(example)
}

/// Runs one of them on an echo of its own.
fn suite(place: &Place, name: &'static str, checkout: &Path, stop: &AtomicBool) -> Result<Row, String> {
    let begun = Instant::now();
    let echo = Echo::start(place)?;
    let copy = place.kept("protocol-suites").join(name);
    copied(checkout, &copy, &echo.address)?;
    let mut log = log_for(place, &format!("protocol-suites-{name}"), true)?;
    let failure = run(place, &copy, &mut log, stop).err();
    Ok(Row {
        suite: name,
        counts: log.counts().verdict(failure.is_none()),
        time: begun.elapsed(),
        failure,
        log: log.path().map(|path| place.shown(path)).unwrap_or_default(),
    })
}

fn run(place: &Place, copy: &Path, log: &mut Log, stop: &AtomicBool) -> Result<(), String> {
    let bounds = Bounds::from_now(SUITE, stop);
    let npm = |args: &[&str]| Step::new(place, "npm").args(args).dir(copy.to_path_buf());
    for step in [npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]), npm(&["test"])] {
        log.expect(Runner::Mocha);
        match step.run(log, bounds) {
            End::Passed => {}
            End::Failed(why) => return Err(format!("`{}`: {why}", step.in_short())),
            End::Stopped => return Err("stopped".into()),
        }
    }
    Ok(())
}

/// Copies the files of a suite, which stand in one folder, and has them look for their server at `address`. What was
/// installed for an earlier copy stays.
fn copied(checkout: &Path, copy: &Path, address: &str) -> Result<(), String> {
    let inner = checkout.join("test-suite");
    let from = if inner.is_dir() { inner } else { checkout.to_path_buf() };
    let sentence = |e| format!("{} cannot be copied to {}: {e}", from.display(), copy.display());
    fs::create_dir_all(copy).map_err(sentence)?;
    for entry in fs::read_dir(&from).map_err(sentence)?.flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), copy.join(entry.file_name())).map_err(sentence)?;
        }
    }
    let tests = copy.join(TESTS);
    let text = fs::read_to_string(&tests).map_err(|_| format!("{} has no {TESTS}", from.display()))?;
    if !text.contains(THEIR_SERVER) {
        return Err(format!("{TESTS} in {} does not name its server, {THEIR_SERVER}", from.display()));
    }
    fs::write(&tests, text.replace(THEIR_SERVER, address)).map_err(sentence)
}

/// Our echo while it runs.
struct Echo {
    child: Child,
    address: String,
}

impl Echo {
    /// Starts it on a port that the system chooses.
    fn start(place: &Place) -> Result<Echo, String> {
        let program = place.binary("debug", "examples/protocol-fixture");
        let mut command = Step::new(place, program).args(["--port", "0"]).args(BEAT).command();
        os::own_group(&mut command);
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|e| format!("the echo did not start: {e}"))?;
        let mut said = String::new();
        if let Some(out) = child.stdout.take() {
            // Who says nothing has ended, and then there is no address.
            let _ = BufReader::new(out).read_line(&mut said);
        }
        let echo = Echo { child, address: said.trim().trim_start_matches(LISTENING).to_owned() };
        if echo.address.starts_with("http://") {
            Ok(echo)
        } else {
            Err(format!("the echo does not say where it listens, but `{}`", said.trim()))
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        os::kill_group(&mut self.child);
        // It is gone, or nothing would help.
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let kept = Place::find().unwrap().kept("tests");
        let folder = kept.join(format!("protocols-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_copy_looks_for_its_server_elsewhere() {
        let (all, copy) = (folder("from"), folder("to"));
        let from = all.join("test-suite");
        fs::create_dir_all(from.join("node_modules")).unwrap();
        let text = format!("const URL = \"{THEIR_SERVER}\";\n");
        fs::write(from.join(TESTS), &text).unwrap();
        fs::write(from.join("package.json"), "{}").unwrap();
        for named in [&all, &from] {
            copied(named, &copy, "http://127.0.0.1:7").unwrap();
            let written = fs::read_to_string(copy.join(TESTS)).unwrap();
            assert_eq!(written, "const URL = \"http://127.0.0.1:7\";\n");
            assert!(copy.join("package.json").is_file() && !copy.join("node_modules").exists());
        }
        assert_eq!(fs::read_to_string(from.join(TESTS)).unwrap(), text);
        [all, copy].iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }

    #[test]
    fn what_is_no_suite_is_refused_with_a_sentence() {
        let (from, copy) = (folder("none"), folder("nowhere"));
        let why = || copied(&from, &copy, "http://127.0.0.1:7").unwrap_err();
        assert!(why().ends_with("has no test-suite.js"), "{}", why());
        fs::write(from.join(TESTS), "no address").unwrap();
        assert!(why().ends_with("does not name its server, http://localhost:3000"), "{}", why());
        [from, copy].iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }
}
