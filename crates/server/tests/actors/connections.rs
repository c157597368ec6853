//! rivetkit's connections: Init first, order, events, errors, refusals (actors.md, section 6).

use crate::kit::fake::{counter, named};
use crate::kit::wire::{Seen, Socket, hex, of};
use crate::kit::{World, until};
use playhouse_core::actor::WrittenForm;
use playhouse_core::value::Value;
use playhouse_proto::ws::Opcode;
use serde_json::json;

fn request(id: u64, name: &str, args: &serde_json::Value) -> String {
    json!({ "body": { "tag": "ActionRequest", "val": { "id": ["$BigInt", id.to_string()], "name": name, "args": args } } })
        .to_string()
}

fn subscription(event: &str, subscribe: bool) -> String {
    json!({ "body": { "tag": "SubscriptionRequest", "val": { "eventName": event, "subscribe": subscribe } } })
        .to_string()
}

fn said(tag: &str, val: &serde_json::Value) -> serde_json::Value {
    json!({ "body": { "tag": tag, "val": val } })
}

/// A connection whose Init has been heard.
fn seated(world: &World, id: &str, encoding: &str) -> Socket {
    let mut socket = world.rivet(id, encoding, "");
    assert!(!matches!(socket.next(), Seen::Close(_)));
    socket
}

#[test]
fn a_conversation_in_json() {
    let world = World::new();
    let id = counter(&world.fake, "a");
    let mut socket = world.rivet(&id, "json", "");
    let init = json!({ "actorId": id, "connectionId": "00000000-0000-4000-8000-000000000001" });
    assert_eq!(socket.json(), said("Init", &init));
    socket.text(&subscription("newCount", true));
    socket.text(&request(0, "increment", &json!([1])));
    assert_eq!(socket.json(), said("Event", &json!({ "name": "newCount", "args": [1] })), "before the reply");
    let reply = |id: &str, output: serde_json::Value| {
        said("ActionResponse", &json!({ "id": ["$BigInt", id], "output": output }))
    };
    assert_eq!(socket.json(), reply("0", json!(1)));
    socket.text(&subscription("newCount", false));
    socket.text(&request(1, "increment", &json!([2])));
    assert_eq!(socket.json(), reply("1", json!(3)), "no event any more");
    socket.text(&request(u64::MAX, "nothing", &json!([])));
    assert_eq!(socket.json(), reply("18446744073709551615", json!(null)));
    socket.text(&request(4, "direct", &json!([["$BigInt", "7"], "x"])));
    let event = json!({ "name": "directMessage", "args": [["$BigInt", "7"], "x"] });
    assert_eq!(socket.json(), said("Event", &event), "subscribed or not");
    assert_eq!(socket.json(), reply("4", json!(1)));
    socket.text(&request(0, "nothingLikeIt", &json!([])));
    let error = json!({
        "group": "action", "code": "not_found", "message": "refused: unknown_action", "actionId": ["$BigInt", "0"],
    });
    assert_eq!(socket.json(), said("Error", &error), "0 is a call's id");
}

#[test]
fn a_conversation_in_bare() {
    let world = World::new();
    let id = counter(&world.fake, "a");
    let mut socket = world.rivet(&id, "bare", "");
    let init = format!("02000010{}24{}", of(&id), of("00000000-0000-4000-8000-000000000001"));
    assert_eq!(socket.bytes(), init);
    socket.hex("0200 01 08 6e6577436f756e74 01");
    socket.hex("0300 00 00 09 696e6372656d656e74 02 8101");
    assert_eq!(socket.bytes(), "020003086e6577436f756e74028101");
    assert_eq!(socket.bytes(), "020002000101");
    socket.hex("0400 00 05 04 6563686f 0a 81 1b0000000000000001");
    assert_eq!(socket.bytes(), "02000205091b0000000000000001", "a big integer stays one");
    socket.hex("0200 00 06 04 6563686f 0a 81 fb4278bcfe56800000");
    assert_eq!(socket.bytes(), "0200020609fb4278bcfe56800000", "and a number");
}

