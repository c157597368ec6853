//! What is wrong with what a node stands on, for people to see: `status`, the log, a page for operators.
//!
//! Engines report, nodes show. Holds the newest word of each part, no history.

use crate::clock::{Clock, Moment};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// What is wrong now, by part. Parts are named by those who report.
pub struct Health {
    clock: Clock,
    problems: Mutex<BTreeMap<&'static str, Problem>>,
}

struct Problem {
    text: String,
    since: Moment,
    /// When it is no news any more; `None` until it is told to have healed.
    until: Option<Moment>,
}

impl Health {
    /// Nothing is wrong yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, problems: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Problem>> {
        self.problems.lock().expect("nothing panics while it holds the problems")
    }

    /// A part has a problem; its newest text counts, and the time since its first.
    pub fn ails(&self, part: &'static str, text: impl Into<String>) {
        self.note(part, text.into(), None);
    }

    /// Something went wrong that is over, but that people should see for so long.
    pub fn passes(&self, part: &'static str, text: impl Into<String>, seen_for: Duration) {
        self.note(part, text.into(), Some(self.clock.now() + seen_for));
    }

    fn note(&self, part: &'static str, text: String, until: Option<Moment>) {
        let since = self.clock.now();
        let mut problems = self.lock();
        problems.retain(|_, problem| problem.until.is_none_or(|until| until > since));
        let problem = problems.entry(part).or_insert_with(|| Problem { text: String::new(), since, until });
        (problem.text, problem.until) = (text, until);
    }

    /// A part is well again; for how long it was not, if it was not.
    pub fn heals(&self, part: &'static str) -> Option<Duration> {
        let problem = self.lock().remove(part)?;
        Some(self.clock.now().since(problem.since))
    }

    /// Whether a part has a problem.
    #[must_use]
    pub fn is_ailing(&self, part: &str) -> bool {
        self.lock().contains_key(part)
    }

    /// All problems as sentences, in the order of the parts' names.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let now = self.clock.now();
        let told = |(part, problem): (&&str, &Problem)| {
            let seconds = now.since(problem.since).as_secs();
            match problem.until {
                None => Some(format!("{part}: {} (for {seconds} s)", problem.text)),
                Some(until) if until > now => Some(format!("{part}: {} ({seconds} s ago)", problem.text)),
                Some(_) => None,
            }
        };
        self.lock().iter().filter_map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ails_until_it_heals() {
        let (clock, hand) = Clock::manual();
        let health = Health::new(clock);
        health.ails("redis", "away");
        hand.advance(Duration::from_secs(12));
        health.ails("redis", "refuses the password");
        assert_eq!(health.problems(), ["redis: refuses the password (for 12 s)"]);
        assert_eq!(health.heals("redis"), Some(Duration::from_secs(12)));
        assert_eq!((health.heals("redis"), health.problems()), (None, vec![]));
    }

    #[test]
    fn what_passed_is_seen_for_a_while() {
        let (clock, hand) = Clock::manual();
        let health = Health::new(clock);
        health.passes("messages", "some may have been missed", Duration::from_secs(60));
        hand.advance(Duration::from_secs(59));
        assert_eq!(health.problems(), ["messages: some may have been missed (59 s ago)"]);
        hand.advance(Duration::from_secs(1));
        assert_eq!(health.problems(), [""; 0]);
    }
}
