//! Bytes into JSON and out of it, by table.

use playhouse_proto::socketio::Malformed;
use playhouse_proto::socketio::binary::{extract, inline};

fn three() -> Vec<Vec<u8>> {
    vec![b"abc".to_vec(), vec![], vec![0xFF]]
}

#[test]
fn placeholders_become_base64() {
    let table = [
        (r#"["x",{"_placeholder":true,"num":0}]"#, r#"["x",{"$base64":"YWJj"}]"#),
        (r#"["x",{"num":2,"_placeholder":true}]"#, r#"["x",{"$base64":"/w=="}]"#),
        ("[{ \"_placeholder\" :\ttrue , \"num\"\n:\r1 }]", r#"[{"$base64":""}]"#),
        (
            r#" [ {"a":{"_placeholder":true,"num":2}, "b" : [{"_placeholder":true,"num":0}]} ] "#,
            r#" [ {"a":{"$base64":"/w=="}, "b" : [{"$base64":"YWJj"}]} ] "#,
        ),
        (r#"{"_placeholder":true,"num":0}"#, r#"{"$base64":"YWJj"}"#),
        (r#"["é\"{",{"_placeholder":true,"num":0},"}"]"#, r#"["é\"{",{"$base64":"YWJj"},"}"]"#),
    ];
    for (text, expected) in table {
        assert_eq!(inline(text, &three()).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_placeholder_is_left_alone() {
    let table = [
        r#"["_placeholder"]"#,
        r#"["{\"_placeholder\":true,\"num\":0}"]"#,
        r#"["\\",{"a":"\"_placeholder\""}]"#,
        r#"[{"_placeholder":true}]"#,
        r#"[{"num":9}]"#,
        r#"[{"_placeholder":false,"num":9}]"#,
        r#"[{"_placeholder":"true","num":9}]"#,
        r#"[{"_placeholder":true,"num":9,"more":1}]"#,
        r#"[{"more":1,"_placeholder":true,"num":9}]"#,
        r#"[{"_placeholder":true,"_placeholder":true}]"#,
        r#"[{"_placeholder":true,"num":[0]}]"#,
        r#"[{"num":{},"_placeholder":true}]"#,
        r#"[{"\u005fplaceholder":true,"num":9}]"#,
        "[{}]",
        "[]",
    ];
    for text in table {
        assert_eq!(inline(text, &three()).as_deref(), Ok(text));
    }
}

#[test]
fn numbers_that_name_no_attachment() {
    for num in ["3", "-1", "-0", "0.0", "1e0", "\"0\"", "null", "true", "99999999999999999999999999", "\"}\""]
    {
        for text in [
            format!(r#"[{{"_placeholder":true,"num":{num}}}]"#),
            format!(r#"[{{"num":{num} , "_placeholder":true}}]"#),
        ] {
            assert_eq!(inline(&text, &three()), Err(Malformed::PlaceholderNumber), "{text}");
        }
    }
    assert_eq!(inline(r#"[{"_placeholder":true,"num":0}]"#, &[]), Err(Malformed::PlaceholderNumber));
}

#[test]
fn each_attachment_once() {
    let text = r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#;
    assert_eq!(inline(text, &three()), Err(Malformed::PlaceholderTwice));
}

#[test]
fn a_value_in_the_place_of_num_may_hold_one() {
    let text = r#"[{"_placeholder":true,"num":{"_placeholder":true,"num":0}}]"#;
    let expected = r#"[{"_placeholder":true,"num":{"$base64":"YWJj"}}]"#;
    assert_eq!(inline(text, &three()).as_deref(), Ok(expected));
}

#[test]
fn base64_becomes_attachments_in_the_order_of_the_text() {
    let text = r#"{"b":[{"$base64":"YWJj"},"{\"$base64\":\"YWJj\"}"],"a":{ "$base64" : "" },"c":{"d":{"$base64":"/w=="}}}"#;
    let expected = r#"{"b":[{"_placeholder":true,"num":0},"{\"$base64\":\"YWJj\"}"],"a":{"_placeholder":true,"num":1},"c":{"d":{"_placeholder":true,"num":2}}}"#;
    let extracted = extract(text, 3).expect("three");
    assert_eq!((extracted.text.as_str(), extracted.attachments), (expected, three()));
    assert_eq!(extract(text, 2), None);
    assert_eq!(extract(text, 0), None);
}

#[test]
fn what_only_looks_like_base64_is_left_alone() {
    let table = [
        "",
        "null",
        r#"{"a":"b"}"#,
        r#"["$base64"]"#,
        r#"["{\"$base64\":\"YWJj\"}"]"#,
        r#"["\\\"$base64"]"#,
        r#"{"a":"$base64","b":{"$base64":1}}"#,
        r#"{"$base64":"YWJj","more":1}"#,
        r#"{"more":1,"$base64":"YWJj"}"#,
        r#"{"$base64":"YWJ"}"#,
        r#"{"$base64":"YWI"}"#,
        r#"{"$base64":"YWJ="}"#,
        r#"{"$base64":"_w=="}"#,
        r#"{"$base64":"\/w=="}"#,
        r#"{"$base64":" YWJj"}"#,
        r#"{"$base64":["YWJj"]}"#,
        r#"{"$base64":null}"#,
    ];
    for text in table {
        assert_eq!(extract(text, 10), None, "{text}");
    }
    let beside = extract(r#"[{"$base64":"?"},{"$base64":"YQ=="}]"#, 10).expect("one of them");
    assert_eq!(beside.text, r#"[{"$base64":"?"},{"_placeholder":true,"num":0}]"#);
    assert_eq!(beside.attachments, [b"a"]);
}

#[test]
fn bytes_stay_inside_where_somebody_wrote_a_placeholder() {
    // Clients of socket.io take each of them for one, and give the whole packet up.
    for mark in [
        r#"{"_placeholder":true,"num":99}"#,
        r#"{"num":0,"_placeholder":true}"#,
        r#"{"_placeholder":true,"num":0,"more":1}"#,
        r#"{"_placeholder":true}"#,
        r#"{"\u005fplaceholder":true,"num":"0"}"#,
        r#"{"\u005F\u0070\u006c\u0061\u0063\u0065\u0068\u006f\u006c\u0064\u0065\u0072":true}"#,
    ] {
        for text in [
            format!(r#"[{mark},{{"$base64":"YQ=="}}]"#),
            format!(r#"{{"a":{{"$base64":"YQ=="}},"b":{mark}}}"#),
        ] {
            assert_eq!(extract(&text, 10), None, "{text}");
        }
    }
    assert!(extract(r#"["a placeholder",{"$base64":"YQ=="},"_placeholder: \u005f"]"#, 10).is_some());
}
