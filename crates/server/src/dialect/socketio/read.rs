//! Events of a client become what it asks for.

use super::tag;
use crate::dialect::actionhero;
use crate::dialect::actionhero::operands::{Fields, Shape, get, shape};
use memchr::memmem::Finder;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::event::{ActorVerb, Ask, ClientEvent, Name, Verb};
use playhouse_core::json::unquote;
use playhouse_core::rng::Rng;
use playhouse_node::action::input::js_text;
use playhouse_node::texts::Texts;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Reads an event: its name, its arguments as raw JSON, and the id of the ack that is wanted, if one is.
pub(crate) fn read<'a>(
    name: Cow<'a, str>,
    args: &[&'a str],
    ack: Option<&str>,
    rng: &Rng,
    texts: &Texts,
) -> ClientEvent<'a> {
    let first = args.first().copied();
    if name == "message" {
        return frame(first.unwrap_or("null"), ack, rng, texts);
    }
    let mut tag = tag::of(ack);
    let id = first.and_then(mark);
    let ask = match verb(&name, first) {
        Some(ask) => ask,
        None => call(name, first),
    };
    tag.again = id.and_then(|id| again(&ask, id));
    ClientEvent { ask, tag }
}

/// By what it is known when it is asked again: by what is asked, too, so that nothing gets the answer to something else.
fn again(ask: &Ask<'_>, id: &str) -> Option<Box<str>> {
    let known = match ask {
        Ask::Verb(verb) => format!("{} {id}", done_once(verb)?),
        Ask::Call { name: Name::Given(name), .. } => format!("call {name:?} {id}"),
        Ask::Call { name: Name::InParams, params } => match shape(params) {
            Shape::Object(fields) => format!("call {} {id}", get(&fields, "action")?),
            Shape::Other | Shape::Invalid => return None,
        },
        Ask::AtActor(_) | Ask::Refuse(_) => return None,
    };
    (known.len() <= MARK_MAX).then(|| known.into())
}

/// The name of a verb that is not done again when it is asked again.
fn done_once(verb: &Verb<'_>) -> Option<&'static str> {
    match verb {
        Verb::Say { .. } => Some("say"),
        Verb::RoomAdd(_) => Some("roomAdd"),
        Verb::RoomLeave(_) => Some("roomLeave"),
        Verb::RoomView(_) | Verb::DetailsView | Verb::File(_) | Verb::Quit => None,
    }
}

/// The id among parameters by which they are known when they come again: a text or a number.
fn mark(params: &str) -> Option<&str> {
    static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"messageId\""));
    KEY.find(params.as_bytes())?;
    match shape(params) {
        Shape::Object(fields) => get(&fields, "messageId").filter(|raw| *raw != "\"\"" && is_id(raw)),
        Shape::Other | Shape::Invalid => None,
    }
}

fn is_id(raw: &str) -> bool {
    raw.starts_with(|first: char| matches!(first, '"' | '-' | '0'..='9'))
}

/// What is known by more than this is not known again.
const MARK_MAX: usize = 256;

/// Whether an event of this name asks for the end of its connection.
pub(crate) fn is_quit(name: &str) -> bool {
    matches!(name, "quit" | "exit")
}

/// A whole frame, as on a websocket.
fn frame<'a>(text: &'a str, ack: Option<&str>, rng: &Rng, texts: &Texts) -> ClientEvent<'a> {
    let frame = actionhero::Frame { text, number: 0, with_code: false };
    match actionhero::read(&frame, rng, texts) {
        Some(mut event) => {
            event.tag.id = tag::of_frame(ack, &event.tag.id);
            event.tag.number = 0;
            event
        }
        // It was looked at as a part of its packet.
        None => ClientEvent { ask: refuse("a message must be JSON"), tag: tag::of(ack) },
    }
}

fn refuse(text: &'static str) -> Ask<'static> {
    Ask::Refuse(Reject::of(&codes::INVALID_PARAM, text))
}

fn call<'a>(name: Cow<'a, str>, params: Option<&'a str>) -> Ask<'a> {
    let params = params.filter(|params| *params != "null").unwrap_or("{}");
    if params.starts_with('{') {
        return Ask::Call { name: Name::Given(name), params };
    }
    refuse("parameters must be an object")
}

fn verb<'a>(name: &str, first: Option<&'a str>) -> Option<Ask<'a>> {
    Some(Ask::Verb(match name {
        "action" => return Some(action(first)),
        "say" => return Some(with_fields(first, |fields| Ask::Verb(say(fields)))),
        "roomAdd" => Verb::RoomAdd(word(first, "room")),
        "roomLeave" => Verb::RoomLeave(word(first, "room")),
        "roomView" => Verb::RoomView(word(first, "room")),
        "detailsView" => Verb::DetailsView,
        "file" => Verb::File(word(first, "file")),
        name if is_quit(name) => Verb::Quit,
        _ => return at_actor(name, first),
    }))
}

