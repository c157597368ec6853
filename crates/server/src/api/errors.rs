//! Which refusals a call can meet, and the HTTP statuses that they come with.

use playhouse_core::codes::{self, REJECTS, RejectCode};
use playhouse_core::config::Http;
use playhouse_core::manifest::Action;
use std::collections::BTreeMap;

/// Refusals of what is no call of an action, or that come without a code.
const ELSEWHERE: &[&RejectCode] = &[
    &codes::FORBIDDEN_ORIGIN,
    &codes::PAYLOAD_TOO_LARGE,
    &codes::ROOM_AND_MESSAGE_REQUIRED,
    &codes::UNAUTHORIZED,
    &codes::UNKNOWN_VERB,
];

/// The codes that an action has itself: what no other action can answer.
pub(super) fn own(action: &Action) -> Vec<&str> {
    let codes = action.errors.iter().map(String::as_str);
    codes.filter(|code| find(code).is_none()).collect()
}

/// The codes of ours that a call of this action can meet.
pub(super) fn ours(action: &Action) -> impl Iterator<Item = &'static RejectCode> {
    let of_inputs = [&codes::MISSING_PARAM, &codes::INVALID_PARAM];
    REJECTS.iter().copied().filter(move |code| {
        let told = action.errors.iter().any(|name| name == code.name);
        told || (!ELSEWHERE.contains(code) && !of_inputs.contains(code))
    })
}

/// The same by the status that they come with over HTTP.
pub(super) fn by_status(action: &Action, http: &Http) -> BTreeMap<u16, Vec<&'static RejectCode>> {
    let mut all: BTreeMap<u16, Vec<_>> = BTreeMap::new();
    for code in ours(action) {
        all.entry(status(code, http)).or_default().push(code);
    }
    all
}

/// The status of one of our codes.
pub(super) fn status(code: &RejectCode, http: &Http) -> u16 {
    if http.return_error_codes { code.status.unwrap_or(http.default_error_status_code) } else { 200 }
}

fn find(name: &str) -> Option<&'static RejectCode> {
    REJECTS.iter().copied().find(|code| code.name == name)
}
