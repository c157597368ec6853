//! How a node ends: what runs is let finish, then connections are closed at a pace. Knows no listener.

use crate::listen::Requests;
use playhouse_core::codes::{self, Close};
use playhouse_node::Node;
use playhouse_node::guest::Served;
use std::time::Duration;

/// Lets running actions, calls to actors and the requests that are under way finish, then closes connections at a pace,
/// and waits for all of it. `streams` of the requests end with their connections only.
pub(crate) async fn drain(node: &Node, requests: &Requests, streams: impl Fn() -> usize) {
    let config = &node.config().drain;
    let busy = async {
        let waits = || node.guests().iter().any(|guest| guest.is_waiting());
        while node.running_actions() > 0 || !requests.are_at_most(streams()) || waits() {
            node.clock().sleep(LOOK).await;
        }
    };
    if node.clock().timeout(config.actions, busy).await.is_err() {
        tracing::warn!(limit = ?config.actions, "some actions did not finish in time");
    }
    let stay_away = node.config().websocket.destroy_clients_on_shutdown;
    let close = if stay_away { &codes::STOPPED } else { &codes::DRAINING };
    let (connections, guests): (Vec<_>, Vec<_>) =
        node.served().into_iter().partition(|served| matches!(served, Served::Connection(_)));
    let pace = pace(connections.len() + guests.len(), config.closings_per_second, config.closing);
    close_all(node, connections, pace, close).await;
    // A guest may carry connections: they have their last word before it goes.
    let last_words = async {
        while node.connection_count() > 0 {
            node.clock().sleep(LOOK).await;
        }
    };
    let _ = node.clock().timeout(LAST_WORDS, last_words).await;
    close_all(node, guests, pace, close).await;
    node.tasks().close();
    let wait = node.config().websocket.server.close_timeout + config.actions.min(Duration::from_secs(5));
    if node.clock().timeout(wait, node.tasks().drained()).await.is_err() {
        tracing::warn!("some tasks were still running at the end");
    }
}

/// Closes some at a pace.
async fn close_all(node: &Node, served: Vec<Served>, pace: usize, close: &'static Close) {
    for batch in served.chunks(pace) {
        batch.iter().for_each(|served| served.outbox().close(close));
        if served.len() > pace {
            node.clock().sleep(STEP).await;
        }
    }
}

/// For how long guests wait for the last words of connections.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How often a drain looks whether actions run.
const LOOK: Duration = Duration::from_millis(10);

/// The step of a pace.
const STEP: Duration = Duration::from_millis(50);

/// How many connections are closed in one step: the configured rate, or more where it would take too long.
fn pace(connections: usize, per_second: u32, within: Duration) -> usize {
    let steps = usize::try_from(within.as_millis() / STEP.as_millis()).unwrap_or(usize::MAX).max(1);
    let configured = per_second as usize * 50 / 1000;
    configured.max(connections.div_ceil(steps)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closings_are_paced() {
        assert_eq!(pace(10, 1000, Duration::from_secs(20)), 50);
        assert_eq!(pace(100_000, 1000, Duration::from_secs(20)), 250);
        assert_eq!(pace(10, 1, Duration::ZERO), 10);
    }
}
