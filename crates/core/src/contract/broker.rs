//! The suite of `Broker`: one function per guarantee. Must not know any engine.

use super::heard::{Heard, Told};
use super::{Brokers, TRY_EVERY, Verdict, ensure, why};
use crate::broker::Broker;
use crate::envelope::{Envelope, Stamp, Topic};
use crate::id::{ConnectionId, NodeId};
use futures_util::future::join_all;
use std::sync::Arc;

crate::contract_broker! { @ contract_list dyn Broker }

/// Envelopes of each publisher: enough to fill and empty what an engine batches, quick even over a network.
const MANY: usize = 50;

/// What is published after `attach` resolved is delivered to that inbox once.
///
/// # Errors
/// What was seen instead.
pub async fn reaches_every_inbox(nodes: &Brokers) -> Verdict {
    let topic = Topic::room("everywhere");
    let inboxes = attach_everywhere(nodes, &topic).await?;
    let mut published = Vec::new();
    for (publisher, offset) in nodes.in_turn().zip(1..=MANY as u64) {
        let envelope = envelope(&topic, "turns", offset);
        published.push(text(&envelope));
        publish(publisher, envelope).await?;
    }
    for (node, inbox) in inboxes.iter().enumerate() {
        inbox.wait(published.len(), nodes.patience).await;
        nodes.listen().await;
        let mut heard: Vec<String> = inbox.said().iter().map(text).collect();
        // In whatever order: that is another guarantee.
        heard.sort();
        published.sort();
        ensure!(heard == published, "published {published:?}, but node {node} heard {heard:?}");
    }
    Ok(())
}

/// What one node publishes to one topic arrives everywhere in that order.
///
/// # Errors
/// What was seen instead.
pub async fn order_per_publisher(nodes: &Brokers) -> Verdict {
    let topic = Topic::room("order");
    let inboxes = attach_everywhere(nodes, &topic).await?;
    let names: Vec<String> = (0..nodes.all.len()).map(|node| format!("node {node}")).collect();
    let publishers = nodes.all.iter().zip(&names);
    for done in join_all(publishers.map(|(node, name)| publish_many(node.as_ref(), &topic, name))).await {
        done?;
    }
    for inbox in inboxes {
        inbox.wait(nodes.all.len() * MANY, nodes.patience).await;
        let said = inbox.said();
        for name in &names {
            let from_one = said.iter().filter(|envelope| envelope.stamp.node.as_str() == name);
            let offsets: Vec<u64> = from_one.map(|envelope| envelope.stamp.offset).collect();
            ensure!(offsets.is_sorted(), "heard out of order from {name}: {offsets:?}");
        }
    }
    Ok(())
}

/// What is published by one who heard an envelope is heard after it, everywhere.
///
/// # Errors
/// What was seen instead.
pub async fn answers_come_after(nodes: &Brokers) -> Verdict {
    let topic = Topic::room("answers");
    let inboxes = attach_everywhere(nodes, &topic).await?;
    let (asks, answers) = (nodes.first(), nodes.last());
    for offset in 1..=MANY as u64 {
        publish(asks, envelope(&topic, "asks", offset)).await?;
        let asked = 2 * usize::try_from(offset).expect("a small number") - 1;
        inboxes[inboxes.len() - 1].wait(asked, nodes.patience).await;
        publish(answers, envelope(&topic, "answers", offset)).await?;
        inboxes[0].wait(asked + 1, nodes.patience).await;
    }
    for (node, inbox) in inboxes.iter().enumerate() {
        inbox.wait(2 * MANY, nodes.patience).await;
        let said = inbox.said();
        let order: Vec<_> = said.iter().map(|said| (said.stamp.node.as_str(), said.stamp.offset)).collect();
        let expected: Vec<_> = (1..=MANY as u64).flat_map(|n| [("asks", n), ("answers", n)]).collect();
        ensure!(order == expected, "node {node} heard answers before their questions: {order:?}");
    }
    Ok(())
}

