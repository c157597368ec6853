//! The memory broker: which topics have an inbox, and delivery in the publishing call.
//!
//! Owns the map of topics; how one topic's envelopes reach their inbox is `line`. Must not know who says
//! what, nor hold a lock while an inbox runs.

use super::line::{Leaving, Line, Word};
use super::{Shards, trim};
use crate::Later;
use crate::broker::{self, BrokerError, Inbox};
use crate::envelope::{Envelope, Topic};
use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;

/// Fan-out on one machine.
///
/// An envelope takes its place in the topic's order when `publish` is called, and is delivered when the
/// future is polled: it is ready at its first poll, and by then the inbox has had the envelope. One exception:
/// an inbox that publishes from within `deliver` to a topic that is just being delivered does not wait, and
/// the envelope comes after the one under way; otherwise some members would hear the answer before the
/// question. [`BrokerError::Full`] is the answer when 1,024 envelopes of a topic wait.
///
/// All of a topic is heard in one order. A thread that publishes while another one delivers the same topic
/// waits for it, as for any lock; an inbox never waits, so threads can't wait in a circle. `attach` and
/// `detach` resolve when the inbox they took away has returned from the delivery under way; an inbox may
/// therefore begin them within `deliver`, but must not block on them.
///
/// A gap comes about in one way only: an inbox that panicked hears of it before the next envelope.
pub struct Broker {
    lines: Shards<HashMap<Topic, Arc<Line>>>,
}

impl Broker {
    /// A broker without topics.
    #[must_use]
    pub fn new() -> Self {
        Self { lines: Shards::new() }
    }

