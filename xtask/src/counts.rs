//! How many tests passed and failed, read from the output of a runner. Knows the words of each
//! runner, nothing of processes.

/// Whose words to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// `cargo test`: one `test result:` line per binary, added up.
    Cargo,
    /// `node --test`: `# pass N` (tap) or `ℹ pass N` (spec), one summary at the end.
    Node,
    /// Mocha: `N passing (time)` and, if there are any, `N failing`.
    Mocha,
    /// A closing line `N passed, N failed`; the last one counts.
    Closing,
    /// No counts to read: the suite is the test.
    Silent,
}

/// Tests of one suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// Reads a runner's output line by line.
#[derive(Debug)]
pub(crate) struct Reader {
    runner: Runner,
    found: Option<Counts>,
}

impl Reader {
    /// A reader that has seen nothing yet.
    pub(crate) fn new(runner: Runner) -> Reader {
        Reader { runner, found: None }
    }

    /// Takes in one line, colours or not.
    pub(crate) fn take(&mut self, line: &str) {
        let line = plain(line);
        match self.runner {
            Runner::Cargo => self.take_cargo(&line),
            Runner::Node => self.take_node(&line),
            Runner::Mocha => self.take_mocha(&line),
            Runner::Closing => self.take_closing(&line),
            Runner::Silent => {}
        }
    }

    /// The verdict of a suite that ended: what was counted, or one test, the suite itself. A suite
    /// that failed has at least one failure, whatever its runner managed to say.
    pub(crate) fn verdict(&self, succeeded: bool) -> Counts {
        let mut counts = self.found.unwrap_or_default();
        if !succeeded && counts.failed == 0 {
            counts.failed = 1;
        }
        if succeeded && self.found.is_none() {
            counts.passed = 1;
        }
        counts
    }

    /// Whether the runner itself told of failures.
    pub(crate) fn saw_failures(&self) -> bool {
        self.found.is_some_and(|counts| counts.failed > 0)
    }

    fn take_cargo(&mut self, line: &str) {
        if let Some(Counts { passed, failed }) = line.strip_prefix("test result:").and_then(passed_and_failed)
        {
            let sum = self.found.get_or_insert_default();
            sum.passed += passed;
            sum.failed += failed;
        }
    }

    fn take_node(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) else { return };
        let Some((word, number)) = rest.split_once(' ') else { return };
        let Ok(number) = number.parse() else { return };
        match word {
            // The summary begins anew: what was printed before came from a test's own output.
            "tests" => self.found = Some(Counts::default()),
            "pass" => self.found.get_or_insert_default().passed = number,
            "fail" | "cancelled" => self.found.get_or_insert_default().failed += number,
            _ => {}
        }
    }

    fn take_mocha(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let Some(number) = words.next().and_then(|word| word.parse().ok()) else { return };
        match words.next() {
            Some("passing") => self.found.get_or_insert_default().passed = number,
            Some("failing") => self.found.get_or_insert_default().failed = number,
            _ => {}
        }
    }

    fn take_closing(&mut self, line: &str) {
        if let Some(counts) = passed_and_failed(line) {
            self.found = Some(counts);
        }
    }
}

/// `N passed` and `N failed` anywhere in the line, between any punctuation.
fn passed_and_failed(line: &str) -> Option<Counts> {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let before = |name: &str| words.windows(2).find(|pair| pair[1] == name)?[0].parse().ok();
    Some(Counts { passed: before("passed")?, failed: before("failed")? })
}

/// The line without terminal colours (`ESC [ ... letter`).
pub(crate) fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(runner: Runner, text: &str) -> Option<(u64, u64)> {
        let mut reader = Reader::new(runner);
        text.lines().for_each(|line| reader.take(line));
        reader.found.map(|counts| (counts.passed, counts.failed))
    }

    #[test]
    fn adds_up_the_binaries_of_cargo() {
        let text = "test a ... ok\n\
            test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            \u{1b}[0mtest result: \u{1b}[31mFAILED\u{1b}[0m. 2 passed; 3 failed; 0 ignored";
        assert_eq!(read(Runner::Cargo, text), Some((7, 3)));
    }

    #[test]
    fn reads_both_forms_of_node() {
        for mark in ["#", "ℹ"] {
            let lines =
                ["tests 9", "suites 2", "pass 6", "fail 2", "cancelled 1", "skipped 0", "duration_ms 20.5"];
            let text: Vec<String> = lines.iter().map(|line| format!("{mark} {line}")).collect();
            assert_eq!(read(Runner::Node, &text.join("\n")), Some((6, 3)), "{mark}");
        }
    }

    #[test]
    fn reads_mocha() {
        let text =
            "  ✔ opens (5ms)\n  1) closes\n\n  23 passing (5s)\n  1 failing\n\n  1) closes:\n     2 of 3";
        assert_eq!(read(Runner::Mocha, text), Some((23, 1)));
        assert_eq!(read(Runner::Mocha, "  24 passing (5s)"), Some((24, 0)));
    }

    #[test]
    fn takes_the_last_closing_line() {
        assert_eq!(read(Runner::Closing, "1 passed, 1 failed\nmore\n517 passed, 0 failed"), Some((517, 0)));
        assert_eq!(read(Runner::Closing, "a case passed, none failed"), None);
    }

    #[test]
    fn a_suite_without_counts_is_one_test() {
        let silent = Reader::new(Runner::Silent);
        assert_eq!(silent.verdict(true), Counts { passed: 1, failed: 0 });
        assert_eq!(silent.verdict(false), Counts { passed: 0, failed: 1 });
    }

    #[test]
    fn a_failed_suite_has_a_failure_whatever_was_counted() {
        let mut reader = Reader::new(Runner::Cargo);
        reader.take("test result: ok. 4 passed; 0 failed;");
        assert_eq!(reader.verdict(false), Counts { passed: 4, failed: 1 });
        assert_eq!(reader.verdict(true), Counts { passed: 4, failed: 0 });
    }

    #[test]
    fn colours_are_taken_off() {
        assert_eq!(plain("\u{1b}[1;31merror\u{1b}[0m: no"), "error: no");
        assert_eq!(plain("broken \u{1b}["), "broken ");
    }
}
