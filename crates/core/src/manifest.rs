//! What an application offers, as data: its actions and rooms, with the form of everything that travels.
//!
//! Documents, types for other languages, pages and the command line are made from it. Knows nothing of how an action
//! runs, and no format that is made from it.

use serde::Serialize;
use serde_json::{Map, Value};

/// A form, as JSON Schema (2020-12). `$ref` points to [`Manifest::definitions`] by [`REF`] and the name.
pub type Schema = Value;

/// What a reference to a definition begins with: the place that OpenAPI and AsyncAPI give them.
pub const REF: &str = "#/components/schemas/";

/// An application.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// What it calls itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Its actions, by name and then by version, the highest first.
    pub actions: Vec<Action>,
    /// The rooms that it names itself; there may be more at run time.
    pub rooms: Vec<Room>,
    /// Its kinds of actors, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<Actor>,
    /// The forms that have a name.
    pub definitions: Map<String, Value>,
}

/// One version of an action.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Its name on the wire.
    pub name: String,
    /// Its version.
    pub version: f64,
    /// Whether it is the highest of its name, which a caller gets that names no version.
    pub is_latest: bool,
    /// What it does: the first paragraph is a summary, all of it may be Markdown.
    pub description: String,
    /// Its inputs, as they are declared.
    pub inputs: Vec<Input>,
    /// What it answers.
    pub output: Output,
    /// The codes of refusals that it can answer with, without those that any action can.
    pub errors: Vec<String>,
    /// Whether it is served over HTTP.
    pub web: bool,
    /// Whether it is served over websockets.
    pub websocket: bool,
    /// How long a call may take, in milliseconds.
    pub timeout: u64,
}

/// One input of an action.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Its name on the wire.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Whether the application reads the value itself, and so may take other forms than this one.
    pub own_parsing: bool,
    /// Its form.
    pub schema: Schema,
}

/// What an action answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "schema")]
pub enum Output {
    /// No result: that it was done is all.
    Nothing,
    /// The action answers by itself, such as with a file.
    Sent,
    /// A value. The keys of an object stand at the top level of an answer, anything else under `data`.
    Value(Schema),
}

/// A room that the application names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// Its name.
    pub name: String,
    /// What the application says in it. What clients say are texts.
    pub message: Option<Schema>,
}

/// A kind of actors, as its clients see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// Its name on the wire.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What a client says of itself as it connects, where the actor asks for something.
    pub params: Option<Schema>,
    /// The actions that clients may call, as they are declared.
    pub actions: Vec<ActorAction>,
    /// What it tells its connections.
    pub events: Vec<ActorEvent>,
}

/// An action of an actor.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActorAction {
    /// Its name on the wire.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Its arguments, in their order.
    pub arguments: Vec<Argument>,
    /// What it answers; `null` for nothing.
    pub output: Schema,
}

/// An argument of an actor's action.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// Its name in refusals.
    pub name: String,
    /// Whether a call without it, or with `null` in its place, is refused.
    pub required: bool,
    /// Its form.
    pub schema: Schema,
}

/// What an actor tells its connections.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActorEvent {
    /// Its name on the wire.
    pub name: String,
    /// What comes with it, in this order.
    pub arguments: Vec<Schema>,
}

impl Manifest {
    /// The versions that a caller gets that names none, by name.
    pub fn latest(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| action.is_latest)
    }
}

/// The name that a reference means.
#[must_use]
pub fn referred(schema: &Schema) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(REF)
}

impl Action {
    /// The first paragraph of its description, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let first = self.description.split("\n\n").next().unwrap_or_default();
        first.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
