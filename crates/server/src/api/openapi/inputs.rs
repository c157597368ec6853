//! How the inputs of an action travel over HTTP: in the query, or in a body of JSON.

use crate::api::forms::{Forms, InQuery, about};
use crate::api::{describe, params};
use playhouse_core::manifest::{Action, Manifest};
use serde_json::{Value, json};

/// The parameters of the query; `None` where a required input can't be told there.
pub(super) fn query(action: &Action, forms: Forms<'_>) -> Option<Vec<Value>> {
    let mut parameters = Vec::new();
    for input in &action.inputs {
        let mut parameter = json!({ "name": input.name, "in": "query", "required": input.required });
        describe(&mut parameter, &about(input));
        let form = forms.of_input_in_query(input);
        match forms.in_query(input) {
            InQuery::Plain => parameter["schema"] = form,
            // `?a=1&a=2` is read as a list too, but one of a single element is not.
            InQuery::Json => parameter["content"] = json!({ "application/json": { "schema": form } }),
            InQuery::Never if input.required => return None,
            InQuery::Never => continue,
        }
        parameters.push(parameter);
    }
    Some(parameters)
}

/// The body, where there is anything to say in it.
pub(super) fn body(action: &Action, forms: Forms<'_>) -> Option<Value> {
    if action.inputs.is_empty() {
        return None;
    }
    let required = action.inputs.iter().any(|input| input.required);
    Some(json!({
        "required": required,
        "content": { "application/json": { "schema": params(action, forms) } },
    }))
}

/// The parameter that chooses among the versions of an action, where there is a choice.
pub(super) fn versions(manifest: &Manifest, action: &Action) -> Option<Value> {
    let all = manifest.actions.iter().filter(|other| other.name == action.name && other.web);
    let versions: Vec<Value> = all.map(|other| number(other.version)).collect();
    (versions.len() > 1).then(|| {
        json!({
            "name": "apiVersion",
            "in": "query",
            "required": false,
            "description": "Which version of the action is meant; the highest without it.",
            "schema": { "enum": versions, "default": number(action.version) },
        })
    })
}

/// A version as people write it: `2`, not `2.0`.
fn number(version: f64) -> Value {
    serde_json::from_str(&version.to_string()).unwrap_or_else(|_| json!(version))
}
