//! A client under a test's control: it calls actions, enters rooms, takes seats at actors, and sends and looks at frames.

use super::answer;
use super::call::{Call, Patience};
use super::line::Line;
use super::seat::{ParamsOf, Seat};
use super::stay::Stay;
use super::time::settle;
use crate::inputs::{Inputs, Readable, Sending};
use playhouse_actor::Handled;
use playhouse_core::Later;
use playhouse_core::actor::Key;
use playhouse_core::codes::Close;
use playhouse_core::error::Reject;
use playhouse_core::head::Head;
use playhouse_node::{Connection, Kind, Node, Opening, Peer, Port};
use playhouse_server::memory::{Ends, FORM, MemoryLink, Wire};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// A client of the application under test. Dropping it cuts its line.
pub struct Client {
    connection: Connection,
    pub(super) line: Line,
}

impl Client {
    pub(super) fn open(node: &Node, head: Head, patience: Patience) -> Self {
        let wire = Arc::new(Wire::default());
        let peer = Peer {
            kind: Kind::Websocket,
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: Port::Number(0),
            fingerprint: fingerprint(&head, &node.config().http.cookie_key),
            head,
        };
        let opening = Opening { peer, form: FORM, window: None };
        let end = wire.clone();
        let connection = node.open(opening, |connection| Box::new(MemoryLink::new(connection, end)));
        Self { connection, line: Line::new(wire, patience) }
    }

    /// Takes the welcome, if there is one.
    pub(super) async fn welcomed(&self) {
        settle().await;
        let mut ends = self.line.wire().ends();
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

    /// Begins to run an action with its inputs, and gives its answer to whoever awaits it.
    ///
    /// A client that was not connected as our own is told only the text of a refusal: its code is `unsaid`.
    ///
    /// # Panics
    /// When an input can't be JSON; when awaited, if no answer comes.
    #[expect(clippy::needless_pass_by_value, reason = "a test writes `greet { .. }` in its place")]
    pub fn run<A: Readable + 'static, I: Inputs<A>>(&self, inputs: I) -> Call<A> {
        let (action, mut params) = Sending::of(&inputs).unwrap_or_else(|problem| panic!("{problem}"));
        params["action"] = json!(action);
        let id = self.line.begin(json!({ "event": "action", "params": params }));
        let line = self.line.clone();
        Call::new(async move {
            let what = format!("the answer of `{action}`");
            answer::from_frame(action, line.answered(&what, id).await)
        })
    }

    /// Joins a room, to say and hear something there.
    ///
    /// # Errors
    /// The refusal: that of `on_join`, or that there is no such room.
    pub async fn room(&self, name: &str) -> Result<Stay<'_>, Reject> {
        Stay::begin(self, name).await
    }

    /// Begins to take a seat at an actor, which is made if there is none, and gives it to whoever awaits it: to call the
    /// actor as its client, and to hear what it tells. The params are `&` and a value of the actor's `type Params`, `()` for
    /// a client that says nothing of itself, or `json!(..)` for what clients get wrong.
    ///
    /// # Errors
    /// The refusal: that of the `before_connect` hook, params that the actor can't read, or that there is no such actor.
    ///
    /// # Panics
    /// When params can't be JSON; when awaited, if no answer comes.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a test writes `&Guest { .. }` or `json!` in its place"
    )]
    pub fn sit<A: Handled>(
        &self,
        key: impl Into<Key>,
        params: impl ParamsOf<A>,
    ) -> Later<'_, Result<Seat<'_, A>, Reject>> {
        Seat::begin(self, key.into(), &params)
    }

    /// Sends a frame and waits for nothing.
    pub fn send(&self, frame: &Value) {
        self.send_text(frame.to_string());
    }

    /// Sends any text, JSON or not.
    pub fn send_text(&self, text: impl Into<String>) {
        self.line.send(text.into());
    }

    /// Sends a frame with a `messageId` of its own and returns the answer to it.
    ///
    /// # Panics
    /// When none comes, such as from an action that waits for the clock: then `send` it and move the clock.
    pub async fn ask(&self, frame: Value) -> Value {
        Value::Object(self.line.ask(frame).await)
    }

    /// Runs an action by its name, with any parameters, and returns the frame that answers: the keys of its result, or
    /// `error`.
    ///
    /// # Panics
    /// When none comes.
    pub async fn action(&self, name: &str, params: Value) -> Value {
        let mut params = params;
        params["action"] = json!(name);
        self.ask(json!({ "event": "action", "params": params })).await
    }

    /// Joins a room and returns the frame that answers.
    ///
    /// # Panics
    /// When none comes.
    pub async fn join(&self, room: &str) -> Value {
        self.ask(json!({ "event": "roomAdd", "room": room })).await
    }

    /// Leaves a room and returns the frame that answers.
    ///
    /// # Panics
    /// When none comes.
    pub async fn leave(&self, room: &str) -> Value {
        self.ask(json!({ "event": "roomLeave", "room": room })).await
    }

    /// Says a text in a room and returns the frame that answers.
    ///
    /// # Panics
    /// When none comes.
    pub async fn say(&self, room: &str, message: &str) -> Value {
        self.ask(json!({ "event": "say", "room": room, "message": message })).await
    }

    /// Everything that has come since the last look and is no answer to what was asked.
    pub async fn received(&self) -> Vec<Value> {
        settle().await;
        self.line.wire().ends().received.drain(..).collect()
    }

    /// The next frame that is no answer to what was asked.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&self) -> Value {
        self.line.look("a frame", |ends| ends.received.pop_front()).await
    }

    /// Waits until the server has ended the connection, and says why it did.
    ///
    /// # Panics
    /// When it does not.
    pub async fn closed(&self) -> &'static Close {
        self.line.look("the end of the connection", |ends| ends.closed).await
    }

    /// Waits until the line is cut without a word, as by the end of a node that was killed.
    ///
    /// # Panics
    /// When it is not.
    pub async fn lost(&self) {
        self.line.look("the loss of the connection", |ends| is_lost(ends).then_some(())).await;
    }

    /// Cuts the line, as a network does.
    pub fn cut(&self) {
        self.line.wire().tell(|ends| ends.is_cut = true);
    }
}

fn is_lost(ends: &Ends) -> bool {
    ends.is_cut && ends.closed.is_none()
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
