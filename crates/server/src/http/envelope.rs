//! The body of an answer to an action: the result's keys or `error`, what the server and the request were,
//! and the dress it wears (indentation, JSONP). actionhero.md, section 5.4.

use super::json::indented;
use playhouse_core::json::{push_str, push_u64};
use playhouse_node::action::{Input, Params};
use std::collections::HashSet;
use std::net::IpAddr;

/// Parameters that are shown although no action declares them.
const ALWAYS_SHOWN: [&str; 4] = ["file", "apiVersion", "callback", "messageId"];

/// Who asked and what arrived: `requesterInformation`.
pub(super) struct Requester<'a> {
    pub(super) id: &'a str,
    pub(super) fingerprint: &'a str,
    pub(super) message_id: &'a str,
    pub(super) remote_ip: IpAddr,
    /// A raw JSON object, as [`received`] makes it.
    pub(super) received: &'a str,
}

/// Who answers: `serverInformation`.
pub(super) struct Server<'a> {
    pub(super) name: &'a str,
    /// The application's version.
    pub(super) version: &'a str,
    /// How long it took, in milliseconds.
    pub(super) duration: u64,
    /// Milliseconds since 1970.
    pub(super) now: u64,
}

/// What an answer says.
pub(super) enum Said<'a> {
    /// The result as raw JSON.
    Result(&'a str),
    /// An error's text.
    Error(&'a str),
}

/// Writes an answer, compact. The keys of a result that is an object are at the top level, anything else is
/// under `data`.
pub(super) fn write(said: &Said<'_>, about: Option<(&Server<'_>, &Requester<'_>)>) -> Vec<u8> {
    let room = match said {
        Said::Result(raw) => raw.len(),
        Said::Error(text) => text.len(),
    };
    // An object alone is written as it is; a body that fills its memory becomes an answer without more of it.
    let extra = match (about, said) {
        (Some((_, requester)), _) => 512 + requester.received.len(),
        (None, Said::Result(raw)) if raw.starts_with('{') => 0,
        (None, Said::Result(_) | Said::Error(_)) => 32,
    };
    let mut out = Vec::with_capacity(room + extra);
    open(said, &mut out);
    if let Some((server, requester)) = about {
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        out.extend_from_slice(b"\"serverInformation\":");
        push_server(&mut out, server);
        out.extend_from_slice(b",\"requesterInformation\":");
        push_requester(&mut out, requester);
    }
    out.push(b'}');
    out
}

/// Everything but the last brace.
fn open(said: &Said<'_>, out: &mut Vec<u8>) {
    match said {
        Said::Error(text) => {
            out.extend_from_slice(b"{\"error\":");
            push_str(out, text);
        }
        Said::Result(raw) => {
            let raw = raw.trim();
            match raw.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(fields) => {
                    out.push(b'{');
                    out.extend_from_slice(fields.trim().as_bytes());
                }
                None => {
                    out.extend_from_slice(b"{\"data\":");
                    out.extend_from_slice(raw.as_bytes());
                }
            }
        }
    }
}

fn push_server(out: &mut Vec<u8>, server: &Server<'_>) {
    out.extend_from_slice(b"{\"serverName\":");
    push_str(out, server.name);
    out.extend_from_slice(b",\"apiVersion\":");
    push_str(out, server.version);
    out.extend_from_slice(b",\"requestDuration\":");
    push_u64(out, server.duration);
    out.extend_from_slice(b",\"currentTime\":");
    push_u64(out, server.now);
    out.push(b'}');
}

/// Also the whole answer to TRACE.
pub(super) fn push_requester(out: &mut Vec<u8>, requester: &Requester<'_>) {
    out.extend_from_slice(b"{\"id\":");
    push_str(out, requester.id);
    out.extend_from_slice(b",\"fingerprint\":");
    push_str(out, requester.fingerprint);
    out.extend_from_slice(b",\"messageId\":");
    push_str(out, requester.message_id);
    out.extend_from_slice(b",\"remoteIP\":");
    push_str(out, &requester.remote_ip.to_string());
    out.extend_from_slice(b",\"receivedParams\":");
    out.extend_from_slice(requester.received.as_bytes());
    out.push(b'}');
}