/// `publish` resolves to the number of nodes that were attached; 0 means that nobody heard.
///
/// # Errors
/// What was seen instead.
pub async fn listeners_are_counted(nodes: &Brokers) -> Verdict {
    let topic = Topic::room("counted");
    for attached in 0..=nodes.all.len() {
        let offset = attached as u64 + 1;
        let heard = publish(nodes.first(), envelope(&topic, "counts", offset)).await?;
        ensure!(heard == attached, "{attached} are attached, but {heard} are said to have heard");
        if let Some(node) = nodes.all.get(attached) {
            node.attach(&topic, Heard::new()).await.map_err(why)?;
        }
    }
    Ok(())
}

/// When something may have been missed, the inbox hears `gap` before anything newer; never silence.
///
/// With a [`Cut`](super::Cut) something may be missed, and either isn't or is told. Without one nothing may
/// be missed at all, nor a gap be told.
///
/// # Errors
/// What was seen instead.
pub async fn gap_is_told(nodes: &Brokers) -> Verdict {
    let topic = Topic::room("gaps");
    let inbox = Heard::new();
    nodes.last().attach(&topic, inbox.clone()).await.map_err(why)?;
    publish_many(nodes.first(), &topic, "publisher").await?;
    inbox.wait(MANY, nodes.patience).await;
    no_silence(&inbox, MANY as u64)?;
    let gap = inbox.told().into_iter().find(|told| matches!(told, Told::Gap(_)));
    ensure!(gap.is_none(), "nothing could be missed, but there is a {gap:?}");
    match &nodes.cut {
        Some(_) => miss_some(nodes, &topic, &inbox).await,
        None => Ok(()),
    }
}

/// Once `detach` resolves, the inbox gets nothing more from that topic; nor does one that was replaced.
///
/// # Errors
/// What was seen instead.
pub async fn detach_is_final(nodes: &Brokers) -> Verdict {
    let (topic, other) = (Topic::room("left"), Topic::room("kept"));
    let replaced = attach_everywhere(nodes, &topic).await?;
    let detached = attach_everywhere(nodes, &topic).await?;
    let kept = attach_everywhere(nodes, &other).await?;
    publish_many(nodes.first(), &topic, "before").await?;
    for (node, inbox) in nodes.all.iter().zip(&detached) {
        inbox.wait(MANY, nodes.patience).await;
        node.detach(&topic).await.map_err(why)?;
        node.detach(&topic).await.map_err(|error| format!("detaching twice is an error: {error}"))?;
    }
    let before: Vec<usize> = detached.iter().map(|inbox| inbox.told().len()).collect();
    publish_many(nodes.first(), &topic, "after").await?;
    // Heard by then: whatever of the left topic was on its way.
    publish_many(nodes.first(), &other, "after").await?;
    for inbox in kept {
        inbox.wait(MANY, nodes.patience).await;
    }
    nodes.listen().await;
    for ((detached, replaced), before) in detached.iter().zip(&replaced).zip(before) {
        let late = detached.told().split_off(before);
        ensure!(late.is_empty(), "heard after detach: {late:?}");
        let late = replaced.told();
        ensure!(late.is_empty(), "heard by an inbox that was replaced: {late:?}");
    }
    Ok(())
}

/// An inbox hears only the topics it is attached to.
///
/// # Errors
/// What was seen instead.
pub async fn topics_are_apart(nodes: &Brokers) -> Verdict {
    // Names that an engine may take for patterns, parts of a path or nothing at all.
    let names = ["a", "ab", "a*", "a?", "[ab]", "A", "", " ", "a:b", "a/b", "ä", "a\0", "{a}"];
    let mut inboxes = Vec::new();
    for name in names {
        let topic = Topic::room(name);
        inboxes.push((attach_everywhere(nodes, &topic).await?, topic));
    }
    for name in names.into_iter().chain(["nobody is attached"]) {
        publish(nodes.first(), envelope(&Topic::room(name), "one", 1)).await?;
    }
    for (inboxes, topic) in inboxes {
        for inbox in inboxes {
            inbox.wait(1, nodes.patience).await;
            let foreign = inbox.told().into_iter().find(|told| *told.topic() != topic);
            ensure!(foreign.is_none(), "attached to {topic:?}, but heard {foreign:?}");
        }
    }
    Ok(())
}

