//! A client under a test's control: it sends frames and looks at those that arrive.

use super::settle;
use playhouse_core::clock::Clock;
use playhouse_core::codes::Close;
use playhouse_core::head::Head;
use playhouse_node::{Connection, Kind, Node, Opening, Peer, Port};
use playhouse_server::memory::{Ends, FORM, MemoryLink, Wire};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Real time after which a test that waits has waited in vain.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client of the application under test. Dropping it cuts its line.
pub struct Client {
    connection: Connection,
    wire: Arc<Wire>,
    asked: AtomicU64,
    patience: Clock,
}

impl Client {
    pub(super) fn open(node: &Node, head: Head, patience: Clock) -> Self {
        let wire = Arc::new(Wire::default());
        let peer = Peer {
            kind: Kind::Websocket,
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: Port::Number(0),
            fingerprint: fingerprint(&head, &node.config().http.cookie_key),
            head,
        };
        let opening = Opening { peer, form: FORM, window: Duration::ZERO };
        let end = wire.clone();
        let connection = node.open(opening, |connection| Box::new(MemoryLink::new(connection, end)));
        Self { connection, wire, asked: AtomicU64::new(0), patience }
    }

    /// Takes the welcome, if there is one.
    pub(super) async fn welcomed(&self) {
        settle().await;
        let mut ends = self.wire.ends();
        if ends.received.front().is_some_and(|frame| frame.get("welcome").is_some()) {
            ends.received.pop_front();
        }
    }

    /// The connection as the application sees it.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.connection.id().as_str()
    }

    /// Sends a frame and waits for nothing.
    pub fn send(&self, frame: &Value) {
        self.send_text(frame.to_string());
    }

    /// Sends any text, JSON or not.
    pub fn send_text(&self, text: impl Into<String>) {
        let text = text.into();
        self.wire.tell(|ends| ends.sent.push_back(text));
    }

    /// Sends a frame with a `messageId` of its own and returns the answer to it.
    ///
    /// # Panics
    /// When none comes, such as from an action that waits for the clock: then `send` it and move the clock.
    pub async fn ask(&self, mut frame: Value) -> Value {
        let id = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        frame["messageId"] = json!(id);
        self.send(&frame);
        self.found(&format!("an answer to {frame}"), |ends| {
            let is_answer = |frame: &Value| frame["messageId"] == json!(id) && frame["context"] == "response";
            let at = ends.received.iter().position(is_answer)?;
            ends.received.remove(at)
        })
        .await
    }

    /// Runs an action and returns its answer: the keys of its result, or `error`.
    pub async fn action(&self, name: &str, params: Value) -> Value {
        let mut params = params;
        params["action"] = json!(name);
        self.ask(json!({ "event": "action", "params": params })).await
    }

    /// Joins a room and returns the answer.
    pub async fn join(&self, room: &str) -> Value {
        self.ask(json!({ "event": "roomAdd", "room": room })).await
    }

    /// Leaves a room and returns the answer.
    pub async fn leave(&self, room: &str) -> Value {
        self.ask(json!({ "event": "roomLeave", "room": room })).await
    }

    /// Says a text in a room and returns the answer.
    pub async fn say(&self, room: &str, message: &str) -> Value {
        self.ask(json!({ "event": "say", "room": room, "message": message })).await
    }

    /// Everything that has come since the last look and is no answer to what was asked.
    pub async fn received(&self) -> Vec<Value> {
        settle().await;
        self.wire.ends().received.drain(..).collect()
    }

    /// The next frame that is no answer to what was asked.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&self) -> Value {
        self.found("a frame", |ends| ends.received.pop_front()).await
    }

    /// Waits until the server has ended the connection, and says why it did.
    ///
    /// # Panics
    /// When it does not.
    pub async fn closed(&self) -> &'static Close {
        self.found("the end of the connection", |ends| ends.closed).await
    }

    /// Cuts the line, as a network does.
    pub fn cut(&self) {
        self.wire.tell(|ends| ends.is_cut = true);
    }

    async fn found<T>(&self, what: &str, look: impl FnMut(&mut Ends) -> Option<T>) -> T {
        match self.patience.timeout(PATIENCE, self.wire.found(look)).await {
            Ok(found) => found,
            Err(_) => panic!("{what} did not come; the clock stands still unless the test moves it"),
        }
    }
}

/// As a server finds it: in the query, else in the cookie.
fn fingerprint(head: &Head, key: &str) -> Option<Arc<str>> {
    let mut pairs = head.query().split('&').filter_map(|pair| pair.split_once('='));
    let in_query = pairs.find(|(name, _)| *name == key).map(|(_, value)| value);
    in_query.or_else(|| head.cookie(key)).map(Into::into)
}

impl Drop for Client {
    fn drop(&mut self) {
        self.cut();
    }
}
