//! One action asked for by one HTTP request.

use crate::action::{Cx, Params, Reply, Run, parse_version};
use crate::connection::{Connection, admit_action};
use playhouse_core::error::Reject;
use playhouse_core::event::Tag;

/// What came of a request.
#[derive(Debug)]
pub struct WebReply {
    /// The reply, or why there is none.
    pub result: Result<Reply, Reject>,
    /// The status that the action chose.
    pub status: Option<u16>,
    /// The file that the action sends in place of a reply.
    pub file: Option<String>,
    /// The action that was found.
    pub action: Option<&'static str>,
}

/// Runs the action `name` for a connection of one request. The call runs to its end even if the caller of
/// this function goes away: spawn it where that can happen.
pub async fn call(connection: &Connection, name: Option<&str>, params: Params) -> WebReply {
    let version = parse_version(params.get("apiVersion"));
    let found = name.zip(version.ok());
    let found = found.and_then(|(name, version)| connection.node().actions().find(name, version).cloned());
    let action = found.as_ref().map(|found| found.definition.name);
    let pending = connection.begin_call();
    let result = match admit_action(connection, pending, found) {
        Err(reject) => Err(reject),
        Ok(found) => {
            let tag = Tag::new("\"web\"");
            let cx = Cx::new(connection, found, params, tag);
            let result = Run::new(cx.clone()).await;
            connection.end_call();
            return WebReply { result, status: cx.status(), file: cx.sent_file(), action };
        }
    };
    connection.end_call();
    WebReply { result, status: None, file: None, action }
}
