//! The actions that run beside a connection: how many may, how they start, and what becomes of their replies.

use super::Connection;
use crate::action::{Cx, Params, Registered, Reply, Run, parse_version};
use crate::recovery::Known;
use futures_util::stream::{FuturesUnordered, StreamExt};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::event::{Name, ServerEvent, Tag};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

/// How many actions a connection has had.
#[derive(Default)]
pub(super) struct Counts {
    pending: AtomicUsize,
    total: AtomicU64,
}

impl Counts {
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// One more; returns how many are pending with it.
    pub(crate) fn begin(&self) -> usize {
        self.total.fetch_add(1, Ordering::Relaxed);
        self.pending.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn end(&self) {
        self.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The calls of one connection that were not ready at their first poll.
#[derive(Default)]
pub(super) struct Calls(Option<Box<FuturesUnordered<Waiting>>>);

/// A call that was not ready; tells in the end which one it is.
struct Waiting(Run);

impl Future for Waiting {
    type Output = (Cx, Result<Reply, Reject>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready((self.0.cx().clone(), result))
    }
}

impl Calls {
    /// Starts a call. One that is ready at once is answered in this very turn.
    pub(super) fn start(
        &mut self,
        cx: &mut Context<'_>,
        connection: &Connection,
        name: &Name<'_>,
        params: &str,
        tag: Tag,
    ) {
        if tag.again.is_some() && is_known(connection, &tag) {
            return;
        }
        let pending = connection.begin_call();
        let (action, params) = match admit(connection, pending, name, params) {
            Ok(admitted) => admitted,
            Err(reject) => {
                if let Some((answers, mark)) = connection.marked(&tag) {
                    answers.forget(mark);
                }
                return answer(connection, &tag, &Err(reject));
            }
        };
        let mut run = Run::new(Cx::new(connection, action, params, tag));
        match Pin::new(&mut run).poll(cx) {
            Poll::Ready(result) => answer(connection, run.cx().tag(), &result),
            Poll::Pending => self.0.get_or_insert_default().push(Waiting(run)),
        }
    }

    /// Answers what is done; registers the waker for the rest.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, connection: &Connection) {
        let Some(running) = &mut self.0 else { return };
        while let Poll::Ready(next) = running.poll_next_unpin(cx) {
            match next {
                Some((call, result)) => answer(connection, call.tag(), &result),
                None => {
                    self.0 = None;
                    return;
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

fn admit(
    connection: &Connection,
    pending: usize,
    name: &Name<'_>,
    params: &str,
) -> Result<(Arc<Registered>, Params), Reject> {
    // Refusals that need no look at the parameters come first: they are for the busiest moments.
    refuse_busy(connection, pending)?;
    let params = Params::from_json(params);
    let action = match name {
        Name::Given(name) => find(connection, name, &params),
        Name::InParams => params.text("action").and_then(|name| find(connection, &name, &params)),
    };
    admit_action(connection, pending, action).map(|action| (action, params))
}

/// Decides whether a call may run, in `ActionHero`'s order: stopping, too many, unknown, not over this kind.
pub(crate) fn admit_action(
    connection: &Connection,
    pending: usize,
    action: Option<Arc<Registered>>,
) -> Result<Arc<Registered>, Reject> {
    refuse_busy(connection, pending)?;
    let texts = connection.node().texts();
    let Some(action) = action else {
        return Err(Reject::of(&codes::UNKNOWN_ACTION, texts.unknown_action()));
    };
    let kind = connection.kind();
    if action.definition.blocked.contains(&kind) {
        let text = texts.unsupported_server_type(kind.as_str());
        return Err(Reject::of(&codes::WRONG_CONNECTION_TYPE, text));
    }
    Ok(action)
}

fn refuse_busy(connection: &Connection, pending: usize) -> Result<(), Reject> {
    let node = connection.node();
    if node.is_draining() {
        return Err(Reject::of(&codes::SHUTTING_DOWN, node.texts().server_shutting_down()));
    }
    if pending > node.config().actions.simultaneous {
        return Err(Reject::of(&codes::TOO_MANY_PENDING, node.texts().too_many_pending_actions()));
    }
    Ok(())
}

fn find(connection: &Connection, name: &str, params: &Params) -> Option<Arc<Registered>> {
    let version = parse_version(params.get("apiVersion")).ok()?;
    connection.node().actions().find(name, version).cloned()
}

/// Whether a call was made before: then it is answered as it was, or will be with the one that runs.
fn is_known(connection: &Connection, tag: &Tag) -> bool {
    let Some((answers, mark)) = connection.marked(tag) else { return false };
    match answers.ask(mark, tag) {
        Known::New => return false,
        Known::Running => {}
        Known::Answered(result) => {
            connection.tell(&ServerEvent::Reply { tag, result: result.as_deref() });
        }
        Known::Crowded => {
            let text = connection.node().texts().too_many_pending_actions();
            let reject = Reject::of(&codes::TOO_MANY_PENDING, text);
            connection.tell(&ServerEvent::Reply { tag, result: Err(&reject) });
        }
    }
    true
}

fn answer(connection: &Connection, tag: &Tag, result: &Result<Reply, Reject>) {
    connection.end_call();
    let is_sent = result.as_ref().is_ok_and(Reply::is_sent);
    let result = result.as_ref().map(|reply| reply.raw().unwrap_or("{}"));
    if !is_sent {
        connection.tell(&ServerEvent::Reply { tag, result });
    }
    let Some((answers, mark)) = connection.marked(tag) else { return };
    // What was sent already, such as a file, is made anew for who asks again.
    let waiting = if is_sent { answers.forget(mark) } else { answers.settle(mark, &result) };
    for tag in &waiting {
        connection.tell(&ServerEvent::Reply { tag, result });
    }
}
