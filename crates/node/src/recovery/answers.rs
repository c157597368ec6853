//! Answers that are given again: a client that lost the answer to a call may ask the same once more, and what was done is
//! not done twice.
//!
//! Only what brings a mark of its own is kept, on connections that may be taken over, and no more than fits: here, and in
//! the node with all that is kept for those who come back.

use crate::outbox::LogBudget;
use playhouse_core::error::Reject;
use playhouse_core::event::Tag;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// So many calls are known again.
const CALLS_MAX: usize = 100;

/// So many may wait for the answer to one call that runs, beside who asked it first.
const WAITING_MAX: usize = 16;

/// The bytes of all that is known.
const BYTES_MAX: usize = 256 * 1024;

/// A refusal above this is not kept: nothing was done, and asked again it is refused again.
const REFUSAL_MAX: usize = 1024;

/// What is kept of one connection's calls.
pub(crate) struct Answers {
    budget: Arc<LogBudget>,
    kept: OnceLock<Box<Mutex<Kept>>>,
}

#[derive(Default)]
struct Kept {
    /// The oldest first.
    calls: VecDeque<Call>,
    /// Of those that are answered.
    bytes: usize,
    /// What the budget knows of.
    told: usize,
}

struct Call {
    mark: Box<str>,
    state: State,
}

enum State {
    /// It runs; these want its answer too.
    Running(Vec<Tag>),
    Answered(Result<Box<str>, Reject>),
}

/// What is known of a call.
#[derive(Debug, PartialEq)]
pub(crate) enum Known {
    /// Nothing: it is to be made.
    New,
    /// It runs, and is answered when it is done.
    Running,
    /// It runs, and as many wait for its answer as may.
    Crowded,
    /// It was answered so.
    Answered(Result<Box<str>, Reject>),
}

impl Answers {
    /// None so far. What is kept counts in `budget`.
    pub(crate) fn new(budget: Arc<LogBudget>) -> Self {
        Self { budget, kept: OnceLock::new() }
    }

    /// A call with a mark.
    pub(crate) fn ask(&self, mark: &str, tag: &Tag) -> Known {
        let mut kept = lock(self.kept.get_or_init(Box::default));
        if let Some(call) = kept.calls.iter_mut().find(|call| *call.mark == *mark) {
            return call.ask(tag);
        }
        // What runs is not forgotten, or it would be done twice; there is no more of it than may run at once.
        if kept.calls.len() < CALLS_MAX || kept.drop_oldest() {
            kept.calls.push_back(Call { mark: mark.into(), state: State::Running(Vec::new()) });
        }
        kept.tell(&self.budget);
        Known::New
    }

    /// A call with a mark came to nothing that can be given again: asked again, it is to be made. Who else wants to know.
    pub(crate) fn forget(&self, mark: &str) -> Vec<Tag> {
        let Some(mut kept) = self.kept.get().map(|kept| lock(kept)) else { return Vec::new() };
        kept.take_running(mark).unwrap_or_default()
    }

    /// A call with a mark is answered; who else wants to know.
    pub(crate) fn settle(&self, mark: &str, result: &Result<&str, &Reject>) -> Vec<Tag> {
        let Some(mut kept) = self.kept.get().map(|kept| lock(kept)) else { return Vec::new() };
        let Some(waiting) = kept.take_running(mark) else { return Vec::new() };
        if result.as_ref().err().is_none_or(|reject| size(reject) <= REFUSAL_MAX) {
            let state = State::Answered(result.map(Box::from).map_err(Reject::clone));
            kept.keep(Call { mark: mark.into(), state });
        }
        kept.tell(&self.budget);
        if self.budget.is_exceeded() {
            while kept.drop_oldest() {}
            kept.tell(&self.budget);
        }
        waiting
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.get() {
            self.budget.count(lock(kept).told, 0);
        }
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().expect("nothing panics while it holds this")
}

impl Call {
    fn ask(&mut self, tag: &Tag) -> Known {
        match &mut self.state {
            State::Answered(result) => Known::Answered(result.clone()),
            State::Running(waiting) if waiting.len() >= WAITING_MAX => Known::Crowded,
            State::Running(waiting) => {
                waiting.push(Tag { again: None, ..tag.clone() });
                Known::Running
            }
        }
    }

    /// Nothing while it runs: then it counts where it runs.
    fn bytes(&self) -> usize {
        match &self.state {
            State::Running(_) => 0,
            State::Answered(Ok(answer)) => size_of::<Self>() + self.mark.len() + answer.len(),
            State::Answered(Err(reject)) => size_of::<Self>() + self.mark.len() + size(reject),
        }
    }
}

fn size(reject: &Reject) -> usize {
    let written = |metadata| serde_json::to_vec(metadata).map_or(REFUSAL_MAX, |json| json.len());
    let metadata = reject.metadata.as_deref().map_or(0, written);
    reject.message.len() + metadata + reject.fields.iter().map(String::len).sum::<usize>()
}

impl Kept {
    fn keep(&mut self, call: Call) {
        self.bytes += call.bytes();
        self.calls.push_back(call);
        while self.bytes > BYTES_MAX && self.drop_oldest() {}
    }

