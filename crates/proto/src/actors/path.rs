//! Paths below `/gateway`: whom they name, and what they want of it (actors.md, 3).
//!
//! It must not know which actors there are, nor where the server is mounted: what is before `/gateway` is
//! cut off by the caller.

use std::borrow::Cow;

use crate::percent;

/// What all of these paths begin with.
pub const PREFIX: &str = "/gateway/";

/// The address of a request to an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway<'a> {
    /// The id of an actor; the name of its kind where the [query](super::query) says so. Never empty.
    pub actor: Cow<'a, str>,
    /// The token in the path, if there is one. Never empty.
    pub token: Option<Cow<'a, str>>,
    /// What follows, the query included: empty, or from a slash or a question mark on.
    pub rest: &'a str,
}

impl<'a> Gateway<'a> {
    /// Reads a path, with or without its query. `None` is not found: another path, a name or token that is
    /// empty or not URL-encoded UTF-8, or two slashes in a row anywhere before the query.
    #[must_use]
    pub fn read(target: &'a str) -> Option<Self> {
        let path = target.split('?').next().unwrap_or_default();
        if path.contains("//") {
            return None;
        }
        let after = target.strip_prefix(PREFIX)?;
        let (segment, rest) = after.split_at(after.find(['/', '?']).unwrap_or(after.len()));
        let (actor, token) = match segment.split_once('@') {
            Some((actor, token)) => (actor, Some(word(token)?)),
            None => (segment, None),
        };
        Some(Self { actor: word(actor)?, token, rest })
    }
}

fn word(text: &str) -> Option<Cow<'_, str>> {
    percent::decoded(text).filter(|text| !text.is_empty())
}

/// What is wanted of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// To run an action of this name.
    Action(Cow<'a, str>),
    /// A connection, by websocket.
    Connect,
    /// HTTP for the actor itself: the path as it sees it, from the slash on, with the query.
    Request(Cow<'a, str>),
    /// A websocket for the actor itself, likewise.
    WebSocket(Cow<'a, str>),
    /// A sign of life.
    Health,
    /// A message for a queue of this name, which clients of 2.2.1 know.
    Queue(&'a str),
}

impl<'a> Wanted<'a> {
    /// Reads [`Gateway::rest`], or the whole address where headers name the actor. `None` is not found.
    #[must_use]
    pub fn read(rest: &'a str) -> Option<Self> {
        let (path, _) = rest.split_once('?').unwrap_or((rest, ""));
        let (first, below) = match path.strip_prefix('/')?.split_once('/') {
            Some((first, below)) => (first, Some(below)),
            None => (&path[1..], None),
        };
        let seen = || inner(&rest[1 + first.len()..]);
        Some(match (first, below) {
            ("action", Some(name)) if !name.contains('/') => Self::Action(word(name)?),
            ("connect", None | Some("")) => Self::Connect,
            ("request", _) => Self::Request(seen()),
            ("websocket", _) => Self::WebSocket(seen()),
            ("health", None | Some("")) => Self::Health,
            ("queue", Some(name)) if !name.is_empty() => Self::Queue(name),
            _ => return None,
        })
    }
}

/// A path from its slash on, also if there was none before the query.
fn inner(rest: &str) -> Cow<'_, str> {
    if rest.starts_with('/') { Cow::Borrowed(rest) } else { Cow::Owned(format!("/{rest}")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whom_a_path_names() {
        for (target, actor, token, rest) in [
            ("/gateway/ac70/action/add", "ac70", None, "/action/add"),
            ("/gateway/ac70@secret/connect", "ac70", Some("secret"), "/connect"),
            ("/gateway/ac70@a%2Fb@c/connect?x=/", "ac70", Some("a/b@c"), "/connect?x=/"),
            ("/gateway/a%40b@%40/request/x", "a@b", Some("@"), "/request/x"),
            ("/gateway/ac70", "ac70", None, ""),
            ("/gateway/ac70?a=b//c", "ac70", None, "?a=b//c"),
            ("/gateway/chat%20room/websocket/a/b?z=1", "chat room", None, "/websocket/a/b?z=1"),
            ("/gateway/a/action/%zz", "a", None, "/action/%zz"),
        ] {
            let expected = Gateway { actor: actor.into(), token: token.map(Into::into), rest };
            assert_eq!(Gateway::read(target), Some(expected), "{target}");
        }
    }

    #[test]
    fn paths_that_name_nobody() {
        for target in [
            "",
            "/",
            "/gateway",
            "/gateway/",
            "/gateway/?x",
            "/gateway//connect",
            "//gateway/a/connect",
            "/gateway/a//connect",
            "/gateway/a/request//b",
            "/gateway/@token/connect",
            "/gateway/a@/connect",
            "/gateway/%/connect",
            "/gateway/a%zz/connect",
            "/gateway/a@%FF/connect",
            "/gateways/a/connect",
            "gateway/a/connect",
        ] {
            assert_eq!(Gateway::read(target), None, "{target}");
        }
    }

    #[test]
    fn what_is_wanted() {
        for (rest, expected) in [
            ("/action/add", Some(Wanted::Action("add".into()))),
            ("/action/a%2Fb?x=1", Some(Wanted::Action("a/b".into()))),
            ("/connect", Some(Wanted::Connect)),
            ("/connect?rvt-method=get", Some(Wanted::Connect)),
            ("/request/a/b?z=1", Some(Wanted::Request("/a/b?z=1".into()))),
            ("/request/", Some(Wanted::Request("/".into()))),
            ("/request?z=1", Some(Wanted::Request("/?z=1".into()))),
            ("/websocket", Some(Wanted::WebSocket("/".into()))),
            ("/websocket/a%20b", Some(Wanted::WebSocket("/a%20b".into()))),
            ("/health", Some(Wanted::Health)),
            ("/queue/jobs", Some(Wanted::Queue("jobs"))),
            ("", None),
            ("?x", None),
            ("/", None),
            ("/action", None),
            ("/action/", None),
            ("/action/a/b", None),
            ("/action/%zz", None),
            ("/connected", None),
            ("/connect/x", None),
        ] {
            assert_eq!(Wanted::read(rest), expected, "{rest}");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_read_or_refused(text: String, short in "[/@?%a2Féü]{0,12}") {
            for text in [text, short] {
                let _ = Wanted::read(&text);
                if let Some(gateway) = Gateway::read(&format!("/gateway/{text}")) {
                    prop_assert!(!gateway.actor.is_empty() && gateway.token.is_none_or(|token| !token.is_empty()));
                    let _ = Wanted::read(gateway.rest);
                }
            }
        }
    }
}
