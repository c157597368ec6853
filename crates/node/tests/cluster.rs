//! What nodes ask of each other: a connection is found by its id from any of them, and whatever goes wrong is told to
//! the one who asked, and to nobody else.

mod kit;

use futures_util::FutureExt;
use futures_util::future::join_all;
use kit::engine::{Access, Side, accesses, away, two, two_plain, unknown};
use kit::gate::Gate;
use kit::{Hand, Panics, Setup, World, settle};
use playhouse_core::broker::{Broker, Inbox};
use playhouse_core::envelope::{Envelope, Stamp, Topic};
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::id::{ConnectionId, NodeId};
use playhouse_node::{Connection, Remote};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const UUID: &str = "ffffffff-ffff-4fff-bfff-ffffffffffff";
const TIMEOUT: Duration = Duration::from_secs(5);

fn reject<T: std::fmt::Debug>(result: Result<T>) -> Reject {
    match result {
        Err(Error::Reject(reject)) => reject,
        Err(Error::Fault(fault)) => panic!("{}", fault.report()),
        Ok(done) => panic!("it was done: {done:?}"),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    reject(result).code.into_owned()
}

/// A node that listens and does what the test does.
#[derive(Default)]
struct Deaf(Mutex<Vec<serde_json::Value>>);

impl Deaf {
    async fn listens(access: &Arc<Access>, id: &str) -> Arc<Self> {
        let deaf = Arc::new(Self::default());
        access.attach(&Topic::node(id), deaf.clone()).await.expect("the engine is there");
        deaf
    }

    fn heard(&self) -> Vec<serde_json::Value> {
        std::mem::take(&mut self.0.lock().expect("no test panics in here"))
    }
}

impl Inbox for Deaf {
    fn deliver(&self, envelope: &Envelope) {
        let letter = serde_json::from_slice(&envelope.payload).expect("letters are JSON");
        self.0.lock().expect("no test panics in here").push(letter);
    }

    fn gap(&self, _: &Topic) {}
}

/// Says something on a node's own topic, as a node would.
async fn write(access: &Arc<Access>, to: &NodeId, letter: &str) {
    let stamp = Stamp { node: NodeId::new("feedfeedfeed"), epoch: 1, offset: 1, sent_at: 0 };
    let (topic, payload) = (Topic::node(to.as_str()), letter.to_owned().into());
    let envelope = Envelope { topic, stamp, from: ConnectionId::server(), payload };
    access.publish(envelope).expect("it is there").await.expect("the engine is there");
    settle().await;
}

fn far(node: &str) -> String {
    ConnectionId::on(&NodeId::new(node), UUID).to_string()
}

/// Ann is on the first node; a remote of her from that node and from the other.
async fn ann(a: &Side, b: &Side) -> (Connection, Hand, [Remote; 2]) {
    let (ann, hand) = a.connect().await;
    let remotes = [a, b].map(|side| side.node.remote(ann.id().as_str()));
    (ann, hand, remotes)
}

#[tokio::test]
async fn a_connection_is_reached_from_every_node() {
    let [a, b] = two_plain().await;
    assert!(b.node.room("lobby").add().await.expect("the engine is there"));
    for nth in 0..2 {
        let (ann, hand, remotes) = ann(&a, &b).await;
        let remote = &remotes[nth];
        assert_eq!(remote.id(), ann.id().as_str());
        remote.send_message("hi").await.expect("she is there");
        remote.send_message(&serde_json::json!({ "n": [1, "ü\n"] })).await.expect("she is there");
        assert_eq!(hand.read().await, ["push \"hi\"", "push {\"n\":[1,\"ü\\n\"]}"]);
        remote.join("lobby").await.expect("the room exists");
        assert_eq!((&*ann.rooms()[0], a.access.members("lobby")), ("lobby", vec![ann.id().clone()]));
        let details = remote.details().await.expect("she is there");
        assert_eq!(details, serde_json::from_str::<serde_json::Value>(&ann.details()).expect("JSON"));
        assert_eq!((&details["rooms"][0], &details["remotePort"]), (&"lobby".into(), &5.into()));
        remote.leave("lobby").await.expect("she is in there");
        assert!(ann.rooms().is_empty() && a.access.members("lobby").is_empty());
        remote.destroy().await.expect("she is there");
        assert_eq!(hand.read().await, ["closing ended"]);
        assert_eq!(code(remote.destroy().await), "no_such_connection");
    }
}

#[tokio::test]
async fn ids_that_name_nobody_are_told_as_such() {
    let [a, b] = two_plain().await;
    let (ann, _hand, _) = ann(&a, &b).await;
    let upper = ann.id().as_str().to_uppercase();
    let gone = ConnectionId::on(a.node.id(), UUID).to_string();
    for side in [&a, &b] {
        for id in ["", "0", "ann", UUID, &far("0123456789ab"), &gone, &upper] {
            let remote = side.node.remote(id);
            let refused = reject(remote.send_message("hi").await);
            assert_eq!((&*refused.code, refused.status), ("no_such_connection", Some(404)), "{id}");
            assert_eq!(code(remote.details().await), "no_such_connection", "{id}");
            assert_eq!(code(remote.join("lobby").await), "no_such_connection", "{id}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_an_unknown_outcome() {
    let [a, c] = accesses::<2>();
    let world = World::new(Setup { access: Some(a), ..Setup::default() }).await;
    let deaf = Deaf::listens(&c, "0123456789ab").await;
    let details = || {
        let remote = world.node.remote(&far("0123456789ab"));
        tokio::spawn(async move { remote.details().await })
    };
    let first = details();
    settle().await;
    world.hand.advance(TIMEOUT - Duration::from_millis(1));
    settle().await;
    assert!(!first.is_finished());
    world.hand.advance(Duration::from_millis(1));
    let refused = reject(first.await.expect("it ends"));
    assert_eq!((&*refused.code, refused.status), ("outcome_unknown", Some(504)));

    // Late, twice, and for questions that were never asked: the next answer is the next question's.
    let second = details();
    settle().await;
    let asked: Vec<u64> = deaf.heard().iter().filter_map(|letter| letter["ask"]["call"].as_u64()).collect();
    let answer = |call: u64, n: u64| format!(r#"{{"v":1,"answer":{{"call":{call},"done":{{"n":{n}}}}}}}"#);
    for (call, n) in [(asked[0], 1), (asked[0], 2), (asked[1] + 1, 3), (u64::MAX, 4)] {
        write(&c, world.node.id(), &answer(call, n)).await;
    }
    assert!(!second.is_finished());
    write(&c, world.node.id(), &answer(asked[1], 5)).await;
    assert_eq!(second.await.expect("it ends").expect("it was answered")["n"], 5);
}

#[tokio::test]
async fn as_many_questions_wait_as_may() {
    let [a, c] = accesses::<2>();
    let mut setup = Setup { access: Some(a), ..Setup::default() };
    setup.config.cluster.calls = 2;
    let world = World::new(setup).await;
    let deaf = Deaf::listens(&c, "0123456789ab").await;
    let remote = world.node.remote(&far("0123456789ab"));
    for round in 0..3 {
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(remote.destroy())).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        let refused = reject(remote.destroy().await);
        assert_eq!((&*refused.code, refused.status), ("overloaded", Some(503)));
        assert_eq!(deaf.heard().len(), 2, "what is refused is not sent");
        // Given up, or over: their places are free again.
        if round > 0 {
            world.hand.advance(TIMEOUT);
            for one in waiting {
                assert_eq!(code(one.await), "outcome_unknown");
            }
        }
    }
}

#[tokio::test]
async fn as_many_questions_are_worked_on_as_may() {
    let gate = Gate::closed();
    let mut setup = Setup::default();
    setup.config.cluster.calls = 2;
    let waits = gate.clone();
    setup.room_hooks.on_join(move |_, _| {
        let waits = waits.clone();
        async move {
            waits.pass().await;
            Ok(())
        }
    });
    let [a, b] = two(setup, Setup::default()).await;
    for room in ["lobby", "attic"] {
        a.node.room(room).add().await.expect("the engine is there");
    }
    let (_, hand, [_, remote]) = ann(&a, &b).await;
    for _ in 0..3 {
        gate.set(false);
        let joins = ["lobby", "attic"].map(|room| {
            let remote = remote.clone();
            tokio::spawn(async move { remote.join(room).await })
        });
        settle().await;
        assert_eq!(code(remote.send_message("too many").await), "overloaded");
        gate.set(true);
        for join in joins {
            join.await.expect("it ends").expect("the room exists");
        }
        remote.send_message("hi").await.expect("there is room again");
        assert_eq!(hand.read().await, ["push \"hi\""]);
        for room in ["lobby", "attic"] {
            remote.leave(room).await.expect("she is in there");
        }
    }
}

#[tokio::test]
async fn errors_of_the_other_node_arrive_as_they_are() {
    let mut setup = Setup::default();
    setup.room_hooks.on_join(|_, room| async move {
        assert!(room != "broken", "as asked");
        Ok(())
    });
    setup.room_hooks.on_leave(|_, _| async {
        Err(Reject::new("stay", "nobody leaves").status(409).field("room").field("why").into())
    });
    let [a, b] = two(setup, Setup::default()).await;
    for room in ["lobby", "broken"] {
        b.node.room(room).add().await.expect("the engine is there");
    }
    let (_ann, _hand, [near, far]) = ann(&a, &b).await;
    near.join("lobby").await.expect("the room exists");
    for (remote, other) in [(&near, &far), (&far, &near)] {
        for room in ["nowhere", "lobby"] {
            assert_eq!(
                reject(kit::engine::soon(&a, remote.join(room)).await),
                reject(kit::engine::soon(&a, other.join(room)).await)
            );
        }
        let refused = reject(remote.leave("lobby").await);
        assert_eq!(
            (&*refused.code, &*refused.message, refused.status, &*refused.fields),
            ("stay", "nobody leaves", Some(409), &["room".to_owned(), "why".to_owned()][..])
        );
    }
    let refused = reject(far.join("broken").await);
    assert_eq!((&*refused.code, refused.status), ("internal", Some(500)));
    assert!(refused.message.starts_with("internal error (id "), "{}", refused.message);
}

#[tokio::test]
async fn letters_that_are_not_understood_harm_nothing() {
    let [a, b] = two_plain().await;
    let (ann, hand, [_, far]) = ann(&a, &b).await;
    let id = ann.id();
    let ask = |v: &str, what: &str| {
        format!(r#"{{"v":{v},"ask":{{"call":1,"from":"{}","ask":{what}}}}}"#, b.node.id())
    };
    let destroy = format!(r#"{{"to":"{id}","what":"destroy"}}"#);
    let nobody = format!(r#"{{"v":1,"ask":{{"call":1,"from":"","ask":{{"to":"{id}","what":"details"}}}}}}"#);
    for letter in [
        "",
        "null",
        "[]",
        "\u{0}\u{1}",
        r#"{"v":1}"#,
        r#"{"v":1,"answer":{"call":-1}}"#,
        r#"{"v":1,"answer":{"call":1,"refused":{}}}"#,
        r#"{"v":1,"ask":{"call":1}}"#,
        &ask("2", &destroy),
        &ask("\"1\"", &destroy),
        &ask("1", &format!(r#"{{"to":"{id}","what":"dance"}}"#)),
        &ask("1", r#"{"to":1,"what":{"send":1}}"#),
        &ask("1", "{}"),
        &ask("1", &destroy)[1..],
        &"[".repeat(100_000),
        &nobody,
    ] {
        write(&b.access, a.node.id(), letter).await;
    }
    far.send_message("still here").await.expect("she is there");
    assert_eq!(hand.read().await, ["push \"still here\""]);
    // What is understood is done, whoever asks.
    write(&b.access, a.node.id(), &ask("1", &destroy)).await;
    assert_eq!(hand.read().await, ["closing ended"]);
}

#[tokio::test]
async fn an_engine_in_trouble_is_told_and_those_next_door_are_reached() {
    let [a, b] = two_plain().await;
    let (_ann, hand, [near, far]) = ann(&a, &b).await;
    b.access.says.fail(away());
    let refused = reject(far.send_message("far").await);
    assert_eq!((&*refused.code, refused.status), ("engine_away", Some(503)));
    a.access.cut();
    near.send_message("near").await.expect("it needs no engine");
    assert_eq!(hand.read().await, ["push \"near\""]);
    b.access.says.fail(unknown());
    assert_eq!(code(far.send_message("perhaps").await), "outcome_unknown");
    assert_eq!(hand.read().await, ["push \"perhaps\""]);
    // It was done, and the answer is not heard.
    b.access.says.free();
    let mut asked = Box::pin(far.send_message("done"));
    assert!((&mut asked).now_or_never().is_none());
    assert_eq!(hand.read().await, ["push \"done\""]);
    a.hand.advance(TIMEOUT);
    assert_eq!(code(asked.await), "outcome_unknown");
    a.access.free();
    far.send_message("again").await.expect("she is there");
    assert_eq!(hand.read().await, ["push \"again\""]);
}

#[tokio::test]
async fn messages_to_one_connection_arrive_in_their_order() {
    let [a, b] = two_plain().await;
    let (_ann, hand, [_, far]) = ann(&a, &b).await;
    for nth in 0..100 {
        far.send_message(&nth).await.expect("she is there");
    }
    // And those that nobody waits for before the next.
    let far = &far;
    let calls = (100..1_000).map(|nth| async move { far.send_message(&nth).await });
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    let expected: Vec<String> = (0..1_000).map(|nth| format!("push {nth}")).collect();
    assert_eq!(hand.read().await, expected);
}

#[tokio::test]
async fn a_thousand_calls_at_once_are_all_answered() {
    let [a, b] = two_plain().await;
    b.node.room("lobby").add().await.expect("the engine is there");
    let mut crowd = Vec::new();
    for nth in 0..100 {
        let side = if nth % 2 == 0 { &a } else { &b };
        crowd.push((side.connect().await.0, side));
    }
    let calls = crowd.iter().flat_map(|(connection, side)| {
        let other = if std::ptr::eq(*side, &a) { &b } else { &a };
        let remote = other.node.remote(connection.id().as_str());
        (0..10).map(move |nth| {
            let remote = remote.clone();
            async move {
                match nth {
                    0 => remote.join("lobby").await.expect("the room exists"),
                    9 => drop(remote.details().await.expect("it is there")),
                    nth => remote.send_message(&nth).await.expect("it is there"),
                }
            }
        })
    });
    join_all(calls).await;
    assert_eq!(a.access.members("lobby").len(), 100);
    for side in [&a, &b] {
        assert_eq!(side.node.connections().iter().map(|one| one.rooms().len()).sum::<usize>(), 50);
    }
}

#[tokio::test]
async fn a_node_that_stops_says_so() {
    let gate = Gate::closed();
    let mut setup = Setup::default();
    let waits = gate.clone();
    setup.room_hooks.on_join(move |_, _| {
        let waits = waits.clone();
        async move {
            waits.pass().await;
            Ok(())
        }
    });
    let [a, b] = two(setup, Setup::default()).await;
    a.node.room("lobby").add().await.expect("the engine is there");
    let (_ann, hand, [_, far]) = ann(&a, &b).await;
    a.node.drain();
    far.send_message("she is there until she is closed").await.expect("she is there");
    assert_eq!(hand.read().await.len(), 1);
    // Whether something is under way there or not.
    let join = tokio::spawn({
        let far = far.clone();
        async move { far.join("lobby").await }
    });
    settle().await;
    a.node.tasks().close();
    assert_eq!(code(far.send_message("too late").await), "shutting_down");
    gate.set(true);
    join.await.expect("it ends").expect("what runs goes on");
    settle().await;
    assert_eq!(code(far.send_message("too late").await), "shutting_down");
    assert_eq!(hand.read().await, [""; 0]);
}

#[tokio::test]
async fn a_hook_that_panics_when_its_time_is_over_stops_nobody_else() {
    let mut setup = Setup::default();
    setup.config.websocket.server.connect_timeout = Duration::from_secs(1);
    setup.room_hooks.on_join(|_, _| async {
        let _panics = Panics(true);
        std::future::pending().await
    });
    let [a, b] = two(setup, Setup::default()).await;
    a.node.room("lobby").add().await.expect("the engine is there");
    let (_ann, hand, [_, far]) = ann(&a, &b).await;
    let join = tokio::spawn({
        let far = far.clone();
        async move { far.join("lobby").await }
    });
    settle().await;
    a.hand.advance(Duration::from_secs(1));
    settle().await;
    let next = tokio::spawn({
        let far = far.clone();
        async move { far.send_message("hi").await }
    });
    settle().await;
    assert_eq!(hand.read().await, ["push \"hi\""]);
    next.await.expect("it ends").expect("she is there");
    assert_eq!(code(join.await.expect("it ends")), "internal");
}
