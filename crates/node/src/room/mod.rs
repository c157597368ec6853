//! Rooms: looking, saying, making and removing; joining and leaving are in `stay`.
//!
//! Owns the order of the steps and what happens when one of them fails. Who hears is the hub's, who is there
//! presence's, how it travels the broker's affair.

mod asked;
mod attachment;
mod follow;
mod hooks;
mod rooms;
mod stay;

pub(crate) use follow::Follow;
pub use hooks::{Hear, Heard, RoomHooks, Said};
pub(crate) use rooms::{Known, Rooms};

use crate::connection::Connection;
use crate::guard;
use crate::node::Node;
use bytes::Bytes;
use playhouse_core::broker::Publishing;
use playhouse_core::codes;
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::json;
use serde::Serialize;
use std::sync::Arc;

/// A room by its name, whether it exists or not.
#[derive(Clone)]
pub struct Room {
    node: Node,
    name: Arc<str>,
}

impl Room {
    pub(crate) fn new(node: &Node, name: &str) -> Self {
        Self { node: node.clone(), name: name.into() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it exists, as far as this node knows: rooms that other nodes made are known after a moment.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.node.rooms().get(&self.name).is_some()
    }

    fn known(&self) -> Result<Arc<Known>, Reject> {
        let text = || self.node.texts().connection_room_not_exist();
        self.node.rooms().get(&self.name).ok_or_else(|| Reject::of(&codes::NO_SUCH_ROOM, text()))
    }

    /// As `known`, but looks first whether another node has just made it.
    async fn found(&self) -> Result<Arc<Known>, Reject> {
        match self.known() {
            Ok(known) => Ok(known),
            Err(_) => {
                self.node.look_for_rooms().await;
                self.known()
            }
        }
    }

    /// Makes the room; `false` if it exists.
    ///
    /// # Errors
    /// A name that is empty or too long, as many rooms as may be, or an engine that can't be reached.
    pub async fn add(&self) -> Result<bool> {
        // Names are keys in an engine, and stand in every message.
        let longest = self.node.config().limits.room_name;
        if self.name.is_empty() || self.name.len() > longest {
            let text =
                format!("a room's name is a text of 1 to {longest} bytes, this one has {}", self.name.len());
            return Err(Reject::of(&codes::INVALID_PARAM, text).field("room").into());
        }
        // Its place is taken before anything waits, so that the limit holds for those who come at once.
        let presence = self.node.presence();
        let limit = self.node.config().limits.rooms;
        let added = self.node.rooms().add(&self.name, limit, || presence.set_room(&self.name, true));
        let Ok(added) = added else {
            let text = "there are as many rooms as the server may have";
            return Err(Reject::of(&codes::TOO_MANY_ROOMS, text).into());
        };
        let Some((known, set)) = added else { return Ok(false) };
        let making = Making { node: &self.node, known: Some(&known) };
        let Some(version) = set.await? else {
            // Another node has made it before. It stays in the table if it is still there.
            self.node.look_for_rooms().await;
            if !known.is_unborn() {
                making.done();
            }
            return Ok(false);
        };
        self.node.note_made(&known, version);
        making.done();
        Ok(true)
    }

    /// Removes the room: all members hear that it is gone, then they are no members any more. `false` if it
    /// did not exist.
    ///
    /// # Errors
    /// A hook on saying that failed or an engine that can't be reached: then the room stays.
    pub async fn remove(&self) -> Result<bool> {
        let Ok(known) = self.found().await else { return Ok(false) };
        if !known.begin_removal() {
            return Ok(false);
        }
        let removing = Removing { node: &self.node, known: Some(known.clone()) };
        // Asked before anybody hears of it: of a removal that can't be made nobody should.
        self.count().await?;
        let text = json::to_text(&self.node.texts().connection_room_has_been_deleted())?;
        self.say_in(&known, None, text.into()).await?;
        let presence = self.node.presence();
        let removed = self.node.rooms().remove(&known, || presence.set_room(&self.name, false));
        let Some(removed) = removed else {
            // Another node was faster, and it is gone for good.
            removing.done();
            return Ok(false);
        };
        let removed = removed.await?.is_some();
        removing.done();
        let members = clear(&self.node, &known);
        self.node.end_stays((known, members)).await;
        Ok(removed)
    }

    /// All members on all nodes, as raw JSON: `{room, members: {<id>: details}, membersCount}`.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn view(&self) -> Result<String> {
        let members = self.node.presence().members(&self.name).await?;
        let mut out = b"{\"room\":".to_vec();
        json::push_str(&mut out, &self.name);
        out.extend_from_slice(b",\"members\":{");
        for (nth, member) in members.iter().enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            json::push_str(&mut out, member.id.as_str());
            out.push(b':');
            out.extend_from_slice(&member.details);
            if self.node.find(member.id.as_str()).is_some_and(|member| member.is_absent()) {
                mark_absent(&mut out);
            }
        }
        out.extend_from_slice(b"},\"membersCount\":");
        json::push_u64(&mut out, members.len() as u64);
        out.push(b'}');
        Ok(String::from_utf8(out).expect("made of texts"))
    }

    /// How many members there are on all nodes.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn count(&self) -> Result<usize> {
        Ok(self.node.presence().count(&self.name).await?)
    }

    /// Says any value from server code; members see it from `"0"`.
    ///
    /// # Errors
    /// The room does not exist, the value can't be JSON, a hook refused, or an engine can't be reached.
    pub async fn say<T: Serialize + ?Sized>(&self, message: &T) -> Result<()> {
        let raw = json::to_text(message)?;
        self.say_as(None, raw.into()).await
    }

    async fn say_as(&self, connection: Option<&Connection>, message: Bytes) -> Result<()> {
        self.say_in(&*self.found().await?, connection, message).await
    }

    async fn say_in(&self, known: &Known, connection: Option<&Connection>, message: Bytes) -> Result<()> {
        self.publish(known, connection, message).await?.await?;
        self.node.shed_if_over_budget();
        Ok(())
    }

    /// Says raw JSON in a member's name. When this resolves the message has its place among those of this node; what
    /// comes of it is told by what it resolves to.
    pub(crate) async fn say_of(&self, connection: &Connection, message: Bytes) -> Result<Publishing> {
        self.publish(&*self.found().await?, Some(connection), message).await
    }

    async fn publish(
        &self,
        known: &Known,
        connection: Option<&Connection>,
        message: Bytes,
    ) -> Result<Publishing> {
        let payload = self.altered(connection, message).await?;
        let from = connection.map_or_else(|| self.node.server_id(), |connection| connection.id().clone());
        Ok(known.speaker.say(&self.node, from, payload)?)
    }

    async fn altered(&self, connection: Option<&Connection>, message: Bytes) -> Result<Bytes> {
        let hooks = &self.node.room_hooks().say;
        if hooks.is_empty() {
            return Ok(message);
        }
        let message = String::from_utf8(message.into()).map_err(Error::from)?;
        let mut said = Said { connection: connection.cloned(), room: self.name.to_string(), message };
        let altered = guard::run(&self.node, async {
            for hook in hooks {
                said = hook(said).await?;
            }
            Ok(said.message)
        });
        Ok(altered.await?.into())
    }

    /// The connections of this node that are members.
    #[must_use]
    pub fn local_members(&self) -> Vec<Connection> {
        self.known().map_or_else(|_| Vec::new(), |known| self.node.hub().connections(known.topic()))
    }

    /// Whether a connection of this node is a member.
    #[must_use]
    pub fn has(&self, connection: &Connection) -> bool {
        connection.membership().contains(&self.name)
    }
}

