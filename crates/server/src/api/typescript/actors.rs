//! The application's actors for TypeScript: of each its parameters, its actions as functions, and its events.

use super::form::{Types, block};
use super::names::{comment, parameter};
use playhouse_core::manifest::{Actor, ActorAction, ActorEvent, Argument, Manifest};

/// `Actors`; nothing where there are none.
pub(super) fn actors(manifest: &Manifest, types: &Types<'_>) -> Option<String> {
    if manifest.actors.is_empty() {
        return None;
    }
    let lines = manifest.actors.iter().map(|actor| {
        let parts = parts(actor, types);
        (actor.name.as_str(), actor.description.as_str(), true, block(parts.into_iter(), 2))
    });
    let about = comment("The server's actors: each kind by its name.", 0);
    Some(format!("{about}export interface Actors {}\n", block(lines, 0)))
}

fn parts<'a>(actor: &Actor, types: &Types<'_>) -> Vec<(&'a str, &'a str, bool, String)> {
    let params = actor.params.as_ref().map(|form| ("params", "", true, types.of(form, 4)));
    let actions = actor
        .actions
        .iter()
        .map(|action| (action.name.as_str(), action.description.as_str(), true, function(action, types)));
    let events = actor.events.iter().map(|event| (event.name.as_str(), "", true, told(event, types)));
    let own = [("actions", "", true, block(actions, 4)), ("events", "", true, block(events, 4))];
    params.into_iter().chain(own).collect()
}

fn function(action: &ActorAction, types: &Types<'_>) -> String {
    let arguments: Vec<String> = action
        .arguments
        .iter()
        .enumerate()
        .map(|(nth, argument)| {
            // Only the last ones can be left out; before others `null` stands in the place of one.
            let is_last = action.arguments[nth..].iter().all(|later| !later.required);
            given(argument, is_last, types)
        })
        .collect();
    format!("({}) => {}", arguments.join(", "), types.of(&action.output, 6))
}

fn given(argument: &Argument, is_last: bool, types: &Types<'_>) -> String {
    let form = match argument.required {
        true => types.of(&argument.schema, 6),
        false => types.or_null(&argument.schema, 6),
    };
    let mark = if is_last { "?" } else { "" };
    format!("{}{mark}: {form}", parameter(&argument.name))
}

fn told(event: &ActorEvent, types: &Types<'_>) -> String {
    let arguments: Vec<String> = event.arguments.iter().map(|form| types.of(form, 6)).collect();
    format!("[{}]", arguments.join(", "))
}
