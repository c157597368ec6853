//! How connections end that nobody wanted to end: bad messages, silence, slow readers, a node that stops.

use crate::kit::fake::counter;
use crate::kit::wire::{Seen, Socket};
use crate::kit::{World, until};
use playhouse_core::actor::{ActorError, Ending};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::value::Value;
use playhouse_proto::ws::Opcode;
use serde_json::json;
use std::time::Duration;

fn seated(world: &World, encoding: &str) -> Socket {
    let mut socket = world.rivet(&counter(&world.fake, "a"), encoding, "");
    assert!(!matches!(socket.next(), Seen::Close(_)));
    socket
}

fn request(id: u64, name: &str, args: &serde_json::Value) -> String {
    json!({ "body": { "tag": "ActionRequest", "val": { "id": ["$BigInt", id.to_string()], "name": name, "args": args } } })
        .to_string()
}

fn all_left(world: &World, n: usize) {
    until("the seats are free", || {
        world.fake.log().iter().filter(|line| line.starts_with("left")).count() == n
    });
}

#[test]
fn what_is_no_message_ends_the_connection() {
    let world = World::new();
    let bad: [(&str, Opcode, &[u8]); 6] = [
        ("json", Opcode::Text, b"{"),
        ("json", Opcode::Binary, b"{}"),
        ("bare", Opcode::Text, b"x"),
        ("bare", Opcode::Binary, &[2, 0, 0, 0]),
        ("bare", Opcode::Binary, &[9, 0]),
        ("cbor", Opcode::Binary, &[0x9F; 1000]),
    ];
    for (nth, (encoding, opcode, payload)) in bad.into_iter().enumerate() {
        let mut socket = seated(&world, encoding);
        socket.write(opcode, payload);
        assert_eq!(socket.closed(), (1011, "message.malformed".to_owned()), "{encoding} {payload:?}");
        all_left(&world, nth + 1);
    }
}

#[test]
fn what_is_too_long_is_refused_each_way() {
    let world = World::with(|config| config.actors.message_size = 4_096);
    let mut socket = seated(&world, "json");
    socket.text(&request(3, "blob", &json!([5_000])));
    let error = socket.json()["body"]["val"].clone();
    assert_eq!((&error["code"], &error["actionId"]), (&json!("outgoing_too_long"), &json!(["$BigInt", "3"])));
    socket.text(
        &json!({ "body": { "tag": "SubscriptionRequest", "val": { "eventName": "e", "subscribe": true } } })
            .to_string(),
    );
    socket.text(&request(4, "blob", &json!([4_000])));
    assert_eq!(
        socket.json()["body"]["val"]["output"].as_str().unwrap().len(),
        4_000,
        "the connection goes on"
    );
    world.fake.broadcast("e", vec![Value::Text("x".repeat(5_000).into())]);
    world.fake.broadcast("e", vec![Value::Int(1)]);
    assert_eq!(socket.json()["body"]["val"]["args"], json!([1]), "an event that is too long is nobody's");
    socket.text(&request(5, "echo", &json!(["x".repeat(5_000)])));
    assert_eq!(socket.closed(), (1011, "message.incoming_too_long".to_owned()));
}

#[test]
fn a_message_of_too_many_values_ends_the_connection() {
    let world = World::with(|config| config.actors.message_values = 1_000);
    let (many, in_cbor) =
        (request(1, "echo", &json!([vec![0; 1_000]])), [&[0x99, 4, 0][..], &[0; 1_024]].concat());
    for (nth, (encoding, opcode, payload)) in
        [("json", Opcode::Text, many.as_bytes()), ("cbor", Opcode::Binary, &in_cbor)].into_iter().enumerate()
    {
        let mut socket = seated(&world, encoding);
        socket.write(opcode, payload);
        assert_eq!(socket.closed(), (1011, "message.incoming_too_long".to_owned()), "{encoding}");
        all_left(&world, nth + 1);
    }
}

#[test]
fn one_who_breaks_a_rule_of_websockets_is_told_which() {
    let world = World::new();
    let mut socket = seated(&world, "json");
    use std::io::Write;
    socket.stream.write_all(&[0x81, 0x01, b'x']).unwrap();
    assert_eq!(socket.closed(), (1002, "a frame from a client is not masked".to_owned()));
}

