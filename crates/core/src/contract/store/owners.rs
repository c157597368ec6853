//! Commits that are refused.

use super::super::{Stores, Verdict, ensure, why};
use super::MANY;
use super::steps::{
    FENCE, alarm, commit, created, due, expect_loaded, expect_outdated, fully, loaded, new, seat,
};
use crate::actor::{ActorId, Address};
use crate::store::{Commit, Fence, Open, Record, StateRow, StoreError};
use futures_util::future::join_all;

/// One that is refused has changed nothing.
///
/// # Errors
/// What was seen instead.
pub async fn a_commit_is_whole(nodes: &Stores) -> Verdict {
    let node = nodes.first();
    let record = created(node, Open::FindOrCreate(Address::keyed("counter", "a"), new("a"))).await?;
    let untouched = loaded(node, &record.id).await?;
    expect_outdated(node, fully(&record, 1), "on a version that is not there yet").await?;
    expect_loaded(node, &untouched).await?;
    commit(node, fully(&record, 0)).await?;
    let (before, due_before) = (loaded(node, &record.id).await?, due(node).await?);
    let mut change = everything_else(&record, 0);
    for destroys in [false, true] {
        change.destroys = destroys;
        let old_fence = Commit { fence: Fence { epoch: 1, counter: 0 }, version: 1, ..change.clone() };
        for refused in [change.clone(), Commit { version: 2, ..change.clone() }, old_fence] {
            expect_outdated(nodes.last(), refused, "that stands on another's").await?;
            expect_loaded(node, &before).await?;
            let due = due(node).await?;
            ensure!(
                due == due_before,
                "a commit was refused, and what is due is {due:?}, not {due_before:?}"
            );
        }
    }
    one_of_many(nodes, &record).await
}

/// A commit that changes all that [`fully`] wrote.
fn everything_else(record: &Record, version: u64) -> Commit {
    let mut change = Commit::of(record, FENCE, version);
    change.state = Some(StateRow { form: 9, bytes: "other".into() });
    change.alarms = vec![alarm(1, 11), alarm(5, 1)];
    change.alarms_ended = vec![2];
    change.seats = vec![seat("z", 9), seat("new", 9)];
    change.seats_ended = vec!["a".into()];
    change
}

/// Many write on top of one version at once: one is taken, and all that is there is its own.
async fn one_of_many(nodes: &Stores, record: &Record) -> Verdict {
    let commits = nodes.in_turn().take(MANY).zip(100..).map(|(node, n)| {
        let mut commit = Commit::of(record, FENCE, 1);
        commit.state = Some(StateRow { form: 1, bytes: n.to_string().into() });
        (commit.alarms, commit.alarms_ended) = (vec![alarm(n, n)], vec![1, 2, 7]);
        (commit.seats, commit.seats_ended) =
            (vec![seat(&n.to_string(), n)], vec!["z".into(), "a".into(), "".into()]);
        node.commit(commit)
    });
    let mut taken = Vec::new();
    for (n, done) in (100..).zip(join_all(commits).await) {
        match done {
            Ok(()) => taken.push(n),
            Err(StoreError::Outdated) => {}
            Err(error) => return Err(why(error)),
        }
    }
    let [n] = taken[..] else { return Err(format!("{} commits on one version were taken", taken.len())) };
    let there = loaded(nodes.last(), &record.id).await?;
    let state = there.state.map(|state| state.bytes);
    ensure!(there.version == 2, "of many on version 1 one was taken, and it is {} now", there.version);
    ensure!(state == Some(n.to_string().into()), "commit {n} was taken, and the state is {state:?}");
    ensure!(there.alarms == [alarm(n, n)], "commit {n} was taken, and the alarms are {:?}", there.alarms);
    ensure!(
        there.seats == [seat(&n.to_string(), n)],
        "commit {n} was taken, and the seats are {:?}",
        there.seats
    );
    Ok(())
}

/// A commit with an older fence or with another version than the row's is `Outdated`, as is one for an actor that is not
/// there.
///
/// # Errors
/// What was seen instead.
pub async fn an_old_owner_is_refused(nodes: &Stores) -> Verdict {
    let (node, fence) = (nodes.first(), |epoch, counter| Fence { epoch, counter });
    let record = created(node, Open::FindOrCreate(Address::keyed("counter", "a"), new("a"))).await?;
    let other = created(node, Open::FindOrCreate(Address::keyed("counter", "b"), new("b"))).await?;
    let rows = [
        (fence(1, 5), 0, true, "the first"),
        (fence(1, 4), 1, false, "of an earlier activation"),
        (fence(0, 9), 1, false, "of an earlier epoch"),
        (fence(1, 5), 0, false, "that was made already"),
        (fence(1, 5), 2, false, "on a version to come"),
        (fence(1, 5), 1, true, "of the same owner"),
        (fence(2, 0), 2, true, "of a later epoch"),
        (fence(1, 9), 3, false, "of an earlier epoch with a higher counter"),
        (fence(2, 1), 2, false, "of the next owner on what it did not read"),
        (fence(2, 1), 3, true, "of the next owner"),
        (fence(2, 0), 4, false, "of the owner before"),
        (fence(2, 1), 4, true, "of the owner still"),
    ];
    for ((fence, version, taken, which), node) in rows.into_iter().zip(nodes.in_turn()) {
        let change = Commit::of(&record, fence, version);
        if taken {
            commit(node, change).await?;
        } else {
            expect_outdated(node, change, which).await?;
        }
    }
    let there = loaded(nodes.last(), &record.id).await?;
    ensure!(there.version == 5, "five commits made version {}", there.version);
    commit(node, Commit::of(&other, fence(0, 1), 0)).await?;
    let unknown = Record { id: ActorId::new("unknown"), row: other.row + 1, ..record.clone() };
    for version in [0, 1, 5] {
        expect_outdated(node, Commit::of(&unknown, fence(9, 9), version), "for one that is not there")
            .await?;
    }
    let there = loaded(nodes.last(), &other.id).await?;
    ensure!(there.version == 1, "its one commit made version {}", there.version);
    Ok(())
}
