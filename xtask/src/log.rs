//! The log of one suite: every line goes to its file, and to the terminal once something fails. What is shown of a
//! suite that has a neighbour is held back until it ends. Knows what a failing line looks like, but not whose it is.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::counts::{Reader, Runner, plain};
use crate::run::spoken;

/// Lines shown from before the first failing one, and at the end of a suite that failed in silence.
const TAIL: usize = 30;
/// A suite that shows nothing says at least that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);
/// Lines shown of a suite that fails, before the end is shown once more: a demo that does not start
/// fails every test, and the first few say why.
const SHOWN_MAX: usize = 300;
/// How a line begins (after spaces) from which on a person wants to watch.
const FAILING: &[&str] = &["error:", "error[", "not ok ", "✖ ", "warning: build failed"];

/// What of the output people see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    /// None of it.
    Nothing,
    /// As many lines more.
    Lines(usize),
    /// What was to be shown has been; a suite that fails has an end to show yet.
    Enough,
    /// All of it.
    Everything,
}

/// What a log needs whose suite has a neighbour.
#[derive(Debug)]
struct Beside {
    /// Whose lines these are.
    name: &'static str,
    /// What is to be shown in the end.
    held: Vec<String>,
}

/// Where the output of one suite goes.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<(PathBuf, File)>,
    recent: VecDeque<String>,
    show: Show,
    beside: Option<Beside>,
    begun: Instant,
    spoke: Instant,
    counts: Reader,
}

impl Log {
    /// Begins the file anew. With `verbose`, everything is shown from the first line on.
    pub(crate) fn create(path: &Path, verbose: bool) -> io::Result<Log> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        let file = File::create(path)?;
        let show = if verbose { Show::Everything } else { Show::Nothing };
        Ok(Log { file: Some((path.to_path_buf(), file)), show, ..Log::in_memory() })
    }

    /// A log without a file, for what is no suite.
    pub(crate) fn in_memory() -> Log {
        let now = Instant::now();
        let counts = Reader::new(Runner::Silent);
        Log {
            file: None,
            recent: VecDeque::new(),
            show: Show::Nothing,
            beside: None,
            begun: now,
            spoke: now,
            counts,
        }
    }

    /// From here on the output is this runner's.
    pub(crate) fn expect(&mut self, runner: Runner) {
        self.counts = Reader::new(runner);
    }

    /// From here on another suite runs as well: what is shown waits for `release`. Who wants to see everything as it
    /// comes sees whose each line is.
    pub(crate) fn hold(&mut self, name: &'static str) {
        self.beside = Some(Beside { name, held: Vec::new() });
    }

    /// Shows what was held back, in one piece.
    pub(crate) fn release(&mut self) {
        let Some(Beside { name, held }) = self.beside.take().filter(|beside| !beside.held.is_empty()) else {
            return;
        };
        let mut out = io::stdout().lock();
        // Who closed the terminal reads the file.
        let _ = writeln!(out, "       what {name} said:");
        held.iter().for_each(|line| drop(writeln!(out, "{line}")));
    }

    /// What the runner counted.
    pub(crate) fn counts(&self) -> &Reader {
        &self.counts
    }

    /// Where a person finds the whole output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// The last lines.
    pub(crate) fn tail(&self) -> Vec<&str> {
        self.recent.iter().map(String::as_str).collect()
    }

    /// The line that starts a process.
    pub(crate) fn command(&mut self, shown: &str) {
        self.keep(&format!("$ {shown}"));
    }

    /// A line of output.
    pub(crate) fn line(&mut self, line: &str) {
        self.counts.take(line);
        if self.show == Show::Nothing && is_failing(line) {
            self.show_recent();
            self.show = Show::Lines(SHOWN_MAX);
        }
        self.keep(line);
    }

    /// A sentence of ours: shown at once, and kept.
    pub(crate) fn say(&mut self, sentence: &str) {
        self.out(format!("       {sentence}"));
        self.write(sentence);
        self.spoke = Instant::now();
    }

    /// Called while nothing comes: once a minute, people hear that the suite is alive.
    pub(crate) fn still_running(&mut self) {
        // Of those in lanes somebody else gives a sign.
        if self.beside.is_some() || self.show == Show::Everything || self.spoke.elapsed() < SIGN_OF_LIFE {
            return;
        }
        let last: String = plain(self.recent.back().map_or("", String::as_str)).chars().take(70).collect();
        println!("       {} so far, last line: {}", spoken(self.begun.elapsed()), last.trim());
        self.spoke = Instant::now();
    }

    /// Called once a suite failed: its last lines are shown, unless they were.
    pub(crate) fn failed(&mut self) {
        if matches!(self.show, Show::Nothing | Show::Enough) {
            self.show_recent();
        }
    }

    fn show_recent(&mut self) {
        let lines: Vec<String> = self.recent.iter().map(|line| format!("     | {line}")).collect();
        lines.into_iter().for_each(|line| self.out(line));
    }

    fn out(&mut self, line: String) {
        match &mut self.beside {
            Some(beside) if self.show == Show::Everything => {
                println!("{:<9}{}", beside.name, line.trim_start());
            }
            Some(beside) => beside.held.push(line),
            None => println!("{line}"),
        }
    }

    fn keep(&mut self, line: &str) {
        match self.show {
            Show::Nothing | Show::Enough => {}
            Show::Everything => self.out(format!("     | {line}")),
            Show::Lines(0) => {
                let file = self.path().unwrap_or(Path::new("no file")).display().to_string();
                self.out(format!("     | .. and so on; everything is in {file}"));
                self.show = Show::Enough;
            }
            Show::Lines(more) => {
                self.out(format!("     | {line}"));
                self.show = Show::Lines(more - 1);
            }
        }
        self.write(line);
    }

    fn write(&mut self, line: &str) {
        if let Some((_, file)) = &mut self.file {
            // A full disk shows elsewhere soon enough; it is no reason to lose the run.
            let _ = writeln!(file, "{line}");
        }
        if self.recent.len() == TAIL {
            self.recent.pop_front();
        }
        self.recent.push_back(line.to_owned());
    }
}

