//! Brokers that break one promise each.

use super::failing;
use playhouse_core::Later;
use playhouse_core::broker::{Broker, BrokerError, Inbox, Publishing};
use playhouse_core::contract::{Brokers, Cut, broker};
use playhouse_core::envelope::{Envelope, Topic};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// None: shows that the broker below is fit to carry the others.
    None,
    /// Loses every seventh envelope.
    Drop,
    /// Delivers every seventh envelope twice.
    Double,
    /// Delivers two envelopes of a topic in each other's place.
    Swap,
    /// Goes on delivering to who has detached.
    Late,
    /// Goes on delivering to who was replaced.
    LateReplaced,
    /// Delivers what is published on a topic to those whose names begin alike, too.
    Prefix,
    /// Changes what is said.
    Garble,
    /// Tells of a gap where there is none.
    FalseGap,
    /// Says nothing of what was missed.
    Silent,
    /// Tells of a gap after what is newer.
    LateGap,
    /// Says that nobody hears.
    Miscount,
}

struct Broken {
    fault: Fault,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    inboxes: HashMap<Topic, Vec<Arc<dyn Inbox>>>,
    held: HashMap<Topic, Envelope>,
    published: usize,
    parted: bool,
    missed: bool,
}

type Told = Vec<(Arc<dyn Inbox>, Option<Envelope>)>;

impl State {
    fn publish(&mut self, fault: Fault, mut envelope: Envelope) -> Told {
        self.published += 1;
        if self.parted {
            self.missed = true;
            return Vec::new();
        }
        let seventh = self.published.is_multiple_of(7);
        let topic = envelope.topic.clone();
        let envelopes = match fault {
            Fault::Drop if seventh => vec![],
            Fault::Double if seventh => vec![Some(envelope.clone()), Some(envelope)],
            Fault::FalseGap if seventh => vec![None, Some(envelope)],
            Fault::Garble if seventh => {
                envelope.payload = "{}".into();
                vec![Some(envelope)]
            }
            Fault::Swap => match self.held.remove(&topic) {
                Some(former) => vec![Some(envelope), Some(former)],
                None => {
                    self.held.insert(topic.clone(), envelope);
                    vec![]
                }
            },
            Fault::Silent => vec![Some(envelope)],
            Fault::LateGap if self.missed => vec![Some(envelope), None],
            _ if self.missed => vec![None, Some(envelope)],
            _ => vec![Some(envelope)],
        };
        self.missed = false;
        self.address(fault, &topic, &envelopes)
    }

    fn address(&self, fault: Fault, topic: &Topic, envelopes: &[Option<Envelope>]) -> Told {
        let hears = |name: &Topic| {
            name == topic || (fault == Fault::Prefix && topic.as_str().starts_with(name.as_str()))
        };
        let inboxes = self.inboxes.iter().filter(|(name, _)| hears(name)).flat_map(|(_, inboxes)| inboxes);
        inboxes.flat_map(|inbox| envelopes.iter().map(|told| (inbox.clone(), told.clone()))).collect()
    }
}

impl Broker for Broken {
    fn publish(&self, envelope: Envelope) -> Result<Publishing, BrokerError> {
        let topic = envelope.topic.clone();
        let mut state = self.state.lock().unwrap();
        let attached = state.inboxes.get(&topic).map_or(0, Vec::len);
        let told = state.publish(self.fault, envelope);
        drop(state);
        for (inbox, told) in told {
            match told {
                Some(envelope) => inbox.deliver(&envelope),
                None => inbox.gap(&topic),
            }
        }
        let heard = if self.fault == Fault::Miscount { 0 } else { attached };
        Ok(Box::pin(std::future::ready(Ok(heard))))
    }

    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>> {
        let mut state = self.state.lock().unwrap();
        let inboxes = state.inboxes.entry(topic.clone()).or_default();
        if self.fault != Fault::LateReplaced {
            inboxes.clear();
        }
        inboxes.push(inbox);
        Box::pin(async { Ok(()) })
    }

    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>> {
        if self.fault != Fault::Late {
            self.state.lock().unwrap().inboxes.remove(topic);
        }
        Box::pin(async { Ok(()) })
    }
}

struct Parted(Arc<Broken>);

impl Cut for Parted {
    fn cut(&self) -> Later<'_, ()> {
        Box::pin(async { self.0.state.lock().unwrap().parted = true })
    }

    fn mend(&self) -> Later<'_, ()> {
        Box::pin(async { self.0.state.lock().unwrap().parted = false })
    }
}

fn broken(fault: Fault) -> Arc<Broken> {
    Arc::new(Broken { fault, state: Mutex::default() })
}

#[test]
fn a_broken_promise_is_found() {
    let table: [(Fault, &[&str]); 10] = [
        (Fault::None, &[]),
        (Fault::Miscount, &["listeners_are_counted"]),
        (Fault::Drop, &["reaches_every_inbox", "answers_come_after", "gap_is_told"]),
        (Fault::Double, &["reaches_every_inbox", "answers_come_after"]),
        (Fault::Swap, &["order_per_publisher", "answers_come_after", "gap_is_told"]),
        (Fault::Late, &["detach_is_final"]),
        (Fault::LateReplaced, &["detach_is_final"]),
        (Fault::Prefix, &["topics_are_apart"]),
        (Fault::Garble, &["reaches_every_inbox"]),
        (Fault::FalseGap, &["gap_is_told"]),
    ];
    for (fault, expected) in table {
        assert_eq!(failing(broker::ALL, || Brokers::one(broken(fault))), expected);
    }
}

#[test]
fn a_gap_that_is_not_told_in_time_is_found() {
    let table: [(Fault, &[&str]); 3] =
        [(Fault::None, &[]), (Fault::Silent, &["gap_is_told"]), (Fault::LateGap, &["gap_is_told"])];
    let gap_is_told = &broker::ALL[4..5];
    for (fault, expected) in table {
        let nodes = || {
            let node = broken(fault);
            Brokers::many(vec![node.clone()]).with_cut(Parted(node))
        };
        assert_eq!(failing(gap_is_told, nodes), expected);
    }
}

#[test]
fn nodes_that_do_not_hear_each_other_are_found() {
    let nodes = || {
        Brokers::many(vec![broken(Fault::None), broken(Fault::None)])
            .with_patience(Duration::from_millis(100))
    };
    assert_eq!(failing(&broker::ALL[..1], nodes), ["reaches_every_inbox"]);
}
