//! What nodes ask of each other, above the broker: a question on the other node's topic, an answer on ours.
//!
//! Owns correlation, deadlines and limits, for whatever engine. An id of a connection names its node
//! ([`playhouse_core::id::ConnectionId::node`]), so nobody has to be asked where it is.

mod desk;
mod letter;
mod remote;

pub use remote::Remote;

use crate::node::{Node, WeakNode};
use crate::speaker::Speaker;
use bytes::Bytes;
use desk::Desk;
use letter::{Answer, Ask, Letter, Refusal, What};
use playhouse_core::broker::{BrokerError, Inbox};
use playhouse_core::codes;
use playhouse_core::envelope::{Envelope, Topic};
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::id::{ConnectionId, NodeId};
use playhouse_core::presence::Member;
use playhouse_core::trouble::Trouble;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// The room without a name, which no client can be in: its members are the nodes.
const NODES: &str = "";

/// This node among the others.
pub(crate) struct Cluster {
    /// How many questions may be open in either direction.
    limit: usize,
    calls: Mutex<Calls>,
    /// A voice for each node that was spoken to.
    speakers: Mutex<HashMap<NodeId, Arc<Speaker>>>,
    desk: Desk,
    /// Letters that were not understood.
    odd: AtomicU64,
}

/// Questions of this node that wait for an answer.
#[derive(Default)]
struct Calls {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
}

/// A question that is open; dropped, its answer is not waited for.
struct Call<'a> {
    cluster: &'a Cluster,
    number: u64,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.cluster.calls().waiting.remove(&self.number);
    }
}

impl Cluster {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            calls: Mutex::default(),
            speakers: Mutex::default(),
            desk: Desk::default(),
            odd: AtomicU64::new(0),
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().expect("nothing panics while it holds the calls")
    }

    fn begin(&self) -> Result<(Call<'_>, oneshot::Receiver<Answer>), Reject> {
        let mut calls = self.calls();
        if calls.waiting.len() >= self.limit {
            return Err(Reject::of(
                &codes::OVERLOADED,
                "too many questions to other servers are open; try again",
            ));
        }
        calls.last += 1;
        let number = calls.last;
        let (sender, answer) = oneshot::channel();
        calls.waiting.insert(number, sender);
        Ok((Call { cluster: self, number }, answer))
    }

    fn speaker(&self, to: &NodeId) -> Arc<Speaker> {
        let mut speakers = self.speakers.lock().expect("nothing panics while it holds the speakers");
        let voice = || Arc::new(Speaker::new(Topic::node(to.as_str())));
        speakers.entry(to.clone()).or_insert_with(voice).clone()
    }

    fn forget_speaker(&self, to: &NodeId) {
        self.speakers.lock().expect("nothing panics while it holds the speakers").remove(to);
    }

    fn answered(&self, number: u64, answer: Answer) {
        // Nobody waits any more: too late, or given up.
        if let Some(caller) = self.calls().waiting.remove(&number) {
            let _ = caller.send(answer);
        }
    }

    fn note_odd(&self, why: &str) {
        let dropped = self.odd.fetch_add(1, Ordering::Relaxed) + 1;
        if dropped.is_power_of_two() {
            tracing::warn!(why, dropped, "a letter of another node was dropped");
        }
    }
}

