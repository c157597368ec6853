//! Documents of an application's interface, made from its manifest: OpenAPI, AsyncAPI, the `swagger` of `ActionHero`,
//! and types for TypeScript. Pure functions; where they are served is decided elsewhere.

mod asyncapi;
mod errors;
mod forms;
mod openapi;
mod swagger;
mod typescript;

pub use asyncapi::asyncapi;
pub use openapi::openapi;
pub use swagger::swagger;
pub use typescript::types;

use playhouse_core::config::{Config, Mount};
use playhouse_core::manifest::{Action, Manifest};
use serde_json::{Map, Value, json};

/// The manifest as it is, and where things are, for pages: `places` has the paths of the mounts and of the generated
/// client as browsers see them, `null` where there is none, and the name of the fingerprint's cookie.
#[must_use]
pub fn manifest(manifest: &Manifest, config: &Config) -> Value {
    let mut document = serde_json::to_value(manifest).expect("a manifest has texts as keys");
    let mounts = &config.mounts;
    let seen = |mount: &Mount| mount.path().map(|path| mounts.seen_by_clients(path));
    let websockets = config.websocket.enabled;
    document["places"] = json!({
        "api": seen(&mounts.api),
        "primus": seen(&mounts.primus).filter(|_| websockets),
        "files": seen(&mounts.files),
        "explorer": seen(&mounts.explorer),
        "client": client(config).map(|path| mounts.seen_by_clients(&path)),
        "cookieKey": config.http.cookie_key,
    });
    document
}

/// Where the generated client is, where there is one.
fn client(config: &Config) -> Option<String> {
    config.mounts.primus.path().filter(|_| config.websocket.enabled)?;
    let (folder, name) = (&config.websocket.client_js_path, config.websocket.client_js_name.as_ref()?);
    // Where files have no mount of their own, they are at the root.
    let files = config.mounts.files.path().unwrap_or_default();
    Some(format!("{files}/{folder}{name}.js"))
}

/// What the application calls itself, as both documents begin.
fn info(manifest: &Manifest, more: &str) -> Value {
    let description = paragraphs(&[&manifest.description, more]);
    json!({ "title": manifest.name, "version": manifest.version, "description": description })
}

/// Texts with an empty line between them, those that say nothing left out.
fn paragraphs(texts: &[&str]) -> String {
    let said = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    said.collect::<Vec<_>>().join("\n\n")
}

/// A name in the definitions that none of the application's has.
fn free_name(taken: &Map<String, Value>, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    while taken.contains_key(&name) {
        name.push('_');
    }
    name
}

/// Adds a description where there is one to add.
fn describe(form: &mut Value, text: &str) {
    if !text.is_empty() && form.is_object() {
        form["description"] = json!(text);
    }
}

/// What an action's description says behind its summary.
fn rest(action: &Action) -> &str {
    action.description.split_once("\n\n").map_or("", |(_, rest)| rest)
}

/// The other versions of an action, for people.
fn older(manifest: &Manifest, action: &Action) -> String {
    let others = manifest.actions.iter().filter(|other| other.name == action.name && !other.is_latest);
    let lines = others.map(|other| {
        let inputs = other.inputs.iter().map(|input| {
            let optional = if input.required { "" } else { " (optional)" };
            format!("`{}`{optional}", input.name)
        });
        let inputs = inputs.collect::<Vec<_>>().join(", ");
        let inputs = if inputs.is_empty() { "none".to_owned() } else { inputs };
        format!("- {}: {} Inputs: {inputs}.", other.version, other.summary())
    });
    let lines = lines.collect::<Vec<_>>();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "This is version {}. Older ones are called with `apiVersion`:\n\n{}",
        action.version,
        lines.join("\n")
    )
}

/// What an object with these inputs is: the parameters of an action.
fn params(action: &Action, forms: forms::Forms<'_>) -> Value {
    let mut properties = Map::new();
    for input in &action.inputs {
        let mut form = forms.of_input(input);
        describe(&mut form, &forms::about(input));
        properties.insert(input.name.clone(), form);
    }
    let required: Vec<&str> =
        action.inputs.iter().filter(|input| input.required).map(|input| input.name.as_str()).collect();
    if required.is_empty() {
        // What is no object has no inputs, and where none is missing that is a call too.
        return json!({ "description": "An object; anything else counts as an empty one.", "properties": properties });
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

#[cfg(test)]
mod tests;
