//! What a connection does beside actions: rooms, files, its own details, and its end.

use super::calls::fields;
use super::messages::{Messages, add as add_operation, object, receives, text, time};
use playhouse_core::verbs::{VERBS, VerbDescription};
use serde_json::{Map, Value, json};

/// Adds an operation for each verb.
pub(super) fn add(messages: &mut Messages, operations: &mut Map<String, Value>) {
    let refused = messages.correlated("verbRefused", "A verb was refused", refused());
    for verb in VERBS {
        match verb.name {
            // Each action is an operation of its own.
            "action" => {}
            "file" => file(verb, messages, operations),
            "quit" => quit(verb, messages, operations),
            name => {
                let request = request(verb, messages);
                let done = done(name, messages);
                add_operation(operations, name, receives(verb.text, &request, &[done, refused.clone()]));
            }
        }
    }
}

fn request(verb: &VerbDescription, messages: &mut Messages) -> String {
    let event = json!({ "const": verb.name });
    let operands = verb.operands.iter().map(|name| (key(name), operand(name)));
    let mut keys = vec![("event*".to_owned(), event)];
    keys.extend(operands);
    keys.push(("messageId".to_owned(), json!({})));
    let keys: Vec<_> = keys.iter().map(|(key, form)| (key.as_str(), form.clone())).collect();
    messages.correlated(verb.name, verb.name, object(&keys))
}

/// An operand's key; a star says that it is required.
fn key(operand: &str) -> String {
    match operand {
        "params" | "args" => operand.to_owned(),
        _ => format!("{operand}*"),
    }
}

fn operand(name: &str) -> Value {
    text(match name {
        "actor" => return actor(),
        "seat" => return seat(),
        "name" => "The name of an action or event of the actor.",
        "args" => return json!({ "type": "array", "description": "The action's arguments." }),
        "room" => "The room's name.",
        "message" => "What is said. Other values become texts.",
        "file" => "The path in the public folder.",
        _ => return json!({}),
    })
}

fn actor() -> Value {
    let (one, several) =
        (json!({ "type": "string" }), json!({ "type": "array", "items": { "type": "string" } }));
    json!({
        "type": "array",
        "description": "The actor's name, and its key: a text, or several.",
        "minItems": 1,
        "maxItems": 2,
        "items": { "oneOf": [one, several] },
    })
}

/// A seat's number.
pub(super) fn seat() -> Value {
    json!({ "type": "integer", "minimum": 1, "description": "The number of a seat of this connection." })
}

fn done(verb: &str, messages: &mut Messages) -> String {
    let data = match verb {
        "roomAdd" | "roomLeave" | "actorOn" | "actorOff" | "actorLeave" => Some(json!({ "const": true })),
        "roomView" => Some(members(messages)),
        "detailsView" => Some(details(messages)),
        "actorConnect" => Some(object(&[("seat*", seat())])),
        "actorCall" => Some(json!({ "description": "The action's output." })),
        _ => None,
    };
    let mut keys = vec![("status*", json!({ "const": "OK" })), ("context*", json!({ "const": "response" }))];
    keys.extend(data.map(|data| ("data*", data)));
    keys.push(("messageId*", json!({})));
    messages.correlated(&format!("{verb}.done"), &format!("{verb} was done"), object(&keys))
}

fn quit(verb: &VerbDescription, messages: &mut Messages, operations: &mut Map<String, Value>) {
    let quit = messages.plain("quit", "quit", object(&[("event*", json!({ "enum": ["quit", "exit"] }))]));
    add_operation(operations, "quit", receives(verb.text, &quit, &[]));
}

fn details(messages: &mut Messages) -> Value {
    let count = || json!({ "type": "integer", "minimum": 0 });
    let form = object(&[
        ("id*", text("The connection's id.")),
        ("fingerprint*", text("The same for all connections of one browser.")),
        ("remoteIP*", text("The client's address.")),
        ("remotePort*", json!({ "type": ["integer", "string"] })),
        ("params*", json!({ "type": "object" })),
        ("connectedAt*", time("When it connected")),
        ("rooms*", json!({ "type": "array", "items": { "type": "string" } })),
        ("totalActions*", count()),
        ("pendingActions*", count()),
    ]);
    messages.form("ConnectionDetails", form)
}

fn members(messages: &mut Messages) -> Value {
    let member = object(&[("id*", text("The connection's id.")), ("joinedAt*", time("When it joined"))]);
    let form = object(&[
        ("room*", text("The room's name.")),
        ("members*", json!({ "type": "object", "additionalProperties": member })),
        ("membersCount*", json!({ "type": "integer", "minimum": 0 })),
    ]);
    messages.form("RoomMembers", form)
}

fn refused() -> Value {
    object(&[
        ("status*", text("The same as `error`.")),
        ("error*", text("What is wrong, behind `Error: `.")),
        ("code", text("What is wrong, for programs.")),
        ("fields", fields()),
        ("metadata", json!({ "description": "What else an actor says of it, for programs." })),
        (
            "retry",
            json!({ "const": true, "description": "Another attempt may succeed; only of `actorConnect`." }),
        ),
        ("context*", json!({ "const": "response" })),
        ("data*", json!({ "description": "The request's operands." })),
        ("messageId*", json!({})),
    ])
}

/// A file as a message carries it.
pub(super) fn content() -> Value {
    object(&[
        ("content*", text("The file as a text.")),
        ("mime*", text("Its type.")),
        ("length*", json!({ "type": "integer", "minimum": 0, "description": "Its bytes." })),
        ("lastModified*", json!({ "type": "string", "format": "date-time" })),
    ])
}

fn file(verb: &VerbDescription, messages: &mut Messages, operations: &mut Map<String, Value>) {
    let request = request(verb, messages);
    let about = object(&[("context*", json!({ "const": "response" })), ("messageId*", json!({}))]);
    let found = json!({ "allOf": [content(), about] });
    let found = messages.correlated("file.found", "A file", found);
    let missing = object(&[
        ("error*", text("What is wrong, for people.")),
        ("code", text("What is wrong, for programs.")),
        ("fields", fields()),
        ("content*", json!({ "type": "null" })),
        ("mime*", json!({ "type": "string" })),
        ("length*", json!({ "type": "integer", "minimum": 0 })),
        ("context*", json!({ "const": "response" })),
        ("messageId*", json!({})),
    ]);
    let missing = messages.correlated("file.missing", "There is no such file", missing);
    add_operation(operations, "file", receives(verb.text, &request, &[found, missing]));
}
