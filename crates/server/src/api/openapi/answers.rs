//! What an action answers over HTTP: its result or file, its refusals by status, and what all answers share
//! (`http::envelope` writes them).

use crate::api::errors::{by_status, own};
use crate::api::forms::Forms;
use crate::api::free_name;
use playhouse_core::codes::RejectCode;
use playhouse_core::config::Config;
use playhouse_core::manifest::{Action, Manifest, Output, REF};
use serde_json::{Map, Value, json};

/// Refusals of a body, before there is a call: without a code.
const OF_BODIES: &[(u16, &str)] = &[
    (400, "The body is no JSON, is nested too deep, or is incomplete."),
    (408, "The body did not come within its time."),
    (413, "The body is over its limit."),
    (503, "The server has no room for the body now."),
];

/// Makes answers; those of refusals are written once and referred to, as most actions have the same.
pub(super) struct Answers<'m> {
    manifest: &'m Manifest,
    config: &'m Config,
    /// The names of our own forms.
    error: String,
    about: String,
    shared: Vec<(String, Value)>,
}

impl<'m> Answers<'m> {
    pub(super) fn new(manifest: &'m Manifest, config: &'m Config) -> Self {
        let name = |wanted| free_name(&manifest.definitions, wanted);
        Self { manifest, config, error: name("ErrorAnswer"), about: name("AboutAnswer"), shared: Vec::new() }
    }

    /// The answers of an action.
    pub(super) fn of(&mut self, action: &Action, has_body: bool) -> Value {
        let own = own(action);
        let mut codes = by_status(action, &self.config.http);
        codes.remove(&200);
        let mut answers = Map::new();
        answers.insert("200".to_owned(), self.result(action));
        if action.output == Output::Sent {
            answers.insert(
                "206".to_owned(),
                json!({ "description": "The part of the file that `Range` asks for." }),
            );
            answers.insert("304".to_owned(), json!({ "description": "The client has the file already." }));
        }
        let of_bodies = OF_BODIES.iter().filter(|_| has_body);
        for (status, _) in of_bodies.clone() {
            codes.entry(*status).or_default();
        }
        for (status, codes) in codes {
            let also = of_bodies.clone().find(|(other, _)| *other == status).map(|(_, text)| *text);
            let refusal = self.refusal(&codes, &own, also);
            answers.insert(status.to_string(), self.share(&format!("Status{status}"), refusal));
        }
        let other = self.refusal(&[], &own, Some("A refusal with a status that the application chose."));
        answers.insert("default".to_owned(), self.share("StatusOther", other));
        answers.into()
    }

    fn result(&self, action: &Action) -> Value {
        let forms = Forms(&self.manifest.definitions);
        let (text, content) = match &action.output {
            Output::Nothing => (
                "It is done.",
                json!({ "application/json": { "schema": self.with_about(json!({ "type": "object" })) } }),
            ),
            Output::Sent => ("A file.", json!({ "*/*": {} })),
            Output::Value(form) => (
                "The result.",
                json!({ "application/json": { "schema": self.with_about(forms.laid_out(form)) } }),
            ),
        };
        let content = if self.config.http.return_error_codes { content } else { self.or_error(content) };
        json!({ "description": text, "headers": self.headers(None), "content": content })
    }

    /// Without statuses a refusal looks like a result.
    fn or_error(&self, mut content: Value) -> Value {
        let form = &mut content["application/json"]["schema"];
        let error = json!({ "$ref": format!("{REF}{}", self.error) });
        *form = if form.is_null() { error } else { json!({ "anyOf": [form.take(), error] }) };
        content
    }

    fn refusal(&self, codes: &[&RejectCode], own: &[&str], also: Option<&str>) -> Value {
        let mut lines: Vec<String> =
            codes.iter().map(|code| format!("- `{}`: {}", code.name, code.text)).collect();
        lines.extend(own.iter().map(|code| format!("- `{code}`: the action's own.")));
        let list = lines.join("\n");
        let text = crate::api::paragraphs(&[also.unwrap_or("Refused."), &list]);
        let names: Vec<&str> = codes.iter().map(|code| code.name).chain(own.iter().copied()).collect();
        let mut content =
            json!({ "application/json": { "schema": { "$ref": format!("{REF}{}", self.error) } } });
        if codes.iter().any(|code| code.name == "file_not_found") {
            // A file that an action sends and that is not there is answered as by the public folder.
            content["text/html"] = json!({ "schema": { "type": "string" } });
        }
        // An application may choose any status and code, so that only statuses of ours have a list.
        let names = if codes.is_empty() { Vec::new() } else { names };
        json!({ "description": text, "headers": self.headers(Some(&names)), "content": content })
    }

