//! Calls of actions over the websocket, and what is answered.

use super::messages::{Messages, add as add_operation, object, receives, text};
use crate::api::errors::own;
use crate::api::forms::Forms;
use crate::api::{older, paragraphs, params, rest};
use playhouse_core::codes::REJECTS;
use playhouse_core::manifest::{Action, Manifest, Output};
use serde_json::{Map, Value, json};

/// Adds an operation for each action.
pub(super) fn add(manifest: &Manifest, messages: &mut Messages, operations: &mut Map<String, Value>) {
    let actions: Vec<&Action> = manifest.latest().filter(|action| action.websocket).collect();
    if actions.is_empty() {
        return;
    }
    let refused = messages.correlated("refused", "A call was refused", refused(manifest));
    for action in actions {
        let name = &action.name;
        let request =
            messages.correlated(&format!("call.{name}"), &format!("Calls {name}"), call(manifest, action));
        let answer = answer(manifest, action);
        let answer = messages.correlated(&format!("answer.{name}"), &format!("What {name} answers"), answer);
        let mut operation = receives(&action.summary(), &request, &[answer, refused.clone()]);
        let description = paragraphs(&[rest(action), &older(manifest, action), &codes(action)]);
        crate::api::describe(&mut operation, &description);
        add_operation(operations, &format!("call.{name}"), operation);
    }
}

fn codes(action: &Action) -> String {
    let codes: Vec<String> = action.errors.iter().map(|code| format!("`{code}`")).collect();
    if codes.is_empty() {
        String::new()
    } else {
        format!("Refused, besides what any call may be, with {}.", codes.join(", "))
    }
}

fn call(manifest: &Manifest, action: &Action) -> Value {
    let mut inputs = params(action, Forms(&manifest.definitions));
    inputs["type"] = json!("object");
    inputs["properties"]["action"] = json!({ "const": action.name });
    inputs["properties"]["apiVersion"] = json!({ "description": "The version; the highest without it." });
    match &mut inputs["required"] {
        Value::Array(required) => required.push(json!("action")),
        none => *none = json!(["action"]),
    }
    object(&[("event*", json!({ "const": "action" })), ("params*", inputs), ("messageId", json!({}))])
}

/// The keys of a result stand beside those of the answer.
fn answer(manifest: &Manifest, action: &Action) -> Value {
    let about = object(&[
        ("context", text("`response`, unless the result has a key of this name.")),
        ("messageId*", json!({})),
    ]);
    let result = match &action.output {
        Output::Nothing => return about,
        Output::Sent => super::verbs::content(),
        Output::Value(form) => Forms(&manifest.definitions).laid_out(form),
    };
    json!({ "allOf": [result, about] })
}

fn refused(manifest: &Manifest) -> Value {
    let mut all: Vec<&str> = REJECTS.iter().map(|code| code.name).collect();
    all.extend(manifest.actions.iter().flat_map(own));
    all.sort_unstable();
    all.dedup();
    object(&[
        ("error*", text("What is wrong, for people.")),
        ("code", json!({ "type": "string", "description": "What is wrong, for programs.", "examples": all })),
        ("fields", fields()),
        ("context*", json!({ "const": "response" })),
        ("messageId*", json!({})),
    ])
}

/// The inputs that a refusal is about.
pub(super) fn fields() -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": "The inputs that it is about." })
}
