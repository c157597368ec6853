//! Rooms: joining, leaving, looking, saying, making and removing.
//!
//! Owns the order of the steps and what happens when one of them fails. Who hears is the hub's, who is there
//! presence's, how it travels the broker's affair.

mod attachment;
mod hooks;
mod rooms;

pub use hooks::{Hear, Heard, RoomHooks, Said};
pub(crate) use rooms::{Known, Rooms};

use crate::connection::{Connection, Refused};
use crate::node::Node;
use bytes::Bytes;
use playhouse_core::codes;
use playhouse_core::envelope::{Envelope, Stamp};
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::id::ConnectionId;
use playhouse_core::json;
use playhouse_core::presence::Member;
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

    /// Whether it exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.node.rooms().get(&self.name).is_some()
    }

    fn known(&self) -> Result<Arc<Known>, Reject> {
        let text = || self.node.texts().connection_room_not_exist();
        self.node.rooms().get(&self.name).ok_or_else(|| Reject::of(&codes::NO_SUCH_ROOM, text()))
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
        if self.exists() {
            return Ok(false);
        }
        if self.node.rooms().count() >= self.node.config().limits.rooms {
            return Err(
                Reject::of(&codes::TOO_MANY_ROOMS, "there are as many rooms as the server may have").into()
            );
        }
        let made = self.node.presence().set_room(&self.name, true).await?;
        self.node.rooms().add(&self.name);
        Ok(made)
    }

    /// Removes the room: all members hear that it is gone, then they are no members any more. `false` if it
    /// did not exist.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn remove(&self) -> Result<bool> {
        let Ok(known) = self.known() else { return Ok(false) };
        self.say(&self.node.texts().connection_room_has_been_deleted()).await?;
        self.node.rooms().remove(&self.name);
        for member in self.node.hub().connections(&known.topic) {
            if member.membership().exit(&self.name) {
                self.node.hub().remove(&known.topic, &member);
            }
        }
        known.attachment.detach(self.node.broker(), &known.topic).await?;
        Ok(self.node.presence().set_room(&self.name, false).await?)
    }

    /// Lets a connection join.
    ///
    /// # Errors
    /// The room does not exist, the connection is in it, in too many, or can't be in rooms; a hook refused;
    /// an engine can't be reached.
    pub async fn join(&self, connection: &Connection) -> Result<()> {
        let known = self.known()?;
        if connection.membership().contains(&self.name) {
            return Err(self.already_in().into());
        }
        if !connection.can_chat() {
            let text = self.node.texts().unsupported_server_type(connection.kind().as_str());
            return Err(Reject::of(&codes::WRONG_CONNECTION_TYPE, text).into());
        }
        for hook in &self.node.room_hooks().join {
            hook(connection.clone(), self.name.to_string()).await?;
        }
        match connection.membership().enter(&known.name, self.node.config().limits.rooms_per_connection) {
            Ok(()) => {}
            Err(Refused::AlreadyIn) => return Err(self.already_in().into()),
            Err(Refused::TooMany) => {
                let text = "the connection is in as many rooms as it may be";
                return Err(Reject::of(&codes::TOO_MANY_ROOMS, text).into());
            }
        }
        let entered = self.enter(&known, connection).await;
        if entered.is_err() && connection.membership().exit(&self.name) {
            self.drop_out(&known, connection).await;
        }
        entered
    }

    fn already_in(&self) -> Reject {
        let text = self.node.texts().connection_already_in_room(&self.name);
        Reject::of(&codes::ALREADY_IN_ROOM, text)
    }

    async fn enter(&self, known: &Known, connection: &Connection) -> Result<()> {
        let details = self.details(connection)?;
        self.node.hub().add(&known.topic, connection);
        known.attachment.attach(self.node.broker(), &known.topic, self.node.hub().clone()).await?;
        let member = Member { id: connection.id().clone(), details };
        self.node.presence().join(&self.name, member).await?;
        // Gone meanwhile: then its leaving did not see this room, and nobody else would.
        if connection.outbox().closing().is_some() && self.node.find(connection.id().as_str()).is_none() {
            self.leave(connection).await?;
        }
        Ok(())
    }

    /// What a member shows: `id` and `joinedAt`, and what the application adds.
    fn details(&self, connection: &Connection) -> Result<Bytes> {
        let mut out = b"{\"id\":".to_vec();
        json::push_str(&mut out, connection.id().as_str());
        out.extend_from_slice(b",\"joinedAt\":");
        json::push_u64(&mut out, self.node.clock().unix_ms());
        if let Some(make) = &self.node.room_hooks().details {
            let own = make(connection)?;
            let fields = own.trim().trim_start_matches('{').trim_end_matches('}').trim();
            if !fields.is_empty() {
                out.push(b',');
                out.extend_from_slice(fields.as_bytes());
            }
        }
        out.push(b'}');
        Ok(out.into())
    }

    /// Lets a connection leave.
    ///
    /// # Errors
    /// It is not in the room, a hook refused, or an engine can't be reached; in the last case it has left
    /// all the same.
    pub async fn leave(&self, connection: &Connection) -> Result<()> {
        if !connection.membership().contains(&self.name) {
            let text = self.node.texts().connection_not_in_room(&self.name);
            return Err(Reject::of(&codes::NOT_IN_ROOM, text).into());
        }
        for hook in &self.node.room_hooks().leave {
            hook(connection.clone(), self.name.to_string()).await?;
        }
        self.drop_member(connection).await;
        Ok(())
    }

    /// Takes out a connection that has gone: hooks are told but can't refuse.
    pub(crate) async fn take_out(&self, connection: &Connection) {
        for hook in &self.node.room_hooks().leave {
            if let Err(error) = hook(connection.clone(), self.name.to_string()).await {
                tracing::debug!(room = &*self.name, %error, "a leave hook refused one who is gone");
            }
        }
        self.drop_member(connection).await;
    }

    async fn drop_member(&self, connection: &Connection) {
        if !connection.membership().exit(&self.name) {
            return;
        }
        if let Ok(known) = self.known() {
            self.drop_out(&known, connection).await;
        }
    }

    async fn drop_out(&self, known: &Known, connection: &Connection) {
        let last = self.node.hub().remove(&known.topic, connection);
        if let Err(error) = self.node.presence().leave(&self.name, connection.id()).await {
            tracing::warn!(room = &*self.name, %error, "presence did not hear of a leaving; its lease will end it");
        }
        if last && let Err(error) = known.attachment.detach(self.node.broker(), &known.topic).await {
            tracing::warn!(room = &*self.name, %error, "a topic without members is still attached");
        }
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

    /// Says raw JSON in a connection's name, whether it is a member or not; `None` is the server.
    pub(crate) async fn say_as(&self, connection: Option<&Connection>, message: Bytes) -> Result<()> {
        let known = self.known()?;
        let payload = self.altered(connection, message).await?;
        let from = connection.map_or_else(|| self.node.server_id(), |connection| connection.id().clone());
        let published = {
            let mut offset = known.last_offset.lock().expect("a broker does not panic");
            *offset += 1;
            let stamp = Stamp {
                node: self.node.id().clone(),
                epoch: self.node.epoch(),
                offset: *offset,
                sent_at: self.node.clock().unix_ms(),
            };
            let envelope = Envelope { topic: known.topic.clone(), stamp, from, payload };
            self.node.broker().publish(envelope)
        };
        published.await?;
        self.node.shed_if_over_budget();
        Ok(())
    }

    async fn altered(&self, connection: Option<&Connection>, message: Bytes) -> Result<Bytes> {
        let hooks = &self.node.room_hooks().say;
        if hooks.is_empty() {
            return Ok(message);
        }
        let message = String::from_utf8(message.into()).map_err(Error::from)?;
        let mut said = Said { connection: connection.cloned(), room: self.name.to_string(), message };
        for hook in hooks {
            said = hook(said).await?;
        }
        Ok(said.message.into())
    }

    /// The connections of this node that are members.
    #[must_use]
    pub fn local_members(&self) -> Vec<Connection> {
        self.known().map_or_else(|_| Vec::new(), |known| self.node.hub().connections(&known.topic))
    }

    /// Whether a connection of this node is a member.
    #[must_use]
    pub fn has(&self, connection: &Connection) -> bool {
        connection.membership().contains(&self.name)
    }
}

/// Who says what server code says.
pub(crate) fn server_id() -> ConnectionId {
    ConnectionId::server()
}
