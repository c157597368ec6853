//! Answers that are given again: a client that lost the answer to a call may ask the same once more, and what was done is
//! not done twice.
//!
//! Only calls that bring a mark of their own are kept, on connections that may be taken over, and no more than fit.

use playhouse_core::error::Reject;
use playhouse_core::event::Tag;
use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock};

/// So many calls are known again.
const CALLS_MAX: usize = 100;

/// The bytes of their answers.
const BYTES_MAX: usize = 256 * 1024;

/// What is kept of one connection's calls, the oldest first.
#[derive(Default)]
pub(crate) struct Answers(OnceLock<Box<Mutex<Kept>>>);

#[derive(Default)]
struct Kept {
    calls: VecDeque<Call>,
    bytes: usize,
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
    /// It was answered so.
    Answered(Result<Box<str>, Reject>),
}

impl Answers {
    /// A call with a mark.
    pub(crate) fn ask(&self, mark: &str, tag: &Tag) -> Known {
        let mut kept = self.0.get_or_init(Box::default).lock().expect("nothing panics while it holds this");
        if let Some(call) = kept.calls.iter_mut().find(|call| *call.mark == *mark) {
            return match &mut call.state {
                State::Running(tags) => {
                    // Its client has given up the answer to the one before, or will take either.
                    tags.truncate(CALLS_MAX);
                    tags.push(tag.clone());
                    Known::Running
                }
                State::Answered(result) => Known::Answered(result.clone()),
            };
        }
        kept.calls.push_back(Call { mark: mark.into(), state: State::Running(Vec::new()) });
        if kept.calls.len() > CALLS_MAX {
            kept.drop_oldest();
        }
        Known::New
    }

    /// A call with a mark was refused before it began: asked again, it is to be made.
    pub(crate) fn forget(&self, mark: &str) {
        if let Some(kept) = self.0.get() {
            let mut kept = kept.lock().expect("nothing panics while it holds this");
            kept.calls.retain(|call| *call.mark != *mark || matches!(call.state, State::Answered(_)));
        }
    }

    /// A call with a mark is answered; who else wants to know.
    pub(crate) fn settle(&self, mark: &str, result: &Result<&str, &Reject>) -> Vec<Tag> {
        let Some(kept) = self.0.get() else { return Vec::new() };
        let mut kept = kept.lock().expect("nothing panics while it holds this");
        let Some(call) = kept.calls.iter_mut().find(|call| *call.mark == *mark) else { return Vec::new() };
        let answered = State::Answered(result.map(Box::from).map_err(Reject::clone));
        let before = std::mem::replace(&mut call.state, answered);
        kept.bytes += result.map_or(0, str::len);
        while kept.bytes > BYTES_MAX {
            kept.drop_oldest();
        }
        match before {
            State::Running(tags) => tags,
            State::Answered(_) => Vec::new(),
        }
    }
}

impl Kept {
    fn drop_oldest(&mut self) {
        if let Some(Call { state: State::Answered(Ok(answer)), .. }) = self.calls.pop_front() {
            self.bytes -= answer.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_made_once_and_answered_as_often_as_it_is_asked() {
        let answers = Answers::default();
        let tag = Tag::new("1");
        assert_eq!(answers.ask("a", &tag), Known::New);
        assert_eq!(answers.ask("a", &Tag::new("2")), Known::Running);
        assert_eq!(answers.settle("a", &Ok("{}")), [Tag::new("2")]);
        assert_eq!(answers.ask("a", &tag), Known::Answered(Ok("{}".into())));
        assert_eq!(answers.settle("b", &Ok("{}")), []);
    }

    #[test]
    fn a_call_that_never_began_is_made_when_it_is_asked_again() {
        let (answers, tag) = (Answers::default(), Tag::new("1"));
        assert_eq!(answers.ask("a", &tag), Known::New);
        answers.forget("a");
        assert_eq!(answers.ask("a", &tag), Known::New);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let (answers, tag) = (Answers::default(), Tag::new("1"));
        for nth in 0..=CALLS_MAX {
            assert_eq!(answers.ask(&nth.to_string(), &tag), Known::New);
            answers.settle(&nth.to_string(), &Ok("{}"));
        }
        assert_eq!(answers.ask("0", &tag), Known::New);
        let large = "x".repeat(BYTES_MAX);
        answers.settle("0", &Ok(&large));
        assert_eq!(answers.ask("50", &tag), Known::New, "it had to go for a large one");
        answers.ask("last", &tag);
        answers.settle("last", &Ok("{}"));
        let kept = answers.0.get().unwrap().lock().unwrap();
        assert!(kept.bytes <= BYTES_MAX && kept.calls.len() <= CALLS_MAX);
    }
}
