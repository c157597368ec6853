//! Alarms: as durable as what asked for them, never early, at least once.

mod ground;

use ground::probe::Probe;
use ground::store::Moody;
use ground::{Ground, settle, text};
use playhouse_actor::Kinds;
use playhouse_core::actor::{Actors, Address, Answer, Ask, Call, Caller, Chain, Which};
use playhouse_core::clock::Clock;
use playhouse_core::store::{AlarmRow, StateRow, StoreError};
use std::sync::Arc;
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

/// More than the store tells at once.
const MANY: u64 = 1_500;

fn alarm(number: u64, action: &str, args: &str) -> AlarmRow {
    let args = args.to_owned().into();
    AlarmRow { number, due: number, action: action.into(), args, failures: 0, error: None, given_up: false }
}

#[tokio::test]
async fn alarms_of_a_kind_that_is_no_more_hold_up_no_others() {
    let ((clock, hand), store) = (Clock::manual(), Arc::<Moody>::default());
    store.left("bare", "b", None, (1..=MANY).map(|number| alarm(number, "add", "[1]")).collect()).await;
    let mut kinds = Kinds::default();
    kinds.add::<Probe>();
    let g = Ground::of(kinds, store.clone(), clock.clone(), hand.clone()).await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    g.advance(Duration::from_secs(600)).await;
    assert_eq!(count(&g).await, "5");
    assert!(store.dues() <= 3, "the store was asked {} times", store.dues());
    g.tasks.abort();
    settle().await;
    let g = Ground::on(store, clock, hand).await;
    settle().await;
    let ask = Ask::Action { name: "get".into(), args: Vec::new() };
    let which = Which::Find(Address::keyed("bare", "b"));
    let rung = g.host.call(Call { which, ask, caller: Caller::Server(Chain::default()) }).await;
    let Ok(Answer::Value(rung)) = rung else { panic!("{rung:?}") };
    assert_eq!(text(&rung), MANY.to_string());
}

#[tokio::test]
async fn alarms_that_wait_for_their_turn_hold_up_no_others_and_ring_once() {
    let ((clock, hand), store) = (Clock::manual(), Arc::<Moody>::default());
    let mut alarms: Vec<_> = (1..=MANY).map(|number| alarm(number, "secret", r#"[[["add",1]]]"#)).collect();
    alarms[0].args = r#"[[["sleep",30000],["add",1]]]"#.into();
    store.left("probe", "busy", None, alarms).await;
    let g = Ground::on(store.clone(), clock, hand).await;
    g.call("a", "turn", r#"[[["after",[["add",5]]]]]"#).await.unwrap();
    g.advance(Duration::from_secs(20)).await;
    assert_eq!(count(&g).await, "5");
    assert_eq!(g.call("busy", "get", "[]").await.unwrap(), "0");
    g.advance(Duration::from_secs(20)).await;
    assert_eq!(g.call("busy", "get", "[]").await.unwrap(), MANY.to_string());
    assert!(store.dues() <= 3, "the store was asked {} times", store.dues());
}

#[tokio::test]
async fn alarms_may_wait_longer_than_calls() {
    let ((clock, hand), store) = (Clock::manual(), Arc::<Moody>::default());
    let mut alarms: Vec<_> = (1..=9).map(|number| alarm(number, "secret", r#"[[["add",1]]]"#)).collect();
    for slow in &mut alarms[..2] {
        slow.args = r#"[[["sleep",50000],["add",1]]]"#.into();
    }
    store.left("probe", "busy", None, alarms).await;
    let g = Ground::on(store.clone(), clock, hand).await;
    g.advance(Duration::from_secs(300)).await;
    assert_eq!(g.call("busy", "get", "[]").await.unwrap(), "9");
}

#[tokio::test]
async fn an_actor_that_cant_be_read_is_tried_ever_more_rarely() {
    let ((clock, hand), store) = (Clock::manual(), Arc::<Moody>::default());
    let alarms = (1..=3).map(|number| alarm(number, "secret", r#"[[["add",1]]]"#)).collect();
    let state = |bytes: &'static str| Some(StateRow { form: 1, bytes: bytes.into() });
    store.left("probe", "a", state("broken"), alarms).await;
    let g = Ground::on(store.clone(), clock, hand).await;
    g.advance(Duration::from_secs(3_600)).await;
    let loads = store.loads();
    assert!((10..=20).contains(&loads), "{loads} times in an hour");
    store.left("probe", "a", state(r#"{"count":0,"log":[]}"#), Vec::new()).await;
    g.advance(Duration::from_secs(600)).await;
    assert_eq!(count(&g).await, "3");
}
