//! The rules of a packet by table: what is read, and what breaks which rule.

use std::borrow::Cow;

use playhouse_proto::socketio::packet::ID_MAX;
use playhouse_proto::socketio::{Body, Malformed, Packet};

const MAX: usize = 10;

/// A packet in one line: what, where, under which id, and every value as it stands.
fn shown(text: &str) -> String {
    let Packet { namespace, attachments, body } = match Packet::read(text, MAX) {
        Ok(packet) => packet,
        Err(malformed) => return format!("{malformed:?}"),
    };
    let bytes = if attachments == 0 { String::new() } else { format!("+{attachments} ") };
    let said = match body {
        Body::Connect { data } => format!("connect {data:?}"),
        Body::Disconnect => "disconnect".into(),
        Body::Event { id, name, args } => {
            format!("event {:?} {name} {}", id.map(|id| id.text), args.join(" ; "))
        }
        Body::Ack { id, args } => format!("ack {} {}", id.text, args.join(" ; ")),
        Body::ConnectError { data } => format!("refused {data}"),
    };
    format!("{bytes}{namespace} {said}").trim_end().to_owned()
}

#[test]
fn what_is_read() {
    let table = [
        // The examples of the document.
        ("0", "/ connect None"),
        (r#"0/admin,{"token":"x"}"#, r#"/admin connect Some("{\"token\":\"x\"}")"#),
        (r#"212["foo"]"#, r#"/ event Some("12") foo"#),
        (r#"3/admin,13["bar"]"#, r#"/admin ack 13 "bar""#),
        ("1/admin,", "/admin disconnect"),
        (r#"51-["x",{"_placeholder":true,"num":0}]"#, r#"+1 / event None x {"_placeholder":true,"num":0}"#),
        // The head.
        ("1", "/ disconnect"),
        ("1/admin", "/admin disconnect"),
        ("0/admin", "/admin connect None"),
        ("0/admin,", "/admin connect None"),
        ("0{}", "/ connect Some(\"{}\")"),
        ("0/,{}", "/ connect Some(\"{}\")"),
        ("0/é/b c,", "/é/b c connect None"),
        (r#"2/1,2["3"]"#, r#"/1 event Some("2") 3"#),
        (r#"6/n,10["a"]"#, "AttachmentsMissing"),
        (r#"610-/n,10["a"]"#, r#"+10 /n ack 10 "a""#),
        (r#"501-0["a"]"#, r#"+1 / event Some("0") a"#),
        (r#"51-/n,012["a",1]"#, r#"+1 /n event Some("012") a 1"#),
        (r#"2007["a"]"#, r#"/ event Some("007") a"#),
        (r#"29007199254740991["a"]"#, r#"/ event Some("9007199254740991") a"#),
        ("30[]", "/ ack 0"),
        (r#"4{"message":"no"}"#, r#"/ refused {"message":"no"}"#),
        // A query is a habit of older clients.
        ("0/x?a=1", "/x connect None"),
        ("0/x?a=1,{}", "/x connect Some(\"{}\")"),
        ("0/?a=1?b,{}", "/ connect Some(\"{}\")"),
        (r#"2/x?token=["a"],1["b"]"#, r#"/x event Some("1") b"#),
        // The data.
        (r#"2["action",{"action":"x"}]"#, r#"/ event None action {"action":"x"}"#),
        ("2 [ \"a\" , 1,[2, 3] ] ", "/ event None a 1 ; [2, 3]"),
        ("2[1,2]", "/ event None 1 2"),
        ("2[-1.5e3]", "/ event None -1.5e3"),
        (r#"2["",null]"#, "/ event None  null"),
        (r#"2["\u0061\n\"b"]"#, "/ event None a\n\"b"),
        (r#"2["Connect"]"#, "/ event None Connect"),
        (r#"2["x","connect"]"#, r#"/ event None x "connect""#),
        (r#"2["x",{"_placeholder":true,"num":0}]"#, r#"/ event None x {"_placeholder":true,"num":0}"#),
        (r#"31["connect"]"#, r#"/ ack 1 "connect""#),
    ];
    for (text, expected) in table {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn what_breaks_a_rule() {
    let table = [
        ("", Malformed::Kind),
        ("7", Malformed::Kind),
        ("x", Malformed::Kind),
        ("é", Malformed::Kind),
        (" 0", Malformed::Kind),
        ("-1", Malformed::Kind),
        ("5", Malformed::AttachmentsMissing),
        ("5-[\"x\"]", Malformed::AttachmentsMissing),
        ("51[\"x\"]", Malformed::AttachmentsMissing),
        ("5+1-[\"x\"]", Malformed::AttachmentsMissing),
        ("5x-[\"x\"]", Malformed::AttachmentsMissing),
        ("50-[\"x\"]", Malformed::AttachmentsCount),
        ("511-[\"x\"]", Malformed::AttachmentsCount),
        ("699999999999999999999999-1[\"x\"]", Malformed::AttachmentsCount),
        ("29007199254740992[\"x\"]", Malformed::IdTooLarge),
        ("299999999999999999999999[\"x\"]", Malformed::IdTooLarge),
        ("3[\"x\"]", Malformed::IdMissing),
        ("61-[\"x\"]", Malformed::IdMissing),
        ("01{}", Malformed::IdUnasked),
        ("01", Malformed::IdUnasked),
        ("1/admin,1", Malformed::IdUnasked),
        ("41{}", Malformed::IdUnasked),
        ("2", Malformed::DataMissing),
        ("212", Malformed::DataMissing),
        ("2/admin", Malformed::DataMissing),
        ("2/admin[\"x\"]", Malformed::DataMissing),
        ("312", Malformed::DataMissing),
        ("51-", Malformed::DataMissing),
        ("4", Malformed::DataMissing),
        ("1{}", Malformed::DataUnasked),
        ("1/admin,{}", Malformed::DataUnasked),
        ("1 ", Malformed::DataUnasked),
        // A name with a comma cannot be expressed.
        ("1/a,b", Malformed::DataUnasked),
        ("0/a,b", Malformed::NotObject),
        ("2{}", Malformed::NotList),
        ("2\"x\"", Malformed::NotList),
        ("2abc[\"x\",\"1\"]", Malformed::NotList),
        ("2-1[\"x\"]", Malformed::NotList),
        ("2admin,[\"x\"]", Malformed::NotList),
        ("31{}", Malformed::NotList),
        ("0[]", Malformed::NotObject),
        ("0null", Malformed::NotObject),
        ("0\"x\"", Malformed::NotObject),
        ("4[]", Malformed::NotObject),
        ("4\"no\"", Malformed::NotObject),
        ("0{", Malformed::NotJson),
        ("0{}{}", Malformed::NotJson),
        ("2[\"x\"", Malformed::NotJson),
        ("2[\"x\",]", Malformed::NotJson),
        ("2[\"x\"]x", Malformed::NotJson),
        ("2[\"x\",undefined]", Malformed::NotJson),
        ("2[\"x\",{\"a\":01}]", Malformed::NotJson),
        ("31[1", Malformed::NotJson),
        ("2[]", Malformed::NameMissing),
        ("2[null]", Malformed::NameMissing),
        ("2[true]", Malformed::NameMissing),
        ("2[{\"a\":\"\"}]", Malformed::NameMissing),
        ("2[[\"x\"]]", Malformed::NameMissing),
        ("51-[{\"_placeholder\":true,\"num\":0}]", Malformed::NameMissing),
        ("2[\"connect\"]", Malformed::NameReserved),
        ("21[\"connect_error\",{}]", Malformed::NameReserved),
        ("2[\"disconnect\"]", Malformed::NameReserved),
        ("2[\"disconnecting\"]", Malformed::NameReserved),
        ("2[\"newListener\"]", Malformed::NameReserved),
        ("51-[\"removeListener\"]", Malformed::NameReserved),
        ("2[\"\\u0063onnect\"]", Malformed::NameReserved),
    ];
    for (text, expected) in table {
        assert_eq!(Packet::read(text, MAX), Err(expected), "{text}");
    }
}

#[test]
fn the_number_of_attachments_has_a_limit() {
    for (text, max, sound) in [
        ("51-[\"x\"]", 0, false),
        ("51-[\"x\"]", 1, true),
        ("52-[\"x\"]", 1, false),
        ("5300-[\"x\"]", 300, true),
    ] {
        assert_eq!(Packet::read(text, max).is_ok(), sound, "{text} {max}");
    }
}

#[test]
fn an_id_is_given_as_text_and_as_number() {
    let id = |text| match Packet::read(text, MAX).expect(text).body {
        Body::Ack { id, .. } => (id.text.to_owned(), id.number),
        other => panic!("{other:?}"),
    };
    assert_eq!(id("3007[]"), ("007".into(), 7));
    assert_eq!(id("39007199254740991[]"), ("9007199254740991".into(), ID_MAX));
    assert_eq!(id("300000000000000000000000001[]").1, 1);
}

#[test]
fn up_to_four_arguments_need_no_memory() {
    let parts = |text: &'static str| match Packet::read(text, MAX).expect(text).body {
        Body::Event { name, args, .. } => (matches!(name, Cow::Borrowed(_)), args.spilled()),
        other => panic!("{other:?}"),
    };
    assert_eq!(parts(r#"2["randomNumber"]"#), (true, false));
    assert_eq!(parts(r#"21["action",{"action":"x","deep":[{"a":[]}]}]"#), (true, false));
    assert_eq!(parts(r#"2["x",1,"\n",{},[]]"#), (true, false));
    assert_eq!(parts(r#"2["x",1,2,3,4,5]"#), (true, true));
}
