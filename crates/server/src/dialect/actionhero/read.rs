//! Frames of a client become events.

use super::operands::{Fields, Shape, get, is_truthy, shape, words};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::event::{ActorVerb, Ask, ClientEvent, Name, Tag, Verb};
use playhouse_core::json::{push_str, unquote};
use playhouse_core::rng::Rng;
use playhouse_node::action::input::js_text;
use playhouse_node::texts::Texts;
use std::borrow::Cow;

/// A frame and what is known about it.
pub(crate) struct Frame<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// The how-manieth data frame of its link it is, from 1, invalid JSON not counted.
    pub(crate) number: u32,
    /// Whether its client wants refusals with their codes.
    pub(crate) with_code: bool,
}

/// Reads a data frame; `None` for what is not JSON, which gets no answer and counts as no frame.
pub(crate) fn read<'a>(frame: &Frame<'a>, rng: &Rng, texts: &Texts) -> Option<ClientEvent<'a>> {
    let fields = match shape(frame.text) {
        Shape::Invalid => return None,
        Shape::Other => Fields::new(),
        Shape::Object(fields) => fields,
    };
    let mut tag = tag(&fields, frame, rng);
    tag.with_code = frame.with_code;
    let event = get(&fields, "event");
    let name = event.and_then(unquote);
    let ask = match name.as_deref() {
        Some("action") => {
            let params = get(&fields, "params").unwrap_or("null");
            return Some(ClientEvent { ask: Ask::Call { name: Name::InParams, params }, tag });
        }
        Some(name) => verb(name, &fields).map(Ask::Verb).or_else(|| at_actor(name, &fields)),
        None => None,
    };
    // A refusal gives the operands back; whether there will be one is not known yet.
    tag.rest = Some(frame.text.into());
    let ask = ask.unwrap_or_else(|| {
        let name = event.map_or(Cow::Borrowed("undefined"), js_text);
        Ask::Refuse(Reject::of(&codes::UNKNOWN_VERB, texts.verb_not_found(&name)))
    });
    Some(ClientEvent { ask, tag })
}

/// What the answer carries: the id as it came, or a fresh one where it counts as not given. Clients before
/// version 20 send none at all and wait for the number of their frame.
fn tag(fields: &Fields<'_>, frame: &Frame<'_>, rng: &Rng) -> Tag {
    let given = get(fields, "messageId");
    match given.filter(|raw| is_truthy(raw)) {
        Some(raw) => Tag::new(raw),
        None => {
            let number = if given.is_none() { frame.number } else { 0 };
            let id = compact_str::format_compact!("\"{}\"", rng.uuid_v4());
            Tag { id, number, ..Tag::default() }
        }
    }
}

fn verb<'a>(name: &str, fields: &Fields<'a>) -> Option<Verb<'a>> {
    let first = || words(fields).next().map(js_text);
    Some(match name {
        "say" => say(fields),
        "roomAdd" => Verb::RoomAdd(first().filter(|_| words(fields).next() != Some("null"))),
        "roomLeave" => Verb::RoomLeave(first()),
        "roomView" => Verb::RoomView(first()),
        "detailsView" => Verb::DetailsView,
        "file" => Verb::File(get(fields, "file").and_then(unquote)),
        "quit" | "exit" => Verb::Quit,
        _ => return None,
    })
}

/// Verbs at actors are ours: their operands go by name.
fn at_actor<'a>(name: &str, fields: &Fields<'a>) -> Option<Ask<'a>> {
    let raw = |key| get(fields, key).map(Cow::Borrowed);
    let listen = |on| ActorVerb::Listen { seat: raw("seat"), name: raw("name"), on };
    let verb = match name {
        "actorConnect" => ActorVerb::Connect { actor: raw("actor"), params: raw("params") },
        "actorCall" => ActorVerb::Call { seat: raw("seat"), name: raw("name"), args: raw("args") },
        "actorOn" => listen(true),
        "actorOff" => listen(false),
        "actorLeave" => ActorVerb::Leave { seat: raw("seat") },
        _ => return None,
    };
    Some(Ask::AtActor(Box::new(verb)))
}

/// All values after the first, as texts with a blank between them.
fn say<'a>(fields: &Fields<'a>) -> Verb<'a> {
    let mut words = words(fields);
    let room = words.next().map(js_text);
    let text = |raw: &'a str| if raw == "null" { Cow::Borrowed("") } else { js_text(raw) };
    let message = words.next().map(|first| {
        words.fold(text(first), |mut message, next| {
            message.to_mut().push(' ');
            message.to_mut().push_str(&text(next));
            message
        })
    });
    // Without a room of its own, what stands first is taken for one; then there is no message.
    Verb::Say { room, message: message.map(|message| quoted(&message)) }
}