    fn put(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Leaving {
        let mut lines = self.lines.of(topic.as_str());
        let line = Arc::clone(lines.entry(topic.clone()).or_default());
        // Still under the lock of the part: a `take` in between would leave an inbox on a line that is gone.
        let former = line.set_inbox(Some(inbox));
        drop(lines);
        former.leave(line)
    }

    fn take(&self, topic: &Topic) -> Option<Leaving> {
        let mut lines = self.lines.of(topic.as_str());
        let line = lines.remove(topic)?;
        trim(&mut lines);
        drop(lines);
        let former = line.set_inbox(None);
        Some(former.leave(line))
    }

    /// Tells a topic's inbox of a gap, in its place among the envelopes: for an engine that delivers on this node
    /// what comes from others.
    pub fn gap(&self, topic: &Topic) {
        let Some(line) = self.line(topic) else { return };
        match line.take(Word::Gap(topic.clone())) {
            // Dropping it tells.
            Ok(telling) => drop(telling),
            Err(error) => tracing::error!(topic = topic.as_str(), %error, "a gap could not be told"),
        }
    }

    fn line(&self, topic: &Topic) -> Option<Arc<Line>> {
        self.lines.of(topic.as_str()).get(topic).cloned()
    }
}

impl Default for Broker {
    fn default() -> Self {
        Self::new()
    }
}

impl broker::Broker for Broker {
    fn publish(&self, envelope: Envelope) -> Result<broker::Publishing, BrokerError> {
        let Some(line) = self.line(&envelope.topic) else { return Ok(Box::pin(ready(Ok(0)))) };
        Ok(Box::pin(line.take(Word::Said(envelope))?))
    }

    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>> {
        let topic = topic.clone();
        Box::pin(async move {
            self.put(&topic, inbox).await;
            Ok(())
        })
    }

    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>> {
        let topic = topic.clone();
        Box::pin(async move {
            if let Some(leaving) = self.take(&topic) {
                leaving.await;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::WAITING_MAX;
    use super::*;
    use crate::broker::Broker as _;
    use crate::envelope::Stamp;
    use crate::id::{ConnectionId, NodeId};
    use futures_util::FutureExt;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::sync::{Barrier, Mutex};
    use std::thread;

    type Does = Box<dyn Fn(&Heard, &Envelope) + Send + Sync>;

    /// An inbox that notes offsets, 0 for a gap, and does something at each envelope.
    struct Heard {
        offsets: Mutex<Vec<u64>>,
        does: Does,
    }

    impl Heard {
        fn new(does: impl Fn(&Heard, &Envelope) + Send + Sync + 'static) -> Arc<Self> {
            Arc::new(Self { offsets: Mutex::default(), does: Box::new(does) })
        }

        fn quiet() -> Arc<Self> {
            Self::new(|_, _| {})
        }

        fn offsets(&self) -> Vec<u64> {
            self.offsets.lock().unwrap().clone()
        }
    }

    impl Inbox for Heard {
        fn deliver(&self, envelope: &Envelope) {
            self.offsets.lock().unwrap().push(envelope.stamp.offset);
            (self.does)(self, envelope);
        }

        fn gap(&self, _: &Topic) {
            self.offsets.lock().unwrap().push(0);
        }
    }

    fn envelope(room: &str, offset: u64) -> Envelope {
        let stamp = Stamp { node: NodeId::new("n"), epoch: 1, offset, sent_at: 0 };
        Envelope { topic: Topic::room(room), stamp, from: ConnectionId::server(), payload: "{}".into() }
    }

    /// Delivered at its first poll, to so many nodes.
    fn publish(broker: &Broker, envelope: Envelope) -> usize {
        now(broker.publish(envelope).unwrap())
    }

    /// What has to be ready at its first poll.
    fn now<T, E: std::fmt::Debug>(later: Later<'_, Result<T, E>>) -> T {
        later.now_or_never().expect("ready at its first poll").unwrap()
    }

    fn attached(room: &str, inbox: &Arc<Heard>) -> Arc<Broker> {
        let broker = Arc::new(Broker::new());
        now(broker.attach(&Topic::room(room), inbox.clone()));
        broker
    }

    #[test]
    fn publish_has_delivered_at_its_first_poll() {
        let inbox = Heard::quiet();
        let broker = attached("a", &inbox);
        for offset in 1..=3 {
            publish(&broker, envelope("a", offset));
            assert_eq!(inbox.offsets().len() as u64, offset);
        }
    }

    #[test]
    fn the_order_is_that_of_the_calls_not_of_the_polls() {
        let inbox = Heard::quiet();
        let broker = attached("a", &inbox);
        let first = broker.publish(envelope("a", 1)).unwrap();
        let dropped = broker.publish(envelope("a", 2)).unwrap();
        let third = broker.publish(envelope("a", 3)).unwrap();
        assert!(inbox.offsets().is_empty());
        drop(dropped);
        now(third);
        now(first);
        assert_eq!(inbox.offsets(), [1, 2, 3]);
    }

    #[test]
    fn an_inbox_may_publish_to_its_own_topic() {
        let broker = Arc::new(Broker::new());
        let again = Arc::downgrade(&broker);
        let inbox = Heard::new(move |heard, envelope_heard| {
            let offset = envelope_heard.stamp.offset;
            if offset < 5 {
                publish(&again.upgrade().unwrap(), envelope("a", offset + 1));
                assert_eq!(heard.offsets().len() as u64, offset, "heard before the one it answers has ended");
            }
        });
        now(broker.attach(&Topic::room("a"), inbox.clone()));
        publish(&broker, envelope("a", 1));
        assert_eq!(inbox.offsets(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn an_inbox_may_publish_to_another_topic_and_have_it_heard_at_once() {
        let broker = Arc::new(Broker::new());
        let other = Heard::quiet();
        let (again, seen) = (Arc::downgrade(&broker), other.clone());
        let inbox = Heard::new(move |_, heard| {
            publish(&again.upgrade().unwrap(), envelope("b", heard.stamp.offset));
            assert_eq!(seen.offsets().last(), Some(&heard.stamp.offset));
        });
        now(broker.attach(&Topic::room("a"), inbox));
        now(broker.attach(&Topic::room("b"), other.clone()));
        publish(&broker, envelope("a", 1));
        publish(&broker, envelope("a", 2));
        assert_eq!(other.offsets(), [1, 2]);
    }

    #[test]
    fn what_an_inbox_may_leave_waiting_has_a_limit() {
        let broker = Arc::new(Broker::new());
        let again = Arc::downgrade(&broker);
        let inbox = Heard::new(move |_, heard| {
            if heard.stamp.offset == 1 {
                let broker = again.upgrade().unwrap();
                (2..WAITING_MAX as u64 + 2)
                    .for_each(|offset| assert_eq!(publish(&broker, envelope("a", offset)), 1));
                let refused = broker.publish(envelope("a", 0));
                assert!(matches!(refused, Err(BrokerError::Full)));
            }
        });
        now(broker.attach(&Topic::room("a"), inbox.clone()));
        publish(&broker, envelope("a", 1));
        assert_eq!(inbox.offsets(), Vec::from_iter(1..WAITING_MAX as u64 + 2));
    }

    #[test]
    fn a_gap_is_told_in_its_place() {
        let inbox = Heard::quiet();
        let broker = attached("a", &inbox);
        let first = broker.publish(envelope("a", 1)).unwrap();
        broker.gap(&Topic::room("a"));
        publish(&broker, envelope("a", 2));
        now(first);
        broker.gap(&Topic::room("nobody is attached"));
        assert_eq!(inbox.offsets(), [1, 0, 2]);
    }

    #[test]
    fn an_inbox_may_begin_to_detach_itself() {
        let broker = Arc::new(Broker::new());
        let again = Arc::downgrade(&broker);
        let inbox = Heard::new(move |_, _| {
            let broker = again.upgrade().unwrap();
            assert!(broker.detach(&Topic::room("a")).now_or_never().is_none(), "final while it still runs");
            publish(&broker, envelope("a", 2));
        });
        now(broker.attach(&Topic::room("a"), inbox.clone()));
        publish(&broker, envelope("a", 1));
        publish(&broker, envelope("a", 3));
        assert_eq!(inbox.offsets(), [1]);
    }

    #[test]
    fn an_inbox_that_panics_hears_of_a_gap_and_nobody_else_does() {
        let inbox = Heard::new(|_, heard| assert!(heard.stamp.offset != 2, "made to fail"));
        let broker = attached("a", &inbox);
        let other = Heard::quiet();
        now(broker.attach(&Topic::room("b"), other.clone()));
        for offset in 1..=4 {
            publish(&broker, envelope("a", offset));
            publish(&broker, envelope("b", offset));
        }
        assert_eq!(inbox.offsets(), [1, 2, 0, 3, 4]);
        assert_eq!(other.offsets(), [1, 2, 3, 4]);
    }

    /// An inbox that says when it is in and stays until it is let out.
    fn stays() -> (Arc<Heard>, Receiver<()>, Sender<()>) {
        let (enter, entered) = channel();
        let (go, gone) = channel();
        let gone = Mutex::new(gone);
        let inbox = Heard::new(move |_, _| {
            enter.send(()).unwrap();
            gone.lock().unwrap().recv().unwrap();
        });
        (inbox, entered, go)
    }

    #[test]
    fn detach_and_replacement_wait_for_the_delivery_under_way() {
        let (inbox, entered, go) = stays();
        let broker = attached("a", &inbox);
        let publisher = broker.clone();
        let thread = thread::spawn(move || publish(&publisher, envelope("a", 1)));
        entered.recv().unwrap();
        let next = Heard::quiet();
        let topic = Topic::room("a");
        let mut replaced = broker.attach(&topic, next.clone());
        assert!((&mut replaced).now_or_never().is_none(), "replaced while it still runs");
        let mut detached = broker.detach(&topic);
        assert!((&mut detached).now_or_never().is_none(), "detached while a delivery is under way");
        go.send(()).unwrap();
        // Woken by the end of the delivery, on whatever thread.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (replaced, detached) = runtime.block_on(futures_util::future::join(replaced, detached));
        replaced.and(detached).unwrap();
        thread.join().unwrap();
        assert_eq!((inbox.offsets(), next.offsets()), (vec![1], vec![]));
    }

    #[test]
    fn an_inbox_waits_for_no_other_thread() {
        let (inbox, entered, go) = stays();
        let broker = attached("a", &inbox);
        let publisher = broker.clone();
        let busy = thread::spawn(move || publish(&publisher, envelope("a", 1)));
        entered.recv().unwrap();
        // From within `b`, while `a` is being delivered by the other thread: would wait for ever.
        let publisher = broker.clone();
        let nested = Heard::new(move |_, _| assert_eq!(publish(&publisher, envelope("a", 2)), 1));
        now(broker.attach(&Topic::room("b"), nested));
        publish(&broker, envelope("b", 1));
        assert_eq!(inbox.offsets(), [1]);
        go.send(()).unwrap();
        go.send(()).unwrap();
        busy.join().unwrap();
        assert_eq!(inbox.offsets(), [1, 2]);
        now(broker.detach(&Topic::room("b")));
    }

    #[test]
    fn threads_publish_in_order_lose_nothing_and_never_meet_in_an_inbox() {
        const THREADS: u64 = 4;
        const EACH: u64 = 500;
        let inside = Mutex::new(());
        let broker = Arc::new(Broker::new());
        let again = Arc::downgrade(&broker);
        let answers = Heard::quiet();
        let inbox = Heard::new(move |_, heard| {
            let _alone = inside.try_lock().expect("one after the other");
            // Every tenth is answered in the room itself, and in another.
            if heard.stamp.offset.is_multiple_of(10) {
                let broker = again.upgrade().unwrap();
                publish(&broker, envelope("a", heard.stamp.offset + 1_000_001));
                publish(&broker, envelope("b", heard.stamp.offset));
            }
        });
        now(broker.attach(&Topic::room("a"), inbox.clone()));
        now(broker.attach(&Topic::room("b"), answers.clone()));
        let start = Barrier::new(usize::try_from(THREADS).unwrap());
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (broker, start) = (&broker, &start);
                scope.spawn(move || {
                    start.wait();
                    (1..=EACH).for_each(|n| {
                        assert_eq!(publish(broker, envelope("a", thread * 10_000 + n)), 1);
                    });
                });
            }
        });
        let heard = inbox.offsets();
        let tenth = THREADS * EACH / 10;
        assert_eq!((heard.len() as u64, answers.offsets().len() as u64), (THREADS * EACH + tenth, tenth));
        for thread in 0..THREADS {
            let own: Vec<u64> = heard.iter().copied().filter(|offset| offset / 10_000 == thread).collect();
            assert_eq!(own, Vec::from_iter((1..=EACH).map(|n| thread * 10_000 + n)));
        }
    }

    #[test]
    fn topics_that_were_detached_leave_nothing() {
        let broker = Broker::new();
        for n in 0..10_000 {
            now(broker.attach(&Topic::room(&n.to_string()), Heard::quiet()));
        }
        for n in 0..10_000 {
            now(broker.detach(&Topic::room(&n.to_string())));
        }
        let left: usize = broker.lines.each().map(|lines| lines.capacity()).sum();
        assert!(left <= 64 * 128, "{left}");
    }
}
