//! Connections: who is let in, what each hears and in which order, and that every end is known once.

mod ground;

use ground::{Ground, settle};
use playhouse_core::actor::{ActorId, Actors, Arrival, Ear, Purpose, Told, Which};
use playhouse_core::store::StoreError;
use playhouse_core::value::Value;
use std::sync::Arc;
use std::time::Duration;

const ANN: &str = r#"{"name":"ann"}"#;
const BEN: &str = r#"{"name":"ben"}"#;

async fn log(g: &Ground) -> String {
    g.call("a", "log", "[]").await.expect("a text")
}

#[tokio::test]
async fn a_connection_from_its_begin_to_its_end() {
    let g = Ground::new().await;
    let ben = g.seated("a", BEN).await;
    ben.seat.listen("said", true);
    let ann = g.seated("a", ANN).await;
    ann.seat.leave();
    ann.seat.leave();
    assert_eq!(ben.hears().await, [r#"said ["hello ann"]"#, r#"said ["bye ann, 1 left"]"#]);
    ann.call(0, "get", "[]");
    assert!(ann.hears().await.is_empty());
    assert_eq!(log(&g).await, r#""create start +ben +ann -ann""#);
}

#[tokio::test]
async fn who_is_refused_learns_why_and_nobody_else_does() {
    let g = Ground::new().await;
    let rows = [
        (r#"{"name":"x","refuse":"bad_token"}"#, "away: user bad_token"),
        (r#"{"name":"x","refuse":"panic"}"#, "away: fault"),
        (r#"{"nome":"x"}"#, "away: user missing_param"),
    ];
    for (params, expected) in rows {
        let client = g.sit("a", params);
        client.call(0, "get", "[]");
        client.seat.listen("said", true);
        let heard = client.hears().await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard[0] == expected || heard[0].starts_with("away: "), "{params}: {heard:?}");
    }
    assert_eq!(log(&g).await, r#""create start""#);
}

#[tokio::test]
async fn a_connect_hook_that_fails_is_a_refusal() {
    let g = Ground::new().await;
    let ben = g.seated("a", BEN).await;
    ben.seat.listen("said", true);
    let client = g.sit("a", r#"{"name":"x","refuse":"connect"}"#);
    assert_eq!(client.hears().await, ["away: user connect"]);
    assert_eq!(ben.heard(), [r#"said ["bye x, 1 left"]"#]);
    // What the failed hook logged is undone; the disconnect hook ran.
    assert_eq!(log(&g).await, r#""create start +ben -xconnect""#);
}

#[tokio::test]
async fn an_end_that_leaves_nothing_to_write_is_not_written_and_waits_for_its_turn() {
    const QUIET: &str = r#"{"name":"x","refuse":"quietly"}"#;
    let g = Ground::new().await;
    let ben = g.seated("a", BEN).await;
    ben.seat.listen("said", true);
    let commits = g.store.commits();
    assert_eq!(g.sit("a", QUIET).hears().await, ["away: user quietly"]);
    assert_eq!((ben.hears().await, g.store.commits()), (vec![r#"said ["bye x, 1 left"]"#.into()], commits));

    // Behind a change that is not durable yet.
    g.store.hold();
    ben.call(0, "turn", r#"[[["add",1],["say","one"]]]"#);
    let x = g.sit("a", QUIET);
    ben.call(1, "get", "[]");
    assert!((x.hears().await, ben.heard()) == (vec![], vec![]), "nothing leaves before what it saw is kept");
    g.store.go_on();
    assert_eq!(x.hears().await, ["away: user quietly"]);
    assert_eq!(ben.heard(), [r#"said ["one"]"#, "0: 1", "1: 1", r#"said ["bye x, 1 left"]"#]);
    assert_eq!(g.store.commits(), commits + 1);
}

#[tokio::test]
async fn what_is_asked_early_is_done_in_order_after_the_begin() {
    let g = Ground::new().await;
    let ann = g.sit("a", r#"{"name":"ann","wait":50}"#);
    ann.seat.listen("said", true);
    ann.call(0, "turn", r#"[[["add",1],["say","one"]]]"#);
    ann.seat.listen("said", false);
    ann.call(1, "turn", r#"[[["add",1],["say","two"]]]"#);
    assert!(ann.hears().await.is_empty());
    assert_eq!(g.call("a", "get", "[]").await, Ok("0".into()), "who waits at the door holds nobody up");
    g.advance(Duration::from_millis(50)).await;
    assert_eq!(ann.heard(), ["seated", r#"said ["one"]"#, "0: 1", "1: 2"]);
}

#[tokio::test]
async fn a_subscription_stands_in_the_order_of_calls() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    g.store.hold();
    ann.call(0, "turn", r#"[[["add",1],["say","one"]]]"#);
    ann.seat.listen("said", true);
    ann.seat.listen("said", true);
    ann.call(1, "turn", r#"[[["add",1],["say","two"]]]"#);
    ann.seat.listen("said", false);
    ann.call(2, "turn", r#"[[["add",1],["say","three"],["whisper","always"]]]"#);
    ann.seat.listen("nothing of the kind", true);
    settle().await;
    g.store.go_on();
    assert_eq!(ann.hears().await, ["0: 1", r#"said ["two"]"#, "1: 2", r#"said ["always"]"#, "2: 3"]);
}

#[tokio::test]
async fn a_subscription_stands_although_the_turn_before_it_was_lost() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    g.store.hold();
    g.store.refuse(Some(StoreError::Unwritable("no room".into())));
    ann.call(1, "turn", r#"[[["add",1]]]"#);
    ann.seat.listen("said", true);
    settle().await;
    g.store.go_on();
    assert_eq!(ann.hears().await, ["1: refused unwritable"]);
    g.store.refuse(None);
    ann.call(2, "turn", r#"[[["say","hi"]]]"#);
    assert_eq!(ann.hears().await, [r#"said ["hi"]"#, "2: 0"]);
}

#[tokio::test]
async fn subscriptions_that_wait_have_a_bound() {
    let g = Ground::new().await;
    let (ann, ben) = (g.seated("a", ANN).await, g.seated("a", BEN).await);
    ann.call(1, "turn", r#"[[["sleep",50],["say","hi"]]]"#);
    settle().await;
    for _ in 0..1_000 {
        ann.seat.listen("said", true);
    }
    for nth in 0..1_000 {
        ben.seat.listen("said", nth % 2 == 0);
    }
    assert_eq!(ben.hears().await, ["failed: refused too_many_pending"]);
    g.advance(Duration::from_millis(50)).await;
    assert_eq!(
        ann.hears().await,
        ["1: 0", r#"said ["bye ben, 1 left"]"#],
        "it listens from behind its call on"
    );
    for nth in 0..100 {
        ann.seat.listen("said", nth % 2 == 1);
        settle().await;
    }
    ann.call(2, "turn", r#"[[["say","hi"]]]"#);
    assert_eq!(ann.hears().await, [r#"said ["hi"]"#, "2: 0"], "what was heeded counts no more");
}

#[tokio::test]
async fn states_of_connections_change_with_turns() {
    let g = Ground::new().await;
    let (ann, ben) = (g.seated("a", ANN).await, g.seated("a", BEN).await);
    ben.seat.listen("said", true);
    ann.call(0, "turn", r#"[[["mood","good"],["names",0]]]"#);
    assert_eq!(ben.hears().await, [r#"said ["ann/good,ben/"]"#]);
    ann.call(1, "turn", r#"[[["mood","bad"],["fail","no"]]]"#);
    ann.call(2, "read", r#"[[["names",0]]]"#);
    assert_eq!(ben.hears().await, [r#"said ["ann/good,ben/"]"#]);
    ann.call(3, "read", r#"[[["mood","fine"]]]"#);
    ann.call(4, "read", r#"[[["names",0]]]"#);
    assert_eq!(ben.hears().await, [r#"said ["ann/fine,ben/"]"#]);
    assert_eq!(ann.heard(), ["0: 0", "1: user no", "2: 0", "3: 0", "4: 0"]);
    assert_eq!(g.call("a", "read", r#"[[["me",0]]]"#).await, Err("user no_connection".into()));
}

#[tokio::test]
async fn who_is_sent_out_hears_the_reason_and_no_reply() {
    let g = Ground::new().await;
    let (ann, ben) = (g.seated("a", ANN).await, g.seated("a", BEN).await);
    ben.seat.listen("said", true);
    ann.call(0, "read", r#"[[["kick","ann"]]]"#);
    assert_eq!(ann.hears().await, ["ended: out"]);
    assert_eq!(ben.heard(), [r#"said ["bye ann, 1 left"]"#]);
    ann.seat.leave();
    assert_eq!(log(&g).await, r#""create start +ann +ben -ann""#);
}

#[tokio::test]
async fn a_call_over_http_is_a_brief_connection() {
    let g = Ground::new().await;
    let ben = g.seated("a", BEN).await;
    ben.seat.listen("said", true);
    assert_eq!(g.web("a", ANN, "turn", r#"[[["add",1],["names",0]]]"#).await, Ok("1".into()));
    settle().await;
    let expected = [r#"said ["hello ann"]"#, r#"said ["ben/,ann/"]"#, r#"said ["bye ann, 1 left"]"#];
    assert_eq!(ben.heard(), expected);
    let refused = g.web("a", r#"{"name":"x","refuse":"bad_token"}"#, "turn", "[]").await;
    assert_eq!(refused, Err("user bad_token".into()));
    let slow = g.web("a", ANN, "read", r#"[[["sleep",10]]]"#);
    let (slow, ()) = tokio::join!(slow, g.advance(Duration::from_millis(10)));
    assert_eq!(slow, Ok("1".into()));
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ben +ann -ann +ann -ann""#);
}

#[tokio::test]
async fn ends_that_a_process_did_not_live_to_see_are_made_up_for() {
    let g = Ground::new().await;
    let (ann, _ben) = (g.seated("a", ANN).await, g.seated("a", BEN).await);
    ann.call(0, "turn", r#"[[["mood","!"]]]"#);
    assert_eq!(ann.hears().await, ["0: 0"]);
    let g = g.crash().await;
    let cid = g.seated("a", r#"{"name":"cid"}"#).await;
    cid.seat.leave();
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ann +ben -ann! -ben start +cid -cid""#);
    let g = g.crash().await;
    assert_eq!(log(&g).await, r#""create start +ann +ben -ann! -ben start +cid -cid start""#);
}

#[tokio::test]
async fn a_begin_that_could_not_be_kept_is_none() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    g.store.refuse(Some(StoreError::Unwritable("the disk is full".into())));
    let ann = g.sit("a", ANN);
    assert_eq!(ann.hears().await, ["away: refused unwritable"]);
    g.store.refuse(None);
    let ben = g.seated("a", BEN).await;
    ben.seat.listen("said", true);
    ben.call(0, "read", r#"[[["names",0]]]"#);
    let heard = ben.hears().await;
    assert!(heard.contains(&r#"said ["ben/"]"#.to_owned()), "{heard:?}");
}

#[tokio::test]
async fn who_leaves_while_it_is_let_in_has_been_there() {
    let g = Ground::new().await;
    let at_the_door = g.sit("a", r#"{"name":"ann","wait":50}"#);
    settle().await;
    at_the_door.seat.leave();
    g.advance(Duration::from_millis(50)).await;
    assert_eq!(log(&g).await, r#""create start""#);
    g.store.hold();
    let half_in = g.sit("a", BEN);
    settle().await;
    half_in.seat.leave();
    settle().await;
    g.store.go_on();
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ben -ben""#);
}

#[tokio::test]
async fn there_is_no_seat_at_an_actor_that_does_not_exist() {
    struct Deaf(std::sync::Mutex<Vec<String>>);
    impl Ear for Deaf {
        fn hear(&self, told: Told<'_>) {
            self.0.lock().unwrap().push(format!("{told:?}"));
        }
    }
    let g = Ground::new().await;
    let ear = Arc::new(Deaf(std::sync::Mutex::default()));
    let which = Which::Id(ActorId::new("nobody"));
    let arrival = Arrival { which, params: Value::Null, ear: ear.clone(), purpose: Purpose::Actions };
    let seat = g.host.sit(arrival);
    seat.call(0, "get", vec![]);
    settle().await;
    let heard = ear.0.lock().unwrap().join("\n");
    assert!(heard.contains("no_such_actor") && heard.lines().count() == 1, "{heard}");
}

#[tokio::test]
async fn a_state_that_could_not_be_read_again_is_not_taken() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    ann.call(1, "turn", r#"[[["add",1],["mood","gay"],["say","no"],["weigh me",0]]]"#);
    ann.call(2, "read", r#"[[["weigh me",0]]]"#);
    ann.call(3, "read", r#"[[["names",0]]]"#);
    assert_eq!(ann.hears().await, ["1: fault", "2: fault", r#"said ["ann/"]"#, "3: 0"]);
}

#[tokio::test]
async fn a_connection_keeps_no_more_than_its_actor() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    let long = "x".repeat(4_000);
    ann.call(1, "turn", &format!(r#"[[["add",1],["mood","{long}"]]]"#));
    ann.call(2, "read", &format!(r#"[[["mood","{long}"]]]"#));
    ann.call(3, "read", r#"[[["names",0]]]"#);
    let too_large = |call| format!("{call}: refused state_too_large");
    assert_eq!(ann.hears().await, [&too_large(1), &too_large(2), r#"said ["ann/"]"#, "3: 0"]);
    let who = g.sit("a", &format!(r#"{{"name":"{long}"}}"#));
    assert_eq!(who.hears().await, ["away: refused state_too_large"]);
}

#[tokio::test]
async fn what_others_change_meanwhile_is_not_lost() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    ann.call(1, "read", r#"[[["slow push","a"]]]"#);
    ann.call(2, "read", r#"[[["push","b"],["sleep",200],["me",0]]]"#);
    ann.call(3, "turn", r#"[[["push","c"]]]"#);
    ann.call(4, "read", r#"[[["names",0]]]"#);
    assert_eq!(ann.hears().await, ["3: 0", r#"said ["ann/c"]"#, "4: 0"]);
    g.advance(Duration::from_millis(100)).await;
    ann.call(5, "read", r#"[[["names",0]]]"#);
    assert_eq!(ann.hears().await, ["1: 0", r#"said ["ann/ca"]"#, "5: 0"]);
    g.advance(Duration::from_millis(100)).await;
    ann.call(6, "read", r#"[[["names",0]]]"#);
    assert_eq!(ann.hears().await, [r#"said ["b"]"#, "2: 0", r#"said ["ann/cab"]"#, "6: 0"]);
}

#[tokio::test]
async fn a_call_does_not_lose_its_own_changes() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    ann.call(1, "turn", r#"[[["push","a"],["push twice","b"]]]"#);
    ann.call(2, "read", r#"[[["push twice","c"]]]"#);
    ann.call(3, "read", r#"[[["names",0]]]"#);
    assert_eq!(ann.hears().await, ["1: 0", "2: 0", r#"said ["ann/abbcc"]"#, "3: 0"]);
}

#[tokio::test]
async fn a_change_that_fails_on_what_others_left_fails_its_call() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    ann.call(1, "read", r#"[[["push first",0],["say","no"],["sleep",100]]]"#);
    ann.call(2, "turn", r#"[[["add",1],["push","a"]]]"#);
    g.advance(Duration::from_millis(100)).await;
    ann.call(3, "read", r#"[[["names",0]]]"#);
    assert_eq!(ann.hears().await, ["2: 1", "1: fault", r#"said ["ann/a"]"#, "3: 1"]);
    assert_eq!(log(&g).await, r#""create start +ann""#);
}
