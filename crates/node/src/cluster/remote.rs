//! A connection of any node, by its id: what server code may do to it from wherever it runs.

use super::letter::{Ask, What};
use crate::node::Node;
use playhouse_core::error::Result;
use playhouse_core::id::ConnectionId;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A connection by its id, on this node or another one. Making it asks nobody: whether there is such a connection is
/// told by what is asked of it.
///
/// Every method fails with `no_such_connection` where there is none, and with `outcome_unknown` where its node does
/// not answer within `cluster.timeout`: it may have been done or not. While what the nodes share is away, it is
/// `engine_away` for connections of other nodes, and nothing was done.
#[derive(Clone)]
pub struct Remote {
    node: Node,
    id: String,
}

impl Node {
    /// A connection of any node, by its id.
    #[must_use]
    pub fn remote(&self, id: &str) -> Remote {
        Remote { node: self.clone(), id: id.to_owned() }
    }
}

impl Remote {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends a message, as [`Connection::send_message`](crate::Connection::send_message) does.
    ///
    /// # Errors
    /// Those of all methods, or a fault when the message can't be JSON.
    pub async fn send_message<T: Serialize + ?Sized>(&self, message: &T) -> Result<()> {
        let message = RawValue::from_string(serde_json::to_string(message)?)?;
        self.done(What::Send(message)).await
    }

    /// Lets it join a room.
    ///
    /// # Errors
    /// Those of all methods, and of [`Room::join`](crate::Room::join).
    pub async fn join(&self, room: &str) -> Result<()> {
        self.done(What::Join(room.to_owned())).await
    }

    /// Lets it leave a room.
    ///
    /// # Errors
    /// Those of all methods, and of [`Room::leave`](crate::Room::leave).
    pub async fn leave(&self, room: &str) -> Result<()> {
        self.done(What::Leave(room.to_owned())).await
    }

    /// Ends it on purpose: its client stays away.
    ///
    /// # Errors
    /// Those of all methods.
    pub async fn destroy(&self) -> Result<()> {
        self.done(What::Destroy).await
    }

    /// What it sees of itself with `detailsView`.
    ///
    /// # Errors
    /// Those of all methods.
    pub async fn details(&self) -> Result<Value> {
        let raw = self.ask(What::Details).await?;
        Ok(serde_json::from_str(&raw)?)
    }

    async fn done(&self, what: What) -> Result<()> {
        self.ask(what).await.map(drop)
    }

    async fn ask(&self, what: What) -> Result<String> {
        let ask = Ask { to: self.id.clone(), what };
        match ConnectionId::node(&self.id) {
            Some(other) if other != *self.node.id() => self.node.ask(&other, &ask).await,
            // An id that no node has made can only be one of ours.
            Some(_) | None => self.node.perform(&ask).await,
        }
    }
}
