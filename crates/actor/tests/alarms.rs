//! Alarms: as durable as what asked for them, never early, at least once.

mod ground;

use ground::{Ground, settle};
use playhouse_core::store::StoreError;
use std::time::Duration;

const ANN: &str = r#"{"name":"ann"}"#;

async fn count(g: &Ground) -> String {
    g.call("a", "get", "[]").await.expect("a number")
}

#[tokio::test]
async fn an_alarm_rings_at_its_time_and_once() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    g.advance(Duration::from_millis(99)).await;
    assert_eq!(count(&g).await, "0");
    g.advance(Duration::from_millis(1)).await;
    assert_eq!(count(&g).await, "5");
    g.advance(Duration::from_secs(600)).await;
    assert_eq!(count(&g).await, "5");
    assert_eq!(g.host.counts().1, 1);
}

#[tokio::test]
async fn alarms_wake_who_sleeps_and_outlive_the_process() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    g.call("a", "turn", r#"[[["after",[["add",1],["after",[["add",10],["say","late"]]]]]]]"#).await.unwrap();
    g.advance(Duration::from_millis(100)).await;
    assert_eq!(count(&g).await, "1");
    let g = g.crash().await;
    g.advance(Duration::from_millis(99)).await;
    assert_eq!(g.host.counts(), (0, 0));
    g.advance(Duration::from_millis(1)).await;
    assert_eq!(g.host.counts(), (1, 1));
    assert_eq!(count(&g).await, "11");
    assert_eq!(count(&g.crash().await).await, "11");
}

#[tokio::test]
async fn what_was_missed_rings_at_the_next_start() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    let (store, clock, hand) = (g.store.clone(), g.clock.clone(), g.hand.clone());
    g.tasks.abort();
    settle().await;
    hand.advance(Duration::from_secs(3_600));
    let g = Ground::on(store, clock, hand).await;
    settle().await;
    assert_eq!(count(&g).await, "5");
}

#[tokio::test]
async fn a_failing_alarm_is_tried_again_and_then_kept_to_be_seen() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",1],["fail","poor"]]]]]"#).await.unwrap();
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    for wait in [100, 1_000, 2_000] {
        ann.call(0, "read", r#"[[["alarms",0]]]"#);
        assert_eq!(ann.hears().await, [r#"said ["1"]"#, "0: 0"]);
        g.advance(Duration::from_millis(wait)).await;
    }
    g.advance(Duration::from_secs(100_000)).await;
    assert_eq!(count(&g).await, "0");
    ann.call(0, "read", r#"[[["alarms",0]]]"#);
    assert_eq!(ann.hears().await, [r#"said ["1"]"#, "0: 0"]);
    assert_eq!(g.host.counts(), (1, 1));
}

#[tokio::test]
async fn alarms_are_cancelled_with_the_turn_that_does() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",1]]]]]"#).await.unwrap();
    assert_eq!(g.call("a", "turn", r#"[[["cancel",0],["fail","no"]]]"#).await, Err("user no".into()));
    g.advance(Duration::from_millis(100)).await;
    assert_eq!(count(&g).await, "1");
    g.call("a", "turn", r#"[[["after",[["add",1]]],["after",[["add",1]]]]]"#).await.unwrap();
    g.call("a", "turn", r#"[[["cancel",0]]]"#).await.unwrap();
    g.advance(Duration::from_secs(1)).await;
    assert_eq!(count(&g).await, "1");
}

#[tokio::test]
async fn there_is_a_bound() {
    let g = Ground::new().await;
    let five = r#"[[["after",[]],["after",[]],["after",[]],["after",[]],["after",[]]]]"#;
    g.call("a", "turn", five).await.unwrap();
    let sixth = g.call("a", "turn", r#"[[["add",1],["after",[]]]]"#).await;
    assert_eq!(sixth, Err("refused too_many_alarms".into()));
    assert_eq!(count(&g).await, "0");
}

#[tokio::test]
async fn many_ring_in_order() {
    let g = Ground::new().await;
    for n in 0..1_200 {
        let (key, wait) = (format!("k{n}"), n % 7);
        let steps = format!(r#"[[["sleep",{wait}],["after",[["add",1]]]]]"#);
        g.start(&key, "turn", &steps);
        if n % 40 == 0 {
            settle().await;
        }
    }
    g.advance(Duration::from_millis(10)).await;
    for _ in 0..20 {
        g.advance(Duration::from_millis(50)).await;
    }
    let mut rung = 0;
    for n in 0..1_200 {
        rung += g.call(&format!("k{n}"), "get", "[]").await.unwrap().parse::<u32>().unwrap();
    }
    assert_eq!(rung, 1_200);
}

#[tokio::test]
async fn an_alarm_that_could_not_be_kept_rings_again() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    g.store.refuse(Some(StoreError::Unwritable("the disk is full".into())));
    g.advance(Duration::from_millis(200)).await;
    assert_eq!(count(&g).await, "0");
    g.store.refuse(None);
    g.advance(Duration::from_secs(1)).await;
    assert_eq!(count(&g).await, "5");
}
