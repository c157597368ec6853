//! What a connection does beside actions: rooms, files, its own details, and its end.

use super::calls::fields;
use super::messages::{Messages, add as add_operation, object, receives, text, time};
use serde_json::{Map, Value, json};

/// One verb.
struct Verb {
    name: &'static str,
    /// What it does.
    about: &'static str,
    /// Its operands.
    operands: Vec<(&'static str, Value)>,
    /// What its answer has under `data`.
    data: Option<Value>,
}

/// Adds an operation for each verb.
pub(super) fn add(messages: &mut Messages, operations: &mut Map<String, Value>) {
    let refused = messages.correlated("verbRefused", "A verb was refused", refused());
    for verb in verbs(messages) {
        let Verb { name, about, operands, data } = verb;
        let request = request(messages, name, operands);
        let mut keys =
            vec![("status*", json!({ "const": "OK" })), ("context*", json!({ "const": "response" }))];
        keys.extend(data.map(|data| ("data*", data)));
        keys.push(("messageId*", json!({})));
        let done = messages.correlated(&format!("{name}.done"), &format!("{name} was done"), object(&keys));
        add_operation(operations, name, receives(about, &request, &[done, refused.clone()]));
    }
    file(messages, operations);
    let quit = messages.plain("quit", "quit", object(&[("event*", json!({ "enum": ["quit", "exit"] }))]));
    let about = "Ends the connection; nothing is answered but the transport's farewell.";
    add_operation(operations, "quit", receives(about, &quit, &[]));
}

fn request(messages: &mut Messages, name: &str, operands: Vec<(&str, Value)>) -> String {
    let mut keys = vec![("event*", json!({ "const": name }))];
    keys.extend(operands);
    keys.push(("messageId", json!({})));
    messages.correlated(name, name, object(&keys))
}

fn verbs(messages: &mut Messages) -> Vec<Verb> {
    let room = || ("room*", text("The room's name."));
    let yes = || Some(json!({ "const": true }));
    let (details, members) = (details(messages), members(messages));
    vec![
        Verb { name: "roomAdd", about: "Joins a room.", operands: vec![room()], data: yes() },
        Verb { name: "roomLeave", about: "Leaves a room.", operands: vec![room()], data: yes() },
        Verb { name: "roomView", about: "Who is in a room.", operands: vec![room()], data: Some(members) },
        Verb {
            name: "say",
            about: "Says something to all who are in a room, the sender included.",
            operands: vec![room(), ("message*", text("What is said. Other values become texts."))],
            data: None,
        },
        Verb {
            name: "detailsView",
            about: "What the server knows of this connection.",
            operands: vec![],
            data: Some(details),
        },
    ]
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

fn file(messages: &mut Messages, operations: &mut Map<String, Value>) {
    let request = request(messages, "file", vec![("file*", text("The path in the public folder."))]);
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
    add_operation(
        operations,
        "file",
        receives("Reads a file of the public folder.", &request, &[found, missing]),
    );
}
