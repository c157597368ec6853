//! What came back, in the form a test wants: an answer as its type, a refusal, and frames shown to people.

use crate::inputs::Readable;
use playhouse_core::error::Reject;
use serde::Deserialize as _;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt::Write as _;

/// The code of a refusal where the answer names none: to clients of `ActionHero`'s own only the text is sent.
const UNSAID: &str = "unsaid";

/// Frames that are shown; more would hide the sentence above them.
const SHOWN: usize = 10;

/// Reads the answer of an action.
///
/// # Panics
/// When it has another form than the action's own, as after a middleware that answered in its place.
pub(super) fn read<T: Readable>(action: &str, answer: &Value) -> T {
    match T::read(answer.clone()) {
        Ok(answer) => answer,
        Err(error) => panic!(
            "`{action}` answered with something else than a `{}` ({error}): {answer}",
            std::any::type_name::<T>()
        ),
    }
}

/// Takes an answer out of the frame that carried it: its keys stand beside the frame's own, what is no object under
/// `data`, and what is nothing leaves no trace.
pub(super) fn from_frame<T: Readable>(action: &str, frame: Map<String, Value>) -> Result<T, Reject> {
    if let Some(error) = frame.get("error") {
        return Err(refusal(error, &frame));
    }
    let mut keys = frame;
    for own in ["context", "messageId", "messageCount"] {
        keys.remove(own);
    }
    let inner = match keys.len() {
        0 => Some(Value::Null),
        1 => keys.get("data").cloned(),
        _ => None,
    };
    let whole = Value::Object(keys);
    let as_inner = inner.and_then(|inner| T::read(inner).ok());
    Ok(as_inner.unwrap_or_else(|| read(action, &whole)))
}

/// The refusal that a frame carries.
fn refusal(error: &Value, frame: &Map<String, Value>) -> Reject {
    let message = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
    let code = frame.get("code").and_then(Value::as_str).unwrap_or(UNSAID).to_owned();
    let fields = frame.get("fields").and_then(Value::as_array).into_iter().flatten();
    let fields = fields.filter_map(Value::as_str).map(str::to_owned).collect();
    let metadata = frame.get("metadata").map(|metadata| Box::new(as_value(metadata.clone())));
    Reject { fields, metadata, ..Reject::new(code, message) }
}

/// A value as actors have it, with the kinds that JSON lacks.
pub(super) fn as_value(json: Value) -> playhouse_core::value::Value {
    serde_json::from_value(json).expect("what a server writes of a value is one")
}

/// The arguments of an event.
pub(super) fn as_values(json: &Value) -> Vec<playhouse_core::value::Value> {
    Vec::deserialize(json).expect("an event has a list of values")
}

/// The data of a verb's answer, or its refusal.
pub(super) fn of_verb(mut frame: Map<String, Value>) -> Result<Value, Reject> {
    match frame.get("error") {
        Some(error) => Err(refusal_of_verb(error, &frame)),
        None => Ok(frame.remove("data").unwrap_or_default()),
    }
}

/// A refusal whose text says first that it is an error.
fn refusal_of_verb(error: &Value, frame: &Map<String, Value>) -> Reject {
    let refusal = refusal(error, frame);
    let message = refusal.message.strip_prefix("Error: ").map(str::to_owned);
    message.map_or(refusal.clone(), |message| Reject { message: message.into(), ..refusal })
}

/// What has come in the place of what was waited for.
pub(super) fn shown(frames: &VecDeque<Value>) -> String {
    if frames.is_empty() {
        return "Nothing else has come.".to_owned();
    }
    let mut text = "What has come instead, and was not looked at:".to_owned();
    for frame in frames.iter().take(SHOWN) {
        // Writing to a text can't fail.
        let _ = write!(text, "\n  {frame}");
    }
    if frames.len() > SHOWN {
        let _ = write!(text, "\n  and {} more", frames.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taken<T: Readable>(frame: Value) -> Result<T, Reject> {
        let Value::Object(frame) = frame else { panic!("a frame is an object") };
        from_frame("greet", frame)
    }

    #[test]
    fn answers_come_out_of_their_frames() {
        let object = json!({ "a": 1, "context": "response", "messageId": 7, "messageCount": 2 });
        assert_eq!(taken::<Value>(object).unwrap(), json!({ "a": 1 }));
        assert_eq!(taken::<u8>(json!({ "data": 5, "context": "response", "messageId": 7 })).unwrap(), 5);
        assert_eq!(taken::<()>(json!({ "context": "response", "messageId": 7 })), Ok(()));
    }

    #[test]
    fn refusals_have_the_code_and_the_fields_that_were_said() {
        let refused = taken::<()>(json!({ "error": "no", "context": "response" })).unwrap_err();
        assert_eq!(refused, Reject::new("unsaid", "no"));
        let coded = json!({ "error": "no", "code": "missing_param", "fields": ["name"] });
        assert_eq!(taken::<()>(coded).unwrap_err(), Reject::new("missing_param", "no").field("name"));
        let Value::Object(verb) = json!({ "error": "Error: no", "code": "poor", "metadata": { "have": 2 } })
        else {
            panic!("a frame is an object")
        };
        let refused = of_verb(verb).unwrap_err();
        assert_eq!((&*refused.code, &*refused.message), ("poor", "no"));
        assert_eq!(refused.metadata.map(|more| more.to_json()), Some(br#"{"have":2}"#.to_vec()));
    }

    #[test]
    fn only_some_frames_are_shown() {
        let frames: VecDeque<Value> = (0..12).map(|n| json!(n)).collect();
        let text = shown(&frames);
        assert!(text.contains("\n  9\n  and 2 more") && !text.contains("\n  10"), "{text}");
    }
}