/// Adds to the object that `out` ends with that its member has no link.
fn mark_absent(out: &mut Vec<u8>) {
    if out.pop_if(|last| *last == b'}').is_some() {
        out.extend_from_slice(if out.last() == Some(&b'{') { b"" } else { b"," });
        out.extend_from_slice(b"\"absent\":true}");
    }
}

/// A room that is in the table but not known to presence. Dropped before [`Making::done`], as the engine was
/// away or the caller gave up, the room goes again.
struct Making<'a> {
    node: &'a Node,
    known: Option<&'a Arc<Known>>,
}

impl Making<'_> {
    fn done(mut self) {
        self.known = None;
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.known
            && self.node.rooms().remove(known, || ()).is_some()
        {
            let left = (known.clone(), clear(self.node, known));
            let node = self.node.clone();
            let ending = async move { node.end_stays(left).await };
            // Closed only while the node stops, which ends all stays.
            let _ = self.node.tasks().spawn_background("rooms", ending);
        }
    }
}

/// A room that is about to go. Dropped before [`Removing::done`], as a hook or the engine failed or the caller gave up,
/// the room is there again.
struct Removing<'a> {
    node: &'a Node,
    known: Option<Arc<Known>>,
}

impl Removing<'_> {
    fn done(mut self) {
        self.known = None;
    }
}

impl Drop for Removing<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.known.take()
            && self.node.rooms().put_back(&known)
        {
            // The engine may have removed it, and a look have heard of that while it was not in the table.
            self.node.look_back();
        }
    }
}

/// Ends all stays in a room that is out of the table; returns who was there. Who is just entering sees that by
/// themselves.
fn clear(node: &Node, known: &Known) -> Vec<Connection> {
    let members = node.hub().connections(known.topic());
    for member in &members {
        member.membership().exit(&known.name);
        node.hub().remove(known.topic(), member);
    }
    members
}