fn quoted(text: &str) -> Cow<'static, str> {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_str(&mut out, text);
    String::from_utf8(out).expect("JSON is a text").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::config::Config;

    fn ask(text: &str) -> String {
        let frame = Frame { text, number: 7, with_code: false };
        let texts = Texts::new(&Config::default());
        match read(&frame, &Rng::seeded(1), &texts) {
            None => "nothing".to_owned(),
            Some(ClientEvent { ask: Ask::Call { params, .. }, tag }) => format!("call {params} #{}", tag.id),
            Some(ClientEvent { ask: Ask::Verb(verb), tag }) => format!("{verb:?} #{}", tag.id),
            Some(ClientEvent { ask: Ask::AtActor(verb), tag }) => format!("{verb:?} #{}", tag.id),
            Some(ClientEvent { ask: Ask::Refuse(reject), .. }) => reject.message.into_owned(),
        }
    }

    #[test]
    fn every_verb_of_the_documents_is_one() {
        for verb in playhouse_core::verbs::VERBS {
            let asked = ask(&format!("{{\"event\":\"{}\",\"messageId\":1}}", verb.name));
            assert!(!asked.contains("not found"), "{}: {asked}", verb.name);
        }
    }

    #[test]
    fn frames_and_what_they_ask() {
        for (frame, wanted) in [
            (r#"{"event":"action","params":{"action":"x"},"messageId":2}"#, r#"call {"action":"x"} #2"#),
            (r#"{"event":"action","messageId":"m"}"#, r#"call null #"m""#),
            (r#"{"event":"detailsView","messageId":[1]}"#, "DetailsView #[1]"),
            (r#"{"event":"roomAdd","x":"other","messageId":7}"#, r#"RoomAdd(Some("other")) #7"#),
            (r#"{"event":"roomView","messageId":7}"#, "RoomView(None) #7"),
            (
                r#"{"event":"say","room":"r","message":"a","extra":"b","n":3,"messageId":8}"#,
                r#"Say { room: Some("r"), message: Some("\"a b 3\"") } #8"#,
            ),
            (
                r#"{"event":"say","room":"r","message":{"a":1},"messageId":9}"#,
                r#"Say { room: Some("r"), message: Some("\"[object Object]\"") } #9"#,
            ),
            (
                r#"{"event":"say","room":"r","message":null,"messageId":9}"#,
                r#"Say { room: Some("r"), message: Some("\"\"") } #9"#,
            ),
            (
                r#"{"event":"say","message":"hi","messageId":1}"#,
                r#"Say { room: Some("hi"), message: None } #1"#,
            ),
            (r#"{"event":"file","file":5,"messageId":1}"#, "File(None) #1"),
            (r#"{"event":"exit","messageId":1}"#, "Quit #1"),
            (
                r#"{"event":"actorConnect","actor":["a"],"params":{"b":1},"messageId":1}"#,
                r#"Connect { actor: Some("[\"a\"]"), params: Some("{\"b\":1}") } #1"#,
            ),
            (
                r#"{"event":"actorCall","seat":1,"name":"x","messageId":1}"#,
                r#"Call { seat: Some("1"), name: Some("\"x\""), args: None } #1"#,
            ),
            (
                r#"{"event":"actorOff","seat":1,"name":"x","messageId":1}"#,
                r#"Listen { seat: Some("1"), name: Some("\"x\""), on: false } #1"#,
            ),
            (r#"{"event":"actorLeave","messageId":1}"#, "Leave { seat: None } #1"),
            ("{", "nothing"),
            ("", "nothing"),
            ("[1]", "verb not found or not allowed (undefined)"),
            ("null", "verb not found or not allowed (undefined)"),
            (r#"{"event":null}"#, "verb not found or not allowed (null)"),
            (r#"{"event":5}"#, "verb not found or not allowed (5)"),
            (r#"{"event":["say"]}"#, "verb not found or not allowed (say)"),
            (r#"{"event":"paramAdd"}"#, "verb not found or not allowed (paramAdd)"),
        ] {
            assert_eq!(ask(frame), wanted, "{frame}");
        }
    }

    #[test]
    fn only_a_frame_without_the_key_gets_its_number() {
        let number = |text| {
            let texts = Texts::new(&Config::default());
            read(&Frame { text, number: 7, with_code: false }, &Rng::seeded(1), &texts)
                .map(|event| event.tag.number)
        };
        assert_eq!(number(r#"{"event":"detailsView"}"#), Some(7));
        assert_eq!(number(r#"{"event":"detailsView","messageId":null}"#), Some(0));
        assert_eq!(number(r#"{"event":"detailsView","messageId":3}"#), Some(0));
    }
}
