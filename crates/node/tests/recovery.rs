//! Clients that come back: what they missed comes once and in order, or they are told that they begin anew.

mod kit;

use kit::gate::Gate;
use kit::{COUNTED, Hand, Setup, World, settle};
use playhouse_core::clock::Moment;
use playhouse_core::codes;
use playhouse_core::rng::Rng;
use playhouse_node::outbox::LogLimits;
use playhouse_node::{Connection, Window};
use std::time::Duration;

fn window(messages: usize) -> Option<Window> {
    Some(Window { time: Duration::from_secs(120), log: LogLimits { messages, bytes: 1 << 20 } })
}

/// One who is in the lobby and has got two messages: the welcome, and what was said first.
async fn member(world: &World, messages: usize) -> (Connection, Hand) {
    let (connection, hand) = world.open(COUNTED, window(messages));
    hand.ask("1 roomAdd lobby");
    settle().await;
    world.say("first").await;
    assert_eq!(hand.read().await.last().map(String::as_str), Some("said \"first\" 2"));
    (connection, hand)
}

/// Comes back as one who has got all up to a number.
fn back(world: &World, connection: &Connection, from: u64) -> Option<Hand> {
    back_since(world, connection, from, world.node.clock().now())
}

/// The same for one whose session has begun at some time.
fn back_since(world: &World, connection: &Connection, from: u64, came: Moment) -> Option<Hand> {
    let claim = world.node.claim(connection.key()?, from, came)?;
    let hand = Hand::default();
    claim.attach(Box::new(hand.clone()), b"back\n".to_vec()).ok()?;
    Some(hand)
}

#[tokio::test]
async fn what_was_missed_comes_once_and_in_order() {
    let world = World::plain().await;
    let (connection, first) = member(&world, 1000).await;
    first.cut();
    settle().await;
    for text in ["while", "away"] {
        world.say(text).await;
    }
    let second = back(&world, &connection, 2).expect("it is kept");
    world.say("live").await;
    assert_eq!(second.read().await, ["back", "said \"while\" 3", "said \"away\" 4", "said \"live\" 5"]);
    second.ask("2 details");
    assert!(second.read().await[0].contains("\"rooms\":[\"lobby\"]"), "it never left");
}

#[tokio::test]
async fn one_who_got_nothing_gets_all_of_it() {
    let world = World::plain().await;
    let (connection, hand) = member(&world, 1000).await;
    hand.cut();
    settle().await;
    let welcome = "welcome Welcome to the playhouse api 1";
    let hand = back(&world, &connection, 0).expect("it is kept");
    assert_eq!(hand.read().await, ["back", welcome, "said \"first\" 2"]);
}

#[tokio::test]
async fn what_was_written_to_a_link_that_is_dead_is_missed_too() {
    let world = World::plain().await;
    let (connection, first) = member(&world, 1000).await;
    first.block(true);
    world.say("into the void").await;
    settle().await;
    let second = back(&world, &connection, 2).expect("the old link looks alive, and is replaced");
    assert_eq!(second.read().await, ["back", "said \"into the void\" 3"]);
    assert!(first.read().await.is_empty());
}

#[tokio::test]
async fn it_works_again_and_again() {
    let world = World::plain().await;
    let (connection, mut hand) = member(&world, 1000).await;
    for nth in 3..20 {
        hand.cut();
        settle().await;
        world.say("next").await;
        hand = back(&world, &connection, nth - 1).expect("it is kept");
        assert_eq!(hand.read().await, ["back".to_owned(), format!("said \"next\" {nth}")]);
    }
}

#[tokio::test]
async fn of_two_who_come_at_once_one_is_taken() {
    let world = World::plain().await;
    let (connection, hand) = member(&world, 1000).await;
    hand.cut();
    settle().await;
    let came = world.node.clock().now();
    assert!(back_since(&world, &connection, 2, came).is_some());
    for _ in 0..3 {
        assert!(back_since(&world, &connection, 2, came).is_none(), "another has come");
        settle().await;
        world.hand.advance(Duration::from_secs(1));
    }
    let last = back(&world, &connection, 2).expect("it has come after that, however fast");
    settle().await;
    last.cut();
    settle().await;
    assert!(back_since(&world, &connection, 2, came).is_some(), "nobody has it now");
}