#[test]
fn silence_is_noticed() {
    let world = World::with(|config| config.actors.ping_every = Some(Duration::from_millis(60)));
    let mut socket = seated(&world, "json");
    for _ in 0..3 {
        assert_eq!(socket.next(), Seen::Ping);
        socket.write(Opcode::Pong, b"");
    }
    assert_eq!(socket.next(), Seen::Ping);
    // Half-open from here: nothing is answered any more.
    assert_eq!(socket.next(), Seen::Close(None));
    all_left(&world, 1);
    assert_eq!(socket.next(), Seen::Eof);
}

/// A client that hears the event `e`, and for which the system keeps so many bytes: more waits in the server.
fn listening(kept: usize) -> (World, Socket) {
    let world = World::with(|config| {
        config.actors.ping_every = Some(Duration::from_millis(1_000));
        config.limits.outbox = 64 << 20;
    });
    let mut socket = seated(&world, "json");
    socket2::SockRef::from(&socket.stream).set_recv_buffer_size(kept).unwrap();
    let subscribe =
        json!({ "body": { "tag": "SubscriptionRequest", "val": { "eventName": "e", "subscribe": true } } });
    socket.text(&subscribe.to_string());
    socket.text(&request(0, "getCount", &json!([])));
    socket.json();
    (world, socket)
}

