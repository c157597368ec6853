//! Makes the manifest of a table of actions and of rooms: what `core::manifest` holds.

use super::shape::{SchemaGenerator, Shape};
use super::{Definition, InputDefinition, Table};
use crate::connection::Kind;
use playhouse_core::config::Config;
use playhouse_core::manifest::{Action, Actor, Input, Manifest, REF, Room, Schema, referred};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// A room as an application names it.
#[derive(Clone, Debug)]
pub struct RoomDefinition {
    /// Its name.
    pub name: String,
    /// The form of what the application says in it, where it tells.
    pub message: Option<Shape>,
}

/// Says what clients may know of an application's actors. The first generator is for what is read, the second for what is
/// written.
pub type ActorForms = Arc<dyn Fn(&mut SchemaGenerator, &mut SchemaGenerator) -> Vec<Actor> + Send + Sync>;

/// What an application offers.
#[must_use]
pub fn manifest(config: &Config, table: &Table, rooms: &[RoomDefinition], actors: &ActorForms) -> Manifest {
    // What a type accepts and what it writes may differ, such as in fields that may be missing.
    let mut read = settings().for_deserialize().into_generator();
    let mut written = settings().for_serialize().into_generator();
    let mut actions = Vec::new();
    let mut before = "";
    for registered in table.all() {
        let definition = &registered.definition;
        let mut action = describe(definition, &mut read, &mut written, config.actions.timeout);
        action.is_latest = definition.name != before;
        before = definition.name;
        actions.push(action);
    }
    let rooms = rooms.iter().map(|room| Room {
        name: room.name.clone(),
        message: room.message.map(|shape| shape(&mut written).to_value()),
    });
    let rooms = rooms.collect();
    let mut actors = actors(&mut read, &mut written);
    let inputs = actions.iter_mut().flat_map(|action| &mut action.inputs).map(|input| &mut input.schema);
    let given = actors.iter_mut().flat_map(given);
    let definitions = both(inputs.chain(given), read.take_definitions(true), written.take_definitions(true));
    let app = &config.app;
    Manifest {
        name: app.name.clone(),
        version: app.version.clone(),
        description: app.description.clone(),
        actions,
        rooms,
        actors,
        definitions,
    }
}

/// The forms of all that clients give to an actor.
fn given(actor: &mut Actor) -> impl Iterator<Item = &mut Schema> {
    let arguments = actor.actions.iter_mut().flat_map(|action| &mut action.arguments);
    actor.params.iter_mut().chain(arguments.map(|argument| &mut argument.schema))
}

/// Names where OpenAPI wants them, and no title on each.
fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        let place = REF.trim_start_matches('#').trim_end_matches('/');
        settings.definitions_path = place.into();
        settings.meta_schema = None;
    })
}

fn describe(
    definition: &Definition,
    read: &mut SchemaGenerator,
    written: &mut SchemaGenerator,
    timeout: Duration,
) -> Action {
    let serves = |kind| !definition.blocked.contains(&kind);
    let timeout = definition.timeout.unwrap_or(timeout);
    Action {
        name: definition.name.to_owned(),
        version: definition.version,
        is_latest: false,
        description: definition.description.to_owned(),
        inputs: definition.inputs.iter().map(|input| describe_input(input, read)).collect(),
        output: (definition.output)(written),
        errors: errors(definition),
        web: serves(Kind::Web),
        websocket: serves(Kind::Websocket),
        timeout: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
    }
}

fn describe_input(input: &InputDefinition, read: &mut SchemaGenerator) -> Input {
    Input {
        name: input.name.to_owned(),
        description: input.description.to_owned(),
        required: input.required,
        own_parsing: input.own_parsing,
        schema: (input.shape)(read).to_value(),
    }
}

/// Those that its inputs bring, then its own.
fn errors(definition: &Definition) -> Vec<String> {
    use playhouse_core::codes::{INVALID_PARAM, MISSING_PARAM};
    let inputs = definition.inputs;
    let missing = inputs.iter().any(|input| input.required).then_some(MISSING_PARAM.name);
    let invalid = (!inputs.is_empty()).then_some(INVALID_PARAM.name);
    let own = definition.errors.iter().copied();
    missing.into_iter().chain(invalid).chain(own).map(str::to_owned).collect()
}

/// One table of names. A type whose two forms differ, or that has such a one inside of it, keeps its name for what is
/// written; what is read of it is called `…Input`.
fn both<'a>(
    given: impl Iterator<Item = &'a mut Schema>,
    read: Map<String, Value>,
    written: Map<String, Value>,
) -> Map<String, Value> {
    let names = differing(&read, &written).into_iter().map(|name| {
        let free = free_name(&name, &read, &written);
        (name, free)
    });
    let names: HashMap<String, String> = names.collect();
    let mut all = written;
    for (name, mut schema) in read {
        rename(&mut schema, &names);
        all.insert(names.get(&name).cloned().unwrap_or(name), schema);
    }
    given.for_each(|schema| rename(schema, &names));
    all
}

/// The types that look different when they are read.
fn differing(read: &Map<String, Value>, written: &Map<String, Value>) -> HashSet<String> {
    let mut found = HashSet::new();
    loop {
        let differs = |(name, schema): &(&String, &Value)| {
            let other = written.get(*name).is_some_and(|other| other != *schema || refers(schema, &found));
            other && !found.contains(*name)
        };
        let more: Vec<String> = read.iter().filter(differs).map(|(name, _)| name.clone()).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Whether a form has one of these types inside of it.
fn refers(schema: &Value, names: &HashSet<String>) -> bool {
    if referred(schema).is_some_and(|name| names.contains(name)) {
        return true;
    }
    match schema {
        Value::Object(fields) => fields.values().any(|field| refers(field, names)),
        Value::Array(elements) => elements.iter().any(|element| refers(element, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A name that no type of the application has.
fn free_name(name: &str, read: &Map<String, Value>, written: &Map<String, Value>) -> String {
    let mut free = format!("{name}Input");
    while read.contains_key(&free) || written.contains_key(&free) {
        free.push('_');
    }
    free
}

/// Follows references to their new names.
fn rename(schema: &mut Value, names: &HashMap<String, String>) {
    let new = referred(schema).and_then(|name| names.get(name)).map(|name| format!("{REF}{name}"));
    match schema {
        Value::Object(fields) => {
            if let Some(new) = new {
                fields.insert("$ref".to_owned(), Value::String(new));
            }
            fields.values_mut().for_each(|field| rename(field, names));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