#[tokio::test]
async fn a_claim_that_is_given_up_changes_nothing() {
    let world = World::plain().await;
    let (connection, hand) = member(&world, 1000).await;
    let key = connection.key().expect("it may come back").to_owned();
    let now = world.node.clock().now();
    drop(world.node.claim(&key, 2, now));
    hand.ask("2 call echo");
    assert_eq!(hand.read().await, [r#"2 ok {"p":""}"#]);
    assert!(world.node.claim(&key, 2, now).is_some());
}

#[tokio::test]
async fn who_missed_more_than_is_kept_begins_anew() {
    let world = World::plain().await;
    let (connection, hand) = member(&world, 3).await;
    hand.cut();
    settle().await;
    for _ in 0..4 {
        world.say("much").await;
    }
    let key = connection.key().expect("it may come back");
    let claim = |key: &str, from| world.node.claim(key, from, world.node.clock().now());
    assert!(claim(key, 2).is_none());
    assert!(claim(key, 7).is_none(), "nobody can have got what was not sent");
    assert!(claim("no such key, but as long as one", 3).is_none());
    assert!(claim(&format!("{}x", &key[..key.len() - 1]), 3).is_none());
    assert!(claim(key, 3).is_some());
}

#[tokio::test]
async fn one_who_stays_away_leaves_in_the_end() {
    let world = World::plain().await;
    let (connection, hand) = member(&world, 1000).await;
    hand.cut();
    settle().await;
    let (_, other) = world.connect().await;
    other.ask("1 roomAdd lobby");
    other.ask("2 roomView lobby");
    assert!(other.read().await[1].contains("\"absent\":true"));
    world.hand.advance(Duration::from_secs(119));
    settle().await;
    assert!(connection.is_absent() && world.node.find(connection.id().as_str()).is_some());
    world.hand.advance(Duration::from_secs(2));
    settle().await;
    assert!(world.node.find(connection.id().as_str()).is_none());
    assert!(back(&world, &connection, 2).is_none());
    other.ask("3 roomView lobby");
    assert!(!other.read().await[0].contains("absent"));
}

#[tokio::test]
async fn what_is_old_is_forgotten() {
    let world = World::plain().await;
    let (connection, _hand) = member(&world, 1000).await;
    for _ in 0..6 {
        settle().await;
        world.hand.advance(Duration::from_secs(31));
    }
    settle().await;
    let key = connection.key().expect("it may come back");
    let claim = |from| world.node.claim(key, from, world.node.clock().now());
    assert!(claim(1).is_none() && claim(2).is_some());
}

#[tokio::test]
async fn one_who_ended_it_can_not_come_back() {
    let world = World::plain().await;
    for end in [Hand::end as fn(&Hand), |hand| hand.ask("9 quit")] {
        let (connection, hand) = member(&world, 1000).await;
        end(&hand);
        settle().await;
        assert!(back(&world, &connection, 2).is_none());
    }
    let (connection, _hand) = member(&world, 1000).await;
    connection.close(&codes::DRAINING);
    settle().await;
    assert!(back(&world, &connection, 2).is_none());
}

#[tokio::test]
async fn one_who_says_that_it_ends_can_not_come_back_before_its_task_sees_that() {
    let world = World::plain().await;
    let (connection, _hand) = member(&world, 1000).await;
    connection.client_leaves();
    assert!(back(&world, &connection, 2).is_none());
}

#[tokio::test]
async fn one_who_has_taken_over_does_not_leave_with_the_link_before() {
    let world = World::plain().await;
    let (connection, _old) = member(&world, 1000).await;
    let second = back(&world, &connection, 2).expect("it is kept");
    connection.client_leaves();
    assert_eq!(second.read().await, ["back"]);
    world.hand.advance(Duration::from_secs(1));
    second.cut();
    let third = back(&world, &connection, 2).expect("and may come back again");
    assert_eq!(third.read().await, ["back"]);
}

/// Links break, block and are taken over at any moment; a client counts what it gets.
#[tokio::test]
async fn nobody_misses_anything_or_gets_it_twice() {
    for seed in 0..50 {
        let (world, rng) = (World::plain().await, Rng::seeded(seed));
        let (connection, mut hand) = member(&world, 20).await;
        let (mut got, mut said) = (2, 2);
        for _ in 0..200 {
            match rng.below(6) {
                0 => hand.cut(),
                1 => hand.block(rng.below(2) == 0),
                2 => {
                    let Some(next) = back(&world, &connection, got) else { continue };
                    hand = next;
                    // The next one comes later.
                    world.hand.advance(Duration::from_millis(11));
                }
                3 => settle().await,
                _ => {
                    said += 1;
                    world.say("more").await;
                }
            }
            for line in hand.read().await.iter().filter(|line| *line != "back") {
                got += 1;
                assert_eq!(*line, format!("said \"more\" {got}"), "seed {seed}");
            }
        }
        if let Some(last) = back(&world, &connection, got) {
            got += u64::try_from(last.read().await.len()).expect("few") - 1;
            assert_eq!(got, said, "seed {seed}");
        } else {
            assert!(said - got > 20, "seed {seed}: {got} of {said}");
        }
    }
}

#[tokio::test]
async fn one_who_comes_back_while_hooks_still_run_is_served_after_them() {
    let mut setup = Setup::default();
    let gate = Gate::closed();
    let waits = gate.clone();
    setup.connection_hooks.on_create(move |_| {
        let gate = waits.clone();
        async move {
            gate.pass().await;
            Ok(())
        }
    });
    let world = World::new(setup).await;
    let (connection, _hand) = world.open(COUNTED, window(1000));
    settle().await;
    let second = back(&world, &connection, 0).expect("it is there");
    settle().await;
    gate.set(true);
    assert_eq!(second.read().await, ["back", "welcome Welcome to the playhouse api 1"]);
}
