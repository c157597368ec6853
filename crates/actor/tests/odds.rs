//! Against the odds: calls that wait for too long, stores that take nothing, ends in the middle of a begin. Nobody is
//! forgotten, nothing is done twice, and the actor goes on.

mod ground;

use ground::{Client, Ground, said, settle};
use playhouse_core::actor::{Actors, Address, Ask, Call, Caller, Chain, Which};
use playhouse_core::store::StoreError;
use playhouse_core::value::Value;
use std::time::Duration;

const ANN: &str = r#"{"name":"ann"}"#;
const LONG: &str = r#"[[["sleep",200000]]]"#;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn full() -> Option<StoreError> {
    Some(StoreError::Unwritable("no room".into()))
}

async fn log(g: &Ground) -> String {
    g.call("a", "log", "[]").await.expect("a text")
}

async fn get(g: &Ground) -> Result<String, String> {
    g.call("a", "get", "[]").await
}

/// All clients hear this, and nothing else.
async fn hear<const N: usize>(clients: [&Client; N], heard: &[&str]) {
    for client in clients {
        assert_eq!(client.hears().await, heard);
    }
}

#[tokio::test]
async fn an_alarm_may_wait_for_as_long_as_it_has_to() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    let first = g.start("a", "long", LONG);
    g.advance(secs(1)).await;
    let second = g.start("a", "long", LONG);
    g.advance(secs(400)).await;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok("0".into()), Ok("0".into())));
    assert_eq!(get(&g).await, Ok("5".into()));
}

#[tokio::test]
async fn an_alarm_that_is_cancelled_while_it_waits_does_not_ring() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    let _first = g.start("a", "long", LONG);
    g.advance(secs(1)).await;
    let cancel = g.start("a", "long", r#"[[["cancel",0]]]"#);
    g.advance(secs(300)).await;
    assert_eq!(cancel.await.unwrap(), Ok("0".into()));
    assert_eq!(get(&g).await, Ok("0".into()));
}

