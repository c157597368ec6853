//! Calls over HTTP (actors.md, sections 3 and 5).

use crate::kit::World;
use crate::kit::fake::{counter, named};
use crate::kit::wire::{Answer, hex};
use serde_json::json;

fn call(world: &World, path: &str, encoding: &str, body: &[u8]) -> Answer {
    world.ask(&format!("POST {path}"), &[("x-rivet-encoding", encoding.as_bytes())], body)
}

#[test]
fn in_every_encoding() {
    let world = World::new();
    let path = format!("/gateway/{}/action", counter(&world.fake, "a"));
    let bare = call(&world, &format!("{path}/increment"), "bare", &hex("0300 02 8105"));
    assert_eq!((bare.status, &*bare.headers["content-type"]), (200, "application/octet-stream"));
    assert_eq!(bare.body, hex("0200 01 05"));
    let json = call(&world, &format!("{path}/increment"), "json", br#"{"args":[5]}"#);
    assert_eq!(json.text(), r#"{"output":10}"#);
    let cbor = call(&world, &format!("{path}/increment"), "cbor", &hex("b9000164617267738105"));
    assert_eq!(cbor.body, hex("a1666f7574707574 0f"));
    assert_eq!(call(&world, &format!("{path}/nothing"), "bare", &hex("0200 01 80")).body, hex("0200 01 f6"));
    let unsaid = world.send(&format!("POST {path}/nothing"), r#"{"args":[]}"#);
    assert_eq!(unsaid.text(), r#"{"output":null}"#, "JSON where nothing is said");
}

#[test]
fn values_keep_their_kinds() {
    let world = World::new();
    let path = format!("/gateway/{}/action/echo", counter(&world.fake, "a"));
    for value in [
        "fb41f0000000000000",
        "fb4278bcfe56800000",
        "1b0000000000000001",
        "c249010000000000000000",
        "d8404200ff",
        "c1fb4278bcfe56800000",
        "d85548000000000000803f",
    ] {
        let value = hex(value);
        let args = [&[0x81], &value[..]].concat();
        let len = u8::try_from(args.len()).unwrap();
        let answer = call(&world, &path, "bare", &[&[3, 0, len], &args[..]].concat());
        assert_eq!(answer.body[3..], value[..]);
    }
    let body = r#"{"args":[{"big":["$BigInt","12345678901234567890"],"bytes":["$Uint8Array","AP8="],"own":["$$x",1]}]}"#;
    let answer = call(&world, &path, "json", body.as_bytes());
    assert_eq!(answer.text(), body.replace("\"args\":[", "\"output\":").replace("]}]}", "]}}"));
}

#[test]
fn errors_are_json_in_every_encoding() {
    let world = World::new();
    let path = format!("/gateway/{}/action", counter(&world.fake, "a"));
    for (encoding, args) in
        [("json", br#"{"args":["user"]}"#.to_vec()), ("bare", hex("0200 06 816475736572"))]
    {
        let answer = call(&world, &format!("{path}/fail"), encoding, &args);
        assert_eq!(
            answer.text(),
            r#"{"group":"user","code":"insufficient_funds","message":"insufficient funds","metadata":{"needed":5,"have":2}}"#
        );
        assert_eq!((answer.status, &*answer.headers["content-type"]), (400, "application/json"));
    }
    let masked = json!({
        "group": "internal", "code": "internal_error", "metadata": {},
        "message": "Internal error. Read the server logs for more details.",
    });
    let crash = call(&world, &format!("{path}/fail"), "json", br#"{"args":["crash"]}"#);
    assert_eq!((crash.status, crash.json()), (500, masked));
    for (path, body, refusal) in [
        (format!("{path}/toString"), "{\"args\":[]}", "400 action/not_found"),
        (format!("{path}/slow"), "{\"args\":[]}", "400 action/timed_out"),
        (format!("{path}/blob"), "{\"args\":[]}", "400 request/invalid"),
        (format!("{path}/getCount"), "{\"args\":5}", "400 message/malformed"),
        (format!("{path}/getCount"), "", "400 message/malformed"),
        ("/gateway/ac7nobody/action/getCount".into(), "{\"args\":[]}", "404 actor/not_found"),
        ("/gateway/ac7nobody".into(), "", "404 request/not_found"),
        ("/gateway/@t/action/getCount".into(), "", "404 request/not_found"),
        ("/gateway/a//action/getCount".into(), "", "404 request/not_found"),
        ("/gateway/a/queue/jobs".into(), "", "501 feature/not_implemented"),
        ("/gateway/a/connect".into(), "", "400 request/invalid"),
        ("/gateway/a/health".into(), "", "405 request/method_not_allowed"),
    ] {
        assert_eq!(call(&world, &path, "json", body.as_bytes()).refusal(), refusal, "{path} {body}");
    }
    for encoding in ["json", "cbor", "bare"] {
        let empty = call(&world, &format!("{path}/getCount"), encoding, b"");
        assert_eq!(empty.refusal(), "400 message/malformed");
        assert!(empty.text().contains(r#"in JSON `{\"args\":[]}`"#), "{}", empty.text());
    }
    let unknown = call(&world, &format!("{path}/getCount"), "xml", b"{}");
    assert_eq!(unknown.refusal(), "400 encoding/invalid");
    assert_eq!(world.get("/gateway/a/health").text(), "ok");
}

#[test]
fn parameters_come_in_a_header() {
    let world = World::new();
    let path = format!("POST /gateway/{}@some%2Ftoken/action/nothing", named(&world.fake, "chatRoom", "a"));
    let send = |params: &[u8]| world.ask(&path, &[("x-rivet-conn-params", params)], br#"{"args":[]}"#);
    assert_eq!(send(br#"{"token":"letmein"}"#).text(), r#"{"output":null}"#);
    for (sent, read) in [("ü".as_bytes(), "ü"), (b"\xFC", "ü")] {
        let text = [br#"{"token":"letmein","username":""#, sent, br#""}"#].concat();
        assert_eq!(send(&text).status, 200);
        assert!(world.fake.log().last().unwrap().contains(read), "{:?}", world.fake.log());
    }
    assert_eq!(send(b"{").refusal(), "400 params/invalid");
    assert_eq!(send(br#"{"token":"x","username":"eve"}"#).json()["metadata"], json!({ "username": "eve" }));
    assert_eq!(world.ask(&path, &[], br#"{"args":[]}"#).refusal(), "400 user/invalid_token");
}

#[test]
fn sizes_have_limits_each_way() {
    let world = World::with(|config| config.actors.message_size = 4_096);
    let path = format!("/gateway/{}/action", counter(&world.fake, "a"));
    let long = format!(r#"{{"args":["{}"]}}"#, "x".repeat(5_000));
    let answer = call(&world, &format!("{path}/echo"), "json", long.as_bytes());
    assert_eq!(answer.refusal(), "413 message/incoming_too_long");
    let answer = call(&world, &format!("{path}/blob"), "json", br#"{"args":[5000]}"#);
    assert_eq!(answer.refusal(), "413 message/outgoing_too_long");
    assert_eq!(call(&world, &format!("{path}/blob"), "json", br#"{"args":[4000]}"#).status, 200);
}

#[test]
fn values_have_a_limit() {
    let world = World::with(|config| config.actors.message_values = 1_000);
    let id = counter(&world.fake, "a");
    let path = format!("/gateway/{id}/action/echo");
    let ask = |encoding: &str, body: Vec<u8>| call(&world, &path, encoding, &body);
    let list =
        |len: usize| [&[0x81, 0x99][..], &u16::try_from(len).unwrap().to_be_bytes(), &vec![0; len]].concat();
    let json = |len: usize| format!(r#"{{"args":[[0{}]]}}"#, ",0".repeat(len - 1)).into_bytes();
    let cbor = |len: usize| [hex("a1 64 61726773"), list(len)].concat();
    let bare = |len: usize| {
        let args = list(len);
        let (low, high) = (args.len() % 128 + 128, args.len() / 128);
        [hex("0200"), vec![u8::try_from(low).unwrap(), u8::try_from(high).unwrap()], args].concat()
    };
    for (encoding, few, many) in
        [("json", json(900), json(1_000)), ("cbor", cbor(900), cbor(1_000)), ("bare", bare(900), bare(1_000))]
    {
        assert_eq!(ask(encoding, few).status, 200, "{encoding}");
        let answer = ask(encoding, many);
        assert_eq!(answer.refusal(), "413 message/incoming_too_long", "{encoding}");
        assert!(answer.text().contains("`actors.message_values`"), "{}", answer.text());
    }
}

#[test]
fn parameters_have_a_size() {
    let world = World::with(|config| config.actors.params_size = 1_024);
    let id = named(&world.fake, "chatRoom", "a");
    let path = format!("POST /gateway/{id}/action/nothing");
    let long = |len: usize| format!(r#"{{"token":"letmein","username":"{}"}}"#, "x".repeat(len));
    let send =
        |params: &str| world.ask(&path, &[("x-rivet-conn-params", params.as_bytes())], br#"{"args":[]}"#);
    assert_eq!(send(&long(900)).status, 200);
    let refused = send(&long(1_000));
    assert_eq!(refused.refusal(), "400 params/invalid");
    assert!(refused.text().contains("`actors.params_size`"), "{}", refused.text());
}

#[test]
fn a_mebibyte_passes() {
    let world = World::new();
    let path = format!("/gateway/{}/action", counter(&world.fake, "a"));
    let answer = call(&world, &format!("{path}/blob"), "json", br#"{"args":[1048576]}"#);
    assert_eq!((answer.status, answer.body.len()), (200, 1_048_576 + 13));
    let text = "y".repeat(1 << 20);
    let answer =
        call(&world, &format!("{path}/echo"), "json", format!(r#"{{"args":["{text}"]}}"#).as_bytes());
    assert_eq!(answer.text(), format!(r#"{{"output":"{text}"}}"#));
}

#[test]
fn by_name_and_key() {
    let world = World::new();
    let made = "/gateway/counter/action/getCount?rvt-namespace=default&rvt-method=getOrCreate&rvt-runner=default\
                &rvt-crash-policy=sleep&rvt-key=a%20b,c&rvt-input=oWVzdGFydAc";
    assert_eq!(call(&world, made, "bare", &hex("0400 01 80")).body, hex("0200 01 07"));
    let found = world.get("/actors?name=counter&key=a%20b%2Fc").json();
    assert_eq!(found["actors"].as_array().unwrap().len(), 1, "the same actor as by the serialised key");
    let missing = "/gateway/counter/action/getCount?rvt-method=get&rvt-key=nobody";
    assert_eq!(call(&world, missing, "json", br#"{"args":[]}"#).refusal(), "404 actor/not_found");
    let odd = "/gateway/counter/action/getCount?rvt-method=put";
    assert_eq!(call(&world, odd, "json", br#"{"args":[]}"#).refusal(), "400 request/invalid");
}

#[test]
fn by_headers_at_the_root() {
    let world = World::new();
    let id = counter(&world.fake, "a");
    let named: [(&str, &[u8]); 2] = [("x-rivet-target", b"actor"), ("x-rivet-actor", id.as_bytes())];
    assert_eq!(world.ask("POST /action/nothing", &named, br#"{"args":[]}"#).text(), r#"{"output":null}"#);
    assert_eq!(world.ask("GET /request/count", &named, b"").json(), json!({ "count": 0 }));
    assert_eq!(world.ask("GET /request/count", &[], b"").headers["content-type"], "text/html", "a file's");
    let offer = format!("rivet, rivet_encoding.json, rivet_target.actor, rivet_actor.{id}");
    let mut socket = world.upgrade("/connect", &[("Sec-WebSocket-Protocol", &offer)]).ok().unwrap();
    assert_eq!(socket.json()["body"]["val"]["actorId"], id);
}
