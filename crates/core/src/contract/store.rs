//! The suite of `Store`: one function per guarantee. Must not know any engine.

mod due;
mod owners;
mod search;
mod steps;

use super::{Stores, Verdict, ensure, why};
use crate::actor::{Address, At};
use crate::store::{Commit, Loaded, Open, Opened, StateRow, Store};
use bytes::Bytes;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use steps::{FENCE, alarm, commit, created, expect_found, expect_loaded, expect_missing, fully, new, seat};

pub use due::due_in_order;
pub use owners::{a_commit_is_whole, an_old_owner_is_refused};
pub use search::{lists_go_on, tags_find_the_oldest};

crate::contract_store! { @ contract_list dyn Store }

/// How many want the same at once.
const MANY: usize = 50;

/// Addresses that a sloppy engine might take for one another.
fn alike() -> Vec<Address> {
    let keys: [&[&str]; 10] = [
        &[],
        &[""],
        &["", ""],
        &["a"],
        &["A"],
        &["a "],
        &["a", "b"],
        &["a/b"],
        &["a%"],
        &["\u{e9}", "e\u{301}"],
    ];
    let keyed = |name: &'static str| keys.iter().map(move |key| Address::keyed(name, *key));
    keyed("counter").chain(keyed("Counter")).chain(keyed("counter/a")).collect()
}

/// Of any number who open a key at once one makes the actor, and all get the same.
///
/// # Errors
/// What was seen instead.
pub async fn one_actor_per_key(nodes: &Stores) -> Verdict {
    let address = Address::keyed("counter", "hall");
    let opens = nodes.in_turn().take(MANY).enumerate();
    let opens =
        opens.map(|(n, node)| node.open(Open::FindOrCreate(address.clone(), new(&format!("id-{n}")))));
    let (mut makers, mut records) = (0, BTreeSet::new());
    for opened in join_all(opens).await {
        let (made, record) = match opened.map_err(why)? {
            Opened::Created(record) => (1, record),
            Opened::Found(record) => (0, record),
            other @ (Opened::Missing | Opened::Taken(_)) => return Err(format!("opening a key: {other:?}")),
        };
        ensure!(record.address == address, "{address} was opened, and {} came", record.address);
        makers += made;
        records.insert((record.row, record.id));
    }
    ensure!(makers == 1, "{makers} of {MANY} made the actor");
    ensure!(records.len() == 1, "one key has the actors {records:?}");
    let mut made = Vec::new();
    for (n, (address, node)) in alike().into_iter().zip(nodes.in_turn()).enumerate() {
        expect_missing(nodes, Open::Find(address.clone())).await?;
        made.push(created(node, Open::FindOrCreate(address, new(&format!("alike-{n}")))).await?);
    }
    for record in &made {
        expect_found(nodes, Open::Find(record.address.clone()), record).await?;
        expect_found(nodes, Open::FindOrCreate(record.address.clone(), new("other")), record).await?;
        expect_found(nodes, Open::Id(record.id.clone()), record).await?;
    }
    Ok(())
}

/// `Create` makes nothing where the key is taken, and says who has it.
///
/// # Errors
/// What was seen instead.
pub async fn a_taken_key_is_told(nodes: &Stores) -> Verdict {
    let address = Address::keyed("counter", "hall");
    let first = created(nodes.first(), Open::Create(address.clone(), new("first"))).await?;
    for node in &nodes.all {
        let again = node.open(Open::Create(address.clone(), new("second"))).await.map_err(why)?;
        ensure!(again == Opened::Taken(first.clone()), "a key of {first:?} was created again: {again:?}");
        let missing = new("second").id;
        expect_missing(nodes, Open::Id(missing)).await?;
    }
    expect_loaded(nodes.last(), &bare(&first)).await?;
    let address = Address::keyed("counter", "race");
    let opens = nodes.in_turn().take(MANY).enumerate();
    let opens = opens.map(|(n, node)| node.open(Open::Create(address.clone(), new(&format!("race-{n}")))));
    let mut makers = 0;
    for opened in join_all(opens).await {
        makers += usize::from(matches!(opened.map_err(why)?, Opened::Created(_)));
    }
    ensure!(makers == 1, "{makers} of {MANY} created one key");
    Ok(())
}

/// What [`created`] leaves.
fn bare(record: &crate::store::Record) -> Loaded {
    Loaded {
        record: record.clone(),
        version: 0,
        state: None,
        input: new("any").input,
        alarms: Vec::new(),
        seats: Vec::new(),
    }
}

