//! The contract `Store`: where each request goes. What is only read goes to the readers; what may have to be written, to the
//! writer, or to a reader first where it is mostly there already.

pub(crate) mod commit;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod open;

use crate::Doors;
use crate::line::{Line, Refused};
use crate::readers::Read;
use crate::reply::{Answer, Reply};
use crate::writer::{Job, Write};
use playhouse_core::Later;
use playhouse_core::actor::{ActorId, At};
use playhouse_core::store::{self, Commit, Due, Loaded, Open, Opened, Query, Record, StoreError};
use playhouse_core::trouble::Trouble;
use std::sync::Arc;

pub(crate) struct Store(Arc<Doors>);

impl Store {
    pub(crate) fn new(doors: Arc<Doors>) -> Self {
        Self(doors)
    }

    fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(Answer<Result<T, StoreError>>) -> Read,
    ) -> Later<'_, Result<T, StoreError>> {
        ask(&self.0.reads, job, || {
            Trouble::Away("the database was closed, or has too much to write".to_owned())
        })
    }

    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(Answer<Result<T, StoreError>>) -> Write,
    ) -> Later<'_, Result<T, StoreError>> {
        ask(&self.0.writes, job, || Trouble::Unknown("the thread that writes has ended".to_owned()))
    }
}

/// In the call, not when it is polled: from here on it is done, also if nobody waits for it.
fn ask<J, T: Send + 'static>(
    line: &Line<J>,
    job: impl FnOnce(Answer<Result<T, StoreError>>) -> J,
    unanswered: fn() -> Trouble,
) -> Later<'static, Result<T, StoreError>> {
    let asked: Result<Reply<_>, Refused> = line.ask(job);
    Box::pin(async move {
        let reply = asked.map_err(Trouble::from)?;
        reply.await.unwrap_or_else(|| Err(unanswered().into()))
    })
}

impl store::Store for Store {
    fn open(&self, open: Open) -> Later<'_, Result<Opened, StoreError>> {
        match &open {
            // Made in any case.
            Open::Create(address, _) if matches!(address.at, At::Tags(_)) => {
                self.write(|answer| Write::Open(Job::new(open, answer)))
            }
            Open::Id(_) | Open::Find(_) | Open::FindOrCreate(..) | Open::Create(..) => {
                self.read(|answer| Read::Open(open, answer))
            }
        }
    }

    fn load(&self, id: &ActorId) -> Later<'_, Result<Option<Loaded>, StoreError>> {
        let id = id.clone();
        self.read(|answer| Read::Load(id, answer))
    }

    fn commit(&self, commit: Commit) -> Later<'_, Result<(), StoreError>> {
        self.write(|answer| Write::Commit(Job::new(commit, answer)))
    }

    fn list(&self, query: Query) -> Later<'_, Result<Vec<Record>, StoreError>> {
        self.read(|answer| Read::List(query, answer))
    }

    fn due(&self, after: (u64, u64), until: u64, n: usize) -> Later<'_, Result<Vec<Due>, StoreError>> {
        self.read(|answer| Read::Due { after, until, n, answer })
    }

    fn epoch(&self) -> Later<'_, Result<u64, StoreError>> {
        self.write(|answer| Write::Epoch(Job::new((), answer)))
    }
}

/// Numbers as the file has them, which counts with a sign.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back. None is negative but in a file that somebody else wrote into.
pub(crate) fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
