//! Runs one process at a time in a group of its own, within a deadline, with its output going to a
//! log. Knows neither suites nor what a test is.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::log::Log;
use crate::os;
use crate::place::Place;

/// How often we look whether a silent process has ended, is late, or we are told to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long we still read after the end of a process. Its group is dead by then; only a descendant
/// that left the group can hold the pipe open, and nobody waits for that one.
const DRAIN: Duration = Duration::from_secs(2);
/// How far who is to step back does, of 19: about a tenth of a core that somebody else wants as well, and all of one that
/// nobody does.
const NICE: &str = "10";
/// Characters of a command within a sentence.
const SHORT: usize = 60;
/// Lines read ahead of the log.
const LINES_AHEAD: usize = 1024;

/// One process to run.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
    dir: PathBuf,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It exited with 0.
    Passed,
    /// It did not; the sentence says what happened instead.
    Failed(String),
    /// The person at the keyboard, or CI, wants us to end.
    Stopped,
}

/// What bounds a step from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<'a> {
    /// The time all steps of a suite have together.
    pub(crate) budget: Duration,
    /// When that time is over.
    pub(crate) deadline: Instant,
    /// Raised when the whole run is to end.
    pub(crate) stop: &'a AtomicBool,
}

impl<'a> Bounds<'a> {
    /// The budget begins now.
    pub(crate) fn from_now(budget: Duration, stop: &'a AtomicBool) -> Bounds<'a> {
        Bounds { budget, deadline: Instant::now() + budget, stop }
    }
}

impl Step {
    /// A program, run in the repository's root.
    pub(crate) fn new(place: &Place, program: impl Into<OsString>) -> Step {
        Step { program: program.into(), args: Vec::new(), env: Vec::new(), dir: place.root.clone() }
    }

