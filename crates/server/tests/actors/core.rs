//! actor-core's clients (actors.md, section 11).

use crate::kit::fake::named;
use crate::kit::wire::{Seen, Socket};
use crate::kit::{World, until};
use serde_json::json;

fn find(world: &World, query: &serde_json::Value) -> crate::kit::wire::Answer {
    world.send("POST /manager/actors", &json!({ "query": query }).to_string())
}

fn or_create(tags: &serde_json::Value) -> serde_json::Value {
    json!({ "getOrCreateForTags": { "tags": tags, "create": { "tags": tags } } })
}

/// The path of an actor with these tags.
fn path(world: &World, tags: &serde_json::Value) -> String {
    let endpoint = find(world, &or_create(tags)).json()["endpoint"].as_str().unwrap().to_owned();
    endpoint.strip_prefix(&format!("http://{}", world.address)).unwrap().to_owned()
}

fn connect(world: &World, path: &str, query: &str) -> Socket {
    world.upgrade(&format!("{path}/connect/websocket?{query}"), &[]).ok().unwrap()
}

#[test]
fn actors_are_found_and_made_by_tags() {
    let world = World::new();
    let tags = json!({ "name": "counter", "k": "1" });
    let answer = find(&world, &or_create(&tags));
    let endpoint = format!("http://{}/actors/ac70000000000001", world.address);
    assert_eq!(answer.json(), json!({ "endpoint": endpoint, "supportedTransports": ["websocket", "sse"] }));
    assert_eq!(find(&world, &or_create(&tags)).json()["endpoint"], endpoint);
    let by_name = json!({ "getOrCreateForTags": { "tags": { "name": "counter" } } });
    assert_eq!(find(&world, &by_name).json()["endpoint"], endpoint, "whose tags include those");
    let again = find(&world, &json!({ "create": { "tags": tags } })).json();
    assert!(again["endpoint"].as_str().unwrap().ends_with("/actors/ac70000000000002"), "always a new one");
    assert_eq!(
        find(&world, &json!({ "getForId": { "actorId": "ac70000000000001" } })).json()["endpoint"],
        endpoint
    );
    let other = json!({ "getOrCreateForTags": { "tags": { "name": "counter", "k": "9" }, "create": { "tags": { "name": "counter", "k": "9", "more": "1" } } } });
    let made = find(&world, &other).json()["endpoint"].clone();
    assert_eq!(find(&world, &other).json()["endpoint"], made);
    for (query, status, code) in [
        (json!({ "getForId": { "actorId": "nobody" } }), 404, "actor_not_found"),
        (
            json!({ "getOrCreateForTags": { "tags": { "name": "counter", "k": "0" } } }),
            404,
            "actor_not_found",
        ),
        (or_create(&json!({ "name": "nothing" })), 400, "unknown_actor"),
        (or_create(&json!({ "k": "1" })), 400, "invalid_request"),
        (json!({ "destroy": {} }), 400, "invalid_request"),
    ] {
        let answer = find(&world, &query);
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{query}");
        assert!(answer.json()["message"].is_string());
    }
    assert_eq!(world.get("/manager/actors").status, 405);
    assert_eq!(world.get("/actors/ac70000000000001/health").text(), "ok");
}

