//! The document of `ActionHero`'s action `swagger`: `OpenAPI` 2.0, all actions under all their methods, every input a
//! text (actionhero.md, section 7). For pages and tools that read it today; `openapi` says more.

use super::openapi::route;
use playhouse_core::config::Config;
use playhouse_core::manifest::{Action, Input, Manifest};
use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document.
#[must_use]
pub fn swagger(manifest: &Manifest, config: &Config) -> Value {
    let mut paths = Map::new();
    for action in manifest.latest().filter(|action| action.web && config.http.simple_routing) {
        let operation = operation(action);
        let methods = METHODS.iter().map(|method| ((*method).to_owned(), operation.clone()));
        paths.insert(route(action), Value::Object(methods.collect()));
    }
    json!({
        "swagger": "2.0",
        "info": {
            "description": manifest.description,
            "version": manifest.version,
            "title": manifest.name,
        },
        "host": format!("localhost:{}", config.port),
        "basePath": config.mounts.seen_by_clients(config.mounts.api.path().unwrap_or_default()) + "/",
        "schemes": ["http"],
        "paths": paths,
        "securityDefinitions": {},
        "externalDocs": {
            "description": "Learn more about ActionHero, whose clients this server speaks with",
            "url": "https://www.actionherojs.com",
        },
    })
}

fn operation(action: &Action) -> Value {
    let mut inputs: Vec<&Input> = action.inputs.iter().collect();
    inputs.sort_by(|one, other| one.name.cmp(&other.name));
    // What stands before a colon in a name is its group.
    let tag = action.name.split(':').next().unwrap_or_default();
    json!({
        "tags": [tag],
        "summary": action.summary(),
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "parameters": inputs.into_iter().map(parameter).collect::<Vec<_>>(),
        "responses": {
            "200": { "description": "successful operation" },
            "400": { "description": "Invalid input" },
            "404": { "description": "Not Found" },
            "422": { "description": "Missing or invalid params" },
            "500": { "description": "Server error" },
        },
        "security": [],
    })
}

/// Where there are no bodies of JSON all inputs are texts.
fn parameter(input: &Input) -> Value {
    let mut parameter =
        json!({ "in": "query", "name": input.name, "type": "string", "required": input.required });
    super::describe(&mut parameter, input.description.trim());
    match input.schema.get("default") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => parameter["default"] = json!(text),
        Some(other) => parameter["default"] = json!(other.to_string()),
    }
    parameter
}
