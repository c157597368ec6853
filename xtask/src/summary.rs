//! What stands at the end of a test run: a table for people and a closing line for machines. Knows not which suites ran
//! beside each other, only that their times may be more than the whole.

use std::fmt;
use std::time::Duration;

use crate::counts::Counts;
use crate::run::spoken;

/// How one suite went.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) suite: &'static str,
    pub(crate) counts: Counts,
    pub(crate) time: Duration,
    /// Why it failed; none if it passed.
    pub(crate) failure: Option<String>,
    /// Where its whole output is.
    pub(crate) log: String,
}

impl Row {
    /// One word for it.
    pub(crate) fn verdict(&self) -> &'static str {
        if self.failure.is_some() { "FAILED" } else { "passed" }
    }
}

/// All suites that ran. Displayed, its last line is `N passed, N failed`.
#[derive(Debug)]
pub(crate) struct Summary {
    rows: Vec<Row>,
    /// From the beginning of the first to the end of the last.
    wall: Duration,
}

impl Summary {
    /// Of these rows, in the order in which they are shown.
    pub(crate) fn new(rows: Vec<Row>, wall: Duration) -> Summary {
        Summary { rows, wall }
    }

    /// Whether any suite failed.
    pub(crate) fn failed(&self) -> bool {
        self.rows.iter().any(|row| row.failure.is_some())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12}{:<8}{:>8}{:>8}{:>14}", "suite", "", "passed", "failed", "time")?;
        for row in &self.rows {
            let Counts { passed, failed } = row.counts;
            writeln!(
                f,
                "{:<12}{:<8}{passed:>8}{failed:>8}{:>14}",
                row.suite,
                row.verdict(),
                spoken(row.time)
            )?;
        }
        for row in &self.rows {
            if let Some(why) = &row.failure {
                writeln!(f, "\n{}: {why}\n  whole output: {}", row.suite, row.log)?;
            }
        }
        let (passed, failed) = self
            .rows
            .iter()
            .fold((0, 0), |(passed, failed), row| (passed + row.counts.passed, failed + row.counts.failed));
        write!(f, "\n{} in all", spoken(self.wall))?;
        let all: Duration = self.rows.iter().map(|row| row.time).sum();
        if all > self.wall {
            write!(f, ", of suites that took {}", spoken(all))?;
        }
        writeln!(f, "\n{passed} passed, {failed} failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(suite: &'static str, passed: u64, failed: u64, failure: Option<&str>) -> Row {
        Row {
            suite,
            counts: Counts { passed, failed },
            time: Duration::from_secs(61),
            failure: failure.map(str::to_owned),
            log: format!("target/xtask/logs/{suite}.log"),
        }
    }

    #[test]
    fn ends_with_the_sum_alone_on_a_line() {
        let fmt = || row("fmt", 1, 0, None);
        let minutes = |n: u64| Duration::from_secs(60 * n + 2);
        assert!(!Summary::new(vec![fmt()], minutes(1)).failed());
        let unit = row("unit", 40, 2, Some("it ended with exit status: 101"));
        let summary = Summary::new(vec![fmt(), unit], minutes(2));
        assert!(summary.failed());
        let text = summary.to_string();
        assert!(text.ends_with("\n2 min 2 s in all\n41 passed, 2 failed\n"), "{text}");
        assert!(
            text.contains("unit: it ended with exit status: 101\n  whole output: target/xtask/logs/unit.log")
        );
    }

    #[test]
    fn time_that_two_spent_at_once_counts_once() {
        let summary =
            Summary::new(vec![row("both", 1, 0, None), row("cluster", 1, 0, None)], Duration::from_secs(65));
        let text = summary.to_string();
        assert!(
            text.ends_with("\n1 min 5 s in all, of suites that took 2 min 2 s\n2 passed, 0 failed\n"),
            "{text}"
        );
    }
}