/// Parts the last node, publishes, and sees to it that what it missed is told once it is back.
async fn miss_some(nodes: &Brokers, topic: &Topic, inbox: &Heard) -> Verdict {
    let Some(cut) = &nodes.cut else { return Ok(()) };
    cut.cut().await;
    let mut newest = MANY as u64;
    for _ in 0..MANY {
        // What was refused gets no number: it is not on its way.
        newest += u64::from(publish(nodes.first(), envelope(topic, "publisher", newest + 1)).await.is_ok());
    }
    cut.mend().await;
    let mut tries = nodes.tries();
    while newest_heard(inbox) < newest || newest == MANY as u64 {
        ensure!(tries > 0, "published up to {newest}, but after {} silence", newest_heard(inbox));
        tries -= 1;
        newest += u64::from(publish(nodes.first(), envelope(topic, "publisher", newest + 1)).await.is_ok());
        inbox.wait(inbox.said().len() + 1, TRY_EVERY).await;
    }
    no_silence(inbox, newest)
}

fn newest_heard(inbox: &Heard) -> u64 {
    inbox.said().iter().map(|envelope| envelope.stamp.offset).max().unwrap_or(0)
}

/// Every number of the one publisher up to `newest` was heard, or a gap stands where it is missing.
fn no_silence(inbox: &Heard, newest: u64) -> Verdict {
    let (mut last, mut gap) = (0, false);
    for told in inbox.told() {
        match told {
            Told::Gap(_) => gap = true,
            Told::Said(envelope) => {
                let offset = envelope.stamp.offset;
                ensure!(offset <= last + 1 || gap, "after {last} came {offset}, and no word of a gap");
                (last, gap) = (last.max(offset), false);
            }
        }
    }
    ensure!(last == newest || gap, "published up to {newest}, but after {last} silence");
    Ok(())
}

/// An inbox of its own on every node.
async fn attach_everywhere(nodes: &Brokers, topic: &Topic) -> Result<Vec<Arc<Heard>>, String> {
    let mut inboxes = Vec::new();
    for node in &nodes.all {
        let inbox = Heard::new();
        node.attach(topic, inbox.clone()).await.map_err(why)?;
        inboxes.push(inbox);
    }
    Ok(inboxes)
}

/// Publishes [`MANY`], one after the other.
async fn publish_many(node: &dyn Broker, topic: &Topic, name: &str) -> Verdict {
    for offset in 1..=MANY as u64 {
        publish(node, envelope(topic, name, offset)).await?;
    }
    Ok(())
}

/// To the number of nodes that listen.
async fn publish(node: &dyn Broker, envelope: Envelope) -> Result<usize, String> {
    node.publish(envelope).map_err(why)?.await.map_err(why)
}

fn envelope(topic: &Topic, node: &str, offset: u64) -> Envelope {
    let stamp = Stamp { node: NodeId::new(node), epoch: 7, offset, sent_at: 1_700_000_000_000 + offset };
    let payload = format!("{{\"text\":\"ünïcode\",\"n\":{offset:02}}}").into();
    Envelope {
        topic: topic.clone(),
        stamp,
        from: ConnectionId::new(format!("{offset:02} of {node}")),
        payload,
    }
}

/// All that an envelope carries, to be compared.
fn text(envelope: &Envelope) -> String {
    let Envelope { topic, stamp, from, payload } = envelope;
    format!("{from} {topic:?} {stamp:?} {payload:?}")
}
