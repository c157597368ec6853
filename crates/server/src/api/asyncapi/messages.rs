//! The messages of the document, each written once, and the operations that refer to them.

use super::PLACE;
use crate::api::free_name;
use playhouse_core::manifest::{Manifest, REF};
use serde_json::{Map, Value, json};

/// All messages, by name.
pub(super) struct Messages {
    all: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Messages {
    pub(super) fn new(manifest: &Manifest) -> Self {
        Self { all: Map::new(), schemas: manifest.definitions.clone() }
    }

    /// Adds a form under a name that is free; answers a reference to it.
    pub(super) fn form(&mut self, wanted: &str, form: Value) -> Value {
        let name = free_name(&self.schemas, wanted);
        self.schemas.insert(name.clone(), form);
        json!({ "$ref": format!("{REF}{name}") })
    }

    /// Adds a message that has a `messageId`; answers its name.
    pub(super) fn correlated(&mut self, name: &str, title: &str, payload: Value) -> String {
        let id = json!({ "$ref": "#/components/correlationIds/messageId" });
        self.put(name, json!({ "title": title, "correlationId": id }), payload)
    }

    /// Adds a message that the server sends by itself, or that is the transport's; answers its name.
    pub(super) fn plain(&mut self, name: &str, title: &str, payload: Value) -> String {
        self.put(name, json!({ "title": title }), payload)
    }

    fn put(&mut self, name: &str, mut message: Value, payload: Value) -> String {
        let name = free_name(&self.all, &word(name));
        message["name"] = json!(name);
        message["payload"] = payload;
        self.all.insert(name.clone(), message);
        name
    }

    /// The messages as a place lists them.
    pub(super) fn of_place(&self) -> Value {
        let refer =
            |name: &String| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") }));
        self.all.keys().map(refer).collect::<Map<_, _>>().into()
    }

    /// What all others refer to.
    pub(super) fn components(self) -> Value {
        let text = "What the client chose for its request: any value that is neither empty, `0`, `false` nor `null`.";
        json!({
            "schemas": self.schemas,
            "messages": self.all,
            "correlationIds": {
                "messageId": { "description": text, "location": "$message.payload#/messageId" },
            },
        })
    }
}

/// What a message of this document is called by an operation.
fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> Value {
    let refer = |name: &String| json!({ "$ref": format!("{PLACE}/messages/{name}") });
    names.into_iter().map(refer).collect::<Vec<_>>().into()
}

/// The server receives one of these and answers with one of those.
pub(super) fn receives(summary: &str, request: &String, answers: &[String]) -> Value {
    let mut operation = json!({
        "action": "receive",
        "channel": { "$ref": PLACE },
        "summary": summary,
        "messages": listed([request]),
    });
    if !answers.is_empty() {
        operation["reply"] = json!({ "channel": { "$ref": PLACE }, "messages": listed(answers) });
    }
    operation
}

/// The server sends one of these.
pub(super) fn sends(summary: &str, messages: &[String]) -> Value {
    json!({
        "action": "send",
        "channel": { "$ref": PLACE },
        "summary": summary,
        "messages": listed(messages),
    })
}

/// Adds an operation under a name of the letters that the format takes.
pub(super) fn add(operations: &mut Map<String, Value>, name: &str, operation: Value) {
    operations.insert(free_name(operations, &word(name)), operation);
}

/// A name in the letters that the format takes.
fn word(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    name.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect()
}

/// An object with these keys; `*` at the end of a name says that it is always there.
pub(super) fn object(keys: &[(&str, Value)]) -> Value {
    let name = |name: &str| name.trim_end_matches('*').to_owned();
    let properties: Map<String, Value> = keys.iter().map(|(key, form)| (name(key), form.clone())).collect();
    let required: Vec<String> =
        keys.iter().filter(|(key, _)| key.ends_with('*')).map(|(key, _)| name(key)).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// A text that says what it is.
pub(super) fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

/// A number of milliseconds since 1970.
pub(super) fn time(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": format!("{about}, in milliseconds since 1970.") })
}
