//! The suite of `Presence`: one function per guarantee. Must not know any engine.

use super::{Presences, TRY_EVERY, Verdict, ensure, why};
use crate::clock::Clock;
use crate::id::ConnectionId;
use crate::presence::{Member, Presence, RoomChanges, RoomMark};
use futures_util::future::join_all;
use std::collections::BTreeMap;

crate::contract_presence! { @ contract_list dyn Presence }

/// Once `join` resolves, every node's `members` has the member, once, with its details.
///
/// # Errors
/// What was seen instead.
pub async fn join_is_seen(nodes: &Presences) -> Verdict {
    let members =
        [member("ann", r#"{"name":"Änn"}"#), member("bob", "{}"), member("cy:*", r#"{"a":"\u0000"}"#)];
    for (count, node) in (1..=members.len()).zip(nodes.in_turn()) {
        node.join("lobby", members[count - 1].clone()).await.map_err(why)?;
        expect_members(nodes, "lobby", &members[..count]).await?;
    }
    expect_members(nodes, "lob", &[]).await
}

/// Joining anew changes the details and adds no second member.
///
/// # Errors
/// What was seen instead.
pub async fn join_again_replaces(nodes: &Presences) -> Verdict {
    nodes.first().join("lobby", member("ann", r#"{"mood":1}"#)).await.map_err(why)?;
    for mood in 2..6 {
        let again = member("ann", &format!(r#"{{"mood":{mood}}}"#));
        nodes.first().join("lobby", again.clone()).await.map_err(why)?;
        expect_members(nodes, "lobby", &[again]).await?;
    }
    Ok(())
}

/// Once `leave` resolves, no node's `members` has the member; leaving twice is no error.
///
/// # Errors
/// What was seen instead.
pub async fn leave_is_seen(nodes: &Presences) -> Verdict {
    let (ann, bob) = (member("ann", "{}"), member("bob", "{}"));
    for node in &nodes.all {
        node.join("lobby", ann.clone()).await.map_err(why)?;
        node.join("lobby", bob.clone()).await.map_err(why)?;
        node.join("attic", ann.clone()).await.map_err(why)?;
        let was_there = node.leave("lobby", &ann.id).await.map_err(why)?;
        ensure!(was_there, "a member left, but is said not to have been there");
        let was_there = node.leave("lobby", &ann.id).await.map_err(why)?;
        ensure!(!was_there, "a member left twice, and is said to have been there");
        expect_members(nodes, "lobby", std::slice::from_ref(&bob)).await?;
        expect_members(nodes, "attic", std::slice::from_ref(&ann)).await?;
        node.leave("lobby", &bob.id).await.map_err(why)?;
        node.leave("attic", &ann.id).await.map_err(why)?;
    }
    let was_there = nodes.first().leave("nowhere", &ann.id).await.map_err(why)?;
    ensure!(!was_there, "a member left a room that nobody was in, and is said to have been there");
    Ok(())
}

/// `count` is the number of members.
///
/// # Errors
/// What was seen instead.
pub async fn counts_are_members(nodes: &Presences) -> Verdict {
    expect_count(nodes, 0).await?;
    let ids: Vec<String> = (0..20).map(|n| format!("member {n}")).collect();
    // At once: a count that is kept apart from the members goes astray here.
    let joins = nodes.in_turn().zip(&ids).flat_map(|(node, id)| [(node, id), (node, id)]);
    for joined in join_all(joins.map(|(node, id)| node.join("lobby", member(id, "{}")))).await {
        joined.map_err(why)?;
    }
    expect_count(nodes, ids.len()).await?;
    for (left, (node, id)) in nodes.in_turn().zip(&ids).enumerate() {
        for _ in 0..2 {
            node.leave("lobby", &ConnectionId::new(id.as_str())).await.map_err(why)?;
        }
        expect_count(nodes, ids.len() - left - 1).await?;
    }
    Ok(())
}

/// A room created or destroyed by one node is there or gone for all; only the first of two who create it is
/// told that it is new; destroying it forgets its members.
///
/// # Errors
/// What was seen instead.
pub async fn rooms_are_one_list(nodes: &Presences) -> Verdict {
    let mut looks: Vec<Look> = nodes.all.iter().map(|_| Look::default()).collect();
    expect_rooms(nodes, &mut looks, &[]).await?;
    let told = join_all(nodes.in_turn().take(4).map(|node| node.set_room("lobby", true))).await;
    let news = told.iter().filter(|told| matches!(told, Ok(Some(_)))).count();
    ensure!(news == 1, "four created one room, and {news} of them are told that it is new");
    for (node, name) in nodes.in_turn().zip(["ä", "Z", "a b", "*"]) {
        let new = node.set_room(name, true).await.map_err(why)?;
        ensure!(new.is_some(), "`{name}` is new, and said not to be");
    }
    nodes.first().join("lobby", member("ann", "{}")).await.map_err(why)?;
    expect_rooms(nodes, &mut looks, &["*", "Z", "a b", "lobby", "ä"]).await?;
    let gone = nodes.last().set_room("lobby", false).await.map_err(why)?;
    ensure!(gone.is_some(), "a room was destroyed, and is said not to have been there");
    let gone = nodes.first().set_room("lobby", false).await.map_err(why)?;
    ensure!(gone.is_none(), "a room was destroyed twice, and is said to have been there");
    expect_rooms(nodes, &mut looks, &["*", "Z", "a b", "ä"]).await?;
    expect_members(nodes, "lobby", &[]).await?;
    let new = nodes.last().set_room("lobby", true).await.map_err(why)?;
    ensure!(new.is_some(), "a room was made anew, and is said to have been there");
    expect_rooms(nodes, &mut looks, &["*", "Z", "a b", "lobby", "ä"]).await?;
    expect_members(nodes, "lobby", &[]).await
}

/// `members` are in the order in which they joined; who joins anew keeps their place.
///
/// # Errors
/// What was seen instead.
pub async fn order_of_joining(nodes: &Presences) -> Verdict {
    // Neither the order of the alphabet nor that of numbers, nor, for so many, of any map by chance.
    let mut members: Vec<Member> = (0..30).map(|n| member(&format!("{}", n * 7 % 30), "{}")).collect();
    for (node, member) in nodes.in_turn().zip(&members) {
        node.join("lobby", member.clone()).await.map_err(why)?;
    }
    nodes.first().join("lobby", members[0].clone()).await.map_err(why)?;
    expect_order(nodes, &members).await?;
    // Who left comes back as the last.
    let (back, node) = (members.remove(3), &nodes.all[3 % nodes.all.len()]);
    node.leave("lobby", &back.id).await.map_err(why)?;
    nodes.last().join("lobby", back.clone()).await.map_err(why)?;
    members.push(back);
    expect_order(nodes, &members).await
}

/// Members of a node that was lost to the engine are gone within its lease, and there again, once each and in their
/// places, as soon as the node is back.
///
/// # Errors
/// What was seen instead.
pub async fn the_lost_are_gone_and_back(nodes: &Presences) -> Verdict {
    let Some(cut) = &nodes.cut else { return Ok(()) };
    let members: Vec<Member> = ["ann", "bob", "cy", "dan"].map(|id| member(id, "{}")).into();
    let (stays, lost) = (nodes.first(), nodes.last());
    for (node, member) in [lost, stays, lost, lost].into_iter().zip(&members) {
        node.join("lobby", member.clone()).await.map_err(why)?;
    }
    cut.cut().await;
    become_those(nodes, &members[1..2]).await?;
    // Left while it was lost: must not come back.
    drop(lost.leave("lobby", &members[3].id).await);
    cut.mend().await;
    become_those(nodes, &members[..3]).await?;
    expect_order(nodes, &members[..3]).await
}

/// Waits until the first node lists those members; never more than there were.
async fn become_those(nodes: &Presences, expected: &[Member]) -> Verdict {
    let mut tries = nodes.tries();
    loop {
        let members = nodes.first().members("lobby").await.map_err(why)?;
        let count = nodes.first().count("lobby").await.map_err(why)?;
        if members == expected && count == expected.len() {
            return Ok(());
        }
        ensure!(members.len() <= 4, "more members than there were: {members:?}");
        ensure!(tries > 0, "{members:?} ({count}) have not become {expected:?}");
        tries -= 1;
        Clock::system().sleep(TRY_EVERY).await;
    }
}

async fn expect_order(nodes: &Presences, expected: &[Member]) -> Verdict {
    let expected: Vec<&str> = expected.iter().map(|member| member.id.as_str()).collect();
    for node in &nodes.all {
        let members = node.members("lobby").await.map_err(why)?;
        let order: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
        ensure!(order == expected, "joined as {expected:?}, but listed as {order:?}");
    }
    Ok(())
}

/// Every node's members, in whatever order: that is another guarantee.
async fn expect_members(nodes: &Presences, room: &str, expected: &[Member]) -> Verdict {
    for (number, node) in nodes.all.iter().enumerate() {
        let mut members = node.members(room).await.map_err(why)?;
        let mut expected = expected.to_vec();
        members.sort_by(|a, b| a.id.cmp(&b.id));
        expected.sort_by(|a, b| a.id.cmp(&b.id));
        ensure!(members == expected, "`{room}` should have {expected:?}, but node {number} has {members:?}");
    }
    Ok(())
}

/// Every node's count, and the number of members that it lists.
async fn expect_count(nodes: &Presences, expected: usize) -> Verdict {
    for node in &nodes.all {
        let count = node.count("lobby").await.map_err(why)?;
        let listed = node.members("lobby").await.map_err(why)?.len();
        ensure!(count == listed, "counts {count}, lists {listed}");
        ensure!(count == expected, "counts {count} where {expected} are");
    }
    Ok(())
}

/// The whole list of every node, and the changes since nodes that look now looked last.
async fn expect_rooms(nodes: &Presences, looks: &mut [Look], expected: &[&str]) -> Verdict {
    for (number, (node, look)) in nodes.all.iter().zip(looks).enumerate() {
        let mut fresh = Look::default();
        fresh.again(node.as_ref()).await?;
        look.again(node.as_ref()).await?;
        for names in [fresh.names(), look.names()] {
            ensure!(names == expected, "the rooms are {expected:?}, but node {number} has {names:?}");
        }
    }
    Ok(())
}

/// What a node that follows the changes takes for the list of rooms.
#[derive(Default)]
struct Look {
    mark: RoomMark,
    rooms: BTreeMap<String, u64>,
}

impl Look {
    async fn again(&mut self, node: &dyn Presence) -> Verdict {
        let RoomChanges { mark, whole, made, gone, .. } = node.rooms(&self.mark).await.map_err(why)?;
        ensure!(made.is_sorted(), "rooms are not sorted: {made:?}");
        if whole {
            self.rooms.clear();
        }
        gone.iter().for_each(|(name, _)| _ = self.rooms.remove(name));
        self.rooms.extend(made);
        self.mark = mark;
        Ok(())
    }

    fn names(&self) -> Vec<&str> {
        self.rooms.keys().map(String::as_str).collect()
    }
}

fn member(id: &str, details: &str) -> Member {
    Member { id: ConnectionId::new(id), details: details.to_owned().into() }
}
