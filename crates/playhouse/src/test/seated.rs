//! What a client asks from its seat at an actor and hears there, over its line, in names and JSON. Fulfils the port of actors, so that the actor's own typed
//! handle is how a test calls it; of that port a client has the calls, and nothing else.

use super::answer;
use super::line::Line;
use super::seat::Ended;
use super::time::settle;
use crate::actors::NoActors;
use playhouse_core::Later;
use playhouse_core::actor::{
    ActorError, ActorId, Actors, Answer, Arrival, Ask, Call, Found, Listing, Seat, Which,
};
use playhouse_core::error::Reject;
use playhouse_core::store::Record;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

/// Stands for all that a client can't ask.
static ELSE: NoActors =
    NoActors("a client calls the actor of its seat and does nothing else to it: use `t.actor::<..>(..)`");

/// Who has a seat.
pub(super) struct Seated {
    line: Line,
    /// The actor's name.
    actor: &'static str,
    /// The seat's number.
    number: Value,
    /// The names of the events that the actor was told to tell.
    hears: Mutex<BTreeSet<&'static str>>,
}

impl Seated {
    pub(super) fn new(line: Line, actor: &'static str, number: Value) -> Self {
        Self { line, actor, number, hears: Mutex::default() }
    }

    /// Begins a call; its answer, which is called `what` where it does not come, is for whoever awaits it.
    pub(super) fn begin(
        &self,
        what: String,
        action: &str,
        args: Value,
    ) -> impl Future<Output = Result<Value, Reject>> + Send + use<> {
        let mut operands = json!({ "name": action });
        operands["args"] = args;
        let id = self.line.begin(self.frame("actorCall", operands));
        let line = self.line.clone();
        async move { answer::of_verb(line.answered(&what, id).await) }
    }

    /// Hears an event from now on, or not any more.
    pub(super) async fn listen(&self, event: &'static str, on: bool) {
        let verb = if on { "actorOn" } else { "actorOff" };
        if let Err(reject) = self.line.done(self.frame(verb, json!({ "name": event }))).await {
            panic!("`{event}` of `{}` can't be listened to: {reject}", self.actor);
        }
        let mut hears = self.hears();
        if on {
            hears.insert(event)
        } else {
            hears.remove(event)
        };
    }

    /// The arguments of the next event of this name.
    pub(super) async fn heard(&self, event: &'static str) -> Value {
        let hears = self.hears().contains(event);
        let deaf = if hears { "" } else { ", which this seat does not `hear`," };
        let what = format!("an event `{event}` of `{}`{deaf}", self.actor);
        let is_wanted = |frame: &Value| self.is_event(frame, Some(event)) || self.is_end(frame);
        let mut frame = self.line.found(&what, is_wanted).await;
        if self.is_end(&frame) {
            let Ended { code, reason, .. } = answer::read("the end of a seat", &frame["closed"]);
            panic!("{what} did not come: the actor's side ended the seat: {code} ({reason})");
        }
        frame["args"].take()
    }

    pub(super) async fn heard_nothing(&self) {
        settle().await;
        if let Some(frame) = self.line.taken(|frame| self.is_event(frame, None)) {
            panic!("nothing more should have been heard of `{}`, but this was: {frame}", self.actor);
        }
    }

    pub(super) async fn ended(&self) -> Ended {
        let what = format!("the end of the seat at `{}`", self.actor);
        let frame = self.line.found(&what, |frame| self.is_end(frame)).await;
        answer::read("the end of a seat", &frame["closed"])
    }

    pub(super) async fn leave(&self) -> Result<(), Reject> {
        self.line.done(self.frame("actorLeave", json!({}))).await.map(|_| ())
    }

    fn frame(&self, verb: &str, mut operands: Value) -> Value {
        operands["event"] = json!(verb);
        operands["seat"] = self.number.clone();
        operands
    }

    fn hears(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.hears.lock().expect("nothing panics while it holds names")
    }

    fn is_event(&self, frame: &Value, name: Option<&str>) -> bool {
        let is_it = |told: &str| name.is_none_or(|name| told == name);
        self.is_told(frame) && frame["event"].as_str().is_some_and(is_it)
    }

    fn is_end(&self, frame: &Value) -> bool {
        self.is_told(frame) && frame["closed"].is_object()
    }

    fn is_told(&self, frame: &Value) -> bool {
        frame["context"] == "actor" && frame["seat"] == self.number
    }
}

impl fmt::Debug for Seated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seat({} at {})", self.number, self.actor)
    }
}

impl Actors for Seated {
    fn names(&self) -> Vec<Arc<str>> {
        ELSE.names()
    }

    fn open(&self, which: Which) -> Later<'_, Result<Found, ActorError>> {
        ELSE.open(which)
    }

    fn list(&self, listing: Listing) -> Later<'_, Result<Vec<Record>, ActorError>> {
        ELSE.list(listing)
    }

    fn destroy(&self, id: &ActorId) -> Later<'_, Result<(), ActorError>> {
        ELSE.destroy(id)
    }

    fn call(&self, call: Call) -> Later<'_, Result<Answer, ActorError>> {
        if let Which::FindOrCreate(_, Some(_)) = call.which {
            panic!(
                "a client gives an actor no input: `t.actor::<..>(..).with_input(..)` does, if its first call makes it"
            )
        }
        let Ask::Action { name, args } = call.ask else { return ELSE.call(call) };
        Box::pin(async move {
            let what =
                format!("the answer of `{name}` (`t.begin(..)` begins a call that waits for the clock)");
            let answer = self.begin(what, &name, json!(args)).await;
            Ok(Answer::Value(answer::as_value(answer.map_err(ActorError::Refused)?)))
        })
    }

    fn sit(&self, arrival: Arrival) -> Arc<dyn Seat> {
        ELSE.sit(arrival)
    }
}