    /// With these arguments after the ones it has.
    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Step {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With this environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Step {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// In this directory.
    pub(crate) fn dir(mut self, dir: PathBuf) -> Step {
        self.dir = dir;
        self
    }

    /// The same step for what is left of the cores by whoever wants them, where the system can be told so.
    pub(crate) fn behind(self) -> Step {
        if cfg!(not(unix)) {
            return self;
        }
        let args = [OsString::from("-n"), NICE.into(), self.program].into_iter().chain(self.args).collect();
        Step { program: "nice".into(), args, ..self }
    }

    /// The line one would type to get the same.
    pub(crate) fn shown(&self) -> String {
        let env = self.env.iter().map(|(name, value)| format!("{name}={}", quoted(&value.to_string_lossy())));
        let words = std::iter::once(&self.program).chain(&self.args);
        env.chain(words.map(|word| quoted(&word.to_string_lossy()))).collect::<Vec<_>>().join(" ")
    }

    /// The same for a sentence: without environment and folders, and no longer than one reads.
    pub(crate) fn in_short(&self) -> String {
        let name = Path::new(&self.program).file_name().unwrap_or(&self.program);
        let words = std::iter::once(name).chain(self.args.iter().map(OsString::as_os_str));
        let line: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
        let line = line.join(" ");
        match line.char_indices().nth(SHORT) {
            Some((end, _)) => format!("{} ..", line[..end].trim_end()),
            None => line,
        }
    }

    /// Runs it to its end, or to the end of its bounds.
    pub(crate) fn run(&self, log: &mut Log, bounds: Bounds<'_>) -> End {
        log.command(&self.shown());
        let (mut child, lines) = match self.start() {
            Ok(started) => started,
            Err(error) => {
                return End::Failed(format!("{} did not start: {error}", self.program.to_string_lossy()));
            }
        };
        let end = watch(&mut child, &lines, log, bounds);
        os::kill_group(&mut child);
        drain(&lines, log);
        end
    }

    /// The process as std knows it, with its environment but without a group or a log.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.dir).stdin(Stdio::null());
        // `cargo run` tells us about our own package; a build we start must not hear of it.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn start(&self) -> io::Result<(Child, Receiver<String>)> {
        let (reader, writer) = io::pipe()?;
        let mut command = self.command();
        command.stdout(writer.try_clone()?).stderr(writer);
        os::own_group(&mut command);
        let child = command.spawn()?;
        // Dropping the command closes our ends of the pipe, so that its last writer's end is heard.
        drop(command);
        Ok((child, lines_of(reader)))
    }
}

/// Reads lines on a thread of its own; a line need not be UTF-8.
fn lines_of(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = sync_channel(LINES_AHEAD);
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            line.clear();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
    receiver
}

fn watch(child: &mut Child, lines: &Receiver<String>, log: &mut Log, bounds: Bounds<'_>) -> End {
    loop {
        match lines.recv_timeout(LOOK_EVERY) {
            Ok(line) => log.line(&line),
            // All its output is closed; that a process goes on without any is its right.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(LOOK_EVERY),
            Err(RecvTimeoutError::Timeout) => log.still_running(),
        }
        if bounds.stop.load(Ordering::Relaxed) {
            return End::Stopped;
        }
        if Instant::now() > bounds.deadline {
            return End::Failed(format!("killed: it took more than its {}", spoken(bounds.budget)));
        }
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return ended(status),
            Err(error) => return End::Failed(format!("its end could not be learnt: {error}")),
        }
    }
}

fn ended(status: ExitStatus) -> End {
    if status.success() { End::Passed } else { End::Failed(format!("it ended with {status}")) }
}

fn drain(lines: &Receiver<String>, log: &mut Log) {
    let until = Instant::now() + DRAIN;
    while let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
        log.line(&line);
    }
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn spoken(time: Duration) -> String {
    match (time.as_secs(), time.as_secs() % 60) {
        (0..10, _) => format!("{:.1} s", time.as_secs_f32()),
        (10..60, seconds) => format!("{seconds} s"),
        (all, 0) => format!("{} min", all / 60),
        (all, seconds) => format!("{} min {seconds} s", all / 60),
    }
}

/// Quoted for a shell where that is needed.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@+*".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, budget: Duration, stop: bool) -> (End, String) {
        let place = Place::find().unwrap();
        let mut log = Log::in_memory();
        let stop = AtomicBool::new(stop);
        let end = Step::new(&place, "sh").args(["-c", script]).run(&mut log, Bounds::from_now(budget, &stop));
        (end, log.tail().join("\n"))
    }

    const AMPLE: Duration = Duration::from_secs(60);

    #[test]
    fn both_outputs_reach_the_log() {
        let (end, text) = run("echo out; echo err >&2; printf last", AMPLE, false);
        assert_eq!(end, End::Passed);
        assert!(text.ends_with("out\nerr\nlast"), "{text}");
    }

    #[test]
    fn a_failure_tells_its_status() {
        assert_eq!(run("exit 3", AMPLE, false).0, End::Failed("it ended with exit status: 3".into()));
    }

    #[test]
    fn a_late_process_dies_with_its_descendants() {
        let (end, text) = run("sleep 500 & echo $!; wait", Duration::from_millis(300), false);
        assert_eq!(end, End::Failed("killed: it took more than its 0.3 s".into()));
        let pid = text.lines().last().unwrap();
        // An orphan that nobody reaps stays listed as a zombie: that is dead enough.
        let script = format!("kill -0 {pid} 2>/dev/null && ! grep -q '^State:.Z' /proc/{pid}/status");
        let alive = || Command::new("sh").args(["-c", &script]).status().unwrap().success();
        // It dies when it is its turn, which may be a while on a busy machine.
        let patience = Instant::now() + Duration::from_secs(10);
        while alive() {
            assert!(Instant::now() < patience, "{pid} is alive");
        }
    }

    #[test]
    fn what_a_step_leaves_behind_does_not_hold_us() {
        let begin = Instant::now();
        let (end, _) = run("sleep 500 & exit 0", AMPLE, false);
        assert_eq!(end, End::Passed);
        assert!(begin.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_stop_is_not_a_failure() {
        assert_eq!(run("sleep 500", AMPLE, true).0, End::Stopped);
    }

    #[test]
    fn a_missing_program_is_a_sentence() {
        let place = Place::find().unwrap();
        let stop = AtomicBool::new(false);
        let end =
            Step::new(&place, "no-such-program").run(&mut Log::in_memory(), Bounds::from_now(AMPLE, &stop));
        let End::Failed(why) = end else { panic!("{end:?}") };
        assert!(why.starts_with("no-such-program did not start: "), "{why}");
    }

    #[test]
    fn shows_what_one_would_type() {
        let place = Place::find().unwrap();
        let step = Step::new(&place, "cargo").args(["doc", "it's"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(step.shown(), r"RUSTDOCFLAGS='-D warnings' cargo doc 'it'\''s'");
    }

    #[test]
    fn who_is_behind_runs_the_same() {
        let place = Place::find().unwrap();
        let step = Step::new(&place, "sh").args(["-c", "nice; exit 3"]).behind();
        assert_eq!(step.shown(), "nice -n 10 sh -c 'nice; exit 3'");
        let (mut log, stop) = (Log::in_memory(), AtomicBool::new(false));
        let end = step.run(&mut log, Bounds::from_now(AMPLE, &stop));
        assert_eq!(end, End::Failed("it ended with exit status: 3".into()));
        // Who runs us may have stepped back already, or been put before all others; 19 is the last place.
        let own = Command::new("nice").output().unwrap().stdout;
        let own: i8 = String::from_utf8(own).unwrap().trim().parse().unwrap();
        let behind = (own + 10).min(19).to_string();
        assert_eq!(log.tail().last().copied(), Some(behind.as_str()));
    }

    #[test]
    fn is_short_within_a_sentence() {
        let place = Place::find().unwrap();
        let step = Step::new(&place, "/usr/bin/node").args(["--test"]).env("A", "b");
        assert_eq!(step.in_short(), "node --test");
        let step = step.args((0..40).map(|n| format!("{n}é.mjs")));
        assert!(
            step.in_short().ends_with(" ..") && step.in_short().chars().count() <= SHORT + 3,
            "{}",
            step.in_short()
        );
    }

    #[test]
    fn durations_read_well() {
        for (ms, text) in [(400, "0.4 s"), (12_300, "12 s"), (60_000, "1 min"), (200_000, "3 min 20 s")] {
            assert_eq!(spoken(Duration::from_millis(ms)), text);
        }
    }
}
