//! A request's object as its keys and raw values, in the order in which they were written.

use playhouse_core::json;
use serde_json::value::RawValue;
use smallvec::SmallVec;
use std::borrow::Cow;

/// Keys and raw values. A key written twice stands where it was first, with the value it had last.
pub(crate) type Fields<'a> = SmallVec<[(Cow<'a, str>, &'a str); 6]>;

/// More keys than any request has; of what is beyond only those are kept that have a meaning, so that a frame of
/// a million keys costs no more than to read it.
const KEYS_MAX: usize = 64;

/// What a frame is, before anyone asks what it means.
#[allow(clippy::large_enum_variant, reason = "nearly all are objects, which live for one frame")]
pub(crate) enum Shape<'a> {
    /// An object.
    Object(Fields<'a>),
    /// Any other JSON.
    Other,
    /// No JSON.
    Invalid,
}

/// Looks at a frame.
pub(crate) fn shape(text: &str) -> Shape<'_> {
    if let Some(object) = json::Fields::of(text) {
        return taken_apart(object).map_or(Shape::Invalid, Shape::Object);
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Shape::Other,
        Err(_) => Shape::Invalid,
    }
}

fn taken_apart(object: json::Fields<'_>) -> Result<Fields<'_>, json::Invalid> {
    let mut fields = Fields::new();
    object.each(|key, value| {
        if fields.len() >= KEYS_MAX && !has_meaning(&key) {
            return;
        }
        match fields.iter_mut().find(|(other, _)| *other == key) {
            Some((_, old)) => *old = value,
            None => fields.push((key, value)),
        }
    })?;
    Ok(fields)
}

fn has_meaning(key: &str) -> bool {
    matches!(key, "event" | "messageId" | "params" | "room" | "file" | "actor" | "seat" | "name" | "args")
}

/// The raw value of a key.
pub(crate) fn get<'a>(fields: &Fields<'a>, key: &str) -> Option<&'a str> {
    fields.iter().find(|(other, _)| other == key).map(|(_, raw)| *raw)
}

/// Whether a value counts as given, by JavaScript's rules.
pub(crate) fn is_truthy(raw: &str) -> bool {
    match raw.as_bytes().first() {
        Some(b'0' | b'-') => raw.parse::<f64>().is_ok_and(|number| number != 0.0),
        Some(_) => !matches!(raw, "null" | "false" | "\"\""),
        None => false,
    }
}

/// The values of a verb, positional: `room` first where it is given, then all others as written.
pub(crate) fn words<'a>(fields: &Fields<'a>) -> impl Iterator<Item = &'a str> {
    let room = get(fields, "room").filter(|raw| is_truthy(raw));
    let rest = fields.iter().filter(move |(key, _)| is_operand(key, room.is_some())).map(|(_, raw)| *raw);
    room.into_iter().chain(rest.collect::<SmallVec<[&str; 4]>>())
}

fn is_operand(key: &str, room_taken: bool) -> bool {
    match key {
        "event" | "messageId" => false,
        "room" => !room_taken,
        _ => true,
    }
}

/// What is left of a request beside what the server takes out of it, as raw JSON: the operands that a refusal
/// gives back. For anything but an object it is the frame itself.
pub(crate) fn leftovers(frame: &str) -> String {
    let Shape::Object(fields) = shape(frame) else { return frame.trim().to_owned() };
    let room_taken = get(&fields, "room").is_some_and(is_truthy);
    let mut out = String::from("{");
    for (key, raw) in fields.iter().filter(|(key, _)| is_operand(key, room_taken)) {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(key).expect("a text is always JSON"));
        out.push(':');
        out.push_str(raw);
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Fields<'_> {
        let Shape::Object(fields) = shape(text) else { panic!("{text} is an object") };
        fields
    }

    #[test]
    fn the_room_comes_first_and_the_rest_as_written() {
        let fields = object(r#"{"event":"say","message":"a","extra":"b","n":3,"room":"r","messageId":1}"#);
        assert_eq!(words(&fields).collect::<Vec<_>>(), ["\"r\"", "\"a\"", "\"b\"", "3"]);
    }

    #[test]
    fn a_room_that_counts_as_not_given_stays_an_operand() {
        let fields = object(r#"{"event":"roomAdd","room":"","messageId":6}"#);
        assert_eq!(words(&fields).collect::<Vec<_>>(), ["\"\""]);
        assert_eq!(leftovers(r#"{"event":"roomAdd","room":"","messageId":6}"#), r#"{"room":""}"#);
        assert_eq!(leftovers(r#"{"event":"fly","a":1,"room":"z","b":{"c":2}}"#), r#"{"a":1,"b":{"c":2}}"#);
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let fields = object(r#"{"event":"nope","event":"detailsView","messageId":1,"messageId":2}"#);
        assert_eq!((get(&fields, "event"), get(&fields, "messageId")), (Some("\"detailsView\""), Some("2")));
    }

    #[test]
    fn truth() {
        for raw in ["null", "0", "-0", "0.0", "\"\"", "false", "0e5"] {
            assert!(!is_truthy(raw), "{raw}");
        }
        for raw in ["1", "-1", "0.5", "\"0\"", "[]", "{}", "true"] {
            assert!(is_truthy(raw), "{raw}");
        }
    }

    #[test]
    fn shapes() {
        assert!(matches!(shape("{"), Shape::Invalid));
        assert!(matches!(shape("{} {}"), Shape::Invalid));
        assert!(matches!(shape("hello"), Shape::Invalid));
        assert!(matches!(shape(""), Shape::Invalid));
        assert!(matches!(shape(" null "), Shape::Other));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(shape(&deep), Shape::Other | Shape::Invalid));
    }
}