#[test]
fn one_who_reads_on_behind_a_long_backlog_is_alive() {
    let (world, mut socket) = listening(1024 * 1024);
    let text = Value::Text("x".repeat(1 << 20).into());
    let fake = world.fake.clone();
    let telling = std::thread::spawn(move || {
        for _ in 0..40 {
            fake.broadcast("e", vec![text.clone()]);
        }
    });
    // Its pongs come seconds later, as the pings do that are behind all this.
    let mut read = 0;
    while read < 40 {
        match socket.next() {
            Seen::Text(_) => read += 1,
            Seen::Ping => socket.write(Opcode::Pong, b""),
            other => panic!("after {read}: {other:?}"),
        }
        // This is how fast it reads.
        std::thread::sleep(Duration::from_millis(40));
    }
    telling.join().unwrap();
    socket.text(&request(1, "getCount", &json!([])));
    loop {
        match socket.next() {
            Seen::Ping => socket.write(Opcode::Pong, b""),
            Seen::Text(text) => break assert!(text.contains("ActionResponse"), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_who_stops_reading_is_slow_and_not_silent() {
    let (world, mut socket) = listening(64 * 1024);
    let text = Value::Text("x".repeat(1 << 20).into());
    for _ in 0..30 {
        world.fake.broadcast("e", vec![text.clone()]);
    }
    all_left(&world, 1);
    let said = loop {
        match socket.next() {
            Seen::Text(_) | Seen::Ping => {}
            Seen::Close(said) => break said,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(said, Some((1013, "outbox limit reached".to_owned())));
}

#[test]
fn one_who_does_not_answer_our_close_is_dropped() {
    let world = World::new();
    let mut socket = seated(&world, "json");
    socket.text(&request(0, "leaveMe", &json!(["now"])));
    assert_eq!(socket.closed(), (1000, "now".to_owned()));
    until("the connection is forgotten", || world.node.guests().is_empty() || !world.fake.log().is_empty());
    use std::io::Read;
    // The server's side is ended; what we write now is nobody's, and the socket goes.
    let mut rest = Vec::new();
    socket.stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn a_slow_reader_is_closed_and_nobody_else() {
    let world = World::with(|config| {
        (config.limits.outbox, config.actors.message_size) = (64 * 1024, 64 * 1024);
    });
    let (mut slow, mut other) = (seated(&world, "json"), seated(&world, "json"));
    let subscribe =
        json!({ "body": { "tag": "SubscriptionRequest", "val": { "eventName": "e", "subscribe": true } } });
    slow.text(&subscribe.to_string());
    slow.text(&request(0, "getCount", &json!([])));
    slow.json();
    let text = Value::Text("x".repeat(60_000).into());
    for _ in 0..400 {
        world.fake.broadcast("e", vec![text.clone()]);
    }
    all_left(&world, 1);
    other.text(&request(0, "getCount", &json!([])));
    assert_eq!(other.json()["body"]["val"]["output"], 0);
    loop {
        match slow.next() {
            Seen::Text(_) => {}
            Seen::Close(said) => break assert_eq!(said, Some((1013, "outbox limit reached".to_owned()))),
            // It was dropped before it read so far.
            Seen::Eof => break,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_who_reads_late_still_gets_all_its_replies() {
    let world = World::with(|config| {
        (config.limits.outbox, config.actors.message_size) = (512 * 1024, 512 * 1024);
    });
    let mut socket = seated(&world, "json");
    let asking = socket.stream.try_clone().unwrap();
    let asking = std::thread::spawn(move || {
        use std::io::Write;
        let mut asking = asking;
        for id in 0..200 {
            let mut out = Vec::new();
            let text = request(id, "blob", &json!([50_000]));
            playhouse_proto::ws::encode::masked(&mut out, Opcode::Text, text.as_bytes(), [0; 4]);
            // Small pieces, so that a turn reads few of them.
            asking.write_all(&out).unwrap();
            if id % 10 == 9 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    for _ in 0..200 {
        assert_eq!(socket.json()["body"]["val"]["output"].as_str().unwrap().len(), 50_000);
    }
    asking.join().unwrap();
}

#[test]
fn actors_end_connections_for_reasons_of_their_own() {
    let world = World::new();
    let stopping = ActorError::Refused(Reject::of(&codes::ACTOR_STOPPING, "moving"));
    let overloaded = ActorError::Refused(Reject::of(&codes::OVERLOADED, "too much"));
    for (ending, code, reason) in [
        (Ending::Destroyed, 1011, "actor.destroyed_by_request"),
        (Ending::Failed(ActorError::Fault("id".into())), 1011, "internal.internal_error"),
        (Ending::Failed(overloaded), 1011, "actor.overloaded"),
        (Ending::Failed(stopping), 1001, "going away"),
        (Ending::Disconnected("".into()), 1000, ""),
    ] {
        let mut socket = seated(&world, "json");
        world.fake.end_all(&ending);
        assert_eq!(socket.closed(), (code, reason.to_owned()));
    }
}

#[test]
fn a_stopping_node_lets_calls_end_and_closes() {
    let mut world = World::new();
    let (mut busy, mut idle) = (seated(&world, "json"), seated(&world, "json"));
    busy.text(&request(0, "wait", &json!([])));
    until("the call waits", || world.fake.waiting() == 1);
    world.stop();
    until("the node stops", || world.node.is_draining());
    busy.text(&request(1, "getCount", &json!([])));
    let error = busy.json()["body"]["val"].clone();
    assert_eq!(
        (&error["group"], &error["code"]),
        (&json!("actor"), &json!("stopping")),
        "nothing new begins"
    );
    world.fake.release();
    assert_eq!(busy.json()["body"]["val"]["output"], true);
    for socket in [&mut busy, &mut idle] {
        assert_eq!(socket.closed(), (1001, "going away".to_owned()));
    }
    drop((busy, idle));
    world.stopped();
    all_left(&world, 2);
}

#[test]
fn a_full_node_says_so_on_the_websocket() {
    let world = World::with(|config| config.limits.connections = 1);
    let id = counter(&world.fake, "a");
    let mut first = seated(&world, "json");
    let mut late = world.rivet(&id, "json", "");
    let error = late.json()["body"]["val"].clone();
    assert_eq!(
        (&error["group"], &error["code"], &error["actionId"]),
        (&json!("actor"), &json!("overloaded"), &json!(null))
    );
    assert_eq!(late.closed(), (1011, "actor.overloaded".to_owned()));
    let plain = world.get("/health");
    assert_eq!((plain.status, &*plain.headers["retry-after"]), (503, "5"));
    first.close(1000, "");
    drop(first);
    until("there is room again", || {
        matches!(world.rivet(&id, "json", "").json()["body"]["tag"].as_str(), Some("Init"))
    });
}
