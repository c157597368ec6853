//! What is left after kill -9: all that was answered, and of what was not, the whole or nothing.

#![allow(clippy::unwrap_used)] // Lints can't tell that this is a test.

mod kit;

use futures_util::future::join_all;
use kit::{Folder, actor, open, state, write};
use playhouse_core::rng::Rng;
use playhouse_core::store::{AlarmRow, Commit, Record, Store};
use playhouse_sqlite::{Durability, OpenError, Settings};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where the process that is to be killed finds its folder; that it is one.
const FOLDER: &str = "PLAYHOUSE_CRASH_FOLDER";

const ACTORS: usize = 20;

/// This test file again as a process of its own, which writes until it is killed and tells on its stderr what was answered.
fn victim(folder: &Path, durability: Durability) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "writes_until_it_is_killed", "--nocapture"]);
    command.env(FOLDER, folder).env("PLAYHOUSE_CRASH_RELAXED", format!("{durability:?}"));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let relaxed = std::env::var("PLAYHOUSE_CRASH_RELAXED").is_ok_and(|word| word == "Relaxed");
    let durability = if relaxed { Durability::Relaxed } else { Durability::Full };
    let sqlite = open(&Settings { durability, ..Settings::new(folder) }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = sqlite.store();
    let writers = (0..ACTORS).map(|nth| write_on(&*store, nth));
    runtime.block_on(join_all(writers));
}

/// Each commit counts in its state and puts one alarm in the place of the last.
async fn write_on(store: &dyn Store, nth: usize) {
    let record = actor(store, &nth.to_string()).await;
    let (mut version, _) = state(store, &record).await;
    loop {
        store.commit(counting(&record, version)).await.unwrap();
        version += 1;
        eprintln!("answered {nth} {version}");
    }
}

fn counting(record: &Record, version: u64) -> Commit {
    let alarm = AlarmRow {
        number: version + 1,
        due: version,
        action: "ring".into(),
        args: "[]".into(),
        failures: 0,
        error: None,
        given_up: false,
    };
    let commit = write(record, version, (version + 1).to_string());
    Commit { alarms: vec![alarm], alarms_ended: vec![version], ..commit }
}

/// Kills it after so many answers, and returns the last version that was answered of each actor.
fn killed_after(mut victim: Child, answers: u64) -> [u64; ACTORS] {
    let mut last = [0; ACTORS];
    let lines = BufReader::new(victim.stderr.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).filter_map(|line| {
        let (nth, version) = line.strip_prefix("answered ")?.split_once(' ')?;
        Some((nth.parse::<usize>().ok()?, version.parse::<u64>().ok()?))
    });
    for (count, (nth, version)) in (1..).zip(told) {
        last[nth] = version;
        if count == answers {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    last
}

async fn expect_whole(store: &dyn Store, last: &[u64; ACTORS]) {
    let due = store.due((0, 0), i64::MAX.unsigned_abs(), 1_000).await.unwrap();
    for (nth, answered) in last.iter().enumerate() {
        let record = actor(store, &nth.to_string()).await;
        let (version, bytes) = state(store, &record).await;
        assert!(
            version == *answered || version == answered + 1,
            "actor {nth}: version {answered} was answered, {version} is there"
        );
        if version > 0 {
            assert_eq!(String::from_utf8(bytes).unwrap(), version.to_string());
            let alarms: Vec<u64> =
                due.iter().filter(|due| due.actor == record.id).map(|due| due.number).collect();
            assert_eq!(alarms, [version], "actor {nth}: the alarms of one commit");
        }
    }
}

fn rounds(durability: Durability, rounds: u32) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| Rng::system().u64());
    println!("SEED={seed}");
    let (rng, folder) = (Rng::seeded(seed), Folder::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut before = [0; ACTORS];
    for _ in 0..rounds {
        let answers = 1 + rng.below(400);
        let mut last = killed_after(victim(folder.path(), durability), answers);
        for (last, before) in last.iter_mut().zip(&before) {
            *last = (*last).max(*before);
        }
        let sqlite = open(&Settings { durability, ..Settings::new(folder.path()) }).unwrap();
        let store = sqlite.store();
        runtime.block_on(async {
            expect_whole(&*store, &last).await;
            for (nth, before) in before.iter_mut().enumerate() {
                let record = actor(&*store, &nth.to_string()).await;
                *before = state(&*store, &record).await.0;
            }
            sqlite.close().await;
        });
    }
    assert!(before.iter().sum::<u64>() >= u64::from(rounds));
}

#[test]
fn what_was_answered_outlives_kill_9() {
    rounds(Durability::Full, 10);
}

#[test]
fn what_was_answered_outlives_kill_9_also_where_no_disk_is_waited_for() {
    rounds(Durability::Relaxed, 5);
}

#[test]
fn a_second_process_is_told_who_holds_the_folder_until_that_one_ends() {
    let folder = Folder::new();
    let mut holder = victim(folder.path(), Durability::Full);
    let mut lines = BufReader::new(holder.stderr.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let refused = open(&Settings::new(folder.path())).err().unwrap();
    let OpenError::Held { holder: who, .. } = &refused else { panic!("{refused}") };
    assert!(who.starts_with(&format!("process {} since 20", holder.id())), "{who}");
    assert!(refused.to_string().contains(&folder.path().display().to_string()), "{refused}");
    holder.kill().unwrap();
    holder.wait().unwrap();
    open(&Settings::new(folder.path())).unwrap();
}
