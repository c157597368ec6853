//! A client under a test's control: it calls actions, enters rooms, and sends and looks at frames.

use super::answer;
use super::call::{Call, Patience};
use super::stay::Stay;
use super::time::settle;
use crate::inputs::{Inputs, Readable, Sending};
use playhouse_core::codes::Close;
use playhouse_core::error::Reject;
use playhouse_core::head::Head;
use playhouse_node::{Connection, Kind, Node, Opening, Peer, Port};
use playhouse_server::memory::{Ends, FORM, MemoryLink, Wire};
use serde_json::{Map, Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A client of the application under test. Dropping it cuts its line.
pub struct Client {
    connection: Connection,
    line: Line,
    asked: AtomicU64,
}

/// The client's end of its line to the server.
#[derive(Clone)]
struct Line {
    wire: Arc<Wire>,
    patience: Patience,
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
        let opening = Opening { peer, form: FORM, window: Duration::ZERO };
        let end = wire.clone();
        let connection = node.open(opening, |connection| Box::new(MemoryLink::new(connection, end)));
        Self { connection, line: Line { wire, patience }, asked: AtomicU64::new(0) }
    }

    /// Takes the welcome, if there is one.
    pub(super) async fn welcomed(&self) {
        settle().await;
        let mut ends = self.line.wire.ends();
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
        let id = self.begin(json!({ "event": "action", "params": params }));
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

    /// Sends a frame and waits for nothing.
    pub fn send(&self, frame: &Value) {
        self.send_text(frame.to_string());
    }

    /// Sends any text, JSON or not.
    pub fn send_text(&self, text: impl Into<String>) {
        let text = text.into();
        self.line.wire.tell(|ends| ends.sent.push_back(text));
    }

    /// Sends a frame with a `messageId` of its own and returns the answer to it.
    ///
    /// # Panics
    /// When none comes, such as from an action that waits for the clock: then `send` it and move the clock.
    pub async fn ask(&self, frame: Value) -> Value {
        let what = format!("an answer to {frame}");
        let id = self.begin(frame);
        Value::Object(self.line.answered(&what, id).await)
    }

    /// Sends a frame with a `messageId` of its own.
    fn begin(&self, mut frame: Value) -> u64 {
        let id = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        frame["messageId"] = json!(id);
        self.send(&frame);
        id
    }

    /// The data of a verb's answer, or its refusal.
    pub(super) async fn done(&self, frame: Value) -> Result<Value, Reject> {
        match self.ask(frame).await {
            Value::Object(mut frame) => match frame.get("error") {
                Some(error) => Err(answer::refusal_of_verb(error, &frame)),
                None => Ok(frame.remove("data").unwrap_or_default()),
            },
            other => Ok(other),
        }
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
        self.line.wire.ends().received.drain(..).collect()
    }

    /// The next frame that is no answer to what was asked.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&self) -> Value {
        self.line.found("a frame", |ends| ends.received.pop_front()).await
    }

    /// The next frame of a kind; others stay where they are.
    pub(super) async fn found(&self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        self.line.found(what, |ends| take(ends, &is_wanted)).await
    }

    /// A frame of a kind, if it has come.
    pub(super) fn taken(&self, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        take(&mut self.line.wire.ends(), &is_wanted)
    }

    /// Waits until the server has ended the connection, and says why it did.
    ///
    /// # Panics
    /// When it does not.
    pub async fn closed(&self) -> &'static Close {
        self.line.found("the end of the connection", |ends| ends.closed).await
    }

    /// Waits until the line is cut without a word, as by the end of a node that was killed.
    ///
    /// # Panics
    /// When it is not.
    pub async fn lost(&self) {
        self.line.found("the loss of the connection", |ends| is_lost(ends).then_some(())).await;
    }

    /// Cuts the line, as a network does.
    pub fn cut(&self) {
        self.line.wire.tell(|ends| ends.is_cut = true);
    }
}

fn take(ends: &mut Ends, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    let at = ends.received.iter().position(is_wanted)?;
    ends.received.remove(at)
}

fn is_lost(ends: &Ends) -> bool {
    ends.is_cut && ends.closed.is_none()
}

impl Line {
    async fn answered(&self, what: &str, id: u64) -> Map<String, Value> {
        let is_answer = |frame: &Value| frame["messageId"] == json!(id) && frame["context"] == "response";
        match self.found(what, |ends| take(ends, is_answer)).await {
            Value::Object(frame) => frame,
            other => panic!("an answer is an object, and this is not: {other}"),
        }
    }

    /// Looks at the line until `look` finds what it wants. Nothing comes any more on a line that has ended.
    async fn found<T>(&self, what: &str, mut look: impl FnMut(&mut Ends) -> Option<T>) -> T {
        let look = |ends: &mut Ends| {
            let found = look(ends);
            let is_over = found.is_none() && (ends.is_cut || ends.closed.is_some());
            if is_over { Some(Err(self.without(what, ends))) } else { found.map(Ok) }
        };
        match self.patience.wait(self.wire.found(look)).await {
            Some(Ok(found)) => found,
            Some(Err(why)) => panic!("{why}"),
            None => {
                // A line that is held in a panic could not be cut any more.
                let why = self.without(what, &self.wire.ends());
                panic!("{why}")
            }
        }
    }

    /// Why a test fails: what did not come, why it may not, and what came instead.
    fn without(&self, what: &str, ends: &Ends) -> String {
        let why = match ends.closed {
            Some(close) => format!("the server ended the connection: {} ({})", close.name, close.text),
            None if ends.is_cut => "the line is cut".to_owned(),
            None => format!(
                "{:?} have passed in real time, and the test's clock stands still unless `advance` moves it",
                self.patience.limit()
            ),
        };
        format!("{what} did not come: {why}.\n{}", answer::shown(&ends.received))
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
