//! One action asked for by one HTTP request.

use crate::action::{Cx, Params, Reply, Run, parse_version};
use crate::connection::{Connection, admit_action};
use playhouse_core::error::Reject;
use playhouse_core::event::Tag;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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

/// A call that was begun by [`call`]. Dropping it drops the action where it waits: poll it to its end where a
/// caller's departure must not do that.
#[must_use = "an action runs only while its call is polled"]
pub struct WebCall {
    connection: Connection,
    action: Option<&'static str>,
    /// `None` once it has ended.
    step: Option<Step>,
}

enum Step {
    Refused(Reject),
    Running(Run),
}

/// Begins the action `name` for a connection of one request.
pub fn call(connection: &Connection, name: Option<&str>, params: Params) -> WebCall {
    let version = parse_version(params.get("apiVersion"));
    let found = name.zip(version.ok());
    let found = found.and_then(|(name, version)| connection.node().actions().find(name, version).cloned());
    let action = found.as_ref().map(|found| found.definition.name);
    let pending = connection.begin_call();
    let step = match admit_action(connection, pending, found) {
        Err(reject) => Step::Refused(reject),
        Ok(found) => Step::Running(Run::new(Cx::new(connection, found, params, Tag::new("\"web\"")))),
    };
    WebCall { connection: connection.clone(), action, step: Some(step) }
}

impl WebCall {
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<WebReply> {
        let action = self.action;
        match self.step.as_mut().expect("not polled again once it is ready") {
            Step::Running(run) => {
                let result = ready!(Pin::new(&mut *run).poll(cx));
                let call = run.cx();
                Poll::Ready(WebReply { result, status: call.status(), file: call.sent_file(), action })
            }
            Step::Refused(reject) => {
                Poll::Ready(WebReply { result: Err(reject.clone()), status: None, file: None, action })
            }
        }
    }

    fn end(&mut self) {
        if self.step.take().is_some() {
            self.connection.end_call();
        }
    }
}

impl Future for WebCall {
    type Output = WebReply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WebReply> {
        let reply = ready!(self.poll_step(cx));
        self.end();
        Poll::Ready(reply)
    }
}

impl Drop for WebCall {
    fn drop(&mut self) {
        self.end();
    }
}
