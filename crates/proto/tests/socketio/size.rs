//! Large input of small parts: what is not linear does not come to its end.

use playhouse_proto::socketio::binary::{extract, inline};
use playhouse_proto::socketio::{Body, Malformed, Packet};

const MANY: usize = 1_000_000;
/// Enough of what takes its time without optimization.
const FEWER: usize = MANY / 10;

#[test]
fn a_million_arguments() {
    let text = format!("31[{}0]", "0,".repeat(MANY - 1));
    let Ok(Packet { body: Body::Ack { args, .. }, .. }) = Packet::read(&text, 0) else { panic!("an ack") };
    assert_eq!(args.len(), MANY);
}

#[test]
fn a_hundred_thousand_placeholders() {
    let text: String = (0..FEWER).map(|num| format!("{{\"_placeholder\":true,\"num\":{num}}}")).collect();
    let attachments = vec![b"abc".to_vec(); FEWER];
    let inlined = inline(&text, &attachments).expect("each once");
    assert!(inlined == r#"{"$base64":"YWJj"}"#.repeat(FEWER));
    let extracted = extract(&inlined, FEWER).expect("all of them");
    assert!(extracted.text == text && extracted.attachments == attachments);
    assert_eq!(extract(&inlined, FEWER - 1), None);
}

#[test]
fn a_hundred_thousand_beginnings() {
    for part in [
        "{",
        "{ ",
        "{\"_placeholder\"",
        "{\"_placeholder\":true,\"num\":",
        "{\"num\":\"",
        "{\"num\":0",
        "\"",
        "\\",
        " ",
    ] {
        let text = part.repeat(FEWER);
        assert_eq!(inline(&text, &[]).as_deref(), Ok(&*text), "{part}");
    }
    for part in ["{\"$base64\"", "{\"$base64\":\"", "{\"$base64\":\"AAAA", "{\"$base64\": ", "\"$base64\""] {
        assert_eq!(extract(&part.repeat(FEWER), 10), None, "{part}");
    }
}

#[test]
fn brackets_cost_no_stack() {
    for bracket in ["[", "{\"a\":", "[{\"a\":"] {
        for head in ["2[\"x\",", "31[", "0{\"a\":", "51-[\"x\","] {
            let text = [head, &bracket.repeat(100_000)].concat();
            assert_eq!(Packet::read(&text, 10), Err(Malformed::TooDeep), "{head}{bracket}");
        }
    }
}
