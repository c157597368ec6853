//! An application as a whole, through the test harness: middleware, hooks, state, errors, rooms, the handle.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in the functions that it uses too"
)]

use playhouse::prelude::*;
use playhouse::{Heard, Kind};
use std::io;
use std::sync::{Arc, Mutex};

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[action]
async fn fine(#[from] log: State<Log>) -> Result<u8> {
    log.add("fine");
    Ok(1)
}

#[action(middleware("gate", "inner"))]
async fn guarded(#[from] log: State<Log>) -> Result<u8> {
    log.add("guarded");
    Ok(2)
}

#[action]
async fn refuses() -> Result<()> {
    Err(Reject::new("too_poor", "not enough gold").status(402))?
}

#[action]
async fn breaks() -> Result<()> {
    Err(io::Error::other("the disk is full"))?
}

#[action]
async fn panics() -> Result<()> {
    panic!("out of luck")
}

#[action(timeout = "50ms")]
async fn sleeps(cx: &Cx) -> Result<()> {
    cx.node().clock().sleep(Duration::from_secs(3600)).await;
    Ok(())
}

#[action]
async fn lacks_state(#[from] number: State<u64>) -> Result<u64> {
    Ok(*number)
}

#[action(name = "twin", version = 2)]
async fn twin_2() -> Result<u8> {
    Ok(2)
}

#[action(name = "twin", version = 10)]
async fn twin_10() -> Result<u8> {
    Ok(10)
}

async fn outer(cx: &Cx, next: Next<'_>) -> Result<Reply> {
    let log = cx.state::<Log>()?;
    log.add(format!("before {}", cx.action_name()));
    let reply = next.run(cx).await;
    log.add("after");
    reply
}

async fn gate(cx: &Cx, next: Next<'_>) -> Result<Reply> {
    if cx.params().text("key").is_some_and(|key| key == "sesame") {
        return next.run(cx).await;
    }
    Reply::of("closed")
}

async fn inner(cx: &Cx, next: Next<'_>) -> Result<Reply> {
    let inside: u8 = next.run(cx).await?.read()?;
    Reply::of(&(inside + 40))
}

fn app(log: &Log) -> App {
    App::new()
        .state(log.clone())
        .middleware(outer)
        .middleware_named("gate", gate)
        .middleware_named("inner", inner)
        .actions::<(fine, guarded, refuses, breaks, panics)>()
        .actions::<(sleeps, lacks_state, twin_2, twin_10)>()
        .room("lobby")
}

#[playhouse::test]
async fn middleware_runs_around_and_may_answer_itself() -> Result<()> {
    let log = Log::default();
    let t = Test::start(app(&log)).await;
    assert_eq!(t.call("fine", json!({})).await?, 1);
    assert_eq!(log.take(), ["before fine", "fine", "after"]);
    assert_eq!(t.call("guarded", json!({})).await?, "closed");
    assert_eq!(log.take(), ["before guarded", "after"]);
    assert_eq!(t.call("guarded", json!({ "key": "sesame" })).await?, 42);
    assert_eq!(log.take(), ["before guarded", "guarded", "after"]);
    Ok(())
}

#[playhouse::test]
async fn errors_are_refusals_or_faults() {
    let t = Test::start(app(&Log::default())).await;
    let refused = t.call("refuses", json!({})).await.unwrap_err();
    assert_eq!((refused.code.as_ref(), refused.status), ("too_poor", Some(402)));
    for name in ["breaks", "panics", "lacksState"] {
        let fault = t.call(name, json!({})).await.unwrap_err();
        assert_eq!((fault.code.as_ref(), fault.status), ("internal", Some(500)), "{name}");
        assert!(fault.message.starts_with("internal error (id "), "{}", fault.message);
    }
    assert!(t.call("fine", json!({})).await.is_ok(), "nobody else notices");
}