#[tokio::test]
async fn who_waits_behind_a_turn_is_told_when_its_time_is_over() {
    let g = Ground::new().await;
    get(&g).await.unwrap();
    let _long = g.start("a", "long", LONG);
    g.advance(secs(1)).await;
    let late = g.start("a", "turn", r#"[[["add",1]]]"#);
    let brief = g.web("a", ANN, "turn", r#"[[["add",1]]]"#);
    let (brief, ()) = tokio::join!(brief, g.advance(secs(60)));
    assert_eq!(brief, Err("refused timeout".into()));
    assert!(late.is_finished(), "the turn before it runs still");
    assert_eq!(late.await.unwrap(), Err("refused timeout".into()));
    g.advance(secs(141)).await;
    assert_eq!(log(&g).await, r#""create start +ann -ann""#, "its connection has ended with it");
    assert_eq!(get(&g).await, Ok("0".into()));
}

#[tokio::test]
async fn what_was_asked_at_the_door_goes_with_who_asked() {
    let g = Ground::new().await;
    get(&g).await.unwrap();
    for _ in 0..10 {
        let eager = g.sit("a", r#"{"name":"ann","wait":1000}"#);
        settle().await;
        (0..20).for_each(|nth| eager.call(nth, "get", "[]"));
        settle().await;
        eager.seat.leave();
        settle().await;
    }
    assert_eq!(get(&g).await, Ok("0".into()), "no call of theirs waits any more");
}

#[tokio::test]
async fn a_disconnect_that_could_not_be_kept_is_made_up_for() {
    let g = Ground::new().await;
    let (ann, _ben) = (g.seated("a", ANN).await, g.seated("a", r#"{"name":"ben"}"#).await);
    g.store.refuse(full());
    ann.seat.leave();
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ann +ben""#);
    g.store.refuse(None);
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ann +ben -ann""#, "with the first change that is kept again");
    let g = g.crash().await;
    assert_eq!(log(&g).await, r#""create start +ann +ben -ann -ben start""#);
}

#[tokio::test]
async fn a_disconnect_that_could_not_be_kept_is_made_up_for_at_the_next_start() {
    let g = Ground::new().await;
    let (ann, ben) = (g.seated("a", ANN).await, g.seated("a", r#"{"name":"ben"}"#).await);
    g.advance(secs(40)).await;
    g.store.refuse(full());
    // The start hook can't be kept, so that the actor can't begin: all connections end.
    ann.call(0, "get", "[]");
    assert_eq!(ann.hears().await, ["0: refused unwritable", "failed: refused unwritable"]);
    hear([&ben], &["failed: refused unwritable"]).await;
    g.store.refuse(None);
    assert_eq!(log(&g).await, r#""create start +ann +ben sleep -ann -ben start""#);
}

#[tokio::test]
async fn a_connect_that_could_not_be_kept_has_no_end() {
    let g = Ground::new().await;
    get(&g).await.unwrap();
    g.store.refuse(full());
    hear([&g.sit("a", ANN)], &["away: refused unwritable"]).await;
    g.store.refuse(None);
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    settle().await;
    assert_eq!(log(&g).await, r#""create start""#, "nobody has come, so nobody has gone");
}

#[tokio::test]
async fn a_begin_that_can_not_be_kept_is_tried_with_the_next_call() {
    let g = Ground::new().await;
    g.store.refuse(full());
    assert_eq!(get(&g).await, Err("refused unwritable".into()));
    let commits = g.store.tries();
    g.advance(secs(10)).await;
    assert_eq!(g.store.tries(), commits, "it does not try by itself");
    g.store.refuse(None);
    assert_eq!(log(&g).await, r#""create start""#);
}

#[tokio::test]
async fn who_could_not_be_removed_goes_on() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    let id = g.host.open(ground::which("a")).await.unwrap().record.id;
    g.store.refuse(full());
    let refused = g.host.destroy(&id).await.unwrap_err();
    assert_eq!(said(&refused), "refused unwritable");
    hear([&ann], &["failed: refused unwritable"]).await;
    g.store.refuse(None);
    assert_eq!(log(&g).await, r#""create start +ann""#);
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ann -ann""#);
    g.host.destroy(&id).await.unwrap();
    assert_eq!(log(&g).await, r#""create start""#);
}

#[tokio::test]
async fn who_ends_itself_is_answered() {
    let g = Ground::new().await;
    let bare = |action: &str| Call {
        which: Which::FindOrCreate(Address::keyed("bare", "a"), None),
        ask: Ask::Action {
            name: action.into(),
            args: if action == "add" { vec![Value::Int(3)] } else { Vec::new() },
        },
        caller: Caller::Server(Chain::default()),
    };
    for action in ["add", "end"] {
        let answer = g.host.call(bare(action)).await;
        assert!(
            matches!(answer, Ok(playhouse_core::actor::Answer::Value(Value::Int(3)))),
            "{action}: {answer:?}"
        );
    }
    let answer = g.host.call(bare("get")).await;
    assert!(
        matches!(answer, Ok(playhouse_core::actor::Answer::Value(Value::Int(0)))),
        "a new one: {answer:?}"
    );
}

#[tokio::test]
async fn connections_hear_the_last_words_of_an_actor_and_then_its_end() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    g.store.hold();
    ann.call(0, "turn", r#"[[["say","farewell"],["destroy",0]]]"#);
    assert!(ann.hears().await.is_empty(), "nothing before it is durable");
    g.store.go_on();
    hear([&ann], &[r#"said ["farewell"]"#, "0: 0", "destroyed"]).await;
}

#[tokio::test]
async fn nothing_begins_before_the_begin_has_ended() {
    let g = Ground::new().await;
    let ask = Ask::Action { name: "log".into(), args: Vec::new() };
    let which = Which::FindOrCreate(Address::keyed("probe", "a"), Some(Value::Int(2_000)));
    let host = g.host.clone();
    let first = tokio::spawn(async move {
        host.call(Call { which, ask, caller: Caller::Server(Chain::default()) }).await
    });
    settle().await;
    let ann = g.sit("a", ANN);
    assert!(ann.hears().await.is_empty());
    assert!(!first.is_finished(), "a read does not see what is not made yet");
    g.advance(secs(2)).await;
    hear([&ann], &["seated"]).await;
    assert!(first.is_finished());
    assert_eq!(log(&g).await, r#""create start +ann""#);
}

#[tokio::test]
async fn who_comes_while_it_ends_is_told() {
    let g = Ground::new().await;
    get(&g).await.unwrap();
    let id = g.host.open(ground::which("a")).await.unwrap().record.id;
    let ann = g.sit("a", r#"{"name":"ann","wait":1000}"#);
    let brief = g.web("a", r#"{"name":"ben","wait":1000}"#, "get", "[]");
    let (brief, ()) = tokio::join!(brief, async {
        settle().await;
        g.host.destroy(&id).await.unwrap();
        g.advance(secs(2)).await;
    });
    assert_eq!(brief, Err("refused no_such_actor".into()));
    hear([&ann], &["away: refused no_such_actor"]).await;
}

#[tokio::test]
async fn who_can_not_be_read_can_be_removed() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    let id = g.host.open(ground::which("a")).await.unwrap().record.id;
    g.advance(secs(40)).await;
    g.store.spoil(&id).await;
    assert_eq!(get(&g).await, Err("fault".into()));
    g.host.destroy(&id).await.unwrap();
    assert_eq!(get(&g).await, Ok("0".into()), "a new one");
}

#[tokio::test]
async fn who_is_called_while_it_falls_asleep_begins_anew() {
    let g = Ground::new().await;
    get(&g).await.unwrap();
    g.store.hold();
    g.advance(secs(31)).await;
    let call = g.start("a", "log", "[]");
    settle().await;
    g.store.go_on();
    settle().await;
    assert_eq!(call.await.unwrap(), Ok(r#""create start sleep start""#.into()));
}