fn is_failing(line: &str) -> bool {
    let line = plain(line);
    let line = line.trim_start();
    FAILING.iter().any(|begin| line.starts_with(begin))
        || line.starts_with("test ") && line.ends_with("... FAILED")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_failing_line() {
        let yes = [
            "test a::b ... FAILED",
            "error[E0308]: mismatched",
            "    not ok 3 - says",
            "  ✖ joins a room (3ms)",
            "\u{1b}[1merror: x",
        ];
        let no =
            ["test a::b ... ok", "warning: unused", "ok 3 - an error: is answered", "✔ fails well (1ms)"];
        yes.iter().for_each(|line| assert!(is_failing(line), "{line}"));
        no.iter().for_each(|line| assert!(!is_failing(line), "{line}"));
    }

    #[test]
    fn shows_lines_from_the_first_failing_one_on_but_not_for_ever() {
        let mut log = Log::in_memory();
        log.line("test a ... ok");
        assert_eq!(log.show, Show::Nothing);
        log.line("test b ... FAILED");
        assert_eq!(log.show, Show::Lines(SHOWN_MAX - 1));
        (0..SHOWN_MAX).for_each(|_| log.line("test c ... FAILED"));
        assert_eq!(log.show, Show::Enough);
    }

    #[test]
    fn beside_another_one_it_speaks_in_the_end_and_in_one_piece() {
        let mut log = Log::in_memory();
        log.hold("cluster");
        let held = |log: &Log| log.beside.as_ref().map(|beside| beside.held.clone()).unwrap_or_default();
        log.line("✔ a (1ms)");
        assert!(held(&log).is_empty());
        log.line("✖ b (1ms)");
        log.line("what it wanted");
        log.failed();
        log.say("it ended with exit status: 1");
        assert_eq!(
            held(&log),
            [
                "     | ✔ a (1ms)",
                "     | ✖ b (1ms)",
                "     | what it wanted",
                "       it ended with exit status: 1"
            ]
        );
    }

    #[test]
    fn who_fails_in_silence_beside_another_one_shows_its_end() {
        let mut log = Log::in_memory();
        log.hold("schema");
        log.line("the last word");
        log.failed();
        assert_eq!(log.beside.map(|beside| beside.held), Some(vec!["     | the last word".to_owned()]));
    }

    #[test]
    fn keeps_only_the_last_lines() {
        let mut log = Log::in_memory();
        (0..100).for_each(|n| log.line(&n.to_string()));
        assert_eq!(log.tail().len(), TAIL);
        assert_eq!(log.tail().last(), Some(&"99"));
    }
}
