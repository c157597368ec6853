//! Redis has done what it was asked, and the node does not hear of it; or Redis goes back to what it was a while ago,
//! as one does that was restored, or a replica that had not heard the last and takes over.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod kit;

use kit::{Server, Tap, prefix, running, settings, until};
use playhouse_core::clock::Clock;
use playhouse_core::id::ConnectionId;
use playhouse_core::presence::{Member, RoomMark};
use playhouse_redis::Redis;
use std::time::Duration;

fn member(id: &str) -> Member {
    Member { id: ConnectionId::new(id), details: "{}".into() }
}

async fn ids(node: &Redis, room: &str) -> Vec<String> {
    let members = node.presence().members(room).await;
    members.unwrap_or_default().into_iter().map(|member| member.id.as_str().to_owned()).collect()
}

/// So many elements a request to list an incarnation has, and no other that a node sends by itself.
const SWITCH: &str = "*7\r\n$7\r\nEVALSHA\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_whose_answer_is_lost_lists_nobody_twice() {
    let (server, prefix) = (Server::start(), prefix());
    let tap = Tap::before(&server).await;
    let here = running(settings(server.url(), &prefix)).await;
    let there = running(settings(tap.url(), &prefix)).await;
    there.presence().join("lobby", member("ann")).await.unwrap();
    there.presence().join("lobby", member("bob")).await.unwrap();
    tap.cut_after(SWITCH);
    let mut redis = server.look();
    // Nobody is registered any more.
    redis::cmd("DEL").arg(format!("{prefix}:nodes")).exec(&mut redis).unwrap();
    tap.has_cut().await;
    until("it is registered again", async || ids(&here, "lobby").await.len() >= 2).await;
    there.presence().leave("lobby", &ConnectionId::new("ann")).await.ok();
    let clock = Clock::system();
    let end = clock.now() + Duration::from_secs(2);
    let mut most = 0;
    while clock.now() < end {
        most = most.max(ids(&here, "lobby").await.len());
        clock.sleep(Duration::from_millis(5)).await;
    }
    assert!(most <= 2, "{most} members were seen of 2");
}

/// All keys as they are now.
fn snapshot(redis: &mut redis::Connection) -> Vec<(Vec<u8>, Vec<u8>)> {
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query(redis).unwrap();
    keys.into_iter()
        .map(|key| {
            let value = redis::cmd("DUMP").arg(&key).query(redis).unwrap();
            (key, value)
        })
        .collect()
}

/// Redis is what it was, and everybody has to connect to it anew.
fn restore(redis: &mut redis::Connection, keys: &[(Vec<u8>, Vec<u8>)]) {
    let mut all = redis::pipe();
    all.atomic().cmd("FLUSHALL").ignore();
    for (key, value) in keys {
        all.cmd("RESTORE").arg(key).arg(0).arg(value).ignore();
    }
    all.exec(redis).unwrap();
    for kind in ["normal", "pubsub"] {
        redis::cmd("CLIENT").arg(&["KILL", "TYPE", kind, "SKIPME", "yes"]).exec(redis).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_right_in_a_redis_that_went_back() {
    let (server, prefix) = (Server::start(), prefix());
    let mut patient = settings(server.url(), &prefix);
    patient.lease = Duration::from_secs(10);
    let node = running(patient).await;
    let mut redis = server.look();
    node.presence().join("lobby", member("ann")).await.unwrap();
    let former = snapshot(&mut redis);
    node.presence().join("lobby", member("bob")).await.unwrap();
    assert!(node.presence().leave("lobby", &ConnectionId::new("ann")).await.unwrap());
    restore(&mut redis, &former);
    let mut seen = Vec::new();
    let clock = Clock::system();
    let end = clock.now() + Duration::from_secs(15);
    while seen != ["bob"] && clock.now() < end {
        seen = ids(&node, "lobby").await;
        clock.sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(seen, ["bob"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_rooms_that_went_back_is_another_one() {
    let (server, prefix) = (Server::start(), prefix());
    let node = running(settings(server.url(), &prefix)).await;
    let mut redis = server.look();
    node.presence().set_room("old", true).await.unwrap();
    node.presence().rooms(&RoomMark::default()).await.unwrap();
    let former = snapshot(&mut redis);
    node.presence().set_room("new", true).await.unwrap();
    let mark = node.presence().rooms(&RoomMark::default()).await.unwrap().mark;
    restore(&mut redis, &former);
    until("it is connected again", async || node.presence().rooms(&mark).await.is_ok()).await;
    let changes = node.presence().rooms(&mark).await.unwrap();
    assert!(changes.whole && changes.mark.era != mark.era, "{changes:?}");
}