fn action(params: Option<&str>) -> Ask<'_> {
    match params {
        Some(params) if params.starts_with('{') => Ask::Call { name: Name::InParams, params },
        Some(_) | None => refuse("`action` takes an object with the action's name under `action`"),
    }
}

fn with_fields<'a>(first: Option<&'a str>, ask: impl FnOnce(&Fields<'a>) -> Ask<'a>) -> Ask<'a> {
    match first.map(shape) {
        Some(Shape::Object(fields)) => ask(&fields),
        Some(Shape::Other | Shape::Invalid) | None => refuse("its argument must be an object"),
    }
}

fn say<'a>(fields: &Fields<'a>) -> Verb<'a> {
    let room = get(fields, "room").filter(|room| *room != "null").map(js_text);
    Verb::Say { room, message: get(fields, "message").map(Cow::Borrowed) }
}

/// A word by itself, or under its name in an object.
fn word<'a>(first: Option<&'a str>, key: &str) -> Option<Cow<'a, str>> {
    let first = first?;
    let raw = match shape(first) {
        Shape::Object(fields) => get(&fields, key)?,
        Shape::Other | Shape::Invalid => first,
    };
    (raw != "null").then(|| unquote(raw).unwrap_or_else(|| js_text(raw)))
}

fn at_actor<'a>(name: &str, first: Option<&'a str>) -> Option<Ask<'a>> {
    let known = matches!(name, "actorConnect" | "actorCall" | "actorOn" | "actorOff" | "actorLeave");
    known.then(|| with_fields(first, |fields| Ask::AtActor(Box::new(actor_verb(name, fields)))))
}

fn actor_verb<'a>(name: &str, fields: &Fields<'a>) -> ActorVerb<'a> {
    let raw = |key| get(fields, key).map(Cow::Borrowed);
    match name {
        "actorConnect" => ActorVerb::Connect { actor: raw("actor"), params: raw("params") },
        "actorCall" => ActorVerb::Call { seat: raw("seat"), name: raw("name"), args: raw("args") },
        "actorLeave" => ActorVerb::Leave { seat: raw("seat") },
        listen => ActorVerb::Listen { seat: raw("seat"), name: raw("name"), on: listen == "actorOn" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::config::Config;

    fn ask(name: &str, args: &[&str]) -> String {
        let texts = Texts::new(&Config::default());
        let event = read(Cow::Borrowed(name), args, Some("7"), &Rng::seeded(1), &texts);
        match event.ask {
            Ask::Call { name: Name::Given(name), params } => format!("{name} {params} #{}", event.tag.id),
            Ask::Call { name: Name::InParams, params } => format!("in {params} #{}", event.tag.id),
            Ask::Verb(verb) => format!("{verb:?} #{}", event.tag.id),
            Ask::AtActor(verb) => format!("{verb:?} #{}", event.tag.id),
            Ask::Refuse(reject) => format!("no: {reject} #{}", event.tag.id),
        }
    }

    #[test]
    fn events_and_what_they_ask() {
        for (name, args, wanted) in [
            ("randomNumber", &[][..], "randomNumber {} #7"),
            ("userView", &[r#"{"id":7}"#], r#"userView {"id":7} #7"#),
            ("userView", &["null"], "userView {} #7"),
            ("userView", &["[1]"], "no: parameters must be an object #7"),
            ("action", &[r#"{"action":"x"}"#], r#"in {"action":"x"} #7"#),
            ("roomAdd", &[r#""lobby""#], r#"RoomAdd(Some("lobby")) #7"#),
            ("roomAdd", &[r#"{"room":"lobby"}"#], r#"RoomAdd(Some("lobby")) #7"#),
            ("roomLeave", &[], "RoomLeave(None) #7"),
            ("roomView", &["{}"], "RoomView(None) #7"),
            (
                "say",
                &[r#"{"room":"lobby","message":{"a":1}}"#],
                r#"Say { room: Some("lobby"), message: Some("{\"a\":1}") } #7"#,
            ),
            ("say", &[r#""lobby""#], "no: its argument must be an object #7"),
            ("detailsView", &[], "DetailsView #7"),
            ("file", &[r#""a.html""#], r#"File(Some("a.html")) #7"#),
            ("exit", &[], "Quit #7"),
            ("actorLeave", &[r#"{"seat":3}"#], r#"Leave { seat: Some("3") } #7"#),
            ("message", &[r#"{"event":"detailsView","messageId":"a:b"}"#], r#"DetailsView #m7:"a:b""#),
        ] {
            assert_eq!(ask(name, args), wanted, "{name} {args:?}");
        }
    }
}
