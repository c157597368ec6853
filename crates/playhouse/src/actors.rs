//! Actors of an application: what is made of them for a node, and the way to one from an action or a task.

use crate::handle::Handle;
use playhouse_actor::{Handled, Host, Kinds, Parts, Reach, Settings};
use playhouse_core::Later;
use playhouse_core::actor::{
    ActorError, ActorId, Actors, Address, Answer, Arrival, Call, Ear, Ending, Found, Frame, Key, Listing,
    Seat, Told, Which,
};
use playhouse_core::clock::Clock;
use playhouse_core::codes;
use playhouse_core::config::Config;
use playhouse_core::error::Reject;
use playhouse_core::rng::Rng;
use playhouse_core::store::{Record, Store};
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_core::value::Value;
use playhouse_node::Node;
use playhouse_node::action::Cx;
use std::sync::Arc;

/// Reaches actors: `cx.actor::<Counter>("a").increment(1).await`. In the prelude, so that an action has it.
pub trait ReachesActors {
    /// The actor with this key, made with its first call if there is none. What it is called for here is called by the
    /// application: no connection is made, no hook of connections runs, and actions marked `#[internal]` can be called.
    #[must_use]
    fn actor<A: Handled>(&self, key: impl Into<Key>) -> A::Handle;
}

impl ReachesActors for Cx {
    fn actor<A: Handled>(&self, key: impl Into<Key>) -> A::Handle {
        reach::<A>(Some(self.node()), key)
    }
}

impl ReachesActors for Handle {
    fn actor<A: Handled>(&self, key: impl Into<Key>) -> A::Handle {
        reach::<A>(self.node().ok(), key)
    }
}

fn reach<A: Handled>(node: Option<&Node>, key: impl Into<Key>) -> A::Handle {
    let actors = node.and_then(Node::actors).cloned().unwrap_or_else(|| Arc::new(NoActors(NOT_HERE)));
    let address = Address::keyed(A::definition().name, key);
    Reach::new(actors, Which::FindOrCreate(address, None)).into()
}

/// What an application's actors are made of.
pub(crate) struct Stage<'a> {
    pub(crate) kinds: Kinds,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) config: &'a Config,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    pub(crate) tasks: Tasks,
    pub(crate) state: TypeMap,
}

/// The host of an application's actors.
pub(crate) fn host(stage: Stage<'_>) -> Host {
    let Stage { kinds, store, config, clock, rng, tasks, state } = stage;
    let actors = &config.actors;
    let settings = Settings {
        sleep_after: actors.sleep_after,
        timeout: actors.timeout,
        slow_turn: actors.slow_turn,
        mailbox: actors.mailbox,
        pending_calls: actors.pending_calls,
        state_size: actors.state_size,
        alarms: actors.alarms,
        alarm_attempts: actors.alarm_attempts,
        key_length: actors.key_length,
    };
    Host::new(kinds, Parts { store, clock, rng, tasks, state, settings })
}

const NOT_HERE: &str =
    "this node offers no actors: add them with `App::actor`, start it, and use `engine = \"embedded\"`";

/// Stands where nothing is offered of actors: all that is asked is refused with this sentence.
pub(crate) struct NoActors(pub(crate) &'static str);

impl NoActors {
    fn refusal(&self) -> ActorError {
        ActorError::Refused(Reject::of(&codes::NOT_OFFERED, self.0))
    }
}

impl Actors for NoActors {
    fn names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }

    fn open(&self, _: Which) -> Later<'_, Result<Found, ActorError>> {
        Box::pin(async { Err(self.refusal()) })
    }

    fn list(&self, _: Listing) -> Later<'_, Result<Vec<Record>, ActorError>> {
        Box::pin(async { Err(self.refusal()) })
    }

    fn destroy(&self, _: &ActorId) -> Later<'_, Result<(), ActorError>> {
        Box::pin(async { Err(self.refusal()) })
    }

    fn call(&self, _: Call) -> Later<'_, Result<Answer, ActorError>> {
        Box::pin(async { Err(self.refusal()) })
    }

    fn sit(&self, arrival: Arrival) -> Arc<dyn Seat> {
        let ear: Arc<dyn Ear> = arrival.ear;
        ear.hear(Told::Ended(&Ending::Refused(self.refusal())));
        Arc::new(Nowhere)
    }
}

/// A seat that was refused.
struct Nowhere;

impl Seat for Nowhere {
    fn call(&self, _: u64, _: &str, _: Vec<Value>) {}
    fn listen(&self, _: &str, _: bool) {}
    fn frame(&self, _: Frame) {}
    fn leave(&self) {}
}