impl Node {
    /// Becomes one of the nodes: hears what the others ask, and follows the list of rooms. The first look at it is
    /// over when this resolves.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn join_cluster(&self) -> Result<()> {
        let topic = Topic::node(self.id().as_str());
        self.broker().attach(&topic, Arc::new(Post(self.downgrade()))).await?;
        let member = Member { id: ConnectionId::new(self.id().as_str()), details: Bytes::from_static(b"{}") };
        self.presence().join(NODES, member).await?;
        self.look_for_rooms().await;
        // Closed only while it stops, when there is nothing to follow any more.
        let _ = self.tasks().spawn_background("rooms", self.clone().follow_rooms());
        Ok(())
    }

    /// Asks another node, and waits for what it answers: raw JSON.
    async fn ask(&self, to: &NodeId, ask: &Ask) -> Result<String> {
        let cluster = self.cluster();
        let (call, answer) = cluster.begin()?;
        let letter = Letter::asks(call.number, self.id(), ask)?;
        let listen = self.write_to(to, letter).await;
        if !matches!(listen, Ok(1..)) {
            // An id may be made up, and name no node.
            cluster.forget_speaker(to);
        }
        if listen? == 0 {
            return Err(self.nobody_at(to).await);
        }
        let deadline = self.config().cluster.timeout;
        match self.clock().timeout(deadline, answer).await {
            Ok(Ok(answer)) => Ok(answer.map_err(Reject::from)?),
            Ok(Err(_)) | Err(_) => Err(Reject::of(
                &codes::OUTCOME_UNKNOWN,
                "the server of that connection did not answer in time; it may have been done or not",
            )
            .into()),
        }
    }

    /// Why nobody listens where a node should: it has gone, or it is just subscribing anew.
    async fn nobody_at(&self, node: &NodeId) -> Error {
        match self.presence().members(NODES).await {
            Ok(nodes) if nodes.iter().any(|there| there.id.as_str() == node.as_str()) => {
                Trouble::Away(format!("node {node} does not listen")).into()
            }
            Ok(_) => no_such_connection().into(),
            Err(error) => error.into(),
        }
    }

    /// Resolves to the number of nodes that listen: 1, or 0 when it is gone.
    async fn write_to(&self, node: &NodeId, letter: Bytes) -> Result<usize, BrokerError> {
        self.cluster().speaker(node).say(self, self.server_id(), letter)?.await
    }

    /// Does what was asked of this node.
    async fn perform(&self, ask: &Ask) -> Result<String> {
        let connection = self.find(&ask.to).ok_or_else(no_such_connection)?;
        match &ask.what {
            What::Send(message) => connection.send_raw(message.get()),
            What::Join(room) => self.room(room).join(&connection).await?,
            What::Leave(room) => self.room(room).leave(&connection).await?,
            What::Destroy => connection.destroy(),
            What::Details => return Ok(connection.details()),
        }
        Ok("null".to_owned())
    }

    /// Answers a question of another node.
    async fn answer(&self, to: &NodeId, number: u64, answer: Answer) {
        let said = match Letter::answers(number, answer) {
            Ok(letter) => self.write_to(to, letter).await,
            Err(error) => return tracing::error!(%error, "an answer can't be written"),
        };
        match said {
            Ok(0) => self.cluster().forget_speaker(to),
            Ok(_) => {}
            // Who asked is told that the outcome is unknown, by its deadline.
            Err(error) => tracing::debug!(node = %to, %error, "an answer was not sent"),
        }
    }
}

fn no_such_connection() -> Reject {
    Reject::of(&codes::NO_SUCH_CONNECTION, "there is no such connection; it may have gone")
}

/// Takes what comes on this node's own topic. Holds the node loosely: the broker outlives it.
struct Post(WeakNode);

impl Inbox for Post {
    fn deliver(&self, envelope: &Envelope) {
        let Some(node) = self.0.upgrade() else { return };
        let cluster = node.cluster();
        match Letter::read(&envelope.payload) {
            Ok(Letter { answer: Some(answered), .. }) => {
                cluster.answered(answered.call, answered.into_answer());
            }
            Ok(Letter { ask: Some(asked), .. }) => {
                let (from, call) = (asked.from.clone(), asked.call);
                if let Err(reject) = cluster.desk.take(&node, asked) {
                    refuse(&node, &from, call, reject);
                }
            }
            Ok(Letter { ask: None, answer: None, .. }) => cluster.note_odd("it asks and answers nothing"),
            Err(why) => cluster.note_odd(&why),
        }
    }

    fn gap(&self, _: &Topic) {
        tracing::warn!("questions of other nodes, or their answers, may have been missed");
    }
}

/// Says no without waiting: whoever delivers can't, and a message that was taken goes its way by itself.
fn refuse(node: &Node, to: &NodeId, number: u64, reject: Reject) {
    if let Ok(letter) = Letter::answers(number, Err(Refusal::from(reject))) {
        drop(node.cluster().speaker(to).say(node, node.server_id(), letter));
    }
}
