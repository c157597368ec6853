//! The life of a connection: welcome, verbs in order, actions beside them, links that come and go, the end.

mod kit;

use kit::{PLAIN, Setup, World, settle};
use playhouse_core::codes;
use playhouse_core::config::Config;
use playhouse_node::Connection;
use playhouse_node::action::{Cx, Next, Reply, Table};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_burst_of_verbs_takes_effect_in_order() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    for line in ["1 roomAdd lobby", "2 say lobby hello", "3 roomLeave lobby", "4 say lobby again"] {
        ann.ask(line);
    }
    assert_eq!(
        ann.read().await,
        [
            "1 done true",
            "said \"hello\"",
            "2 done -",
            "3 done true",
            "4 refused connection not in this room (lobby)"
        ]
    );
}

#[tokio::test]
async fn an_action_that_is_ready_answers_in_the_same_turn() {
    let world = World::plain().await;
    let (connection, ann) = world.connect().await;
    ann.ask(r#"1 call echo {"p":"x"}"#);
    ann.ask("2 call nothing");
    assert_eq!(ann.read().await, [r#"1 ok {"p":"x"}"#, "2 no unknown action or invalid apiVersion"]);
    assert_eq!((connection.total_actions(), connection.pending_actions()), (2, 0));
}

#[tokio::test]
async fn a_large_answer_that_is_written_at_once_stops_nothing() {
    let mut config = Config::default();
    config.limits.outbox = 1000;
    let world = World::new(Setup { config, ..Setup::default() }).await;
    let (_, ann) = world.connect().await;
    let large = format!("{{\"p\":\"{}\"}}", "x".repeat(700));
    ann.ask(&format!("1 call echo {large}"));
    ann.ask("2 call echo {}");
    assert_eq!(ann.read().await, [format!("1 ok {large}"), r#"2 ok {"p":""}"#.to_owned()]);
}

#[tokio::test]
async fn more_than_five_actions_at_once_are_refused_and_the_five_go_on() {
    let world = World::plain().await;
    let (connection, ann) = world.connect().await;
    for id in 1..=7 {
        ann.ask(&format!("{id} call sleep {{\"ms\":1}}"));
    }
    ann.ask("8 call unknown");
    let busy = "no you have too many pending requests";
    assert_eq!(ann.read().await, [format!("6 {busy}"), format!("7 {busy}"), format!("8 {busy}")]);
    assert_eq!((connection.total_actions(), connection.pending_actions()), (8, 5));
    world.hand.advance(Duration::from_millis(100));
    assert_eq!(ann.read().await.len(), 5);
    assert_eq!(connection.pending_actions(), 0);
}

#[tokio::test]
async fn a_failure_is_that_calls_own() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    ann.ask("1 call fail");
    ann.ask("2 call fail {\"panic\":1}");
    ann.ask("3 call echo");
    let answers = ann.read().await;
    assert!(answers[0].starts_with("1 no internal error (id "), "{answers:?}");
    assert!(answers[1].starts_with("2 no internal error (id "), "{answers:?}");
    assert_eq!(answers[2], r#"3 ok {"p":""}"#);
}

#[tokio::test]
async fn what_panics_as_an_action_is_dropped_is_that_calls_own() {
    let world = World::plain().await;
    let (connection, ann) = world.connect().await;
    ann.ask("1 call fail {\"drop\":1}");
    ann.ask("2 call fail {\"drop\":1,\"wait\":1}");
    ann.ask("3 call echo");
    let answers = ann.read().await;
    assert!(answers[0].starts_with("1 no internal error (id "), "{answers:?}");
    assert_eq!(answers[1..], [r#"3 ok {"p":""}"#]);
    world.hand.advance(Duration::from_secs(60));
    assert_eq!(ann.read().await, ["2 no the action did not end within 60000 ms"]);
    ann.ask("4 call echo");
    assert_eq!(ann.read().await, [r#"4 ok {"p":""}"#]);
    assert_eq!((connection.pending_actions(), world.node.running_actions()), (0, 0));
}

#[tokio::test]
async fn an_action_that_takes_too_long_is_told_so() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    ann.ask("1 call sleep");
    assert!(ann.read().await.is_empty());
    world.hand.advance(Duration::from_secs(10));
    assert_eq!(ann.read().await, ["1 no the action did not end within 10000 ms"]);
}

#[tokio::test]
async fn a_callers_departure_cancels_nothing() {
    let world = World::plain().await;
    let (connection, ann) = world.connect().await;
    ann.ask("1 call sleep {\"ms\":1}");
    settle().await;
    ann.cut();
    settle().await;
    assert!(world.node.find(connection.id().as_str()).is_none());
    world.hand.advance(Duration::from_millis(100));
    settle().await;
    assert_eq!(world.slept.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn quit_ends_it_and_what_follows_is_not_looked_at() {
    let world = World::plain().await;
    let (connection, ann) = world.connect().await;
    ann.ask("1 roomAdd lobby");
    ann.ask("2 quit");
    ann.ask("3 say lobby never");
    assert_eq!(ann.read().await, ["1 done true", "closing ended"]);
    assert!(world.node.find(connection.id().as_str()).is_none());
}

#[tokio::test]
async fn found_by_id_it_can_be_sent_to_moved_and_destroyed() {
    let world = World::plain().await;
    let (connection, ann) = world.connect().await;
    let found = world.node.find(connection.id().as_str()).expect("it is connected");
    found.send_message(&serde_json::json!({"a": 1})).expect("it is JSON");
    found.send_file("hello.txt").await;
    world.node.room("attic").join(&found).await.expect("the room exists");
    found.destroy();
    assert_eq!(ann.read().await, [r#"push {"a":1}"#, "\"0\" file hello", "closing ended"]);
    found.send_message("too late").expect("sending to one who has gone is no error");
}

#[tokio::test]
async fn one_who_does_not_read_is_closed_and_nobody_else_notices() {
    let mut config = Config::default();
    config.limits.outbox = 1000;
    let world = World::new(Setup { config, ..Setup::default() }).await;
    let (slow, hand) = world.connect().await;
    let (_, other) = world.connect().await;
    hand.ask("1 roomAdd lobby");
    other.ask("1 roomAdd lobby");
    settle().await;
    hand.block(true);
    for _ in 0..5 {
        world.node.room("lobby").say(&"x".repeat(300)).await.expect("the room exists");
        settle().await;
    }
    assert_eq!(slow.outbox().closing(), Some(&codes::SLOW));
    assert_eq!(other.read().await.len(), 6);
}

#[tokio::test]
async fn hooks_run_around_its_life() {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut setup = Setup::default();
    let (created, destroyed) = (told.clone(), told.clone());
    setup.connection_hooks.on_create(move |connection: Connection| {
        let told = created.clone();
        async move {
            connection.set_data(7_u32);
            connection.save_param("p", "from the hook")?;
            told.lock().expect("no panics").push("create".to_owned());
            Ok(())
        }
    });
    setup.connection_hooks.on_destroy(move |connection: Connection| {
        let told = destroyed.clone();
        async move {
            let line = format!("destroy {:?} in {}", connection.data::<u32>(), connection.rooms().len());
            told.lock().expect("no panics").push(line);
        }
    });
    let world = World::new(setup).await;
    let (_, ann) = world.connect().await;
    ann.ask("1 call echo");
    assert_eq!(ann.read().await, [r#"1 ok {"p":"from the hook"}"#]);
    ann.ask("2 roomAdd lobby");
    settle().await;
    ann.end();
    settle().await;
    assert_eq!(*told.lock().expect("no panics"), ["create", "destroy Some(7) in 0"]);
}

#[tokio::test]
async fn a_hook_that_refuses_ends_it() {
    let mut setup = Setup::default();
    setup.connection_hooks.on_create(|_| async { Err("x".parse::<u8>().expect_err("no number").into()) });
    let world = World::new(setup).await;
    let (connection, hand) = world.open(PLAIN, None);
    assert_eq!(hand.read().await, ["closing fault"]);
    assert!(world.node.find(connection.id().as_str()).is_none());
}

#[tokio::test]
async fn middleware_looks_before_and_after_and_may_answer_early() {
    async fn around(cx: &Cx, next: Next<'_>) -> playhouse_core::error::Result<Reply> {
        if cx.params().text("p").as_deref() == Some("stop") {
            return Ok(Reply::json("\"early\"".to_owned()));
        }
        let reply = next.run(cx).await?;
        Ok(Reply::json(format!("[{}]", reply.raw().unwrap_or("null"))))
    }
    let setup = Setup { layers: Some(|table: &mut Table| table.around_all(around)), ..Setup::default() };
    let world = World::new(setup).await;
    let (_, ann) = world.connect().await;
    ann.ask(r#"1 call echo {"p":"go"}"#);
    ann.ask(r#"2 call echo {"p":"stop"}"#);
    assert_eq!(ann.read().await, [r#"1 ok [{"p":"go"}]"#, "2 ok \"early\""]);
}

#[tokio::test]
async fn a_node_that_stops_refuses_actions() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    ann.ask("1 call sleep {\"ms\":1}");
    settle().await;
    world.node.drain();
    ann.ask("2 call echo");
    assert_eq!(ann.read().await, ["2 no the server is shutting down"]);
    world.hand.advance(Duration::from_millis(100));
    assert_eq!(ann.read().await, ["1 ok {}"]);
}

/// A node on which nobody joins a room without a permit.
fn joins_by_leave() -> (Setup, Arc<Semaphore>) {
    let mut setup = Setup::default();
    let gate = Arc::new(Semaphore::new(0));
    let wait = gate.clone();
    setup.room_hooks.on_join(move |_, _| {
        let wait = wait.clone();
        async move {
            wait.acquire().await?.forget();
            Ok(())
        }
    });
    (setup, gate)
}

#[tokio::test]
async fn as_many_verbs_wait_as_may_and_then_nothing_is_read() {
    let (mut setup, gate) = joins_by_leave();
    setup.config.limits.verbs_waiting = 3;
    let world = World::new(setup).await;
    let (_, ann) = world.connect().await;
    ann.ask("0 roomAdd lobby");
    for id in 1..=9 {
        ann.ask(&format!("{id} say lobby {id}"));
    }
    assert!(ann.read().await.is_empty());
    gate.add_permits(1);
    let answers = ann.read().await;
    let done: Vec<_> = answers.iter().filter(|line| line.contains("done")).collect();
    assert_eq!(done.len(), 10, "{answers:?}");
    assert_eq!(answers.last().map(String::as_str), Some("9 done -"));
}

#[tokio::test]
async fn silence_is_death_again_once_it_is_the_client_who_does_not_read() {
    let (mut setup, gate) = joins_by_leave();
    setup.config.limits.verbs_waiting = 2;
    // The welcome, or three answers. Two are more than half of it.
    setup.config.limits.outbox = 40;
    let world = World::new(setup).await;
    let (connection, ann) = world.connect().await;
    ann.block(true);
    ann.ask("0 roomAdd lobby");
    for id in 1..=9 {
        ann.ask(&format!("{id} file hello.txt"));
    }
    settle().await;
    // It is told in the next turn, such as one for its deadline.
    connection.outbox().wake();
    settle().await;
    assert!(ann.is_paused(), "verbs wait");
    gate.add_permits(1);
    settle().await;
    assert!(!ann.is_paused(), "answers wait");
    ann.block(false);
    assert_eq!(ann.read().await.len(), 10);
    assert!(!ann.is_paused());
}

#[tokio::test]
async fn a_link_that_has_nothing_any_more_is_not_asked_again_and_again() {
    let mut setup = Setup::default();
    setup.config.limits.outbox = 40;
    let world = World::new(setup).await;
    let (connection, ann) = world.connect().await;
    ann.block(true);
    for id in 0..=9 {
        ann.ask(&format!("{id} file hello.txt"));
    }
    settle().await;
    // It has asked enough, and then there is nothing more: such as a websocket that was to take over and went.
    ann.withhold(true);
    settle().await;
    ann.block(false);
    // A task that goes round in one poll never lets this one go on.
    assert_eq!(ann.read().await.len(), 2);
    // Who brings something wakes it.
    ann.withhold(false);
    connection.outbox().wake();
    assert_eq!(ann.read().await.len(), 8);
}
