//! The way into a node from outside of a call: from a task, a signal, another protocol of the application.

use playhouse_core::codes;
use playhouse_core::error::{Error, Fault, Reject, Result};
use playhouse_core::head::Head;
use playhouse_core::id::ConnectionId;
use playhouse_node::action::{Params, Reply};
use playhouse_node::web::{self, WebReply};
use playhouse_node::{Connection, Kind, Node, Peer, Port, Remote, Room};
use playhouse_server::memory::FORM;
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Reaches the node of an application from anywhere. Cheap to clone; a clone is the same.
///
/// It can be taken before the start: what is asked of it until then fails with a sentence that says so.
#[derive(Clone)]
pub struct Handle(Arc<Inner>);

struct Inner {
    node: OnceLock<Node>,
    address: OnceLock<SocketAddr>,
    stopping: watch::Sender<bool>,
}

impl Default for Handle {
    fn default() -> Self {
        Self(Arc::new(Inner {
            node: OnceLock::new(),
            address: OnceLock::new(),
            stopping: watch::Sender::new(false),
        }))
    }
}

impl Handle {
    /// Tells it which node it reaches. An application is started once.
    pub(crate) fn reaches(&self, node: &Node) {
        // A second start would be of another `App`, which has another handle.
        let _ = self.0.node.set(node.clone());
    }

    /// Tells it where the server listens.
    pub(crate) fn listens_on(&self, address: SocketAddr) {
        // As above.
        let _ = self.0.address.set(address);
    }

    /// Where the server listens, from `on_start` on; `None` before, and where there is no server, as in a test.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.address.get().copied()
    }

    /// The node.
    ///
    /// # Errors
    /// A fault before the start.
    pub fn node(&self) -> Result<&Node> {
        let text = "the application has not started yet: use its handle in `on_start` or later";
        self.0.node.get().ok_or_else(|| Error::Fault(Fault::new(text)))
    }

    /// A room by its name, whether it exists or not.
    ///
    /// # Errors
    /// A fault before the start.
    pub fn room(&self, name: &str) -> Result<Room> {
        Ok(self.node()?.room(name))
    }

    /// The names of all rooms, sorted.
    ///
    /// # Errors
    /// A fault before the start.
    pub fn rooms(&self) -> Result<Vec<Arc<str>>> {
        Ok(self.node()?.room_names())
    }

    /// Says a value in a room; members see it from `"0"`.
    ///
    /// # Errors
    /// Those of [`Room::say`], or a fault before the start.
    pub async fn say<T: Serialize + ?Sized>(&self, room: &str, message: &T) -> Result<()> {
        self.room(room)?.say(message).await
    }

    /// All connections of this node.
    ///
    /// # Errors
    /// A fault before the start.
    pub fn connections(&self) -> Result<Vec<Connection>> {
        Ok(self.node()?.connections())
    }

    /// A connection of this node by its id; [`Handle::remote`] reaches those of all nodes.
    ///
    /// # Errors
    /// `no_such_connection`, or a fault before the start.
    pub fn connection(&self, id: &str) -> Result<Connection> {
        let found = self.node()?.find(id);
        let text = || format!("this node has no connection {id}");
        found.ok_or_else(|| Reject::of(&codes::NO_SUCH_CONNECTION, text()).into())
    }

    /// A connection of any node by its id: to send to it, to put it in a room, to end it.
    ///
    /// # Errors
    /// A fault before the start.
    pub fn remote(&self, id: &str) -> Result<Remote> {
        Ok(self.node()?.remote(id))
    }

    /// What is wrong with what the node stands on, as sentences for people; empty when all is well.
    ///
    /// # Errors
    /// A fault before the start.
    pub fn problems(&self) -> Result<Vec<String>> {
        Ok(self.node()?.problems())
    }

    /// Runs an action with an object as its parameters and returns what it answers; `null` where it answers
    /// nothing. The caller is a connection of kind `web` from 127.0.0.1.
    ///
    /// # Errors
    /// What the action answers in the place of a result, or a fault before the start.
    pub async fn run<T: Serialize + ?Sized>(&self, action: &str, params: &T) -> Result<Value> {
        let params = Params::from_json(&serde_json::to_string(params)?);
        let reply = self.call(action, params).await?.result?;
        value(&reply)
    }

    /// Runs an action and returns all that came of it.
    pub(crate) async fn call(&self, action: &str, params: Params) -> Result<WebReply> {
        let node = self.node()?;
        let peer = Peer {
            kind: Kind::Web,
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: Port::Number(0),
            head: Head::new("POST", &format!("/api/{action}"), []),
            fingerprint: None,
        };
        let id = ConnectionId::new(node.rng().uuid_v4().as_str());
        let connection = node.web_connection(id, peer, FORM);
        Ok(web::call(&connection, Some(action), params).await)
    }

    /// Begins to stop the node, as a signal does: running actions end, then connections are closed.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Resolves once [`Handle::stop`] was called.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stopping = self.0.stopping.subscribe();
        // Held, so that the sender is there for as long as somebody waits.
        let held = self.clone();
        async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
            drop(held);
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.node.get() {
            Some(node) => write!(f, "Handle({})", node.id()),
            None => f.write_str("Handle(not started)"),
        }
    }
}

/// A reply as a value.
pub(crate) fn value(reply: &Reply) -> Result<Value> {
    Ok(reply.raw().map_or(Ok(Value::Null), serde_json::from_str)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_the_start_it_says_so() {
        let handle = Handle::default();
        let said = handle.node().map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(
            said,
            Err("the application has not started yet: use its handle in `on_start` or later".into())
        );
        assert_eq!(format!("{handle:?}"), "Handle(not started)");
    }
}
