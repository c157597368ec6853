//! Where questions of other nodes are worked on: many side by side, in one task that is there while there is work.

use super::letter::{Asked, Refusal};
use crate::guard;
use crate::node::Node;
use futures_util::future::select;
use futures_util::stream::{FuturesUnordered, StreamExt};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Notify;

#[derive(Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    more: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Asked>,
    /// Taken up and not answered.
    begun: usize,
    staffed: bool,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the desk")
    }

    /// Takes a question; refuses it when there are too many, or when the node stops.
    pub(super) fn take(&self, node: &Node, asked: Asked) -> Result<(), Reject> {
        let mut state = self.lock();
        // Also while it is staffed: a node that others never cease to ask would not come to its end.
        if node.tasks().is_closed() {
            return Err(shutting_down(node));
        }
        if state.waiting.len() + state.begun >= node.cluster().limit {
            return Err(Reject::of(&codes::OVERLOADED, "the other server has too many questions; try again"));
        }
        state.waiting.push_back(asked);
        if state.staffed {
            drop(state);
            self.more.notify_one();
            return Ok(());
        }
        let work = work(node.clone());
        if node.tasks().spawn_background("cluster", work).is_ok() {
            state.staffed = true;
            return Ok(());
        }
        state.waiting.clear();
        Err(shutting_down(node))
    }

    /// All that waits; `None` when there is nothing and the desk is left.
    fn next(&self, idle: bool) -> Option<Vec<Asked>> {
        let mut state = self.lock();
        if idle && state.waiting.is_empty() {
            state.staffed = false;
            return None;
        }
        state.begun += state.waiting.len();
        Some(state.waiting.drain(..).collect())
    }

    fn done(&self) {
        self.lock().begun -= 1;
    }
}

fn shutting_down(node: &Node) -> Reject {
    Reject::of(&codes::SHUTTING_DOWN, node.texts().server_shutting_down())
}

async fn work(node: Node) {
    let desk = &node.cluster().desk;
    let mut begun = FuturesUnordered::new();
    while let Some(asked) = desk.next(begun.is_empty()) {
        begun.extend(asked.into_iter().map(|asked| one(&node, asked)));
        select(begun.next(), pin!(desk.more.notified())).await;
    }
}

async fn one(node: &Node, asked: Asked) {
    let Asked { call, from, ask } = asked;
    // What goes wrong with one must not end the work on the others.
    let answer = guard::caught(node.perform(&ask)).await;
    let refused = |error| Refusal::from(node.rejected("a question of another node failed", error));
    node.answer(&from, call, answer.map_err(refused)).await;
    node.cluster().desk.done();
}
