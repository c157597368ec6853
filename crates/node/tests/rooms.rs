//! Rooms: who hears what, who is there, what hooks may do, and that nobody stays behind.

mod kit;

use kit::engine::{two_plain, unknown};
use kit::{PLAIN, Setup, TAILED, World, settle};
use playhouse_core::error::Reject;
use playhouse_node::room::{Heard, Said};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_message_is_encoded_once_per_wire_form() {
    let world = World::plain().await;
    let mut hands = Vec::new();
    for nth in 0..20 {
        let (connection, hand) = world.open(if nth % 2 == 0 { PLAIN } else { TAILED }, None);
        settle().await;
        world.node.room("lobby").join(&connection).await.expect("the room exists");
        hands.push(hand);
    }
    world.node.room("lobby").say("hi").await.expect("the room exists");
    assert_eq!(world.lines.said.load(Ordering::SeqCst), 2);
    for hand in &hands {
        assert!(hand.read().await.iter().any(|line| line.starts_with("said \"hi\"")));
    }
}

#[tokio::test]
async fn a_form_with_tails_numbers_each_connections_messages() {
    let world = World::plain().await;
    let (ann, ann_hand) = world.open(TAILED, None);
    let (bob, bob_hand) = world.open(TAILED, None);
    settle().await;
    let lobby = world.node.room("lobby");
    lobby.join(&ann).await.expect("the room exists");
    lobby.say("one").await.expect("the room exists");
    lobby.join(&bob).await.expect("the room exists");
    lobby.say("two").await.expect("the room exists");
    assert_eq!(ann_hand.read().await[1..], ["said \"one\" 1", "said \"two\" 2"]);
    assert_eq!(bob_hand.read().await[1..], ["said \"two\" 1"]);
}

#[tokio::test]
async fn members_are_seen_with_what_they_show() {
    let mut setup = Setup::default();
    setup.room_hooks.details(|connection| Ok(format!("{{\"port\":{}}}", connection.remote_port())));
    let world = World::new(setup).await;
    let (ann, hand) = world.connect().await;
    hand.ask("1 roomAdd lobby");
    hand.ask("2 roomView lobby");
    let id = ann.id();
    let now = world.node.clock().unix_ms();
    assert_eq!(
        hand.read().await[1],
        format!(
            "2 done {{\"room\":\"lobby\",\"members\":{{\"{id}\":{{\"id\":\"{id}\",\"joinedAt\":{now},\"port\":5}}}},\"membersCount\":1}}"
        )
    );
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    for line in [
        "1 roomAdd lobby",
        "2 roomAdd lobby",
        "3 roomAdd nowhere",
        "4 roomAdd",
        "5 roomView attic",
        "6 roomLeave",
        "7 say lobby",
    ] {
        ann.ask(line);
    }
    assert_eq!(
        ann.read().await,
        [
            "1 done true",
            "2 refused connection already in this room (lobby)",
            "3 refused room does not exist",
            "4 refused room does not exist",
            "5 refused connection not in this room (attic)",
            "6 refused connection not in this room (undefined)",
            "7 refused both room and message are required",
        ]
    );
}

#[tokio::test]
async fn one_who_goes_leaves_each_room_once() {
    let left = Arc::new(AtomicUsize::new(0));
    let mut setup = Setup::default();
    let counter = left.clone();
    setup.room_hooks.on_leave(move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    let world = World::new(setup).await;
    let (_, ann) = world.connect().await;
    ann.ask("1 roomAdd lobby");
    ann.ask("2 roomAdd attic");
    settle().await;
    assert_eq!(world.node.hub().topics(), 2);
    ann.cut();
    settle().await;
    assert_eq!(left.load(Ordering::SeqCst), 2);
    assert_eq!(world.node.room("lobby").count().await.expect("memory is there"), 0);
    assert_eq!((world.node.hub().topics(), world.node.connection_count()), (0, 0));
}

#[tokio::test]
async fn a_removed_room_says_goodbye() {
    let world = World::plain().await;
    let (ann, hand) = world.connect().await;
    let attic = world.node.room("attic");
    attic.join(&ann).await.expect("the room exists");
    assert!(attic.remove().await.expect("memory is there"));
    assert!(!attic.remove().await.expect("memory is there"));
    assert_eq!(hand.read().await, ["said \"this room has been deleted\""]);
    assert!(ann.rooms().is_empty());
    assert!(attic.add().await.expect("a new room"));
    assert!(!attic.add().await.expect("the same room"));
    assert_eq!(attic.count().await.expect("memory is there"), 0);
}

#[tokio::test]
async fn a_room_that_empties_and_fills_is_heard_again() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    for id in 0..10 {
        ann.ask(&format!("{id} roomAdd lobby"));
        ann.ask(&format!("{id} say lobby {id}"));
        ann.ask(&format!("{id} roomLeave lobby"));
    }
    let heard = ann.read().await.iter().filter(|line| line.starts_with("said")).count();
    assert_eq!(heard, 10);
}

