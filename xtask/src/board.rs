//! What people read while suites run: who begins, who has ended and how, who runs since when. Writes nothing itself and
//! takes the time as it is told.

use std::time::Instant;

use crate::run::spoken;
use crate::suites::Suite;
use crate::summary::Row;

/// Who runs, and how many have begun of how many.
#[derive(Debug)]
pub(crate) struct Board {
    total: usize,
    begun: usize,
    running: Vec<(&'static str, Instant)>,
}

impl Board {
    /// For so many suites.
    pub(crate) fn new(total: usize) -> Board {
        Board { total, begun: 0, running: Vec::new() }
    }

    /// Somebody begins.
    pub(crate) fn begins(&mut self, suite: &Suite, now: Instant) -> String {
        self.begun += 1;
        self.running.push((suite.name, now));
        format!("[{}/{}] {}: {}", self.begun, self.total, suite.name, suite.about)
    }

    /// Somebody has ended. Who else runs is said where there is anybody.
    pub(crate) fn ended(&mut self, row: &Row, now: Instant) -> String {
        self.running.retain(|(name, _)| *name != row.suite);
        let verdict = format!("       {} {} after {}", row.suite, row.verdict(), spoken(row.time));
        if self.running.is_empty() { verdict } else { format!("{verdict}; {}", self.who(now)) }
    }

    /// Said once in a while, so that nobody wonders.
    pub(crate) fn sign_of_life(&self, now: Instant) -> String {
        format!("       {}", self.who(now))
    }

    fn who(&self, now: Instant) -> String {
        let each = self.running.iter().map(|(name, since)| format!("{name} for {}", spoken(now - *since)));
        format!("running: {}", each.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::counts::Counts;
    use crate::suites::ALL;

    #[test]
    fn tells_who_runs_since_when() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let row = |suite, failure: Option<String>| Row {
            suite,
            counts: Counts::default(),
            time: 90 * second,
            failure,
            log: String::new(),
        };
        let mut board = Board::new(13);
        assert_eq!(
            board.begins(&ALL[0], start),
            "[1/13] fmt: the sources are formatted (cargo fmt mends it)"
        );
        assert!(board.begins(&ALL[3], start + 30 * second).starts_with("[2/13] unit: "));
        assert_eq!(board.sign_of_life(start + 60 * second), "       running: fmt for 1 min, unit for 30 s");
        assert_eq!(
            board.ended(&row("fmt", Some("no".into())), start + 61 * second),
            "       fmt FAILED after 1 min 30 s; running: unit for 31 s"
        );
        assert_eq!(
            board.ended(&row("unit", None), start + 62 * second),
            "       unit passed after 1 min 30 s"
        );
    }
}