#[test]
fn a_conversation_in_cbor() {
    let world = World::new();
    let id = counter(&world.fake, "a");
    let mut socket = world.rivet(&id, "cbor", "");
    let init = format!(
        "a164626f6479a26374616764496e69746376616ca2676163746f72496470{}6c636f6e6e656374696f6e49647824{}",
        of(&id),
        of("00000000-0000-4000-8000-000000000001")
    );
    assert_eq!(socket.bytes(), init);
    socket.hex(
        "b9000164626f6479b90002637461676d416374696f6e526571756573746376616cb90003626964 1b0000000000000000 \
         646e616d65 6677686f616d69 6461726773 80",
    );
    let reply = "a164626f6479a2637461676e416374696f6e526573706f6e73656376616ca26269641b0000000000000000666f7574707574";
    assert!(socket.bytes().starts_with(reply));
}

#[test]
fn what_comes_before_init_is_done_after_it() {
    let world = World::new();
    let mut socket = world.rivet(&named(&world.fake, "late", "a"), "bare", "");
    socket.hex("0200 01 08 6e6577436f756e74 01");
    socket.hex("0200 00 00 09 696e6372656d656e74 02 8101");
    // A pong says that what was sent before it has been read.
    socket.write(Opcode::Ping, b"");
    assert_eq!(socket.next(), Seen::Pong);
    world.fake.admit();
    assert!(socket.bytes().starts_with("020000"));
    assert_eq!(socket.bytes(), "020003086e6577436f756e74028101");
    assert_eq!(socket.bytes(), "020002000101");
}

