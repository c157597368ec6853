//! Which topics this node listens to, what comes from the other nodes on them, and what was missed.
//!
//! What comes in is given to the memory broker of this node, which has the inboxes and the order. Owns the numbers
//! by which a hole is seen, and whether a topic has listeners elsewhere.

use crate::frame::{self, Frame, Origin};
use crate::pipe::{Pipe, Purpose};
use crate::settings::Ground;
use futures_util::FutureExt;
use playhouse_core::Later;
use playhouse_core::broker::{Broker as _, BrokerError, Inbox};
use playhouse_core::engine::memory;
use playhouse_core::envelope::{Stamp, Topic};
use playhouse_core::id::NodeId;
use playhouse_core::trouble::Trouble;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, Pipeline, PushInfo, PushKind, RedisResult, Value};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// Topics in one SUBSCRIBE of a new connection.
const TOPICS_AT_ONCE: usize = 1_000;

/// Publishers of a topic whose numbers are remembered. With more, the one heard longest ago is forgotten, and a hole
/// in its numbers not seen.
const PUBLISHERS_MAX: usize = 256;

pub(crate) struct Subscriptions {
    pipe: Arc<Pipe>,
    ground: Arc<Ground>,
    /// The inboxes of this node.
    local: memory::Broker,
    origin: Origin,
    topics: Mutex<HashMap<Topic, Listening>>,
    /// Messages that were not understood.
    odd: AtomicU64,
}

/// What is known of a topic that this node listens to.
struct Listening {
    /// Whether other nodes may listen too.
    others: bool,
    /// How often another node has said that it listens.
    arrivals: u64,
    /// Something was heard on this node that others may not have heard. The next frame says so: they may not have
    /// heard anything of us yet, so that our numbers would not show it.
    hole: bool,
    /// The newest number of each publisher, the one heard last at the end.
    newest: SmallVec<[(NodeId, u64, u64); 2]>,
}

impl Default for Listening {
    fn default() -> Self {
        Self { others: true, arrivals: 0, hole: false, newest: SmallVec::new() }
    }
}

impl Listening {
    /// Takes note of a number; `false` if there is a hole before it.
    fn follows(&mut self, stamp: &Stamp) -> bool {
        let last = self.newest.iter().position(|(node, ..)| *node == stamp.node);
        let before = last.map(|place| self.newest.remove(place));
        if self.newest.len() >= PUBLISHERS_MAX {
            self.newest.remove(0);
        }
        self.newest.push((stamp.node.clone(), stamp.epoch, stamp.offset));
        before.is_none_or(|(_, epoch, offset)| epoch == stamp.epoch && offset + 1 == stamp.offset)
    }
}

/// Whether others listen to a topic, at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Nobody but this node listens.
    pub(crate) alone: bool,
    /// What was said before may not have been heard by all.
    pub(crate) hole: bool,
    arrivals: u64,
    /// The connection that the subscriptions were made over.
    connection: u64,
}

impl Subscriptions {
    pub(crate) fn new(ground: Arc<Ground>) -> Self {
        Self {
            pipe: Arc::new(Pipe::new("redis subscriptions", ground.clone())),
            origin: ground.rng.u64(),
            ground,
            local: memory::Broker::new(),
            topics: Mutex::default(),
            odd: AtomicU64::new(0),
        }
    }

    pub(crate) fn pipe(&self) -> &Arc<Pipe> {
        &self.pipe
    }

