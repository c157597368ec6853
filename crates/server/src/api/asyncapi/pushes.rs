//! What the server sends by itself: a welcome, what is said in rooms, what the application pushes, and the strings of
//! the transport.

use super::messages::{Messages, add as add_operation, object, receives, sends, text, time};
use super::verbs::seat;
use playhouse_core::manifest::{Manifest, Room};
use serde_json::{Map, Value, json};

/// Adds an operation for each kind.
pub(super) fn add(manifest: &Manifest, messages: &mut Messages, operations: &mut Map<String, Value>) {
    let welcome = object(&[("welcome*", text("A greeting.")), ("context*", json!({ "const": "api" }))]);
    let welcome = messages.plain("welcome", "Welcome", welcome);
    add_operation(
        operations,
        "welcome",
        sends("The first message of a connection, unless it is switched off.", &[welcome]),
    );
    rooms(manifest, messages, operations);
    let pushed =
        json!({ "type": "object", "required": ["context"], "properties": { "context": { "const": "api" } } });
    let alert = json!({ "type": "object", "required": ["context"], "properties": { "context": { "const": "alert" } } });
    let pushed = messages.plain("api", "News of the server", pushed);
    let alert = messages.plain("alert", "An alert of the server", alert);
    add_operation(
        operations,
        "push",
        sends("What the application sends to a connection by itself.", &[pushed, alert]),
    );
    actors(messages, operations);
    transport(messages, operations);
}

fn actors(messages: &mut Messages, operations: &mut Map<String, Value>) {
    let context = || json!({ "const": "actor" });
    let heard = object(&[
        ("event*", text("The event's name.")),
        ("args*", json!({ "type": "array", "description": "Its arguments." })),
        ("context*", context()),
        ("seat*", seat()),
    ]);
    let why = object(&[
        ("code*", text("Why, for programs.")),
        ("reason*", text("Why, for people; may be empty.")),
        ("retry*", json!({ "type": "boolean", "description": "Whether it is worth it to take a new seat." })),
    ]);
    let ended = object(&[("seat*", seat()), ("closed*", why), ("context*", context())]);
    let heard = messages.plain("actor.event", "An event of an actor", heard);
    let ended = messages.plain("actor.closed", "A seat at an actor is over", ended);
    add_operation(operations, "actor", sends("What the connection's seats at actors hear.", &[heard, ended]));
}

/// Each room that the application names has its own operation, all others share one.
fn rooms(manifest: &Manifest, messages: &mut Messages, operations: &mut Map<String, Value>) {
    for room in &manifest.rooms {
        let title = format!("Said in {}", room.name);
        let name = messages.plain(&format!("said.{}", room.name), &title, said(Some(room)));
        add_operation(
            operations,
            &format!("said.{}", room.name),
            sends(&format!("What is said in the room `{}`.", room.name), &[name]),
        );
    }
    let other = messages.plain("said", "Said in a room", said(None));
    add_operation(
        operations,
        "said",
        sends("What is said in a room that is made while the server runs.", &[other]),
    );
}

fn said(room: Option<&Room>) -> Value {
    let message = match room.and_then(|room| room.message.as_ref()) {
        // What clients say are texts.
        Some(form) => json!({ "anyOf": [form, { "type": "string" }] }),
        None => json!({ "description": "A text from clients, any value from the application." }),
    };
    let name = room.map_or_else(|| text("The room's name."), |room| json!({ "const": room.name }));
    object(&[
        ("message*", message),
        ("room*", name),
        ("from*", text("The sender's connection; `0` is the application.")),
        ("context*", json!({ "const": "user" })),
        ("sentAt*", time("When it was said")),
    ])
}

fn transport(messages: &mut Messages, operations: &mut Map<String, Value>) {
    let string = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let ping = messages.plain("ping", "Ping", string("^primus::ping::[0-9]+$"));
    let pong = messages.plain("pong", "Pong", string("^primus::pong::[0-9]+$"));
    add_operation(
        operations,
        "ping",
        sends(
            "Asks whether the client is there; who does not answer is closed.",
            std::slice::from_ref(&ping),
        ),
    );
    add_operation(operations, "pong", receives("The answer to a ping, with the ping's number.", &pong, &[]));
    let close = messages.plain("close", "Farewell", json!({ "const": "primus::server::close" }));
    add_operation(
        operations,
        "close",
        sends("The connection ends on purpose: the client shall not come back.", &[close]),
    );
}
