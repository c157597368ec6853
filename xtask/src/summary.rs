//! What stands at the end of a test run: a table for people and a closing line for machines.

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
#[derive(Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Whether any suite failed.
    pub(crate) fn failed(&self) -> bool {
        self.rows.iter().any(|row| row.failure.is_some())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<10}{:<8}{:>8}{:>8}{:>14}", "suite", "", "passed", "failed", "time")?;
        for row in &self.rows {
            let Counts { passed, failed } = row.counts;
            writeln!(
                f,
                "{:<10}{:<8}{passed:>8}{failed:>8}{:>14}",
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
        let all: Duration = self.rows.iter().map(|row| row.time).sum();
        writeln!(f, "\n{} in all\n{passed} passed, {failed} failed", spoken(all))
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
        let mut summary = Summary::default();
        summary.add(row("fmt", 1, 0, None));
        assert!(!summary.failed());
        summary.add(row("unit", 40, 2, Some("it ended with exit status: 101")));
        assert!(summary.failed());
        let text = summary.to_string();
        assert!(text.ends_with("\n2 min 2 s in all\n41 passed, 2 failed\n"), "{text}");
        assert!(
            text.contains("unit: it ended with exit status: 101\n  whole output: target/xtask/logs/unit.log")
        );
    }
}
