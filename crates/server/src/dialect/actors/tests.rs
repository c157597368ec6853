//! Messages of actors.md as bytes, both ways.

use super::*;
use playhouse_core::actor::ActorError;
use playhouse_core::codes as reasons;
use playhouse_core::error::Reject;

const LIMIT: usize = 1 << 20;
const VALUES: usize = 1_000;

fn form(family: Family, encoding: Encoding) -> Form {
    Form { family, encoding, framing: Framing::Websocket }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The message within its frame, which is short.
fn written(form: Form, said: &Said<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    form.write(&mut out, said, LIMIT).unwrap();
    let head = if out[1] < 126 { 2 } else { 4 };
    assert_eq!(out[0], if form.encoding == Encoding::Json { 0x81 } else { 0x82 });
    out.split_off(head)
}

fn text(form: Form, said: &Said<'_>) -> String {
    String::from_utf8(written(form, said)).unwrap()
}

fn poor() -> ActorError {
    let reject = Reject::new("insufficient_funds", "insufficient funds");
    ActorError::User(reject.metadata(&Value::map([("needed", 5.into()), ("have", 2.into())])).unwrap())
}

const INIT: Said<'_> =
    Said::Init { actor: "ac70000000000001", connection: "00000000-0000-4000-8000-000000000001", token: "T" };

#[test]
fn rivetkit_is_told_in_json() {
    let json = form(Family::Rivet, Encoding::Json);
    assert_eq!(
        text(json, &INIT),
        r#"{"body":{"tag":"Init","val":{"actorId":"ac70000000000001","connectionId":"00000000-0000-4000-8000-000000000001"}}}"#
    );
    assert_eq!(
        text(json, &Said::Response { id: 0, output: &Value::Null }),
        r#"{"body":{"tag":"ActionResponse","val":{"id":["$BigInt","0"],"output":null}}}"#
    );
    assert_eq!(
        text(json, &Said::Event { name: "newCount", args: &[1.into()] }),
        r#"{"body":{"tag":"Event","val":{"name":"newCount","args":[1]}}}"#
    );
    for (args, told) in [
        (vec!["$x".into(), 1.into()], r#"["$$x",1]"#),
        (vec!["$BigInt".into(), "1".into()], r#"["$$BigInt","1"]"#),
        (vec!["$x".into()], r#"["$x"]"#),
        (vec!["$x".into(), 1.into(), 2.into()], r#"["$x",1,2]"#),
        (vec![Value::List(vec!["$x".into(), 1.into()])], r#"[["$$x",1]]"#),
    ] {
        let event = format!(r#"{{"body":{{"tag":"Event","val":{{"name":"e","args":{told}}}}}}}"#);
        assert_eq!(text(json, &Said::Event { name: "e", args: &args }), event);
        assert_eq!(Value::from_json(told.as_bytes()).unwrap(), Value::List(args), "as its client reads it");
    }
    let poor = poor();
    let failure = Failure::of(&poor);
    assert_eq!(
        text(json, &Said::Error { failure: &failure, id: Some(3) }),
        r#"{"body":{"tag":"Error","val":{"group":"user","code":"insufficient_funds","message":"insufficient funds","metadata":{"needed":5,"have":2},"actionId":["$BigInt","3"]}}}"#
    );
    let unknown = ActorError::Refused(Reject::of(&reasons::UNKNOWN_ACTION, "x"));
    assert_eq!(
        text(json, &Said::Error { failure: &Failure::of(&unknown), id: None }),
        r#"{"body":{"tag":"Error","val":{"group":"action","code":"not_found","message":"x","actionId":null}}}"#
    );
}

#[test]
fn rivetkit_is_told_in_bare() {
    let bare = form(Family::Rivet, Encoding::Bare);
    let init = "0200 00 10 61633730303030303030303030303031 24 \
                30303030303030302d303030302d343030302d383030302d303030303030303030303031";
    assert_eq!(written(bare, &INIT), hex(init));
    let event = Said::Event { name: "newCount", args: &[1.into()] };
    assert_eq!(written(bare, &event), hex("0200 03 08 6e6577436f756e74 02 8101"));
    assert_eq!(written(bare, &Said::Response { id: 0, output: &1.into() }), hex("0200 02 00 01 01"));
    let bad = Reject::new("invalid_token", "bad token")
        .metadata(&Value::map([("username", "eve".into())]))
        .unwrap();
    let bad = ActorError::User(bad);
    let failure = Failure::of(&bad);
    let refusal = "0200 01 04 75736572 0d 696e76616c69645f746f6b656e 09 62616420746f6b656e 01 0e \
                   a168757365726e616d6563657665 00";
    assert_eq!(written(bare, &Said::Error { failure: &failure, id: None }), hex(refusal));
    let unknown = ActorError::Refused(Reject::of(&reasons::UNKNOWN_ACTION, "x"));
    let error = "0200 01 06 616374696f6e 09 6e6f745f666f756e64 01 78 00 01 03";
    assert_eq!(written(bare, &Said::Error { failure: &Failure::of(&unknown), id: Some(3) }), hex(error));
}

#[test]
fn ids_are_big_integers_in_rivetkits_cbor_and_plain_ones_in_actor_cores() {
    let response = Said::Response { id: 2, output: &1.into() };
    let rivet = "a1 64626f6479 a2 63746167 6e416374696f6e526573706f6e7365 6376616c a2 626964 1b0000000000000002 \
                 666f7574707574 01";
    assert_eq!(written(form(Family::Rivet, Encoding::Cbor), &response), hex(rivet));
    let core = "a1 6162 a1 62726f a2 6169 02 616f 01";
    assert_eq!(written(form(Family::Core, Encoding::Cbor), &response), hex(core));
}

#[test]
fn actor_core_is_told_in_json() {
    let json = form(Family::Core, Encoding::Json);
    assert_eq!(text(json, &INIT), r#"{"b":{"i":{"ci":"00000000-0000-4000-8000-000000000001","ct":"T"}}}"#);
    assert_eq!(
        text(json, &Said::Event { name: "newCount", args: &[1.into()] }),
        r#"{"b":{"ev":{"n":"newCount","a":[1]}}}"#
    );
    let poor = poor();
    let failure = Failure::of(&poor);
    assert_eq!(
        text(json, &Said::Error { failure: &failure, id: Some(1) }),
        r#"{"b":{"re":{"i":1,"c":"insufficient_funds","m":"insufficient funds","md":{"needed":5,"have":2}}}}"#
    );
    assert_eq!(
        text(json, &Said::Error { failure: &failure, id: None }),
        r#"{"b":{"er":{"c":"insufficient_funds","m":"insufficient funds","md":{"needed":5,"have":2}}}}"#
    );
}

#[test]
fn event_streams_have_lines() {
    let said = Said::Response { id: 0, output: &Value::Null };
    for (encoding, line) in [
        (Encoding::Json, "data: {\"b\":{\"ro\":{\"i\":0,\"o\":null}}}\n\n"),
        (Encoding::Cbor, "data: oWFioWJyb6JhaQBhb/Y=\n\n"),
    ] {
        let mut out = Vec::new();
        let form = Form { framing: Framing::Stream, ..form(Family::Core, encoding) };
        form.write(&mut out, &said, LIMIT).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), line);
    }
}

fn call(id: u64, name: &str, args: &[i64]) -> Asked<'static> {
    let args = args.iter().map(|arg| Value::Int(*arg)).collect();
    Asked::Call { id, name: name.to_owned().into(), args }
}

#[test]
fn what_clients_ask() {
    let subscribes = || Asked::Listen { event: "newMessage".into(), on: true };
    let json = |text| form(Family::Rivet, Encoding::Json).read(Message::Text(text), VALUES);
    assert_eq!(
        json(
            r#"{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","0"],"name":"increment","args":[1],"more":1}}}"#
        ),
        Ok(call(0, "increment", &[1]))
    );
    let subscription =
        r#"{"body":{"tag":"SubscriptionRequest","val":{"eventName":"newMessage","subscribe":true}}}"#;
    assert_eq!(json(subscription), Ok(subscribes()));
    let bytes = |family, encoding, text| {
        let bytes = hex(text);
        format!("{:?}", form(family, encoding).read(Message::Binary(&bytes), VALUES))
    };
    let expected = |asked: Asked<'_>| format!("{:?}", Ok::<_, Unreadable>(asked));
    for (family, encoding, text, asked) in [
        (
            Family::Rivet,
            Encoding::Bare,
            "0200 00 00 09 696e6372656d656e74 02 8101",
            call(0, "increment", &[1]),
        ),
        (Family::Rivet, Encoding::Bare, "0300 01 0a 6e65774d657373616765 01", subscribes()),
        (
            Family::Rivet,
            Encoding::Cbor,
            "b9000164626f6479b90002637461676d416374696f6e526571756573746376616cb90003626964 1b0000000000000000 \
             646e616d65 6677686f616d69 6461726773 80",
            call(0, "whoami", &[]),
        ),
        (
            Family::Rivet,
            Encoding::Cbor,
            "b9000164626f6479b900026374616773537562736372697074696f6e526571756573746376616cb90002 \
             696576656e744e616d65 6a6e65774d657373616765 69737562736372696265 f5",
            subscribes(),
        ),
        (
            Family::Core,
            Encoding::Cbor,
            "b900016162 b900016272 72 b90003 6169 00 616e 6677686f616d69 6161 80",
            call(0, "whoami", &[]),
        ),
    ] {
        assert_eq!(bytes(family, encoding, text), expected(asked), "{text}");
    }
    let core = form(Family::Core, Encoding::Json);
    let asked = core.read(Message::Text(r#"{"b":{"rr":{"i":7,"n":"increment","a":[1]}}}"#), VALUES);
    assert_eq!(asked, Ok(call(7, "increment", &[1])));
}

#[test]
fn what_is_no_message() {
    for text in [
        "",
        "{",
        "[]",
        r#"{"body":{"tag":"Nothing","val":{}}}"#,
        r#"{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","-1"],"name":"a","args":[]}}}"#,
        r#"{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","1"],"name":"a","args":{}}}}"#,
        r#"{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","1"],"args":[]}}}"#,
        r#"{"body":{"tag":"ActionRequest","val":{"id":["$Foo","1"],"name":"a","args":[]}}}"#,
        r#"{"body":{"tag":"SubscriptionRequest","val":{"eventName":"a","subscribe":1}}}"#,
        &["[".repeat(100_000), "]".repeat(100_000)].concat(),
    ] {
        let read = form(Family::Rivet, Encoding::Json).read(Message::Text(text), VALUES);
        assert!(read.is_err(), "{}", &text[..text.len().min(100)]);
    }
    for (encoding, message) in [
        (Encoding::Bare, Message::Text("0200")),
        (Encoding::Json, Message::Binary(b"{}")),
        (Encoding::Bare, Message::Binary(&[2, 0, 0, 0, 1, b'a', 1, 0x01])),
        (Encoding::Bare, Message::Binary(&[5, 0])),
        (Encoding::Cbor, Message::Binary(&[0x81; 50_000])),
    ] {
        assert!(form(Family::Rivet, encoding).read(message, VALUES).is_err(), "{encoding:?}");
    }
}

#[test]
fn too_long_ones_leave_nothing() {
    let blob = Value::Text("x".repeat(100).into());
    let said = Said::Response { id: 1, output: &blob };
    for family in [Family::Rivet, Family::Core] {
        let mut out = b"before".to_vec();
        assert!(matches!(form(family, Encoding::Json).write(&mut out, &said, 100), Err(TooLong(100..=200))));
        assert_eq!(out, b"before");
    }
}

#[test]
fn bodies_of_calls() {
    assert_eq!(arguments(Encoding::Json, br#"{"args":[5]}"#, VALUES), Ok(vec![5.into()]));
    assert_eq!(arguments(Encoding::Bare, &hex("0300 02 8105"), VALUES), Ok(vec![5.into()]));
    assert_eq!(arguments(Encoding::Cbor, &hex("b9000164617267738105"), VALUES), Ok(vec![5.into()]));
    assert!(arguments(Encoding::Json, br#"{"args":5}"#, VALUES).is_err());
    assert_eq!(output(Family::Rivet, Encoding::Json, &Value::Null), br#"{"output":null}"#);
    assert_eq!(output(Family::Rivet, Encoding::Cbor, &15.into()), hex("a1666f75747075740f"));
    assert_eq!(output(Family::Rivet, Encoding::Bare, &15.into()), hex("0200 01 0f"));
    assert_eq!(output(Family::Rivet, Encoding::Bare, &Value::Null), hex("0200 01 f6"));
}

#[test]
fn newer_clients_spell_kinds_in_cbor() {
    let bare = form(Family::Rivet, Encoding::Bare);
    // `[["$BigInt","7"],["$$x",1]]`.
    let args = "82 82 672442 6967496e74 6137 82 63242478 01";
    let frame = hex(&format!("0400 00 05 04 6563686f 12 {args}"));
    let old = hex(&format!("0300 00 05 04 6563686f 12 {args}"));
    let newer = bare.of(Message::Binary(&frame));
    assert_eq!(
        (newer.family, bare.of(Message::Binary(&old)), bare.of(Message::Text("4"))),
        (Family::Rivet23, bare, bare)
    );
    let pair = |name: &str| Value::List(vec![Value::text(name), 1.into()]);
    let call = |args| Asked::Call { id: 5, name: "echo".into(), args };
    assert_eq!(newer.read(Message::Binary(&frame), VALUES), Ok(call(vec![Value::Big(7.into()), pair("$x")])));
    let plain = Value::List(vec![Value::text("$BigInt"), "7".into()]);
    assert_eq!(bare.read(Message::Binary(&old), VALUES), Ok(call(vec![plain, pair("$$x")])));
    // Arguments are a list of theirs as any other.
    let marked = hex("0400 00 05 04 6563686f 06 82 63242478 01");
    assert_eq!(newer.read(Message::Binary(&marked), VALUES), Ok(call(vec!["$x".into(), 1.into()])));
    let odd = hex("0400 00 05 04 6563686f 0b 82 67 24426967496e74 6137");
    assert!(newer.read(Message::Binary(&odd), VALUES).is_err(), "a big integer is no list");
    let event = Said::Event { name: "e", args: &["$x".into(), 1.into()] };
    assert_eq!(written(newer, &event), hex("0200 03 01 65 06 82 63242478 01"));
    assert_eq!(
        written(bare, &event),
        hex("0200 03 01 65 05 82 622478 01"),
        "older ones read what stands there"
    );
    let (one, two) = (pair("$x"), pair("x"));
    assert_eq!(written(newer, &Said::Response { id: 5, output: &one }), hex("0200 02 05 06 82 63242478 01"));
    assert_eq!(written(newer, &Said::Response { id: 5, output: &two }), hex("0200 02 05 04 82 6178 01"));
    let event = Said::Event { name: "e", args: &[one.clone(), Value::Big(7.into())] };
    assert_eq!(written(newer, &event), hex("0200 03 01 65 10 82 82 63242478 01 1b0000000000000007"));
    assert_eq!(written(bare, &Said::Response { id: 5, output: &one }), hex("0200 02 05 05 82 622478 01"));
    let body = hex(&format!("0400 12 {args}"));
    assert_eq!(arguments(Encoding::Bare, &body, VALUES), Ok(vec![Value::Big(7.into()), pair("$x")]));
    assert_eq!(
        output(Family::of(Encoding::Bare, &body), Encoding::Bare, &one),
        hex("0200 06 82 63242478 01")
    );
}

proptest::proptest! {
    #[test]
    fn any_message_is_read_or_refused(bytes: Vec<u8>, text: String, inside: String) {
        let json = format!(r#"{{"body":{{"tag":"ActionRequest","val":{{"id":["$BigInt","1"],"name":"a","args":[{inside}]}}}}}}"#);
        let newer = [&[4, 0], &bytes[..]].concat();
        for family in [Family::Rivet, Family::Rivet23, Family::Core] {
            for encoding in Encoding::ALL {
                let form = form(family, encoding);
                let messages = [Message::Binary(&bytes), Message::Binary(&newer), Message::Text(&text), Message::Text(&json)];
                for message in messages {
                    let _ = form.of(message).read(message, VALUES);
                }
                let _ = arguments(encoding, &bytes, VALUES);
                let _ = core::arguments(text.as_bytes(), VALUES);
            }
        }
    }
}
