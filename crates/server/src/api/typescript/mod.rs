//! The application's types for TypeScript: what stands in the client's `.d.ts` behind its own.

mod actors;
mod form;
mod names;
#[cfg(test)]
mod tests;

use super::errors::own;
use super::forms::{Forms, is_any};
use form::{Types, block};
use names::{comment, key, quoted};
use playhouse_core::codes::REJECTS;
use playhouse_core::manifest::{Action, Manifest, Output};
use serde_json::Value;

/// What an action that answers with a file is answered over the websocket.
const FILE: &str = "{ content: string, mime: string, length: number, lastModified: string }";

/// Named types, then `Actions`, `Rooms`, `Actors` and `ErrorCode`: the content of a namespace of their own.
#[must_use]
pub fn types(manifest: &Manifest) -> String {
    let types = Types { names: names::of_types(manifest.definitions.keys().map(String::as_str)) };
    let mut parts: Vec<String> =
        manifest.definitions.iter().map(|(name, form)| named(&types, name, form)).collect();
    parts.extend([actions(manifest, &types), rooms(manifest, &types)]);
    parts.extend(actors::actors(manifest, &types));
    parts.push(error_codes(manifest));
    let text = parts.join("\n");
    let lines =
        text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") });
    lines.collect()
}

fn named(types: &Types<'_>, name: &str, form: &Value) -> String {
    let text = form.get("description").and_then(Value::as_str).unwrap_or_default();
    let (name, form) = (&types.names[name], types.of(form, 0));
    // An interface shows with its name in editors; what is put together of several can't be one.
    let is_block = form.starts_with("{\n") && form.find("\n}") == Some(form.len() - 2);
    let said = if is_block { format!("interface {name} {form}") } else { format!("type {name} = {form}") };
    format!("{}export {said}\n", comment(text, 0))
}

fn actions(manifest: &Manifest, types: &Types<'_>) -> String {
    let mut out =
        comment("What the server can do: each action by its name.", 0) + "export interface Actions {\n";
    for action in manifest.latest() {
        out += &comment(&action.description, 2);
        let parts = [
            ("params", params(action, types)),
            ("result", result(manifest, action, types)),
            ("errors", union(action.errors.iter().map(String::as_str))),
        ];
        let parts = parts.into_iter().map(|(name, form)| (name, "", true, form));
        out += &format!("  {}: {}\n", key(&action.name), block(parts, 2));
    }
    out + "}\n"
}

fn params(action: &Action, types: &Types<'_>) -> String {
    if action.inputs.is_empty() {
        return "{}".to_owned();
    }
    let keys = action.inputs.iter().map(|input| {
        // What the application reads itself is mostly a text that becomes something else.
        let form = if input.own_parsing && !is_any(&input.schema) {
            types.or_text(&input.schema, 6)
        } else {
            types.of(&input.schema, 6)
        };
        (input.name.as_str(), input.description.as_str(), input.required, form)
    });
    block(keys, 4)
}

fn result(manifest: &Manifest, action: &Action, types: &Types<'_>) -> String {
    match &action.output {
        Output::Nothing => "{}".to_owned(),
        Output::Sent => FILE.to_owned(),
        Output::Value(form) => types.of(&Forms(&manifest.definitions).laid_out(form), 4),
    }
}

fn rooms(manifest: &Manifest, types: &Types<'_>) -> String {
    let mut out =
        comment("What is said in the rooms that the application names.", 0) + "export interface Rooms {\n";
    for room in &manifest.rooms {
        // What clients say are texts.
        let form = room.message.as_ref().map_or_else(|| "any".to_owned(), |form| types.or_text(form, 2));
        out += &format!("  {}: {form}\n", key(&room.name));
    }
    out + "}\n"
}

/// All codes that a refusal can have: the server's and those of all actions.
fn error_codes(manifest: &Manifest) -> String {
    let mut codes: Vec<&str> = REJECTS.iter().map(|code| code.name).collect();
    codes.extend(manifest.actions.iter().flat_map(own));
    codes.sort_unstable();
    codes.dedup();
    let lines: String = codes.iter().map(|code| format!("\n  | {}", quoted(code))).collect();
    comment("What a refusal's `code` may be.", 0) + &format!("export type ErrorCode ={lines}\n")
}

fn union<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(quoted).collect();
    if words.is_empty() { "never".to_owned() } else { words.join(" | ") }
}
