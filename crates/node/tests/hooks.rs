//! The application's hooks that panic or never end: an error of that one call, and nothing for anyone else.

mod kit;

use kit::{PLAIN, Panics, Setup, World, settle};
use playhouse_core::Later;
use playhouse_core::error::Result;
use playhouse_core::head::Head;
use playhouse_node::action::{Cx, Next, Reply};
use playhouse_node::room::{Heard, Said};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A hook's panic: before it has made its future, or inside of it.
async fn breaks() -> Result<()> {
    panic!("as asked")
}

fn is_internal(line: &str, id: &str) -> bool {
    line.starts_with(&format!("{id} refused internal error (id ")) && line.ends_with(')')
}

async fn only_bob_in_lobby(world: &World) {
    let lobby = world.node.room("lobby");
    assert_eq!(lobby.local_members().len(), 1);
    assert_eq!(lobby.count().await.expect("memory is there"), 1);
}

/// Who has `bad` among what was saved on it is the one whom hooks break for.
struct Bad;

fn check(connection: &playhouse_node::Connection) {
    assert!(connection.data::<Bad>().is_none(), "as asked");
}

#[tokio::test]
async fn a_panic_around_rooms_is_an_error_of_that_call() {
    let mut asked: Vec<(Setup, &[&str])> = Vec::new();
    let mut setup = Setup::default();
    setup.room_hooks.on_join(|connection, _| {
        check(&connection);
        async { Ok(()) }
    });
    asked.push((setup, &["1 roomAdd lobby"]));
    let mut setup = Setup::default();
    setup.room_hooks.on_join(|connection, _| async move {
        if connection.data::<Bad>().is_some() { breaks().await } else { Ok(()) }
    });
    asked.push((setup, &["1 roomAdd lobby"]));
    let mut setup = Setup::default();
    setup.room_hooks.details(|connection| {
        check(connection);
        Ok("{}".to_owned())
    });
    asked.push((setup, &["1 roomAdd lobby"]));
    let mut setup = Setup::default();
    setup.room_hooks.on_leave(|connection, _| {
        check(&connection);
        async { Ok(()) }
    });
    asked.push((setup, &["0 roomAdd lobby", "1 roomLeave lobby"]));
    let mut setup = Setup::default();
    setup.room_hooks.on_say(|said: Said| {
        said.connection.iter().for_each(check);
        async { Ok(said) }
    });
    asked.push((setup, &["0 roomAdd lobby", "1 say lobby hi"]));

    for (setup, lines) in asked {
        let world = World::new(setup).await;
        let (_bob, bob_hand) = world.connect().await;
        bob_hand.ask("1 roomAdd lobby");
        let (ann, hand) = world.connect().await;
        ann.set_data(Bad);
        for line in lines {
            hand.ask(line);
        }
        hand.ask("2 details");
        let read = hand.read().await;
        assert!(is_internal(&read[lines.len() - 1], "1"), "{read:?}");
        assert!(read[lines.len()].starts_with("2 done"), "the connection goes on: {read:?}");
        hand.cut();
        settle().await;
        assert_eq!(world.node.connection_count(), 1);
        only_bob_in_lobby(&world).await;
    }
}

#[tokio::test]
async fn one_for_whom_hearing_panics_hears_nothing() {
    let mut setup = Setup::default();
    setup.room_hooks.on_hear(|connection, _| {
        check(connection);
        Heard::AsSaid
    });
    let world = World::new(setup).await;
    let (ann, ann_hand) = world.connect().await;
    let (_bob, bob_hand) = world.connect().await;
    ann.set_data(Bad);
    ann_hand.ask("1 roomAdd lobby");
    settle().await;
    for line in ["1 roomAdd lobby", "2 say lobby hi"] {
        bob_hand.ask(line);
    }
    assert_eq!(bob_hand.read().await, ["1 done true", "said \"hi\"", "2 done -"]);
    assert_eq!(ann_hand.read().await, ["1 done true"]);
}

#[tokio::test]
async fn a_panic_on_create_ends_the_connection_as_a_fault() {
    for early in [true, false] {
        let destroyed = Arc::new(AtomicUsize::new(0));
        let mut setup = Setup::default();
        setup.connection_hooks.on_create(move |_| {
            assert!(!early, "as asked");
            breaks()
        });
        let count = destroyed.clone();
        setup.connection_hooks.on_destroy(|_| async { panic!("as asked") });
        setup.connection_hooks.on_destroy(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async {}
        });
        let world = World::new(setup).await;
        let (_, hand) = world.open(PLAIN, None);
        assert_eq!(hand.read().await, ["closing fault"]);
        assert_eq!((world.node.connection_count(), destroyed.load(Ordering::SeqCst)), (0, 1));
    }
}

