//! Outstanding attachments, as transcripts of one connection.

use playhouse_proto::socketio::{Assembly, Body, Limits, Malformed, Packet, Whole};

const LIMITS: Limits = Limits { attachments: 3, bytes: 100 };
const TWO: &str = r#"52-/n,7["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;

/// What came of a text, in short.
fn of_text(got: Result<Option<Packet<'_>>, Malformed>) -> String {
    match got {
        Ok(Some(packet)) => format!("packet {}", packet.namespace),
        Ok(None) => "half".into(),
        Err(malformed) => format!("{malformed:?}"),
    }
}

/// What came of bytes, in short.
fn of_bytes(got: Result<Option<Whole>, Malformed>) -> String {
    let whole = match got {
        Ok(Some(whole)) => whole,
        Ok(None) => return "half".into(),
        Err(malformed) => return format!("{malformed:?}"),
    };
    let Packet { namespace, body, .. } = whole.packet().expect("a whole packet");
    match body {
        Body::Event { id, name, args } => {
            format!("{namespace} {:?} {name} {}", id.map(|id| id.text), args.join(" "))
        }
        Body::Ack { id, args } => format!("{namespace} ack {} {}", id.text, args.join(" ")),
        other => panic!("{other:?}"),
    }
}

/// Messages of one connection, texts and bytes, and what comes of each.
fn check(messages: &[(Result<&str, &[u8]>, &str)]) {
    let mut assembly = Assembly::default();
    for (message, expected) in messages {
        let got = match message {
            Ok(text) => of_text(assembly.text(text, LIMITS)),
            Err(bytes) => of_bytes(assembly.binary(*bytes, LIMITS)),
        };
        assert_eq!(got, *expected, "{message:?}");
    }
}

#[test]
fn a_packet_waits_for_its_attachments() {
    check(&[
        (Ok(r#"2["y"]"#), "packet /"),
        (Ok(TWO), "half"),
        (Err(b"abc"), "half"),
        (Err(b"\xFF"), r#"/n Some("7") x {"$base64":"/w=="} {"$base64":"YWJj"}"#),
        (Ok(r#"2/n,["y"]"#), "packet /n"),
        (Ok(r#"61-012[{"_placeholder":true,"num":0}]"#), "half"),
        (Err(b""), r#"/ ack 012 {"$base64":""}"#),
        // Attachments without a placeholder are dropped.
        (Ok(r#"51-["x"]"#), "half"),
        (Err(b"abc"), r#"/ None x "#),
        (Err(b"abc"), "AttachmentUnasked"),
    ]);
}

#[test]
fn what_comes_at_the_wrong_moment() {
    check(&[(Err(b""), "AttachmentUnasked"), (Ok(r#"2["y"]"#), "packet /")]);
    check(&[(Ok(TWO), "half"), (Ok(r#"2["y"]"#), "Interrupted"), (Err(b"a"), "AttachmentUnasked")]);
    check(&[
        (Ok(TWO), "half"),
        (Err(b"a"), "half"),
        (Ok(TWO), "Interrupted"),
        (Err(b"a"), "AttachmentUnasked"),
    ]);
    check(&[(Ok("54-[\"x\"]"), "AttachmentsCount"), (Err(b"a"), "AttachmentUnasked")]);
    check(&[(Ok("51-[\"connect\"]"), "NameReserved"), (Err(b"a"), "AttachmentUnasked")]);
    check(&[
        (Ok(r#"51-["x",{"_placeholder":true,"num":1}]"#), "half"),
        (Err(b"a"), "PlaceholderNumber"),
        (Err(b"a"), "AttachmentUnasked"),
    ]);
}

#[test]
fn a_packet_and_its_attachments_count_together() {
    let room = LIMITS.bytes - TWO.len();
    let bytes = vec![0; room + 1];
    let base64 = "AAAA".repeat((room - 1) / 3);
    let whole = format!("/n Some(\"7\") x {{\"$base64\":\"AA==\"}} {{\"$base64\":\"{base64}\"}}");
    assert_eq!((room - 1) % 3, 0, "the base64 above has no rest");
    check(&[(Ok(TWO), "half"), (Err(&bytes[..room - 1]), "half"), (Err(b"\0"), &whole)]);
    check(&[(Ok(TWO), "half"), (Err(&bytes[..room]), "half"), (Err(b"\0"), "TooLarge")]);
    check(&[(Ok(TWO), "half"), (Err(&bytes), "TooLarge"), (Err(b"a"), "AttachmentUnasked")]);
    let long = format!("2[\"{}\"]", "x".repeat(LIMITS.bytes));
    check(&[(Ok(&long), "TooLarge"), (Ok(&long[..long.len() - 1]), "TooLarge")]);
}

#[test]
fn what_is_half_read_is_known() {
    let mut assembly = Assembly::default();
    assert_eq!(assembly.held(), 0);
    assembly.text(r#"2["y"]"#, LIMITS).expect("a packet");
    assert_eq!(assembly.held(), 0);
    assembly.text(TWO, LIMITS).expect("half a packet");
    assert_eq!(assembly.held(), TWO.len());
    assembly.binary(vec![0; 5], LIMITS).expect("one of two");
    assert_eq!(assembly.held(), TWO.len() + 5);
    assembly.binary([0; 5], LIMITS).expect("two of two");
    assert_eq!(assembly.held(), 0);
    assert!(size_of::<Assembly>() <= size_of::<usize>());
}
