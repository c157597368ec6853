//! How many small commits a second the writer takes: `commits [seconds] [actors] [in flight] [full|relaxed] [folder]`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // A measurement stops at the first surprise, and is there to print.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use playhouse_core::actor::{ActorId, Address};
use playhouse_core::bell;
use playhouse_core::clock::Clock;
use playhouse_core::health::Health;
use playhouse_core::store::{Commit, Fence, New, Open, Opened, Record, StateRow, Store};
use playhouse_sqlite::{Durability, Parts, Settings, Sqlite};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A state of 100 bytes.
const STATE: &[u8] = &[b'x'; 100];

/// From actor to actor; a prime, so that all have their turn.
const STRIDE: usize = 7_919;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |nth: usize, otherwise: usize| args.get(nth).map_or(otherwise, |text| text.parse().unwrap());
    let (seconds, actors, flying) = (number(1, 5), number(2, 1_000), number(3, 1_000));
    let relaxed = args.get(4).is_some_and(|word| word == "relaxed");
    let dir = args.get(5).map_or_else(|| std::env::temp_dir().join("playhouse-commits"), PathBuf::from);
    let _ = std::fs::remove_dir_all(&dir);
    let durability = if relaxed { Durability::Relaxed } else { Durability::Full };
    let clock = Clock::system();
    let parts = Parts { clock: clock.clone(), health: Arc::new(Health::new(clock)) };
    let sqlite = Sqlite::open(&Settings { durability, ..Settings::new(&dir) }, parts).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = sqlite.store();
    let measured = measure(&*store, actors, flying, Duration::from_secs(seconds as u64));
    let (done, time, mut waits) = runtime.block_on(bell::attended(measured));
    runtime.block_on(sqlite.close());
    waits.sort_unstable();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    println!(
        "{durability:?}, {actors} actors, {flying} in flight: {:.0} commits/s, p50 {:?}, p99 {:?}",
        done as f64 / time.as_secs_f64(),
        at(50),
        at(99)
    );
    let _ = std::fs::remove_dir_all(&dir);
}

async fn made(store: &dyn Store, n: usize) -> Record {
    let new = New { id: ActorId::new(format!("{n:016x}")), created_at: 1, input: None };
    match store.open(Open::FindOrCreate(Address::keyed("counter", n.to_string()), new)).await.unwrap() {
        Opened::Created(record) | Opened::Found(record) => record,
        Opened::Missing | Opened::Taken(_) => unreachable!("it is made where it is missing"),
    }
}

/// Each actor has at most one commit on its way, as with real ones.
async fn measure(
    store: &dyn Store,
    actors: usize,
    flying: usize,
    time: Duration,
) -> (usize, Duration, Vec<Duration>) {
    let mut records = Vec::new();
    let mut making: FuturesUnordered<_> = FuturesUnordered::new();
    for n in 0..actors {
        making.push(made(store, n));
        if making.len() >= 1_000 {
            records.extend(making.next().await);
        }
    }
    while let Some(record) = making.next().await {
        records.push(record);
    }
    let (began, mut done, mut waits) = (Instant::now(), 0, Vec::new());
    let mut versions = vec![0; actors];
    let commit = |nth: usize, version: u64| {
        let state = Some(StateRow { form: 1, bytes: STATE.into() });
        let commit = Commit { state, ..Commit::of(&records[nth], Fence { epoch: 1, counter: 1 }, version) };
        let asked = Instant::now();
        let committed = store.commit(commit);
        async move {
            committed.await.unwrap();
            (nth, asked.elapsed())
        }
    };
    // In turn, and each batch of actors that don't lie beside each other.
    let mut idle: VecDeque<usize> = (0..actors).map(|nth| nth * STRIDE % actors).collect();
    let mut on_the_way: FuturesUnordered<_> = idle.drain(..flying).map(|nth| commit(nth, 0)).collect();
    while let Some((nth, wait)) = on_the_way.next().await {
        versions[nth] += 1;
        done += 1;
        waits.push(wait);
        idle.push_back(nth);
        if began.elapsed() < time
            && let Some(nth) = idle.pop_front()
        {
            on_the_way.push(commit(nth, versions[nth]));
        }
    }
    (done, began.elapsed(), waits)
}