/// The parameters that some action declares, and those that are always shown; at the end the action that was
/// found, or `null`.
pub(super) fn received(params: &Params, declared: &HashSet<&str>, action: Option<&str>) -> String {
    let mut out = b"{".to_vec();
    let shown = |name: &str| name != "action" && (ALWAYS_SHOWN.contains(&name) || declared.contains(name));
    for (name, input) in params.iter().filter(|(name, _)| shown(name)) {
        push_str(&mut out, name);
        out.push(b':');
        match input {
            Input::Json(raw) => out.extend_from_slice(raw.as_bytes()),
            Input::Text(text) => push_str(&mut out, text),
        }
        out.push(b',');
    }
    out.extend_from_slice(b"\"action\":");
    match action {
        Some(name) => push_str(&mut out, name),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b'}');
    String::from_utf8(out).expect("made of texts")
}

/// Dresses an answer: indented by `indent` blanks a level where that is not 0, and as a call of `callback`.
pub(super) fn dress(json: Vec<u8>, indent: usize, callback: Option<&str>) -> Vec<u8> {
    let json = if indent == 0 { json } else { indented(&json, indent) };
    let Some(callback) = callback else { return json };
    let mut out = escaped(callback).into_bytes();
    out.push(b'(');
    out.extend_from_slice(&json);
    out.extend_from_slice(b");");
    out
}

/// The name of a JSONP callback, as the original defuses it.
fn escaped(callback: &str) -> String {
    let mut out = String::with_capacity(callback.len());
    for letter in callback.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '(' | ')' => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(said: &Said<'_>) -> String {
        String::from_utf8(write(said, None)).unwrap()
    }

    #[test]
    fn results_and_errors() {
        for (raw, expected) in [
            ("{}", "{}"),
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (" { } ", "{}"),
            ("5", r#"{"data":5}"#),
            ("[1]", r#"{"data":[1]}"#),
        ] {
            assert_eq!(text(&Said::Result(raw)), expected);
        }
        assert_eq!(text(&Said::Error("no \"x\"")), r#"{"error":"no \"x\""}"#);
    }

    #[test]
    fn as_recorded_with_all_about_it() {
        let mut params = Params::default();
        params.set_text("zzz", "not declared");
        params.set_text("name", "");
        params.set_text("action", "x");
        params.set_json("apiVersion", "2");
        let declared = HashSet::from(["name", "other"]);
        let requester = Requester {
            id: "ff-00",
            fingerprint: "ff",
            message_id: "00",
            remote_ip: [127, 0, 0, 1].into(),
            received: &received(&params, &declared, Some("createChatRoom")),
        };
        let server = Server { name: "demo", version: "1.0.0", duration: 0, now: 1_700_000_000_060 };
        let said = Said::Error("name is a required parameter for this action");
        let json = write(&said, Some((&server, &requester)));
        let expected = r#"{
  "error": "name is a required parameter for this action",
  "serverInformation": {
    "serverName": "demo",
    "apiVersion": "1.0.0",
    "requestDuration": 0,
    "currentTime": 1700000000060
  },
  "requesterInformation": {
    "id": "ff-00",
    "fingerprint": "ff",
    "messageId": "00",
    "remoteIP": "127.0.0.1",
    "receivedParams": {
      "name": "",
      "apiVersion": 2,
      "action": "createChatRoom"
    }
  }
}"#;
        assert_eq!(String::from_utf8(dress(json, 2, None)).unwrap(), expected);
        let empty = write(&Said::Result("{}"), Some((&server, &requester)));
        assert!(empty.starts_with(b"{\"serverInformation\":{"));
    }

    #[test]
    fn callbacks_are_defused() {
        let dressed = |callback| String::from_utf8(dress(b"{}".to_vec(), 0, Some(callback))).unwrap();
        assert_eq!(dressed("my.cb"), "my.cb({});");
        assert_eq!(dressed("<b>(1)&\"'"), "&lt;b&gt;1&amp;&quot;&#39;({});");
    }
}
