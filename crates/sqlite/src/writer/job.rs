//! What waits to be written, each with whom it is answered to.

use super::Writer;
use crate::cache::writes::{self as cached, Ask, Told};
use crate::failure::Failure;
use crate::reply::Answer;
use crate::store::{commit, open};
use playhouse_core::bell::Round;
use playhouse_core::cache::CacheError;
use playhouse_core::store::{Commit, Open, Opened, StoreError};

pub(crate) enum Write {
    Commit(Job<Commit, (), StoreError>),
    Open(Job<Open, Opened, StoreError>),
    Epoch(Job<(), u64, StoreError>),
    Cache(Job<Ask, Told, CacheError>),
}

/// What is asked, and what came of it, which counts only once the transaction is committed.
pub(crate) struct Job<A, T, E> {
    ask: A,
    answer: Answer<Result<T, E>>,
    outcome: Option<Result<T, E>>,
}

impl<A, T, E: From<Failure>> Job<A, T, E> {
    pub(crate) fn new(ask: A, answer: Answer<Result<T, E>>) -> Self {
        Self { ask, answer, outcome: None }
    }

    /// Does it as a part of the transaction.
    ///
    /// # Errors
    /// The whole transaction is gone.
    fn run(
        &mut self,
        writer: &mut Writer,
        has_steps: bool,
        work: impl FnOnce(&mut Writer, &A) -> rusqlite::Result<Result<T, E>>,
    ) -> rusqlite::Result<()> {
        // One statement that fails has no effect; of several the first may have had one.
        if has_steps {
            writer.execute("SAVEPOINT job")?;
        }
        let done = work(writer, &self.ask);
        if let Err(error) = &done {
            if writer.conn.is_autocommit() {
                return done.map(drop);
            }
            if has_steps {
                writer.execute("ROLLBACK TO job")?;
            }
            self.outcome = Some(Err(Failure::before_commit(error).into()));
        }
        if has_steps {
            writer.execute("RELEASE job")?;
        }
        if let Ok(outcome) = done {
            self.outcome = Some(outcome);
        }
        Ok(())
    }

    fn answer(self, failure: Option<&Failure>, round: &mut Round) {
        let outcome = match (failure, self.outcome) {
            (Some(failure), _) => Err(failure.clone().into()),
            (None, Some(outcome)) => outcome,
            // Nothing is committed before each has run.
            (None, None) => return,
        };
        self.answer.give(outcome, round);
    }
}

impl Write {
    pub(super) fn run(&mut self, writer: &mut Writer) -> rusqlite::Result<()> {
        match self {
            Self::Commit(job) => {
                let has_steps = commit::has_steps(&job.ask);
                job.run(writer, has_steps, |writer, ask| commit::commit(&writer.conn, ask))
            }
            Self::Open(job) => job.run(writer, true, |writer, ask| open::open(&writer.conn, ask).map(Ok)),
            Self::Epoch(job) => job.run(writer, false, |writer, ()| open::epoch(&writer.conn).map(Ok)),
            Self::Cache(job) => job.run(writer, true, cached::run),
        }
    }

    pub(super) fn answer(self, failure: Option<&Failure>, round: &mut Round) {
        match self {
            Self::Commit(job) => job.answer(failure, round),
            Self::Open(job) => job.answer(failure, round),
            Self::Epoch(job) => job.answer(failure, round),
            Self::Cache(job) => job.answer(failure, round),
        }
    }
}
