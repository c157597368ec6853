//! The client's end of its line to the server: what is asked there, and the look for what has come. Knows frames and
//! their answers, and nothing of what they are about.

use super::answer;
use super::call::Patience;
use playhouse_core::error::Reject;
use playhouse_server::memory::{Ends, Wire};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A client's end. Cheap to clone; a clone is the same.
#[derive(Clone)]
pub(super) struct Line {
    wire: Arc<Wire>,
    patience: Patience,
    asked: Arc<AtomicU64>,
}

impl Line {
    pub(super) fn new(wire: Arc<Wire>, patience: Patience) -> Self {
        Self { wire, patience, asked: Arc::default() }
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Sends any text.
    pub(super) fn send(&self, text: String) {
        self.wire.tell(|ends| ends.sent.push_back(text));
    }

    /// Sends a frame with a `messageId` of its own.
    pub(super) fn begin(&self, mut frame: Value) -> u64 {
        let id = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        frame["messageId"] = json!(id);
        self.send(frame.to_string());
        id
    }

    /// The frame that answers what was begun.
    pub(super) async fn answered(&self, what: &str, id: u64) -> Map<String, Value> {
        let is_answer = |frame: &Value| frame["messageId"] == json!(id) && frame["context"] == "response";
        match self.found(what, is_answer).await {
            Value::Object(frame) => frame,
            other => panic!("an answer is an object, and this is not: {other}"),
        }
    }

    /// Asks, and returns the frame that answers.
    pub(super) async fn ask(&self, frame: Value) -> Map<String, Value> {
        let what = format!("an answer to {frame}");
        let id = self.begin(frame);
        self.answered(&what, id).await
    }

    /// The data of a verb's answer, or its refusal.
    pub(super) async fn done(&self, frame: Value) -> Result<Value, Reject> {
        answer::of_verb(self.ask(frame).await)
    }

    /// The next frame of a kind; others stay where they are.
    pub(super) async fn found(&self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        self.look(what, |ends| take(ends, &is_wanted)).await
    }

    /// A frame of a kind, if it has come.
    pub(super) fn taken(&self, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        take(&mut self.wire.ends(), &is_wanted)
    }

    /// Looks at the line until `look` finds what it wants. Nothing comes any more on a line that has ended.
    pub(super) async fn look<T>(&self, what: &str, mut look: impl FnMut(&mut Ends) -> Option<T>) -> T {
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

fn take(ends: &mut Ends, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    let at = ends.received.iter().position(is_wanted)?;
    ends.received.remove(at)
}
