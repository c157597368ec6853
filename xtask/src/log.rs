//! The log of one suite: every line goes to its file, and to the terminal once something fails.
//! Knows what a failing line looks like, but not whose it is.

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

/// Where the output of one suite goes.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<(PathBuf, File)>,
    recent: VecDeque<String>,
    show: Show,
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
        Log { file: None, recent: VecDeque::new(), show: Show::Nothing, begun: now, spoke: now, counts }
    }

    /// From here on the output is this runner's.
    pub(crate) fn expect(&mut self, runner: Runner) {
        self.counts = Reader::new(runner);
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
        println!("       {sentence}");
        self.write(sentence);
        self.spoke = Instant::now();
    }

    /// Called while nothing comes: once a minute, people hear that the suite is alive.
    pub(crate) fn still_running(&mut self) {
        if self.show == Show::Everything || self.spoke.elapsed() < SIGN_OF_LIFE {
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

    fn show_recent(&self) {
        self.recent.iter().for_each(|line| println!("     | {line}"));
    }

    fn keep(&mut self, line: &str) {
        match self.show {
            Show::Nothing | Show::Enough => {}
            Show::Everything => println!("     | {line}"),
            Show::Lines(0) => {
                println!(
                    "     | .. and so on; everything is in {}",
                    self.path().unwrap_or(Path::new("no file")).display()
                );
                self.show = Show::Enough;
            }
            Show::Lines(more) => {
                println!("     | {line}");
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
    fn keeps_only_the_last_lines() {
        let mut log = Log::in_memory();
        (0..100).for_each(|n| log.line(&n.to_string()));
        assert_eq!(log.tail().len(), TAIL);
        assert_eq!(log.tail().last(), Some(&"99"));
    }
}