#[playhouse::test]
async fn a_call_ends_with_its_time() {
    let t = Test::start(app(&Log::default())).await;
    let call = t.call("sleeps", json!({}));
    t.advance(Duration::from_millis(50)).await;
    assert_eq!(call.await.unwrap_err().code, "timeout");
}

#[playhouse::test]
async fn versions_are_numbers() -> Result<()> {
    let t = Test::start(app(&Log::default())).await;
    for (version, answer) in [(json!(null), 10), (json!(2), 2), (json!("2"), 2), (json!(10.0), 10)] {
        assert_eq!(t.call("twin", json!({ "apiVersion": version })).await?, answer);
    }
    assert_eq!(t.call("twin", json!({ "apiVersion": 3 })).await.unwrap_err().code, "unknown_action");
    Ok(())
}

#[playhouse::test]
async fn two_clients_chat() {
    let t = Test::start(app(&Log::default())).await;
    let (ann, ben) = (t.connect().await, t.connect().await);
    for client in [&ann, &ben] {
        assert_eq!(client.join("lobby").await["status"], "OK");
    }
    assert_eq!(ann.say("lobby", "hello").await["status"], "OK");
    for client in [&ann, &ben] {
        let heard = client.next().await;
        assert_eq!((&heard["message"], &heard["from"]), (&json!("hello"), &json!(ann.id())));
        assert_eq!(client.received().await, [] as [Value; 0]);
    }
    ben.cut();
    assert_eq!(ben.received().await, [] as [Value; 0]);
    assert_eq!(t.handle().connections().unwrap().len(), 1);
    let refused = ann.join("nowhere").await;
    assert_eq!(refused["error"], "Error: room does not exist");
}

#[playhouse::test]
async fn hooks_hear_of_a_connections_life() {
    let log = Log::default();
    let add = |what: &'static str| {
        let log = log.clone();
        move |room: String| log.add(format!("{what} {room}"))
    };
    let (created, gone, joined, left) = (add("created"), add("gone"), add("joined"), add("left"));
    let app = app(&log)
        .on_create(move |connection| {
            connection.set_data(7_u8);
            created(connection.kind().to_string());
            async { Ok(()) }
        })
        .on_destroy(move |connection| {
            gone(format!("{:?}", connection.data::<u8>()));
            async {}
        })
        .on_join(move |_, room| {
            joined(room.clone());
            async move { if room == "private" { Err(Reject::new("no", "members only"))? } else { Ok(()) } }
        })
        .on_leave(move |_, room| {
            left(room);
            async { Ok(()) }
        })
        .room("private");
    let t = Test::start(app).await;
    let ann = t.connect().await;
    ann.join("lobby").await;
    assert_eq!(ann.join("private").await["error"], "Error: members only");
    ann.send(&json!({ "event": "quit" }));
    assert_eq!(ann.closed().await.name, "ended");
    assert_eq!(ann.received().await, [] as [Value; 0]);
    assert_eq!(
        log.take(),
        ["created websocket", "joined lobby", "joined private", "left lobby", "gone Some(7)"]
    );
}

#[playhouse::test]
async fn what_is_said_may_be_changed() {
    let app = App::new()
        .room("lobby")
        .on_say(|mut said| async move {
            if said.message.contains("rude") {
                Err(Reject::new("rude", "be kind"))?;
            }
            said.message = said.message.to_uppercase();
            Ok(said)
        })
        .on_hear(
            |connection, envelope| {
                if *connection.id() == envelope.from { Heard::Nothing } else { Heard::AsSaid }
            },
        )
        .member_details(|connection| Ok(json!({ "kind": connection.kind().as_str() })));
    let t = Test::start(app).await;
    let (ann, ben) = (t.connect().await, t.connect().await);
    for client in [&ann, &ben] {
        client.join("lobby").await;
    }
    ann.say("lobby", "hello").await;
    assert_eq!(ben.next().await["message"], "HELLO");
    assert_eq!(ann.received().await, [] as [Value; 0], "nobody hears himself here");
    assert_eq!(ann.say("lobby", "rude").await["error"], "Error: be kind");
    let view = ann.ask(json!({ "event": "roomView", "room": "lobby" })).await;
    assert_eq!(view["data"]["members"][ben.id()]["kind"], Kind::Websocket.as_str());
}