    pub(crate) fn local(&self) -> &memory::Broker {
        &self.local
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn key(&self, topic: &Topic) -> String {
        self.ground.keys.topic(topic)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Topic, Listening>> {
        self.topics.lock().expect("nothing panics while it holds the topics")
    }

    /// Whether this node alone listens to a topic. One that it does not listen to is nobody's for all we know, but
    /// others may.
    pub(crate) fn seen(&self, topic: &Topic) -> Seen {
        let topics = self.lock();
        let listening = topics.get(topic);
        Seen {
            alone: listening.is_some_and(|listening| !listening.others),
            hole: listening.is_some_and(|listening| listening.hole),
            arrivals: listening.map_or(0, |listening| listening.arrivals),
            connection: self.pipe.nth(),
        }
    }

    /// What a PUBLISH told: so many nodes listen, we among them unless our subscriptions are being made again.
    pub(crate) fn heard_by(&self, topic: &Topic, nodes: usize, before: Seen) {
        let own = usize::from(self.pipe.is_up());
        self.counted(topic, nodes > own, before);
    }

    /// A count told whether others listen. Who has said since `before` that it listens counts more: the two words come
    /// over two connections, in either order. Where the subscriptions were made again since, we may not have been
    /// among those counted.
    fn counted(&self, topic: &Topic, others: bool, before: Seen) {
        let same = self.pipe.nth() == before.connection;
        if let Some(listening) = self.lock().get_mut(topic) {
            listening.others = others || !same || listening.arrivals != before.arrivals;
            listening.hole &= !before.hole;
        }
    }

    /// Something was heard here, and perhaps not by others.
    pub(crate) fn left_out(&self, topic: &Topic) {
        if let Some(listening) = self.lock().get_mut(topic) {
            listening.hole = true;
        }
    }

    /// What publishes a frame.
    pub(crate) fn publishing(&self, topic: &Topic, frame: Vec<u8>) -> Cmd {
        let mut command = redis::cmd("PUBLISH");
        command.arg(self.key(topic)).arg(frame);
        command
    }

    /// Begins to listen; only the inbox is changed where this node listens already.
    pub(crate) async fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Result<(), BrokerError> {
        self.local.attach(topic, inbox).await?;
        if self.lock().contains_key(topic) {
            return Ok(());
        }
        let mut listens = Listens { subscriptions: self, topic: Some(topic) };
        if let Err(trouble) = self.subscribe(topic).await {
            self.local.detach(topic).await?;
            self.unsubscribe(topic).await;
            return Err(Trouble::Away(trouble.to_string()).into());
        }
        listens.topic = None;
        Ok(())
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), Trouble> {
        let (connection, nth) = self.pipe.connection()?;
        // Before the command: a message may come in before its answer does.
        self.lock().insert(topic.clone(), Listening::default());
        let listening = self.listen(connection, std::slice::from_ref(topic)).await;
        listening.map_err(|error| self.pipe.trouble(nth, &error))
    }

    /// Subscribes, says on each topic that this node listens from now on, and learns whether others do. Over this
    /// connection and not that of the commands: while there is a subscription it can be said.
    async fn listen(&self, mut connection: MultiplexedConnection, topics: &[Topic]) -> RedisResult<()> {
        let keys: Vec<String> = topics.iter().map(|topic| self.key(topic)).collect();
        self.ground.in_time(connection.subscribe(keys)).await?;
        let mut arrivals = Pipeline::with_capacity(topics.len());
        let mut seen = Vec::with_capacity(topics.len());
        for topic in topics {
            let before = self.seen(topic);
            arrivals.add_command(self.publishing(topic, frame::here(self.origin, before.hole)));
            seen.push(before);
        }
        let answers = connection.send_packed_commands(&arrivals, 0, topics.len());
        let answers = self.ground.in_time(answers).await?;
        for ((topic, seen), answer) in topics.iter().zip(seen).zip(answers) {
            self.counted(topic, count(answer.extract_error()?) > 1, seen);
        }
        Ok(())
    }

    /// Ends listening; a Redis that does not hear of it now forgets it with the connection.
    pub(crate) async fn detach(&self, topic: &Topic) -> Result<(), BrokerError> {
        let listened = self.lock().remove(topic).is_some();
        self.local.detach(topic).await?;
        if listened {
            self.unsubscribe(topic).await;
        }
        Ok(())
    }

    async fn unsubscribe(&self, topic: &Topic) {
        let Ok((mut connection, nth)) = self.pipe.connection() else { return };
        let ended = self.ground.in_time(connection.unsubscribe(self.key(topic))).await;
        if let Err(error) = ended {
            let trouble = self.pipe.trouble(nth, &error);
            tracing::debug!(topic = topic.as_str(), %trouble, "a topic may still be subscribed to");
        }
    }

    /// Ends the subscriptions of topics that were detached while they were made again.
    async fn end_detached(
        &self,
        mut connection: MultiplexedConnection,
        mut topics: Vec<Topic>,
    ) -> RedisResult<()> {
        topics.retain(|topic| !self.lock().contains_key(topic));
        for some in topics.chunks(TOPICS_AT_ONCE) {
            let keys: Vec<String> = some.iter().map(|topic| self.key(topic)).collect();
            self.ground.in_time(connection.unsubscribe(keys)).await?;
        }
        Ok(())
    }

    fn heard(&self, key: &[u8], bytes: &[u8]) {
        let Some(name) = self.ground.keys.topic_name(key) else { return };
        let Some(topic) = self.lock().get_key_value(name).map(|(topic, _)| topic.clone()) else { return };
        match frame::read(&topic, bytes) {
            Ok(frame) if frame.origin == self.origin => {}
            Ok(frame) => self.take(&topic, frame),
            Err(odd) => {
                let dropped = self.odd.fetch_add(1, Ordering::Relaxed) + 1;
                // Another release may send thousands of them: 1, 2, 4, 8.. are enough to notice it.
                if dropped.is_power_of_two() {
                    tracing::warn!(topic = name, why = %odd, dropped, "a message of another node was dropped");
                }
            }
        }
    }

    fn take(&self, topic: &Topic, Frame { after_hole, said, .. }: Frame) {
        let follows = match self.lock().get_mut(topic) {
            Some(listening) => {
                listening.others = true;
                listening.arrivals += u64::from(said.is_none());
                said.as_ref().is_none_or(|envelope| listening.follows(&envelope.stamp))
            }
            None => return,
        };
        if after_hole || !follows {
            self.local.gap(topic);
        }
        let Some(envelope) = said else { return };
        // Delivered by the first poll.
        let delivered = self.local.publish(envelope).map(FutureExt::now_or_never);
        if let Err(error) = delivered {
            tracing::warn!(%error, "a message of another node was not delivered");
            self.local.gap(topic);
        }
    }
}

/// How many nodes a PUBLISH has reached.
pub(crate) fn count(answer: Value) -> usize {
    usize::from_redis_value(answer).unwrap_or(0)
}

/// A topic that is not listened to after all, unless told otherwise: the caller may give up half-way.
struct Listens<'a> {
    subscriptions: &'a Subscriptions,
    topic: Option<&'a Topic>,
}

impl Drop for Listens<'_> {
    fn drop(&mut self) {
        if let Some(topic) = self.topic {
            self.subscriptions.lock().remove(topic);
        }
    }
}

