//! What we write, letter by letter.

use playhouse_proto::socketio::write;

fn written(write: &dyn Fn(&mut Vec<u8>)) -> String {
    let mut out = b"4".to_vec();
    write(&mut out);
    String::from_utf8(out.split_off(1)).expect("packets are text")
}

#[test]
fn connections() {
    assert_eq!(written(&|out| write::connect(out, "/", "s", Some("p"))), r#"0{"sid":"s","pid":"p"}"#);
    assert_eq!(written(&|out| write::connect(out, "/admin", "s\"", None)), r#"0/admin,{"sid":"s\""}"#);
    let invalid = |out: &mut Vec<u8>| write::connect_error(out, "/name", "Invalid namespace", None);
    assert_eq!(written(&invalid), r#"4/name,{"message":"Invalid namespace"}"#);
    let refused = |out: &mut Vec<u8>| write::connect_error(out, "/", "no\n", Some(r#"{"code":"denied"}"#));
    assert_eq!(written(&refused), r#"4{"message":"no\u000a","data":{"code":"denied"}}"#);
    assert_eq!(written(&|out| write::disconnect(out, "/")), "1");
    assert_eq!(written(&|out| write::disconnect(out, "/admin")), "1/admin,");
}

#[test]
fn events() {
    let event = |attachments, namespace: &str, id, name: &str| {
        written(&|out| {
            write::event(out, attachments, namespace, id, name);
            write::argument(out, "{\"a\":1}");
            write::text_argument(out, "e-7\"");
            write::end(out);
        })
    };
    assert_eq!(event(0, "/", None, "say"), r#"2["say",{"a":1},"e-7\""]"#);
    assert_eq!(event(0, "/ns", Some(0), "s\\"), r#"2/ns,0["s\\",{"a":1},"e-7\""]"#);
    assert_eq!(event(12, "/", Some(u64::MAX), ""), r#"512-18446744073709551615["",{"a":1},"e-7\""]"#);
    assert_eq!(event(1, "/ns", Some(10), "é"), r#"51-/ns,10["é",{"a":1},"e-7\""]"#);
}

#[test]
fn acknowledgements() {
    let ack = |attachments, namespace: &str, id: &str| {
        written(&|out| {
            write::ack(out, attachments, namespace, id);
            out.extend_from_slice(b"true");
            write::end(out);
        })
    };
    assert_eq!(ack(0, "/", "13"), "313[true]");
    assert_eq!(ack(0, "/ns", "007"), "3/ns,007[true]");
    assert_eq!(ack(2, "/ns", "1"), "62-/ns,1[true]");
}
