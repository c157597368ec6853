//! The one thread that writes: all that waits becomes one transaction and so one fsync, and is answered after it.

mod job;

pub(crate) use job::{Job, Write};

use crate::cache::budget::Budget;
use crate::failure::Failure;
use crate::line::Line;
use crate::lock::Lock;
use crate::reply::Reply;
use crate::settings::Parts;
use crate::threads;
use playhouse_core::bell::Round;
use rusqlite::Connection;
use std::sync::Arc;

/// Writes in one transaction. Enough that an fsync is shared by many, few enough that the first does not wait long for the
/// last.
const AT_ONCE: usize = 4_096;

/// The name under which people are told that something is wrong.
const PART: &str = "sqlite";

pub(crate) struct Writer {
    pub(crate) conn: Connection,
    /// What the cache holds.
    pub(crate) budget: Budget,
    pub(crate) parts: Parts,
}

pub(crate) fn start(
    conn: Connection,
    parts: Parts,
    cache_limit: usize,
    line: &Arc<Line<Write>>,
    lock: Arc<Lock>,
) -> Result<Reply<()>, String> {
    let budget = Budget::of(&conn, cache_limit).map_err(|error| error.to_string())?;
    let mut writer = Writer { conn, budget, parts };
    let work = move |line: &Line<Write>| {
        let mut jobs = Vec::new();
        while line.take(&mut jobs, AT_ONCE) {
            writer.write(&mut jobs);
        }
    };
    threads::start("sqlite writes", line.clone(), lock, work).map_err(|error| error.to_string())
}

impl Writer {
    fn write(&mut self, jobs: &mut Vec<Write>) {
        let held = self.budget.used();
        let done = self.transaction(jobs);
        let failure = done.err();
        if failure.is_some() {
            self.budget.set(held);
        }
        self.tell(failure.as_ref());
        let mut round = Round::begin();
        for job in jobs.drain(..) {
            job.answer(failure.as_ref(), &mut round);
        }
    }

    /// Does all of it or nothing. A job that is refused by itself changes nothing and holds up nobody.
    fn transaction(&mut self, jobs: &mut [Write]) -> Result<(), Failure> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| Failure::before_commit(&error))?;
        for job in jobs {
            if let Err(error) = job.run(self) {
                self.roll_back();
                return Err(Failure::before_commit(&error));
            }
        }
        self.execute("COMMIT").map_err(|error| {
            self.roll_back();
            Failure::of_commit(&error)
        })
    }

    pub(crate) fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute([]).map(drop)
    }

    /// Where SQLite has not done it already.
    fn roll_back(&self) {
        if !self.conn.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(%error, "a transaction can't be rolled back");
        }
    }

    /// Gives back what the log has of the disk: where actors only change, the places of their pages are there already, and
    /// with a log that begins anew there is room to go on.
    fn make_room(&self) {
        let done = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        tracing::debug!(?done, "the log was put in its places");
    }

    /// What a failure means to people; each but the first of a row of them is no news for the log.
    fn tell(&self, failure: Option<&Failure>) {
        let health = &self.parts.health;
        let Some(failure) = failure else {
            if health.is_ailing(PART) && health.heals(PART).is_some() {
                tracing::info!("the database can be written again");
            }
            return;
        };
        let (Failure::Unwritable(why) | Failure::Damaged(why) | Failure::Away(why) | Failure::Unknown(why)) =
            failure;
        if !health.is_ailing(PART) {
            tracing::error!(why, "the database can't be written");
            self.make_room();
        }
        health.ails(PART, format!("the database can't be written: {why}"));
    }
}
