//! A websocket for a session that has one, or has one coming: it is closed as soon as it is open, and the session knows
//! nothing of it (engineio.md, 6, R12).
//!
//! Refusing its handshake would be the same for it, but some clients take that for an error of the session.

use super::Engine;
use crate::link::Socket;
use crate::worker;
use playhouse_proto::ws::encode;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use tokio::io::AsyncWrite;

/// What it is closed with.
const NORMAL: u16 = 1000;

/// Closes it, in a task of its own.
pub(super) fn turn_away(engine: &Arc<Engine>, io: Box<dyn Socket>) {
    let (node, wait) = (&engine.shared.node, engine.shared.close_wait);
    let clock = node.clock().clone();
    let closing = async move {
        // Who does not end its side by then need not be waited for.
        let _ = clock.timeout(wait, close(io)).await;
    };
    // Refused only by a node that has stopped; then the socket closes.
    let _ = node.tasks().spawn("engine.io", closing);
}

/// Ready when the client has ended its side too, or has gone.
async fn close(mut io: Box<dyn Socket>) {
    let mut last = Vec::new();
    encode::close(&mut last, Some((NORMAL, "")));
    let mut done = 0;
    let written = poll_fn(|cx| {
        while done < last.len() {
            match ready!(Pin::new(&mut io).poll_write(cx, &last[done..])) {
                Ok(0) | Err(_) => return Poll::Ready(false),
                Ok(written) => done += written,
            }
        }
        Pin::new(&mut io).poll_shutdown(cx).map(|shut| shut.is_ok())
    });
    if written.await {
        // Closing a socket with unread bytes resets it, and a reset would overtake the close frame.
        poll_fn(|cx| worker::poll_discard(cx, &mut io)).await;
    }
}
