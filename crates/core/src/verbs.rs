//! What a connection may do beside running actions, as a table for people: `docs/verbs.md` comes from it. The events
//! themselves are in [`crate::event`].

use crate::codes::{self, RejectCode};
use std::fmt::Write;

/// A verb of `ActionHero`'s dialect.
#[derive(Debug)]
pub struct VerbDescription {
    /// Its name: the frame's `event`.
    pub name: &'static str,
    /// What stands beside `event` and `messageId`.
    pub operands: &'static [&'static str],
    /// What its reply holds.
    pub answer: &'static str,
    /// The refusals of its own.
    pub rejects: &'static [&'static RejectCode],
    /// What it does.
    pub text: &'static str,
}

/// All verbs, and `action`, which is none but comes in the same place.
pub const VERBS: &[VerbDescription] = &[
    VerbDescription {
        name: "action",
        operands: &["params"],
        answer: "the keys of the result, or `error`",
        rejects: &[&codes::UNKNOWN_ACTION, &codes::TOO_MANY_PENDING, &codes::WRONG_CONNECTION_TYPE],
        text: "Runs the action that `params.action` names, with the other keys of `params` as its inputs; \
               `params.apiVersion` chooses a version.",
    },
    VerbDescription {
        name: "say",
        operands: &["room", "message"],
        answer: "nothing",
        rejects: &[&codes::ROOM_AND_MESSAGE_REQUIRED, &codes::NOT_IN_ROOM, &codes::ENGINE_AWAY],
        text: "Says a text in a room that the connection is in. Every member hears it, the sayer too.",
    },
    VerbDescription {
        name: "roomAdd",
        operands: &["room"],
        answer: "`true`",
        rejects: &[&codes::NO_SUCH_ROOM, &codes::ALREADY_IN_ROOM, &codes::TOO_MANY_ROOMS],
        text: "Joins a room.",
    },
    VerbDescription {
        name: "roomLeave",
        operands: &["room"],
        answer: "`true`",
        rejects: &[&codes::NOT_IN_ROOM],
        text: "Leaves a room.",
    },
    VerbDescription {
        name: "roomView",
        operands: &["room"],
        answer: "`room`, `members` by their ids, `membersCount`",
        rejects: &[&codes::NOT_IN_ROOM],
        text: "Tells who is in a room that the connection is in, over all nodes.",
    },
    VerbDescription {
        name: "detailsView",
        operands: &[],
        answer: "`id`, `fingerprint`, `remoteIP`, `remotePort`, `params`, `connectedAt`, `rooms`, `totalActions`, \
                 `pendingActions`",
        rejects: &[],
        text: "Tells what the server knows of this connection.",
    },
    VerbDescription {
        name: "file",
        operands: &["file"],
        answer: "`content`, `mime`, `length`, `lastModified`; or `error`",
        rejects: &[&codes::FILE_NOT_FOUND],
        text: "Sends a file of the public folder, read as UTF-8.",
    },
    VerbDescription {
        name: "actorConnect",
        operands: &["actor", "params"],
        answer: "`seat`, a number",
        rejects: &[
            &codes::MISSING_PARAM,
            &codes::INVALID_PARAM,
            &codes::UNKNOWN_ACTOR,
            &codes::TOO_MANY_SEATS,
            &codes::OVERLOADED,
            &codes::NOT_OFFERED,
        ],
        text: "Takes a seat at an actor, which is made if there is none. `actor` is a list of its name and its key: \
               `[\"counter\", \"a\"]`, or `[\"counter\", [\"a\", \"b\"]]` for a key of several parts; `params` are the \
               actor's to judge, and its refusal is the answer. A refusal that may pass has `retry` beside its code. \
               Seats end with their connection.",
    },
    VerbDescription {
        name: "actorCall",
        operands: &["seat", "name", "args"],
        answer: "the action's output",
        rejects: &[
            &codes::MISSING_PARAM,
            &codes::INVALID_PARAM,
            &codes::NO_SUCH_SEAT,
            &codes::UNKNOWN_ACTION,
            &codes::TOO_MANY_PENDING,
            &codes::PAYLOAD_TOO_LARGE,
            &codes::SEAT_ENDED,
        ],
        text: "Runs an action of the actor, with a list of arguments. The calls of a seat begin in their order, and each \
               is answered when it is done: it holds up nothing behind it. An actor's own refusal has its own code.",
    },
    VerbDescription {
        name: "actorOn",
        operands: &["seat", "name"],
        answer: "`true`",
        rejects: &[&codes::MISSING_PARAM, &codes::INVALID_PARAM, &codes::NO_SUCH_SEAT],
        text: "Hears an event of the actor from now on. One that the actor does not have is never heard.",
    },
    VerbDescription {
        name: "actorOff",
        operands: &["seat", "name"],
        answer: "`true`",
        rejects: &[&codes::MISSING_PARAM, &codes::INVALID_PARAM, &codes::NO_SUCH_SEAT],
        text: "Hears it no more.",
    },
    VerbDescription {
        name: "actorLeave",
        operands: &["seat"],
        answer: "`true`",
        rejects: &[&codes::MISSING_PARAM, &codes::NO_SUCH_SEAT],
        text: "Gives the seat up. Calls that are not answered yet are refused as `seat_ended`, and go on.",
    },
    VerbDescription {
        name: "quit",
        operands: &[],
        answer: "no reply",
        rejects: &[],
        text: "Ends the connection; the client does not come back. `exit` is the same.",
    },
];

/// The page `docs/verbs.md`.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(
        "# Verbs\n\nGenerated from `core::verbs`; do not edit.\n\nWhat a connection may ask for over a websocket. A \
         request is one frame:\n\n```json\n{ \"event\": \"say\", \"room\": \"lobby\", \"message\": \"hello\", \
         \"messageId\": 7 }\n```\n\nThe answer carries the same `messageId` and the context `response`. A refused verb \
         has `status` and `error`; what may refuse it is listed by [code](codes.md). Verbs take effect in the order in \
         which they arrive; `actorConnect` and `actorCall` are answered when the actor does.\n\n| `event` | operands | reply's `data` | may be refused as |\n|---|---|---|---|\n",
    );
    let listed = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    for verb in VERBS {
        let operands = verb.operands.iter().map(|name| format!("`{name}`")).collect();
        let rejects = verb.rejects.iter().map(|code| format!("`{}`", code.name)).collect();
        let (name, operands, rejects) = (verb.name, listed(operands), listed(rejects));
        writeln!(out, "| `{name}` | {operands} | {} | {rejects} |", verb.answer)
            .expect("a String takes every write");
    }
    out.push_str("\n## What each does\n\n");
    for verb in VERBS {
        writeln!(out, "- **`{}`** {}", verb.name, verb.text).expect("a String takes every write");
    }
    out.push_str(
        "\n## What comes without being asked for\n\n| `context` | what |\n|---|---|\n\
         | `api` | the welcome, and what the application sends |\n\
         | `user` | a message of a room: `message`, `room`, `from`, `sentAt` |\n\
         | `actor` | what a seat at an actor hears: `event` and `args`; or that it is over: `closed`, with `code`, `reason` \
         and `retry`, whether to take a new one. Always with `seat` |\n\
         | `alert` | a warning of the application |\n",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_verb() {
        let page = page();
        assert!(VERBS.iter().all(|verb| page.contains(&format!("| `{}` |", verb.name))));
    }
}