    /// Takes a call that runs; those who wait for it.
    fn take_running(&mut self, mark: &str) -> Option<Vec<Tag>> {
        let is_it = |call: &Call| *call.mark == *mark && matches!(call.state, State::Running(_));
        let at = self.calls.iter().position(is_it)?;
        match self.calls.remove(at)?.state {
            State::Running(waiting) => Some(waiting),
            State::Answered(_) => None,
        }
    }

    /// Forgets the oldest that is answered, if one is.
    fn drop_oldest(&mut self) -> bool {
        let is_answered = |call: &Call| matches!(call.state, State::Answered(_));
        let Some(at) = self.calls.iter().position(is_answered) else { return false };
        self.bytes -= self.calls.remove(at).map_or(0, |call| call.bytes());
        true
    }

    fn tell(&mut self, budget: &LogBudget) {
        budget.count(self.told, self.bytes);
        self.told = self.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::codes;

    fn answers() -> Answers {
        Answers::new(Arc::new(LogBudget::new(1 << 20)))
    }

    #[test]
    fn a_call_is_made_once_and_answered_as_often_as_it_is_asked() {
        let (answers, tag) = (answers(), Tag::new("1"));
        assert_eq!(answers.ask("a", &tag), Known::New);
        assert_eq!(answers.ask("a", &Tag::new("2")), Known::Running);
        assert_eq!(answers.settle("a", &Ok("{}")), [Tag::new("2")]);
        assert_eq!(answers.ask("a", &tag), Known::Answered(Ok("{}".into())));
        assert_eq!(answers.settle("b", &Ok("{}")), []);
        assert_eq!(answers.settle("a", &Ok("again")), [], "it has its answer");
    }

    #[test]
    fn a_call_that_came_to_nothing_is_made_when_it_is_asked_again() {
        let (answers, tag) = (answers(), Tag::new("1"));
        assert_eq!(answers.ask("a", &tag), Known::New);
        assert_eq!(answers.ask("a", &tag), Known::Running);
        assert_eq!(answers.forget("a"), std::slice::from_ref(&tag));
        assert_eq!(answers.ask("a", &tag), Known::New);
    }

    #[test]
    fn what_runs_is_not_forgotten_and_not_waited_for_by_all() {
        let (answers, tag) = (answers(), Tag::new("1"));
        assert_eq!(answers.ask("slow", &tag), Known::New);
        for nth in 0..2 * CALLS_MAX {
            assert_eq!(answers.ask(&nth.to_string(), &tag), Known::New);
            answers.settle(&nth.to_string(), &Ok("{}"));
        }
        assert_eq!(answers.ask("0", &tag), Known::New, "the oldest went");
        for _ in 0..WAITING_MAX {
            assert_eq!(answers.ask("slow", &tag), Known::Running);
        }
        assert_eq!(answers.ask("slow", &tag), Known::Crowded);
        for nth in 0..2 * CALLS_MAX {
            assert_eq!(answers.ask(&format!("runs {nth}"), &tag), Known::New);
        }
        assert_eq!(answers.settle("slow", &Ok("{}")).len(), WAITING_MAX);
        assert!(lock(answers.kept.get().unwrap()).calls.len() <= CALLS_MAX);
    }

    #[test]
    fn bytes_are_bounded_here_and_in_the_node() {
        let budget = Arc::new(LogBudget::new(BYTES_MAX + BYTES_MAX / 2));
        let (one, other) = (Answers::new(budget.clone()), Answers::new(budget.clone()));
        let (tag, large) = (Tag::new("1"), "x".repeat(BYTES_MAX / 2 - 1024));
        for nth in 0..1_000 {
            let mark = nth.to_string();
            assert_eq!(one.ask(&mark, &tag), Known::New);
            one.settle(&mark, &Ok(&large));
        }
        assert_eq!(one.ask("997", &tag), Known::New);
        assert!(matches!(one.ask("998", &tag), Known::Answered(Ok(_))));
        for mark in ["a", "b"] {
            assert_eq!(other.ask(mark, &tag), Known::New);
            other.settle(mark, &Ok(&large));
        }
        assert_eq!(other.ask("a", &tag), Known::New, "there was no room");
        assert!(matches!(one.ask("998", &tag), Known::Answered(Ok(_))));
        assert!(budget.used() <= BYTES_MAX + BYTES_MAX / 2);
        drop((one, other));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_long_refusal_is_not_kept() {
        let (answers, tag) = (answers(), Tag::new("1"));
        let refusal = |length| Reject::of(&codes::NOT_IN_ROOM, "x".repeat(length));
        for (length, is_kept) in [(REFUSAL_MAX, true), (REFUSAL_MAX + 1, false)] {
            let mark = length.to_string();
            assert_eq!(answers.ask(&mark, &tag), Known::New);
            answers.settle(&mark, &Err(&refusal(length)));
            assert_eq!(answers.ask(&mark, &tag) != Known::New, is_kept);
        }
    }
}