#[playhouse::test]
async fn a_request_can_be_refused() {
    let app = App::new().authorize(|head| async move {
        if head.query().contains("token=good") { Ok(()) } else { Err(Reject::new("who", "no token"))? }
    });
    let t = Test::start(app).await;
    let refused = t.connect_with(Head::new("GET", "/primus?token=bad", [])).await.map(|_| ()).unwrap_err();
    assert_eq!((refused.message.as_ref(), refused.status), ("no token", Some(401)));
    let good = Head::new("GET", "/primus?token=good&sessionID=me", []);
    let ann = t.connect_with(good).await.unwrap_or_else(|reject| panic!("{reject}"));
    assert_eq!(ann.connection().fingerprint(), "me");
}

#[playhouse::test]
async fn the_handle_reaches_everything() -> Result<()> {
    let log = Log::default();
    let app = app(&log);
    let handle = app.handle();
    assert!(handle.rooms().is_err_and(|error| error.to_string().contains("has not started yet")));
    let t = Test::start(app).await;
    let ann = t.connect().await;
    let remote = handle.remote(ann.id())?;
    remote.join("lobby").await?;
    handle.say("lobby", &json!({ "news": 1 })).await?;
    let said = ann.next().await;
    assert_eq!((&said["message"], &said["from"]), (&json!({ "news": 1 }), &json!("0")));
    remote.send_message("psst").await?;
    assert_eq!(ann.next().await, json!({ "message": "psst", "context": "api" }));
    assert_eq!(handle.run("twin", &json!({ "apiVersion": 2 })).await?, 2);
    assert_eq!(handle.rooms()?.len(), 1);
    assert_eq!(remote.details().await?["rooms"], json!(["lobby"]));
    remote.leave("lobby").await?;
    handle.say("lobby", "nobody hears").await?;
    assert_eq!(ann.received().await, [] as [Value; 0]);
    remote.destroy().await?;
    assert_eq!(ann.closed().await.name, "ended");
    assert_eq!(ann.received().await, [] as [Value; 0]);
    assert!(remote.send_message("gone").await.is_err());
    assert_eq!(handle.problems()?, [] as [String; 0]);
    Ok(())
}

#[playhouse::test]
async fn start_and_stop_run_in_order() -> Result<()> {
    let log = Log::default();
    let (first, second, last) = (log.clone(), log.clone(), log.clone());
    let app = App::new()
        .on_start(move |handle| async move {
            handle.room("made").map(|_| ())?;
            first.add("start 1");
            Ok(())
        })
        .on_start(move |_| async move {
            second.add("start 2");
            Ok(())
        })
        .on_stop(move |_| async move {
            last.add("stop");
            Ok(())
        });
    let t = Test::start(app).await;
    assert_eq!(log.take(), ["start 1", "start 2"]);
    t.stop().await;
    assert_eq!(log.take(), ["stop"]);
    Ok(())
}

#[playhouse::test]
async fn settings_of_a_test() {
    let t =
        Test::start_with(app(&Log::default()), &[("actions.timeout", "50ms"), ("actions.simultaneous", "1")])
            .await;
    assert_eq!(t.node().config().actions.timeout, Duration::from_millis(50));
    let ann = t.connect().await;
    ann.send(&json!({ "event": "action", "params": { "action": "sleeps" }, "messageId": "slow" }));
    assert_eq!(ann.action("fine", json!({})).await["error"], "you have too many pending requests");
}

#[playhouse::test]
#[should_panic(expected = "names the middleware `audit`, which nobody added")]
async fn middleware_that_nobody_added_stops_the_start() {
    #[action(middleware("audit"))]
    async fn audited() -> Result<()> {
        Ok(())
    }
    Test::start(App::new().actions::<(audited,)>()).await;
}