    fn headers(&self, codes: Option<&[&str]>) -> Value {
        let mut headers = json!({ "Set-Cookie": { "$ref": "#/components/headers/Fingerprint" } });
        if let Some(codes) = codes {
            let form = if codes.is_empty() {
                json!({ "type": "string" })
            } else {
                json!({ "type": "string", "enum": codes })
            };
            let text = "The refusal's code, for programs.";
            headers["X-Error-Code"] = json!({ "description": text, "schema": form });
            let text = "The names of the inputs that are refused, percent-encoded, with commas between them.";
            headers["X-Error-Fields"] = json!({ "description": text, "schema": { "type": "string" } });
        }
        headers
    }

    /// Adds what answers say of themselves, where they do.
    fn with_about(&self, form: Value) -> Value {
        if !self.config.http.metadata {
            return form;
        }
        json!({ "allOf": [form, { "$ref": format!("{REF}{}", self.about) }] })
    }

    fn share(&mut self, wanted: &str, answer: Value) -> Value {
        let found = self.shared.iter().find(|(_, other)| *other == answer).map(|(name, _)| name.clone());
        let name = found.unwrap_or_else(|| {
            let same = self.shared.iter().filter(|(name, _)| name.split('_').next() == Some(wanted)).count();
            let name = if same == 0 { wanted.to_owned() } else { format!("{wanted}_{}", same + 1) };
            self.shared.push((name.clone(), answer));
            name
        });
        json!({ "$ref": format!("#/components/responses/{name}") })
    }

    /// Everything that was referred to.
    pub(super) fn components(self) -> Value {
        let mut schemas = self.manifest.definitions.clone();
        let error = json!({
            "type": "object",
            "description": "A refusal.",
            "required": ["error"],
            "properties": { "error": { "type": "string", "description": "What is wrong, for people." } },
        });
        schemas.insert(self.error.clone(), self.with_about(error));
        if self.config.http.metadata {
            schemas.insert(self.about.clone(), about_answer());
        }
        let text = format!(
            "The client's fingerprint in the cookie `{}`, where the request brought none.",
            self.config.http.cookie_key
        );
        let cookie = json!({ "description": text, "schema": { "type": "string" } });
        let responses: Map<String, Value> = self.shared.into_iter().collect();
        json!({ "schemas": schemas, "responses": responses, "headers": { "Fingerprint": cookie } })
    }
}

/// `http.metadata`.
fn about_answer() -> Value {
    let ms = |text: &str| json!({ "type": "integer", "minimum": 0, "description": text });
    json!({
        "type": "object",
        "description": "Who answered, who asked, and what arrived.",
        "required": ["serverInformation", "requesterInformation"],
        "properties": {
            "serverInformation": {
                "type": "object",
                "required": ["serverName", "apiVersion", "requestDuration", "currentTime"],
                "properties": {
                    "serverName": { "type": "string" },
                    "apiVersion": { "type": "string", "description": "The application's version." },
                    "requestDuration": ms("Milliseconds."),
                    "currentTime": ms("Milliseconds since 1970."),
                },
            },
            "requesterInformation": {
                "type": "object",
                "required": ["id", "fingerprint", "messageId", "remoteIP", "receivedParams"],
                "properties": {
                    "id": { "type": "string" },
                    "fingerprint": { "type": "string" },
                    "messageId": { "type": "string" },
                    "remoteIP": { "type": "string" },
                    "receivedParams": {
                        "type": "object",
                        "description": "The parameters that some action declares.",
                        "required": ["action"],
                        "properties": { "action": { "type": ["string", "null"] } },
                    },
                },
            },
        },
    })
}