#[tokio::test]
async fn hooks_may_alter_refuse_and_choose_who_hears() {
    let mut setup = Setup::default();
    setup.room_hooks.on_join(|_, room| async move {
        if room == "attic" {
            return Err(Reject::new("locked", "the attic is locked").into());
        }
        Ok(())
    });
    setup.room_hooks.on_say(|said: Said| async move {
        if said.message == "\"rude\"" {
            return Err(Reject::new("rude", "not in here").into());
        }
        Ok(Said { message: said.message.to_uppercase(), ..said })
    });
    setup.room_hooks.on_hear(|connection, envelope| {
        if envelope.from == *connection.id() { Heard::Instead("\"(you)\"".to_owned()) } else { Heard::AsSaid }
    });
    let world = World::new(setup).await;
    let (_, ann) = world.connect().await;
    let (_, bob) = world.connect().await;
    bob.ask("1 roomAdd lobby");
    settle().await;
    for line in ["1 roomAdd attic", "2 roomAdd lobby", "3 say lobby rude", "4 say lobby hello"] {
        ann.ask(line);
    }
    assert_eq!(
        ann.read().await,
        [
            "1 refused the attic is locked",
            "2 done true",
            "3 refused not in here",
            "said \"(you)\"",
            "4 done -"
        ]
    );
    assert_eq!(bob.read().await, ["1 done true", "said \"HELLO\""]);
}

#[tokio::test]
async fn rooms_and_memberships_have_limits() {
    let mut setup = Setup::default();
    setup.config.limits.rooms = 3;
    setup.config.limits.rooms_per_connection = 1;
    let world = World::new(setup).await;
    assert!(world.node.room("cellar").add().await.is_ok());
    assert!(world.node.room("garden").add().await.is_err());
    assert!(world.node.room(&"x".repeat(2000)).add().await.is_err());
    assert!(world.node.room("").add().await.is_err());
    let (_, ann) = world.connect().await;
    ann.ask("1 roomAdd lobby");
    ann.ask("2 roomAdd attic");
    assert_eq!(
        ann.read().await,
        ["1 done true", "2 refused the connection is in as many rooms as it may be"]
    );
}

#[tokio::test]
async fn a_speaker_waits_for_no_answer_of_the_engine_and_answers_keep_their_order() {
    let [a, _b] = two_plain().await;
    a.node.room("lobby").add().await.expect("the engine is there");
    let (_, ann) = a.connect().await;
    let (_, bob) = a.connect().await;
    for hand in [&ann, &bob] {
        hand.ask("1 roomAdd lobby");
        assert_eq!(hand.read().await, ["1 done true"]);
    }
    let answers = a.access.says.hold_answers();
    for nth in 2..5 {
        ann.ask(&format!("{nth} say lobby {nth}"));
    }
    ann.ask("5 details");
    assert_eq!(bob.read().await.len(), 3, "all are heard before the first is answered");
    let heard = ann.read().await;
    assert!(heard.iter().all(|line| line.starts_with("said")), "answered out of order: {heard:?}");
    answers.set(true);
    let answered: Vec<_> = ann.read().await.iter().map(|line| line[..1].to_owned()).collect();
    assert_eq!(answered, ["2", "3", "4", "5"]);
    a.access.says.fail(unknown());
    ann.ask("6 say lobby 6");
    assert!(
        ann.read().await.iter().any(|line| line.starts_with("6") && line.contains("did not answer in time"))
    );
}

#[tokio::test]
async fn answers_that_are_awaited_are_limited_as_verbs_are() {
    let [a, _b] = two_plain().await;
    a.node.room("lobby").add().await.expect("the engine is there");
    let (_, ann) = a.connect().await;
    ann.ask("0 roomAdd lobby");
    ann.read().await;
    let answers = a.access.says.hold_answers();
    for nth in 1..=100 {
        ann.ask(&format!("{nth} say lobby {nth}"));
    }
    assert_eq!(ann.read().await.len(), 64, "then it is not read any more");
    answers.set(true);
    assert_eq!(ann.read().await.len(), 100 + 36, "answers to all, and the rest of what was said");
}