#[test]
fn fragments_and_pings() {
    let world = World::new();
    let mut socket = seated(&world, &counter(&world.fake, "a"), "json");
    let text = request(9, "getCount", &json!([]));
    let (first, second) = text.as_bytes().split_at(20);
    let frame = |head: u8, payload: &[u8]| {
        let mut out = vec![head, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        out.extend_from_slice(payload);
        out
    };
    use std::io::Write;
    socket.stream.write_all(&frame(0x01, first)).unwrap();
    socket.write(Opcode::Ping, b"hello");
    assert_eq!(socket.next(), Seen::Pong);
    socket.stream.write_all(&frame(0x80, second)).unwrap();
    assert_eq!(socket.json()["body"]["val"]["output"], 0);
}

#[test]
fn an_event_is_written_once_for_each_form() {
    let world = World::new();
    let id = counter(&world.fake, "a");
    let mut sockets: Vec<Socket> = (0..4).map(|_| seated(&world, &id, "bare")).collect();
    for socket in &mut sockets {
        socket.hex("0200 01 01 65 01");
        socket.hex("0200 00 00 07 6e6f7468696e67 01 80");
        socket.bytes();
    }
    let spoken = world.fake.broadcast("e", vec![Value::Int(1)]);
    let shared = spoken.written(WrittenForm::RivetBare, |_| panic!("it is written already"));
    assert_eq!(shared, hex("82 08 020003 0165 02 8101"), "with its frame's header");
    for socket in &mut sockets {
        assert_eq!(socket.bytes(), "0200030165028101");
    }
}

#[test]
fn a_refusal_is_explained_and_nothing_begins() {
    let world = World::new();
    let room = named(&world.fake, "chatRoom", "a");
    let mut socket = world.rivet(&room, "bare", "%7B%22username%22%3A%22eve%22%7D");
    assert_eq!(
        socket.bytes(),
        format!(
            "02000104{}0d{}09{}010ea168757365726e616d656365766500",
            of("user"),
            of("invalid_token"),
            of("bad token")
        )
    );
    assert_eq!(socket.closed(), (1011, "user.invalid_token".to_owned()));
    let mut socket = world.rivet("ac7nobody", "json", "");
    let error = socket.json()["body"].clone();
    assert_eq!(
        (&error["tag"], &error["val"]["group"], &error["val"]["actionId"]),
        (&json!("Error"), &json!("actor"), &json!(null))
    );
    assert_eq!(socket.closed(), (1011, "actor.not_found".to_owned()));
    let mut socket =
        world.rivet(&room, "json", "%7B%22username%22%3A%22%C3%BC%22%2C%22token%22%3A%22letmein%22%7D");
    assert_eq!(socket.json()["body"]["tag"], "Init");
    assert!(world.fake.log().last().unwrap().contains("\"username\":\"ü\""), "{:?}", world.fake.log());
}

#[test]
fn what_is_offered_wrong_is_told_on_the_websocket() {
    let world = World::new();
    let path = format!("/gateway/{}/connect", counter(&world.fake, "a"));
    for (offer, reason) in [
        ("rivet, rivet_encoding.xml", "encoding.invalid"),
        ("rivet, rivet_encoding.json, rivet_conn_params.%7", "params.invalid"),
        ("rivet, rivet_encoding.json, rivet_conn_params.%7B", "params.invalid"),
    ] {
        let mut socket = world.upgrade(&path, &[("Sec-WebSocket-Protocol", offer)]).ok().unwrap();
        assert_eq!(socket.headers["sec-websocket-protocol"], "rivet");
        assert_eq!(socket.json()["body"]["tag"], "Error");
        assert_eq!(socket.closed(), (1011, reason.to_owned()), "{offer}");
    }
    let mut plain = world.upgrade(&path, &[]).ok().unwrap();
    assert!(!plain.headers.contains_key("sec-websocket-protocol"), "what was not offered is not selected");
    let unreadable = [("Sec-WebSocket-Protocol", "rivet_encoding.xml")];
    let odd = world.upgrade(&path, &unreadable).ok().unwrap();
    assert!(!odd.headers.contains_key("sec-websocket-protocol"), "also beside what can't be read");
    assert_eq!(plain.json()["body"]["tag"], "Init");
    let several =
        [("Sec-WebSocket-Protocol", "rivet"), ("Sec-WebSocket-Protocol", "rivet_encoding.json, other")];
    assert_eq!(world.upgrade(&path, &several).ok().unwrap().json()["body"]["tag"], "Init");
    for path in
        ["/gateway/a//connect", "/gateway/@/connect", "/gateway/a/nothing", "/metadata", "/actors/a/rpc/b"]
    {
        assert_eq!(world.upgrade(path, &[]).err().unwrap().refusal(), "404 request/not_found", "{path}");
    }
}

#[test]
fn by_name_and_key() {
    let world = World::new();
    let path = "/gateway/counter/connect?rvt-method=getOrCreate&rvt-key=x&rvt-skip-ready-wait=true";
    let offer = [("Sec-WebSocket-Protocol", "rivet, rivet_encoding.json")];
    assert_eq!(world.upgrade(path, &offer).ok().unwrap().json()["body"]["tag"], "Init");
    let missing = "/gateway/counter/connect?rvt-method=get&rvt-key=y";
    let mut socket = world.upgrade(missing, &offer).ok().unwrap();
    socket.json();
    assert_eq!(socket.closed(), (1011, "actor.not_found".to_owned()));
}

#[test]
fn a_client_that_leaves_is_told_so_once() {
    let world = World::new();
    let id = counter(&world.fake, "a");
    let left = |n: usize| {
        until("the seats are free", || {
            world.fake.log().iter().filter(|line| *line == "left actions").count() == n
        });
    };
    let mut socket = seated(&world, &id, "json");
    socket.close(1000, "Disposed");
    assert_eq!(socket.closed(), (1000, String::new()));
    left(1);
    drop(seated(&world, &id, "json"));
    left(2);
    let mut kicked = seated(&world, &id, "json");
    kicked.text(&request(0, "leaveMe", &json!(["enough"])));
    assert_eq!(kicked.closed(), (1000, "enough".to_owned()), "and no reply");
    left(3);
    assert_eq!(world.node.guests().iter().filter(|guest| guest.outbox().closing().is_none()).count(), 0);
}

#[test]
fn reasons_are_cut_between_characters() {
    let world = World::new();
    let mut socket = seated(&world, &counter(&world.fake, "a"), "json");
    socket.text(&request(0, "leaveMe", &json!(["ü".repeat(100)])));
    assert_eq!(socket.closed(), (1000, "ü".repeat(61)));
}

#[test]
fn fifty_at_once_answer_in_order() {
    let world = World::new();
    let mut socket = seated(&world, &counter(&world.fake, "a"), "json");
    let mut all = String::new();
    for id in 0..50 {
        all = request(id, "increment", &json!([]));
        socket.text(&all);
    }
    assert!(!all.is_empty());
    for count in 1..=50 {
        assert_eq!(socket.json()["body"]["val"]["output"], count);
    }
}
