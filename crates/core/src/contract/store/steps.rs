//! Rows for the suite, and what is done and looked at again and again.

use super::super::{Stores, Verdict, ensure, why};
use crate::actor::ActorId;
use crate::store::{
    AlarmRow, Commit, Due, Fence, Loaded, New, Open, Opened, Query, Record, SeatRow, StateRow, Store,
    StoreError,
};
use bytes::Bytes;

/// An owner that all commits are by, where it does not matter who it is.
pub(super) const FENCE: Fence = Fence { epoch: 1, counter: 1 };

pub(super) fn new(id: &str) -> New {
    let input = Some(Bytes::from_static(&[0xa0, 0, 255]));
    New { id: ActorId::new(id), created_at: 1_700_000_000_000, input }
}

pub(super) fn alarm(number: u64, due: u64) -> AlarmRow {
    let args = Bytes::from(format!("[{number},\"\0\u{fc}\"]"));
    AlarmRow { number, due, action: "ring".into(), args, failures: 0, error: None, given_up: false }
}

pub(super) fn seat(id: &str, epoch: u64) -> SeatRow {
    SeatRow { id: id.into(), epoch, bytes: Bytes::from_static(&[0, 255, b'"', b'\n']) }
}

/// A commit with something of everything.
pub(super) fn fully(record: &Record, version: u64) -> Commit {
    let mut commit = Commit::of(record, FENCE, version);
    commit.state = Some(StateRow { form: 3, bytes: Bytes::from_static(b"{\"count\":1}\0\xff") });
    commit.alarms = vec![alarm(2, 20), alarm(7, i64::MAX.unsigned_abs()), alarm(1, 10)];
    commit.seats = vec![seat("z", 1), seat("a", 1), seat("", i64::MAX.unsigned_abs())];
    commit
}

pub(super) async fn created(node: &dyn Store, open: Open) -> Result<Record, String> {
    let (Open::FindOrCreate(address, new) | Open::Create(address, new)) = &open else {
        return Err("the suite asks to find where it means to create".to_owned());
    };
    let (address, id, created_at) = (address.clone(), new.id.clone(), new.created_at);
    let opened = node.open(open).await.map_err(why)?;
    let Opened::Created(record) = opened else {
        return Err(format!("{address} was opened for the first time: {opened:?}"));
    };
    ensure!(record.row > 0, "an actor has row 0");
    let expected = Record { id, address, created_at, row: record.row };
    ensure!(record == expected, "{expected:?} was to be created, and is {record:?}");
    Ok(record)
}

pub(super) async fn expect_found(nodes: &Stores, open: Open, expected: &Record) -> Verdict {
    for node in &nodes.all {
        let opened = node.open(open.clone()).await.map_err(why)?;
        ensure!(opened == Opened::Found(expected.clone()), "{open:?} gave {opened:?}, not {expected:?}");
    }
    Ok(())
}

pub(super) async fn expect_missing(nodes: &Stores, open: Open) -> Verdict {
    for node in &nodes.all {
        let opened = node.open(open.clone()).await.map_err(why)?;
        ensure!(opened == Opened::Missing, "{open:?} gave {opened:?}, and there is none");
    }
    Ok(())
}

pub(super) async fn commit(node: &dyn Store, commit: Commit) -> Verdict {
    let (id, version) = (commit.id.clone(), commit.version);
    let refused = |error: StoreError| format!("a commit of {id} on version {version}: {error}");
    node.commit(commit).await.map_err(refused)
}

pub(super) async fn expect_outdated(node: &dyn Store, commit: Commit, which: &str) -> Verdict {
    let done = node.commit(commit).await;
    ensure!(done == Err(StoreError::Outdated), "a commit {which} ended with {done:?}");
    Ok(())
}

pub(super) async fn loaded(node: &dyn Store, id: &ActorId) -> Result<Loaded, String> {
    node.load(id)
        .await
        .map_err(why)?
        .ok_or_else(|| format!("{id} can't be loaded: it is said not to be there"))
}

pub(super) async fn expect_loaded(node: &dyn Store, expected: &Loaded) -> Verdict {
    let loaded = loaded(node, &expected.record.id).await?;
    // A state may be large.
    let state = |loaded: &Loaded| loaded.state.as_ref().map(|state| (state.form, state.bytes.len()));
    ensure!(
        state(&loaded) == state(expected),
        "form and length of the state should be {:?}, not {:?}",
        state(expected),
        state(&loaded)
    );
    ensure!(loaded.state == expected.state, "the state has other bytes than were written");
    let rest = |loaded: &Loaded| Loaded { state: None, ..loaded.clone() };
    ensure!(rest(&loaded) == rest(expected), "{:?} was loaded as {:?}", rest(expected), rest(&loaded));
    Ok(())
}

pub(super) fn all() -> Query {
    Query { name: None, tags: None, after: 0, limit: 1_000 }
}

pub(super) async fn due(node: &dyn Store) -> Result<Vec<Due>, String> {
    node.due((0, 0), i64::MAX.unsigned_abs(), 1_000).await.map_err(why)
}

/// Nothing is there of this actor.
pub(super) async fn expect_nothing(nodes: &Stores, record: &Record) -> Verdict {
    for node in &nodes.all {
        let loaded = node.load(&record.id).await.map_err(why)?;
        ensure!(loaded.is_none(), "of one that was destroyed there is {loaded:?}");
        let listed = node.list(all()).await.map_err(why)?;
        ensure!(!listed.iter().any(|other| other.id == record.id), "one that was destroyed is listed");
        let due = due(&**node).await?;
        ensure!(
            !due.iter().any(|due| due.actor == record.id),
            "of one that was destroyed there is due {due:?}"
        );
    }
    Ok(())
}
