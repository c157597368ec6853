//! The suite of `Cache`: one function per guarantee. Must not know any engine.

use super::{Caches, Verdict, ensure, why};
use crate::cache::{Cache, CacheError, Cached};
use bytes::Bytes;
use futures_util::future::join_all;
use std::time::Duration;

crate::contract_cache! { @ contract_list dyn Cache }

/// Long enough that a call over a network is over before, short enough to wait for.
const BRIEF: Duration = Duration::from_millis(500);

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

/// Once `set` resolves, `get` returns the value.
///
/// # Errors
/// What was seen instead.
pub async fn set_is_seen(nodes: &Caches) -> Verdict {
    for key in ["plain", "", "a b:c*", "ü\0"] {
        expect(nodes, key, None).await?;
        let values: [&[u8]; 4] = [b"text", b"", &[0, 255, 13, 10], &[7; 100_000]];
        for (node, value) in nodes.in_turn().zip(values) {
            node.set(key, Bytes::from_static(b"other"), Some(LONG)).await.map_err(why)?;
            node.set(key, value.to_vec().into(), None).await.map_err(why)?;
            expect(nodes, key, Some(value)).await?;
        }
    }
    times_are_shown(nodes).await
}

/// An expired key is never returned, nor counted.
///
/// # Errors
/// What was seen instead.
pub async fn expired_is_gone(nodes: &Caches) -> Verdict {
    let node = nodes.first();
    for key in ["read", "removed", "counted", "kept", "longer"] {
        node.set(key, Bytes::from_static(b"5"), Some(BRIEF)).await.map_err(why)?;
        expect(nodes, key, Some(b"5")).await?;
    }
    node.set("kept", Bytes::from_static(b"5"), None).await.map_err(why)?;
    node.set("longer", Bytes::from_static(b"5"), Some(LONG)).await.map_err(why)?;
    let sum = node.increment("read", 1).await.map_err(why)?;
    ensure!(sum == 6, "5 and 1 are {sum}");
    expect_size(nodes, 5).await?;
    nodes.pass(BRIEF).await;
    expect_size(nodes, 2).await?;
    expect(nodes, "read", None).await?;
    expect(nodes, "kept", Some(b"5")).await?;
    expect(nodes, "longer", Some(b"5")).await?;
    let was_there = nodes.last().remove("removed").await.map_err(why)?;
    ensure!(!was_there, "an expired key was removed, and is said to have been there");
    let sum = nodes.last().increment("counted", 1).await.map_err(why)?;
    ensure!(sum == 1, "an expired 5 and 1 are {sum}");
    nodes.pass(BRIEF).await;
    expect(nodes, "counted", Some(b"1")).await?;
    expect_size(nodes, 3).await
}

/// `remove` tells whether the key was there.
///
/// # Errors
/// What was seen instead.
pub async fn remove_tells(nodes: &Caches) -> Verdict {
    for node in &nodes.all {
        nodes.first().set("key", Bytes::from_static(b"1"), None).await.map_err(why)?;
        nodes.first().set("other", Bytes::from_static(b"2"), None).await.map_err(why)?;
        let was_there = node.remove("key").await.map_err(why)?;
        ensure!(was_there, "a key was removed, and is said not to have been there");
        let was_there = nodes.last().remove("key").await.map_err(why)?;
        ensure!(!was_there, "a key was removed twice, and is said to have been there");
        expect(nodes, "key", None).await?;
        expect(nodes, "other", Some(b"2")).await?;
        expect_size(nodes, 1).await?;
    }
    Ok(())
}

/// Concurrent increments lose nothing; an absent key counts from 0.
///
/// # Errors
/// What was seen instead.
pub async fn increments_are_atomic(nodes: &Caches) -> Verdict {
    let increments = nodes.in_turn().take(200).map(|node| node.increment("count", 1));
    let mut sums = Vec::new();
    for sum in join_all(increments).await {
        sums.push(sum.map_err(why)?);
    }
    sums.sort_unstable();
    let expected: Vec<i64> = (1..=200).collect();
    ensure!(sums == expected, "200 increments returned {sums:?}");
    expect(nodes, "count", Some(b"200")).await?;
    let sum = nodes.last().increment("count", -300).await.map_err(why)?;
    ensure!(sum == -100, "200 less 300 are {sum}");
    let shown = nodes.first().get("count").await.map_err(why)?;
    let expires_at = shown.and_then(|cached| cached.expires_at);
    ensure!(expires_at.is_none(), "a counter expires at {expires_at:?}");
    for value in ["", "ten", "1.5", "99999999999999999999"] {
        nodes.first().set("word", value.into(), None).await.map_err(why)?;
        let sum = nodes.first().increment("word", 1).await;
        ensure!(matches!(sum, Err(CacheError::NoNumber(_))), "`{value}` and 1 are {sum:?}");
        expect(nodes, "word", Some(value.as_bytes())).await?;
    }
    Ok(())
}