impl Purpose for Subscriptions {
    /// Listens to everything again. Before that, each inbox hears that it may have missed something: nothing newer
    /// can have come in.
    fn begin(&self, connection: MultiplexedConnection) -> Later<'_, RedisResult<()>> {
        Box::pin(async move {
            let topics: Vec<Topic> = self.lock().keys().cloned().collect();
            for topic in &topics {
                self.local.gap(topic);
            }
            // Who has come meanwhile was not heard.
            self.lock().values_mut().for_each(|listening| listening.others = true);
            for some in topics.chunks(TOPICS_AT_ONCE) {
                self.listen(connection.clone(), some).await?;
            }
            self.end_detached(connection, topics).await
        })
    }

    fn push(&self, push: PushInfo) {
        let (PushKind::Message, [Value::BulkString(key), Value::BulkString(message)]) =
            (&push.kind, &push.data[..])
        else {
            return;
        };
        self.heard(key, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(node: &str, epoch: u64, offset: u64) -> Stamp {
        Stamp { node: NodeId::new(node), epoch, offset, sent_at: 0 }
    }

    #[test]
    fn holes_are_seen_for_each_publisher() {
        let mut listening = Listening::default();
        // The first number of a publisher may be any: it spoke before we listened.
        for (node, offset, follows) in
            [("a", 5, true), ("b", 1, true), ("a", 6, true), ("a", 8, false), ("b", 2, true), ("a", 9, true)]
        {
            assert_eq!(listening.follows(&stamp(node, 1, offset)), follows, "{node} {offset}");
        }
        assert!(!listening.follows(&stamp("a", 2, 1)), "a new run of numbers may have begun anywhere");
    }

    #[tokio::test]
    async fn a_count_from_before_the_subscriptions_were_made_again_says_nothing_of_others() {
        let (subscriptions, topic) =
            (Subscriptions::new(Arc::new(Ground::unconnected(1))), Topic::room("lobby"));
        subscriptions.lock().insert(topic.clone(), Listening::default());
        let now = subscriptions.seen(&topic);
        subscriptions.heard_by(&topic, 0, now);
        assert!(subscriptions.seen(&topic).alone);
        subscriptions.heard_by(&topic, 0, Seen { connection: now.connection + 1, ..now });
        assert!(!subscriptions.seen(&topic).alone);
    }

    #[test]
    fn the_memory_for_publishers_has_an_end() {
        let mut listening = Listening::default();
        for nth in 0..=PUBLISHERS_MAX {
            listening.follows(&stamp(&nth.to_string(), 1, 1));
        }
        assert_eq!(listening.newest.len(), PUBLISHERS_MAX);
        assert!(!listening.follows(&stamp("1", 1, 9)), "heard among the last");
    }
}
