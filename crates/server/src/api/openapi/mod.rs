//! OpenAPI 3.1: the actions as they are served over HTTP, each below the mount under its own name.

mod answers;
mod inputs;

use super::forms::Forms;
use super::{info, older, paragraphs, rest};
use answers::Answers;
use playhouse_core::config::{Config, Mount};
use playhouse_core::manifest::{Action, Manifest};
use serde_json::{Map, Value, json};

/// What holds for all operations and no place of the format has.
const ABOUT: &str = "Every action answers to GET with its inputs in the query, and to POST, PUT, PATCH and DELETE with \
     a JSON object; all mean the same. HEAD is GET without the body. An input in the body goes before one of the same \
     name in the query; what an action does not declare is left out. A refusal has its text as `error` and its code, \
     which stays the same when the text changes, in the header `X-Error-Code`.";

/// The OpenAPI document.
#[must_use]
pub fn openapi(manifest: &Manifest, config: &Config) -> Value {
    let mut answers = Answers::new(manifest, config);
    let mut paths = Map::new();
    for action in manifest.latest().filter(|action| action.web) {
        if let Some(path) = path(action, config) {
            paths.insert(path, operations(manifest, action, &mut answers));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": info(manifest, &paragraphs(&[ABOUT, &jsonp(config)])),
        "servers": [{ "url": config.mounts.prefix.path().unwrap_or("/"), "description": "The server that this document is from." }],
        "paths": paths,
        "components": answers.components(),
    })
}

/// Where an action is served, if it is.
fn path(action: &Action, config: &Config) -> Option<String> {
    let Mount::At(mount) = &config.mounts.api else { return None };
    config.http.simple_routing.then(|| format!("{mount}{}", route(action)))
}

/// The same below the mount.
pub(super) fn route(action: &Action) -> String {
    format!("/{}", encoded(&action.name))
}

/// A name as one part of a path. Braces too: in a document they would be a variable.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn jsonp(config: &Config) -> String {
    if config.http.jsonp {
        "A parameter `callback` turns an answer into JavaScript that calls it (JSONP).".to_owned()
    } else {
        String::new()
    }
}

fn operations(manifest: &Manifest, action: &Action, answers: &mut Answers<'_>) -> Value {
    let forms = Forms(&manifest.definitions);
    let versions = inputs::versions(manifest, action);
    let mut both = json!({});
    if let Some(parameters) = inputs::query(action, forms) {
        let parameters: Vec<Value> = parameters.into_iter().chain(versions.clone()).collect();
        let mut get = operation(manifest, action, "get");
        add_list(&mut get, "parameters", parameters);
        get["responses"] = answers.of(action, false);
        both["get"] = get;
    }
    let mut post = operation(manifest, action, "post");
    add_list(&mut post, "parameters", versions.into_iter().collect());
    if let Some(body) = inputs::body(action, forms) {
        post["requestBody"] = body;
    }
    post["responses"] = answers.of(action, !action.inputs.is_empty());
    both["post"] = post;
    both
}

fn operation(manifest: &Manifest, action: &Action, method: &str) -> Value {
    let mut operation =
        json!({ "operationId": format!("{method}_{}", action.name), "summary": action.summary() });
    let description = paragraphs(&[rest(action), &older(manifest, action)]);
    super::describe(&mut operation, &description);
    operation
}

fn add_list(to: &mut Value, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        to[key] = list.into();
    }
}