/// Of any number who want a lock one gets it, until it is released by its own token or its time is over.
///
/// # Errors
/// What was seen instead.
pub async fn one_lock_holder(nodes: &Caches) -> Verdict {
    let tokens: Vec<String> = (0..50).map(|n| format!("token {n}")).collect();
    let wants = nodes.in_turn().zip(&tokens).map(|(node, token)| node.lock("lock", token, Some(LONG)));
    let got: Vec<bool> = join_all(wants).await.into_iter().collect::<Result<_, _>>().map_err(why)?;
    let holders: Vec<&String> =
        tokens.iter().zip(got).filter_map(|(token, got)| got.then_some(token)).collect();
    let [holder] = holders[..] else { return Err(format!("the holders of one lock: {holders:?}")) };
    expect_lock(nodes, "other", Some(LONG), false, "of two who want it").await?;
    expect_lock(nodes, "other", None, false, "released by who doesn't hold it").await?;
    expect_lock(nodes, "other", Some(LONG), false, "after it was released by who didn't hold it").await?;
    expect_lock(nodes, holder, Some(LONG), true, "prolonged").await?;
    expect_lock(nodes, holder, None, true, "released").await?;
    expect_lock(nodes, holder, None, false, "released twice").await?;
    expect_size(nodes, 0).await?;
    locks_end(nodes).await
}

async fn locks_end(nodes: &Caches) -> Verdict {
    expect_lock(nodes, "brief", Some(BRIEF), true, "free").await?;
    expect_lock(nodes, "next", Some(BRIEF), false, "not over yet").await?;
    nodes.pass(BRIEF).await;
    expect_lock(nodes, "brief", None, false, "released when its time is over").await?;
    expect_lock(nodes, "next", Some(BRIEF), true, "over").await?;
    expect_lock(nodes, "next", Some(LONG), true, "prolonged").await?;
    expect_lock(nodes, "brief", None, false, "released by who held it before").await?;
    nodes.pass(BRIEF).await;
    expect_lock(nodes, "third", Some(LONG), false, "prolonged, so not over").await
}

/// Takes or releases the lock on the last node; the first holder came by any.
async fn expect_lock(
    nodes: &Caches,
    token: &str,
    hold: Option<Duration>,
    expected: bool,
    state: &str,
) -> Verdict {
    let done = nodes.last().lock("lock", token, hold).await.map_err(why)?;
    let what = if hold.is_some() { "taking" } else { "releasing" };
    ensure!(done == expected, "{what} a lock ({state}) gives {done}");
    Ok(())
}

async fn times_are_shown(nodes: &Caches) -> Verdict {
    nodes.first().set("first", Bytes::new(), Some(LONG)).await.map_err(why)?;
    nodes.pass(Duration::from_millis(50)).await;
    nodes.first().set("second", Bytes::new(), None).await.map_err(why)?;
    let first = nodes.last().get("first").await.map_err(why)?;
    let second = nodes.last().get("second").await.map_err(why)?;
    let (Some(first), Some(second)) = (first, second) else { return Err("what was set is gone".into()) };
    let Cached { created_at, expires_at, .. } = first;
    ensure!(
        expires_at == Some(created_at + 600_000),
        "set at {created_at} for 600 s, ends at {expires_at:?}"
    );
    ensure!(second.expires_at.is_none(), "set for ever, but ends at {:?}", second.expires_at);
    ensure!(
        second.created_at >= created_at + 40,
        "set at {created_at}, 50 ms later at {}",
        second.created_at
    );
    Ok(())
}

async fn expect(nodes: &Caches, key: &str, expected: Option<&[u8]>) -> Verdict {
    for (number, node) in nodes.all.iter().enumerate() {
        let value = node.get(key).await.map_err(why)?.map(|cached| cached.value);
        let same = value.as_deref() == expected;
        ensure!(
            same,
            "`{key}` should be {:?}, but node {number} has {:?}",
            expected.map(show),
            value.as_deref().map(show)
        );
    }
    Ok(())
}

async fn expect_size(nodes: &Caches, expected: usize) -> Verdict {
    for node in &nodes.all {
        let size = node.size().await.map_err(why)?;
        ensure!(size == expected, "there are {expected} keys, and {size} are counted");
    }
    Ok(())
}

/// The beginning of a value, for a verdict.
fn show(value: &[u8]) -> String {
    let shown = &value[..value.len().min(40)];
    format!("{} ({} bytes)", shown.escape_ascii(), value.len())
}