#[test]
fn the_endpoint_is_as_the_client_sees_the_server() {
    let forwarded: [(&str, &[u8]); 2] =
        [("X-Forwarded-Proto", b"https"), ("X-Forwarded-Host", b"play.example")];
    let body = json!({ "query": or_create(&json!({ "name": "counter" })) }).to_string();
    let trusting = World::with(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let answer = trusting.ask("POST /manager/actors", &forwarded, body.as_bytes());
    assert_eq!(answer.json()["endpoint"], "https://play.example/actors/ac70000000000001");
    let world = World::new();
    let answer = world.ask("POST /manager/actors", &forwarded, body.as_bytes());
    assert_eq!(answer.json()["endpoint"], format!("http://{}/actors/ac70000000000001", world.address));
}

#[test]
fn a_conversation_over_a_websocket() {
    let world = World::new();
    let path = path(&world, &json!({ "name": "counter" }));
    let mut socket = connect(&world, &path, "encoding=json");
    let init = socket.json()["b"]["i"].clone();
    assert!(init["ct"].as_str().unwrap().len() >= 43 && init["ci"].as_str().unwrap().len() == 36);
    socket.text(r#"{"b":{"sr":{"e":"newCount","s":true}}}"#);
    socket.text(r#"{"b":{"rr":{"i":0,"n":"increment","a":[1]}}}"#);
    assert_eq!(socket.next(), Seen::Text(r#"{"b":{"ev":{"n":"newCount","a":[1]}}}"#.into()));
    assert_eq!(socket.next(), Seen::Text(r#"{"b":{"ro":{"i":0,"o":1}}}"#.into()));
    socket.text(r#"{"b":{"rr":{"i":1,"n":"fail","a":["user"]}}}"#);
    let error = r#"{"b":{"re":{"i":1,"c":"insufficient_funds","m":"insufficient funds","md":{"needed":5,"have":2}}}}"#;
    assert_eq!(socket.next(), Seen::Text(error.into()));
    socket.text(r#"{"b":{"rr":{"i":2,"n":"noSuchAction","a":[]}}}"#);
    assert_eq!(socket.json()["b"]["re"]["c"], "rpc_not_found");
    socket.text(r#"{"b":{"rr":{"i":3,"n":"leaveMe","a":["bye"]}}}"#);
    assert_eq!(socket.closed(), (1000, "bye".to_owned()));
}

#[test]
fn ids_are_short_in_cbor() {
    let world = World::new();
    let mut socket = connect(&world, &path(&world, &json!({ "name": "counter" })), "encoding=cbor");
    assert!(socket.bytes().starts_with("a16162a16169a2626369"));
    socket.hex("b900016162 b900016272 72 b90003 6169 00 616e 67 6e6f7468696e67 6161 80");
    assert_eq!(socket.bytes(), "a16162a162726fa261690061 6ff6".replace(' ', ""));
}

#[test]
fn refusals_close_with_their_code() {
    let world = World::new();
    let room = path(&world, &json!({ "name": "chatRoom" }));
    let long = format!("encoding=json&params=%22{}%22", "x".repeat(8_200));
    for (path, query, code) in [
        (&*room, "encoding=json&params=%7B%22token%22%3A%22x%22%7D", "invalid_token"),
        ("/actors/nobody", "encoding=json", "actor_not_found"),
        (&room, "encoding=bare", "invalid_encoding"),
        (&room, "", "invalid_encoding"),
        (&room, "encoding=json&params=%7B", "malformed_connection_parameters"),
        (&room, &long, "connection_parameters_too_long"),
    ] {
        assert_eq!(connect(&world, path, query).closed(), (1011, code.to_owned()), "{query:.60}");
    }
    let mut socket = connect(&world, &room, "encoding=json&params=%7B%22token%22%3A%22letmein%22%7D");
    socket.json();
    socket.text("nonsense");
    assert_eq!(socket.closed(), (1011, "malformed_message".to_owned()));
}

#[test]
fn calls_over_http() {
    let world = World::new();
    let path = path(&world, &json!({ "name": "counter" }));
    let call = |name: &str, body: &str| world.send(&format!("POST {path}/rpc/{name}"), body);
    assert_eq!(call("increment", r#"{"a":[4]}"#).text(), r#"{"o":4}"#);
    let poor = call("fail", r#"{"a":["user"]}"#);
    let error = r#"{"c":"insufficient_funds","m":"insufficient funds","md":{"needed":5,"have":2}}"#;
    assert_eq!((poor.status, poor.text()), (400, error.to_owned()));
    for (name, body, status, code) in [
        ("fail", r#"{"a":["x"]}"#, 500, "internal_error"),
        ("nothingLikeIt", r#"{"a":[]}"#, 400, "rpc_not_found"),
        ("slow", r#"{"a":[]}"#, 400, "rpc_timed_out"),
        ("echo", "{", 400, "malformed_message"),
        ("echo?params=%7B", r#"{"a":[1]}"#, 400, "malformed_connection_parameters"),
    ] {
        let answer = call(name, body);
        assert_eq!((answer.status, &answer.json()["c"]), (status, &json!(code)), "{name}");
    }
}

#[test]
fn a_conversation_over_an_event_stream() {
    let world = World::new();
    let path = path(&world, &json!({ "name": "counter" }));
    let mut lines = world.lines(&format!("{path}/connect/sse?encoding=json"));
    let init = lines.json()["b"]["i"].clone();
    let (id, token) = (init["ci"].as_str().unwrap(), init["ct"].as_str().unwrap());
    let post = |token: &str, body: &str| {
        world.send(
            &format!("POST {path}/connections/{id}/message?encoding=json&connectionToken={token}"),
            body,
        )
    };
    let done = post(token, r#"{"b":{"sr":{"e":"newCount","s":true}}}"#);
    assert_eq!((done.status, done.text()), (200, "{}".to_owned()));
    assert_eq!(post(token, r#"{"b":{"rr":{"i":0,"n":"increment","a":[1]}}}"#).status, 200);
    assert_eq!(lines.next().unwrap(), r#"{"b":{"ev":{"n":"newCount","a":[1]}}}"#);
    assert_eq!(lines.next().unwrap(), r#"{"b":{"ro":{"i":0,"o":1}}}"#);
    for (token, body, status, code) in [
        ("other", "{}", 403, "incorrect_connection_token"),
        ("", "{}", 403, "incorrect_connection_token"),
        (token, "{}", 400, "malformed_message"),
    ] {
        let answer = post(token, body);
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)));
    }
    assert_eq!(post(token, r#"{"b":{"rr":{"i":1,"n":"leaveMe","a":["bye"]}}}"#).status, 200);
    assert_eq!(lines.next(), None, "the stream ends");
    until("the connection is forgotten", || {
        post(token, "{}").status == 404 && world.fake.log().contains(&"left actions".to_owned())
    });
}

#[test]
fn an_event_stream_in_cbor_and_one_that_is_cut() {
    let world = World::new();
    let path = path(&world, &json!({ "name": "counter" }));
    let mut lines = world.lines(&format!("{path}/connect/sse?encoding=cbor"));
    // `{"b":{"i":..` in base64.
    assert!(lines.next().unwrap().starts_with("oWFioWFpomJja"));
    drop(lines);
    until("the seat is free", || world.fake.log().contains(&"left actions".to_owned()));
    let refused = path_of_nobody(&world);
    assert_eq!(refused, None, "a refusal is the end of the stream");
}

fn path_of_nobody(world: &World) -> Option<String> {
    world.lines("/actors/nobody/connect/sse?encoding=json").next()
}

#[test]
fn what_is_found_by_key_has_no_tags() {
    let world = World::new();
    named(&world.fake, "counter", "a");
    let query = json!({ "getOrCreateForTags": { "tags": { "name": "counter" } } });
    assert_eq!(find(&world, &query).status, 404);
}

#[test]
fn calls_that_overtake_each_other_are_put_in_order() {
    let world = World::new();
    let path = path(&world, &json!({ "name": "counter" }));
    let mut lines = world.lines(&format!("{path}/connect/sse?encoding=json"));
    let init = lines.json()["b"]["i"].clone();
    let (id, token) = (init["ci"].as_str().unwrap(), init["ct"].as_str().unwrap());
    let line = format!("POST {path}/connections/{id}/message?encoding=json&connectionToken={token}");
    let post = |nth: u64| {
        let call = json!({ "b": { "rr": { "i": nth, "n": "increment", "a": [] } } });
        assert_eq!(world.send(&line, &call.to_string()).status, 200);
    };
    // The server waits for those made before for a moment only, so that what is lost holds nobody up for good.
    std::thread::scope(|scope| {
        for nth in (0..5).rev() {
            scope.spawn(move || post(nth));
        }
    });
    for count in 1..=5 {
        let reply = lines.json()["b"]["ro"].clone();
        assert_eq!((&reply["i"], &reply["o"]), (&json!(count - 1), &json!(count)));
    }
    post(9);
    post(7);
    post(10);
    for nth in [9, 7, 10] {
        assert_eq!(lines.json()["b"]["ro"]["i"], nth, "in the end as they came");
    }
}

#[test]
fn a_call_that_came_early_goes_with_its_request() {
    let world = World::new();
    let path = path(&world, &json!({ "name": "counter" }));
    let mut lines = world.lines(&format!("{path}/connect/sse?encoding=json"));
    let init = lines.json()["b"]["i"].clone();
    let (id, token) = (init["ci"].as_str().unwrap(), init["ct"].as_str().unwrap());
    let line = format!("POST {path}/connections/{id}/message?encoding=json&connectionToken={token}");
    let call = |nth: u64, name: &str| json!({ "b": { "rr": { "i": nth, "n": name, "a": [] } } }).to_string();
    drop(world.begin(&line, &[], call(5, "increment").as_bytes()));
    // One that waits as long as any does goes on without what is missing, and would take the other along.
    assert_eq!(world.send(&line, &call(7, "getCount")).status, 200);
    assert_eq!(
        lines.next().unwrap(),
        r#"{"b":{"ro":{"i":7,"o":0}}}"#,
        "nobody waited for the first any more"
    );
}
