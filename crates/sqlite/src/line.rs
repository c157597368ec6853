//! What waits for a thread: bounded, in order, and taken in batches. Knows nothing of what it is.

use crate::reply::{self, Answer, Reply};
use playhouse_core::trouble::Trouble;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};

pub(crate) struct Line<J> {
    state: Mutex<State<J>>,
    /// Told when there is something to do.
    comes: Condvar,
    limit: usize,
}

struct State<J> {
    waiting: VecDeque<J>,
    /// Threads that sleep. Counted, because telling a condvar is a system call even when nobody listens.
    sleepers: usize,
    closed: bool,
}

/// Why something may not wait; nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// So many wait already.
    Full(usize),
    /// Nobody will come to do it.
    Closed,
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Away(match refused {
            Refused::Full(limit) => {
                format!("{limit} requests wait for the disk, which are the most that may")
            }
            Refused::Closed => "the database is closed".to_owned(),
        })
    }
}

impl<J> Line<J> {
    /// A line in which so many may wait.
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { waiting: VecDeque::new(), sleepers: 0, closed: false };
        Self { state: Mutex::new(state), comes: Condvar::new(), limit }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().expect("nothing panics while it holds a line")
    }

    /// Lets something wait that will be answered.
    pub(crate) fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> J) -> Result<Reply<T>, Refused> {
        let (answer, reply) = reply::pair();
        self.push(job(answer)).map(|()| reply)
    }

    /// Lets it wait.
    pub(crate) fn push(&self, job: J) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        if state.waiting.len() >= self.limit {
            return Err(Refused::Full(self.limit));
        }
        state.waiting.push_back(job);
        let sleeps = state.sleepers > 0;
        drop(state);
        if sleeps {
            self.comes.notify_one();
        }
        Ok(())
    }

    /// Waits for something to do, and moves at most so much to `jobs`; `false` when it is closed and empty.
    pub(crate) fn take(&self, jobs: &mut Vec<J>, most: usize) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed {
            state.sleepers += 1;
            state = self.comes.wait(state).expect("nothing panics while it holds a line");
            state.sleepers -= 1;
        }
        let count = state.waiting.len().min(most);
        jobs.extend(state.waiting.drain(..count));
        count > 0
    }

    /// Nothing is taken in any more; what waits is still done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.comes.notify_all();
    }

    /// What is left when nobody is there any more to do it.
    pub(crate) fn take_rest(&self) -> VecDeque<J> {
        std::mem::take(&mut self.lock().waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_taken_in_order_and_in_parts() {
        let line = Line::new(5);
        (0..5).for_each(|n| line.push(n).unwrap());
        assert_eq!(line.push(5), Err(Refused::Full(5)));
        let mut jobs = Vec::new();
        assert!(line.take(&mut jobs, 2));
        assert_eq!(jobs, [0, 1]);
        line.close();
        assert_eq!(line.push(5), Err(Refused::Closed));
        assert!(line.take(&mut jobs, 9));
        assert_eq!(jobs, [0, 1, 2, 3, 4]);
        assert!(!line.take(&mut jobs, 9));
    }

    #[test]
    fn who_sleeps_hears_of_everything() {
        let line = Line::new(10_000);
        let taken = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let mut jobs = Vec::new();
                        while line.take(&mut jobs, 3) {}
                        jobs.len()
                    })
                })
                .collect();
            (0..5_000).for_each(|n| line.push(n).unwrap());
            line.close();
            takers.into_iter().map(|taker| taker.join().unwrap()).sum::<usize>()
        });
        assert_eq!(taken, 5_000);
    }
}
