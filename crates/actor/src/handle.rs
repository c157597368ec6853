//! Ways to an actor for the application's own code: calls now, and calls later. `#[actor]` writes typed ones around them.

use crate::alarm::AlarmId;
use crate::cx::ActorCx;
use crate::host::Inner as Host;
use crate::kind::Actor;
use playhouse_core::actor::{ActorError, ActorId, Actors, Address, Answer, Ask, Call, Caller, Chain, Which};
use playhouse_core::codes;
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::value::{Value, ValueError, from_value, to_value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A way to one actor, which is made with its first call if there is none.
#[derive(Clone)]
pub struct Reach {
    actors: Arc<dyn Actors>,
    which: Which,
    chain: Chain,
    /// The host of the actors that it comes from.
    host: Option<Arc<Host>>,
    /// Why the input can't be sent: every call fails with it.
    broken: Option<ValueError>,
}

impl Reach {
    /// A way from outside of all actors.
    #[must_use]
    pub fn new(actors: Arc<dyn Actors>, which: Which) -> Self {
        Self { actors, which, chain: Chain::default(), host: None, broken: None }
    }

    pub(crate) fn inside(host: &Arc<Host>, address: Address, chain: Chain) -> Self {
        let actors: Arc<dyn Actors> = Arc::new(crate::host::Host::of(host.clone()));
        let which = Which::FindOrCreate(address, None);
        Self { actors, which, chain, host: Some(host.clone()), broken: None }
    }

    /// Gives the actor an input, which its `create` hook gets if this call makes it. One that can't be a value fails the
    /// call.
    #[must_use]
    pub fn with_input<T: Serialize + ?Sized>(mut self, input: &T) -> Self {
        match (to_value(input), self.which) {
            (Ok(input), Which::FindOrCreate(address, _)) => {
                self.which = Which::FindOrCreate(address, Some(input));
            }
            (Err(odd), which) => (self.which, self.broken) = (which, Some(odd)),
            (Ok(_), which) => self.which = which,
        }
        self
    }

    /// Calls an action.
    ///
    /// # Errors
    /// What the action refused with, and the framework's refusals: `overloaded`, `timeout`, `cycle` and others.
    pub async fn call<T: DeserializeOwned>(
        self,
        action: &'static str,
        args: Result<Vec<Value>>,
    ) -> Result<T> {
        if let Some(odd) = &self.broken {
            return Err(odd.clone().into());
        }
        let ask = Ask::Action { name: action.into(), args: args? };
        let _waiting = match (&self.host, &self.chain.waits) {
            (Some(host), Some(who)) => Some(self.wait(host, who).await?),
            (Some(_) | None, _) => None,
        };
        let call = Call { which: self.which, ask, caller: Caller::Server(self.chain) };
        match self.actors.call(call).await? {
            Answer::Value(value) => Ok(from_value(value)?),
            Answer::Http(_) => Ok(from_value(Value::Null)?),
        }
    }

    /// Ends the actor and removes all that it kept.
    ///
    /// # Errors
    /// `no_such_actor`, and those of any call.
    pub async fn destroy(self) -> Result<()> {
        let which = match self.which {
            Which::FindOrCreate(address, _) => Which::Find(address),
            other => other,
        };
        let found = self.actors.open(which).await?;
        Ok(self.actors.destroy(&found.record.id).await?)
    }

    async fn wait(&self, host: &Arc<Host>, who: &ActorId) -> Result<crate::waits::Waiting> {
        let whom = self.actors.open(self.which.clone()).await?.record.id;
        host.waits.begin(who, &whom).ok_or_else(|| cycle(&whom).into())
    }
}

/// The refusal of a call that would wait for itself.
pub(crate) fn cycle(whom: &ActorId) -> ActorError {
    ActorError::Refused(Reject::of(
        &codes::CYCLE,
        format!(
            "the actor {whom} waits for this call, so it would wait for ever; call it later, with `cx.after`"
        ),
    ))
}

/// A call of an actor's own action that is to be made later.
pub struct Scheduled<A: Actor> {
    cx: ActorCx<A>,
    due: u64,
}

impl<A: Actor> Scheduled<A> {
    pub(crate) fn new(cx: ActorCx<A>, due: u64) -> Self {
        Self { cx, due }
    }

    /// Schedules an action as a part of the current call. Arguments that can't be values fail that call.
    #[must_use]
    pub fn call(self, action: &'static str, args: Result<Vec<Value>>) -> AlarmId {
        self.cx.schedule(self.due, action, args)
    }
}

impl std::fmt::Debug for Reach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reach({:?})", self.which)
    }
}

/// An argument as a value; `#[actor]` writes its use.
///
/// # Errors
/// When it can't be one.
pub fn arg<T: Serialize>(value: &T) -> Result<Value> {
    to_value(value).map_err(Error::from)
}