#[tokio::test]
async fn a_panic_in_authorize_refuses_with_an_id() {
    let mut setup = Setup::default();
    setup.connection_hooks.authorize(|head| {
        assert!(head.target() != "/early", "as asked");
        breaks()
    });
    let world = World::new(setup).await;
    for target in ["/early", "/late"] {
        let refused = world.node.authorize(&Head::new("GET", target, [])).await.expect_err("it panicked");
        assert_eq!(refused.status, Some(500));
        assert!(refused.message.starts_with("internal error (id "), "{refused}");
    }
}

/// A middleware that panics before it has made its future.
fn early<'a>(cx: &'a Cx, next: Next<'a>) -> Later<'a, Result<Reply>> {
    assert!(cx.params().get("panic").is_none(), "as asked");
    next.run(cx)
}

#[tokio::test]
async fn a_middleware_that_panics_at_once_is_a_fault_of_that_call() {
    let world = World::new(Setup { layers: Some(|table| table.around_all(early)), ..Setup::default() }).await;
    let (_, hand) = world.connect().await;
    hand.ask("1 call echo {\"panic\":1}");
    hand.ask("2 call echo {\"p\":\"a\"}");
    let read = hand.read().await;
    assert!(read[0].starts_with("1 no internal error (id "), "{read:?}");
    assert_eq!(read[1..], ["2 ok {\"p\":\"a\"}"]);
}

#[tokio::test]
async fn hooks_around_rooms_have_a_deadline() {
    let mut setup = Setup::default();
    setup.config.websocket.server.connect_timeout = Duration::from_secs(3);
    setup.room_hooks.on_join(|_, room| async move {
        if room == "attic" { std::future::pending().await } else { Ok(()) }
    });
    setup.room_hooks.on_leave(|_, _| std::future::pending());
    setup.room_hooks.on_say(|_| std::future::pending());
    let world = World::new(setup).await;
    let (_, hand) = world.connect().await;
    for (line, answer) in [
        ("1 roomAdd attic", "1 refused a hook took too long"),
        ("2 roomAdd lobby", "2 done true"),
        ("3 say lobby hi", "3 refused a hook took too long"),
        ("4 roomLeave lobby", "4 refused a hook took too long"),
    ] {
        hand.ask(line);
        settle().await;
        world.hand.advance(Duration::from_secs(4));
        assert_eq!(hand.read().await, [answer]);
    }
}

/// Never ends, and panics when it is left where it waits.
async fn ends_badly() -> Result<()> {
    let _panics = Panics(true);
    std::future::pending().await
}

#[tokio::test]
async fn a_hook_that_panics_when_its_time_is_over_is_an_error_of_that_call() {
    let mut setup = Setup::default();
    setup.config.websocket.server.connect_timeout = Duration::from_secs(3);
    setup.room_hooks.on_join(|_, _| ends_badly());
    let world = World::new(setup).await;
    let (_, hand) = world.connect().await;
    hand.ask("1 roomAdd lobby");
    hand.ask("2 details");
    settle().await;
    world.hand.advance(Duration::from_secs(4));
    let read = hand.read().await;
    assert!(is_internal(&read[0], "1") && read[1].starts_with("2 done"), "{read:?}");

    let mut setup = Setup::default();
    setup.config.websocket.server.connect_timeout = Duration::from_secs(3);
    setup.connection_hooks.on_create(|_| ends_badly());
    setup.connection_hooks.authorize(|_| ends_badly());
    let world = World::new(setup).await;
    let (_, hand) = world.open(PLAIN, None);
    let node = world.node.clone();
    let asked = tokio::spawn(async move { node.authorize(&Head::new("GET", "/", [])).await });
    settle().await;
    world.hand.advance(Duration::from_secs(4));
    assert_eq!((hand.read().await, world.node.connection_count()), (vec!["closing fault".into()], 0));
    assert_eq!(asked.await.expect("it ends").expect_err("it panicked").status, Some(500));
}

#[tokio::test]
async fn a_leave_hook_that_never_ends_holds_up_one_who_has_gone_for_one_deadline() {
    let mut setup = Setup::default();
    setup.config.websocket.server.connect_timeout = Duration::from_secs(3);
    setup.room_hooks.on_leave(|_, _| async { breaks().await });
    setup.room_hooks.on_leave(|_, _| std::future::pending());
    setup.room_hooks.on_leave(|_, _| std::future::pending());
    let world = World::new(setup).await;
    let (_, hand) = world.connect().await;
    hand.ask("1 roomAdd lobby");
    hand.ask("2 roomAdd attic");
    settle().await;
    hand.cut();
    settle().await;
    assert_eq!(world.node.hub().topics(), 2);
    world.hand.advance(Duration::from_secs(4));
    settle().await;
    assert_eq!(world.node.hub().topics(), 0);
    for room in ["lobby", "attic"] {
        assert_eq!(world.node.room(room).count().await.expect("memory is there"), 0);
    }
}
