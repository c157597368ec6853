//! Turns and reads: what a call sees, what stands of it, and when anybody hears of it.

mod ground;

use ground::{Ground, settle};
use playhouse_core::store::StoreError;
use std::time::Duration;

type Outcome = Result<String, String>;

fn ok(text: &str) -> Outcome {
    Ok(text.into())
}

fn err(text: &str) -> Outcome {
    Err(text.into())
}

const ANN: &str = r#"{"name":"ann"}"#;
const BEN: &str = r#"{"name":"ben"}"#;

#[tokio::test]
async fn a_turn_changes_the_state() {
    let g = Ground::new().await;
    assert_eq!(g.call("a", "turn", r#"[[["add",2]]]"#).await, ok("2"));
    assert_eq!(g.call("a", "turn", r#"[[["add",3]]]"#).await, ok("5"));
    assert_eq!(g.call("b", "get", "[]").await, ok("0"));
    let g = g.crash().await;
    assert_eq!(g.call("a", "get", "[]").await, ok("5"));
}

#[tokio::test]
async fn a_turn_that_fails_never_was() {
    let g = Ground::new().await;
    let listener = g.seated("a", BEN).await;
    listener.seat.listen("said", true);
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    let rows = [
        (r#"["fail","poor"]"#, err("user poor")),
        (r#"["break",0]"#, err("fault")),
        (r#"["panic",0]"#, err("fault")),
        (r#"["grow",5000]"#, err("refused state_too_large")),
        (&format!(r#"["after",[["log","{}"]]]"#, "x".repeat(4_000)), err("refused state_too_large")),
        (r#"["weigh",0]"#, err("fault")),
        (r#"["weigh",1]"#, err("fault")),
        (r#"["after nan",0]"#, err("fault")),
    ];
    for (step, expected) in rows {
        let steps = format!(r#"[[["add",10],["say","no"],["after",[]],{step}]]"#);
        assert_eq!(g.call("a", "turn", &steps).await, expected, "{step}");
        assert_eq!(g.call("a", "get", "[]").await, ok("1"), "{step}");
    }
    g.call("a", "read", r#"[[["alarms",0]]]"#).await.unwrap();
    assert_eq!(listener.hears().await, [r#"said ["0"]"#]);
}

#[tokio::test]
async fn a_turn_has_its_time() {
    let g = Ground::new().await;
    let slow = g.start("a", "turn", r#"[[["add",1],["sleep",100000]]]"#);
    g.advance(Duration::from_secs(59)).await;
    assert!(!slow.is_finished());
    let behind = g.start("a", "turn", r#"[[["add",1]]]"#);
    g.advance(Duration::from_secs(1)).await;
    assert_eq!(slow.await.unwrap(), err("refused timeout"));
    assert_eq!(behind.await.unwrap(), ok("1"));
}

#[tokio::test]
async fn what_waited_too_long_is_not_begun() {
    let g = Ground::new().await;
    let first = g.start("a", "turn", r#"[[["sleep",59000]]]"#);
    let second = g.start("a", "turn", r#"[[["sleep",59000]]]"#);
    let third = g.start("a", "turn", r#"[[["add",1]]]"#);
    g.advance(Duration::from_secs(61)).await;
    g.advance(Duration::from_secs(60)).await;
    assert_eq!(first.await.unwrap(), ok("0"));
    // It began in time, and its own time counts from its arrival.
    assert_eq!(second.await.unwrap(), err("refused timeout"));
    assert_eq!(third.await.unwrap(), err("refused timeout"));
    assert_eq!(g.call("a", "get", "[]").await, ok("0"));
}

#[tokio::test]
async fn reads_run_beside_a_turn_that_waits() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    let turn = g.start("a", "turn", r#"[[["add",1],["sleep",50]]]"#);
    let slow = g.start("a", "read", r#"[[["sleep",100]]]"#);
    settle().await;
    assert_eq!(g.call("a", "get", "[]").await, ok("1"), "what a turn has not ended is not seen");
    assert!(!turn.is_finished());
    g.advance(Duration::from_millis(50)).await;
    assert_eq!(turn.await.unwrap(), ok("2"));
    assert!(!slow.is_finished());
    g.advance(Duration::from_millis(50)).await;
    assert_eq!(slow.await.unwrap(), ok("1"));
}

#[tokio::test]
async fn a_connection_sees_its_own_changes() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.call(0, "turn", r#"[[["add",1],["sleep",50]]]"#);
    ann.call(1, "get", "[]");
    ann.call(2, "turn", r#"[[["add",1]]]"#);
    ann.call(3, "get", "[]");
    assert!(ann.hears().await.is_empty());
    assert_eq!(g.call("a", "get", "[]").await, ok("0"));
    g.advance(Duration::from_millis(50)).await;
    assert_eq!(ann.heard(), ["0: 1", "1: 1", "2: 2", "3: 2"]);
}

#[tokio::test]
async fn what_comes_together_is_answered_in_order_and_written_together() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    let before = g.store.commits();
    for n in 0..20 {
        ann.call(n, "turn", r#"[[["add",1]]]"#);
    }
    let heard = ann.hears().await;
    let expected: Vec<String> = (0..20).map(|n| format!("{n}: {}", n + 1)).collect();
    assert_eq!(heard, expected);
    assert_eq!(g.store.commits() - before, 1);
}

#[tokio::test]
async fn nothing_leaves_before_it_is_durable() {
    let g = Ground::new().await;
    let (ann, ben) = (g.seated("a", ANN).await, g.seated("a", BEN).await);
    ben.seat.listen("said", true);
    g.store.hold();
    ann.call(0, "turn", r#"[[["add",1],["say","one"],["whisper","psst"]]]"#);
    ann.call(1, "get", "[]");
    let other = g.start("a", "get", "[]");
    settle().await;
    assert!(ann.heard().is_empty() && ben.heard().is_empty() && !other.is_finished());
    g.store.go_on();
    assert_eq!(ann.hears().await, [r#"said ["psst"]"#, "0: 1", "1: 1"]);
    assert_eq!(ben.heard(), [r#"said ["one"]"#]);
    assert_eq!(other.await.unwrap(), ok("1"));
}

#[tokio::test]
async fn what_could_not_be_written_never_was() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    ann.call(0, "turn", r#"[[["add",1],["mood","good"]]]"#);
    assert_eq!(ann.hears().await, ["0: 1"]);
    g.store.hold();
    g.store.refuse(Some(StoreError::Unwritable("the disk is full".into())));
    ann.call(1, "turn", r#"[[["add",1],["mood","bad"],["say","no"]]]"#);
    ann.call(2, "turn", r#"[[["add",1]]]"#);
    ann.call(3, "get", "[]");
    settle().await;
    ann.call(4, "turn", r#"[[["add",1]]]"#);
    settle().await;
    g.store.go_on();
    assert_eq!(
        ann.hears().await,
        ["1: refused unwritable", "2: refused unwritable", "3: refused unwritable", "4: refused unwritable"]
    );
    ann.call(5, "read", r#"[[["me",0]]]"#);
    assert_eq!(ann.hears().await, [r#"said ["good"]"#, "5: 1"]);
    g.store.refuse(None);
    ann.call(6, "turn", r#"[[["add",1]]]"#);
    assert_eq!(ann.hears().await, ["6: 2"]);
}

#[tokio::test]
async fn a_short_turn_inside_a_read() {
    let g = Ground::new().await;
    assert_eq!(g.call("a", "read", r#"[[["update",5]]]"#).await, ok("0"), "it saw the state as it began");
    assert_eq!(g.call("a", "get", "[]").await, ok("5"));
    assert_eq!(g.call("a", "read", r#"[[["update",-1]]]"#).await, err("user negative"));
    assert_eq!(g.call("a", "get", "[]").await, ok("5"));
    assert_eq!(g.crash().await.call("a", "get", "[]").await, ok("5"));
}

#[tokio::test]
async fn a_full_mailbox_refuses() {
    let g = Ground::new().await;
    let slow = g.start("a", "turn", r#"[[["sleep",10]]]"#);
    settle().await;
    let calls: Vec<_> = (0..60).map(|_| g.start("a", "turn", r#"[[["add",1]]]"#)).collect();
    g.advance(Duration::from_millis(10)).await;
    slow.await.unwrap().unwrap();
    let mut refused = 0;
    for call in calls {
        refused += usize::from(call.await.unwrap() == err("refused overloaded"));
    }
    assert_eq!(refused, 11);
    assert_eq!(g.call("a", "get", "[]").await, ok("49"));
}

#[tokio::test]
async fn a_connection_may_have_so_many_calls() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    for n in 0..22 {
        ann.call(n, "read", r#"[[["sleep",10]]]"#);
    }
    assert_eq!(ann.hears().await, ["20: refused too_many_pending", "21: refused too_many_pending"]);
    g.advance(Duration::from_millis(10)).await;
    assert_eq!(ann.heard().len(), 20);
    ann.call(30, "get", "[]");
    assert_eq!(ann.hears().await, ["30: 0"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told() {
    let g = Ground::new().await;
    let rows = [
        ("nothing", "[]", "refused unknown_action"),
        ("toString", "[]", "refused unknown_action"),
        ("turn", "[5]", "refused invalid_param"),
        ("turn", "[[],[]]", "refused invalid_param"),
    ];
    for (action, args, expected) in rows {
        assert_eq!(g.call("a", action, args).await, err(expected), "{action}{args}");
    }
    assert_eq!(g.web("a", ANN, "secret", "[]").await, err("refused unknown_action"));
    assert_eq!(g.call("a", "secret", "[]").await, ok("0"));
    assert_eq!(g.call(&"k".repeat(2_000), "get", "[]").await, err("refused invalid_param"));
    assert_eq!(g.call("a\0b", "get", "[]").await, err("refused invalid_param"));
}

#[tokio::test]
async fn calls_that_would_wait_for_each_other_are_found() {
    let g = Ground::new().await;
    assert_eq!(g.call("a", "turn", r#"[[["other",["b",[["add",1]]]]]]"#).await, ok("0"));
    assert_eq!(g.call("b", "get", "[]").await, ok("1"));
    let there_and_back = r#"[[["other",["b",[["other",["a",[["add",1]]]]]]]]]"#;
    assert_eq!(g.call("a", "turn", there_and_back).await, err("user cycle"));
    assert_eq!(g.call("a", "turn", r#"[[["other",["a",[]]]]]"#).await, err("user cycle"));
    let crossing = |to: &str| format!(r#"[[["sleep",10],["other",["{to}",[]]]]]"#);
    let (one, two) = (g.start("a", "turn", &crossing("b")), g.start("b", "turn", &crossing("a")));
    g.advance(Duration::from_millis(10)).await;
    let both = [one.await.unwrap(), two.await.unwrap()];
    assert!(
        both.contains(&err("user cycle")) && both.contains(&ok("1")) | both.contains(&ok("0")),
        "{both:?}"
    );
}

#[tokio::test]
async fn who_would_wait_for_ever_through_reads_is_refused() {
    let g = Ground::new().await;
    let there = g.start("a", "turn", r#"[[["add",1],["ask",["x",[["sleep",50],["other",["b",[]]]]]]]]"#);
    let back = g.start("b", "turn", r#"[[["add",1],["ask",["y",[["sleep",50],["other",["a",[]]]]]]]]"#);
    g.advance(Duration::from_millis(100)).await;
    assert!(there.is_finished() && back.is_finished());
    let both = [there.await.unwrap(), back.await.unwrap()];
    assert!(both.contains(&err("user cycle")) && both.contains(&ok("1")), "{both:?}");
    // A read that no turn waits for holds nobody up.
    let [there, back] = [("x", "b", "y"), ("y", "a", "x")].map(|(by, of, other)| {
        let steps = format!(r#"[[["other",["{of}",[["sleep",50],["ask",["{other}",[]]]]]]]]"#);
        g.start(by, "read", &steps)
    });
    g.advance(Duration::from_millis(100)).await;
    assert_eq!((there.await.unwrap(), back.await.unwrap()), (ok("0"), ok("0")));
}