/// Once `commit` resolves, `load` returns all of it, to the byte, also after the store was closed and opened.
///
/// # Errors
/// What was seen instead.
pub async fn what_is_committed_is_loaded(nodes: &Stores) -> Verdict {
    let node = nodes.first();
    let other = created(node, Open::FindOrCreate(Address::keyed("counter", "other"), new("other"))).await?;
    let record = created(node, Open::FindOrCreate(Address::keyed("counter", "a"), new("a"))).await?;
    for node in &nodes.all {
        expect_loaded(&**node, &bare(&record)).await?;
    }
    let first = fully(&record, 0);
    commit(node, first.clone()).await?;
    let mut expected = Loaded {
        record: record.clone(),
        version: 1,
        state: first.state,
        input: None,
        alarms: vec![alarm(1, 10), alarm(2, 20), alarm(7, i64::MAX.unsigned_abs())],
        seats: vec![seat("z", 1), seat("a", 1), seat("", i64::MAX.unsigned_abs())],
    };
    expect_everywhere(nodes, &expected).await?;
    let mut changed = alarm(2, 5);
    (changed.failures, changed.error, changed.given_up) = (u32::MAX, Some("it\0broke".into()), true);
    let mut again = seat("z", 2);
    again.bytes = Bytes::from_static(b"");
    let mut second = Commit::of(&record, FENCE, 1);
    second.alarms = vec![changed.clone(), alarm(8, 1), alarm(9, 1)];
    second.alarms_ended = vec![1, 9, 77];
    second.seats = vec![again.clone(), seat("late", 2), seat("brief", 2)];
    second.seats_ended = vec!["a".into(), "brief".into(), "unknown".into()];
    commit(nodes.last(), second).await?;
    expected.version = 2;
    expected.alarms = vec![changed, alarm(7, i64::MAX.unsigned_abs()), alarm(8, 1)];
    expected.seats = vec![again, seat("", i64::MAX.unsigned_abs()), seat("late", 2)];
    expect_everywhere(nodes, &expected).await?;
    for (n, size) in [(2, 0), (3, 1 << 20), (4, 1)] {
        let mut next = Commit::of(&record, FENCE, n);
        let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
        next.state = Some(StateRow { form: u32::MAX - 1, bytes: bytes.into() });
        (expected.version, expected.state) = (n + 1, next.state.clone());
        commit(node, next).await?;
        expect_everywhere(nodes, &expected).await?;
    }
    expect_loaded(node, &bare(&other)).await?;
    if let Some(node) = nodes.reopened().await {
        expect_loaded(&*node, &expected).await?;
        expect_loaded(&*node, &bare(&other)).await?;
        let opened = node.open(Open::Find(record.address.clone())).await.map_err(why)?;
        ensure!(opened == Opened::Found(record.clone()), "closed and opened, {record:?} is {opened:?}");
        commit(&*node, Commit::of(&record, FENCE, 5)).await?;
    }
    Ok(())
}

async fn expect_everywhere(nodes: &Stores, expected: &Loaded) -> Verdict {
    for node in &nodes.all {
        expect_loaded(&**node, expected).await?;
    }
    Ok(())
}

/// Nothing is found, loaded, listed or due of an actor that was destroyed, and nothing of it comes back with a new actor
/// of the same address.
///
/// # Errors
/// What was seen instead.
pub async fn destroyed_is_gone(nodes: &Stores) -> Verdict {
    let tags = [("room".to_owned(), "hall".to_owned())];
    let tagged = Address { name: "counter".into(), at: At::Tags(tags.into()) };
    for (n, address) in [Address::keyed("counter", "hall"), tagged].into_iter().enumerate() {
        let node = nodes.first();
        let first = new(&format!("first-{n}"));
        let record = created(node, Open::FindOrCreate(address.clone(), first)).await?;
        commit(node, fully(&record, 0)).await?;
        let last = Commit { destroys: true, ..fully(&record, 1) };
        commit(nodes.last(), last).await?;
        expect_missing(nodes, Open::Id(record.id.clone())).await?;
        expect_missing(nodes, Open::Find(address.clone())).await?;
        steps::expect_nothing(nodes, &record).await?;
        steps::expect_outdated(node, Commit::of(&record, FENCE, 2), "for an actor that was destroyed")
            .await?;
        steps::expect_outdated(node, Commit::of(&record, FENCE, 0), "for an actor that was destroyed")
            .await?;
        let next = new(&format!("next-{n}"));
        let next = created(nodes.last(), Open::FindOrCreate(address, next)).await?;
        ensure!(next.row > record.row, "row {} was made after row {}", next.row, record.row);
        expect_everywhere(nodes, &bare(&next)).await?;
        steps::expect_outdated(node, Commit::of(&record, FENCE, 0), "for an actor that was replaced").await?;
        commit(node, Commit { destroys: true, ..Commit::of(&next, FENCE, 0) }).await?;
        steps::expect_nothing(nodes, &next).await?;
    }
    Ok(())
}

/// Every call gives a higher one, also after the store was closed and opened.
///
/// # Errors
/// What was seen instead.
pub async fn epochs_rise(nodes: &Stores) -> Verdict {
    let mut last = 0;
    for node in nodes.in_turn().take(10) {
        let epoch = node.epoch().await.map_err(why)?;
        ensure!(epoch > last, "epoch {epoch} came after {last}");
        last = epoch;
    }
    let mut seen = BTreeSet::new();
    for epoch in join_all(nodes.in_turn().take(MANY).map(Store::epoch)).await {
        let epoch = epoch.map_err(why)?;
        ensure!(epoch > last, "epoch {epoch} came after {last}");
        ensure!(seen.insert(epoch), "two got epoch {epoch}");
    }
    last = seen.last().copied().unwrap_or(last);
    if let Some(node) = nodes.reopened().await {
        let epoch = node.epoch().await.map_err(why)?;
        ensure!(epoch > last, "closed and opened, epoch {epoch} came after {last}");
    }
    Ok(())
}
