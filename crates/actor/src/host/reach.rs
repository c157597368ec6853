//! The port `Actors`: finds the place that a call is for, and puts the call there.

use super::coming::Coming;
use super::{Host, Inner, Ring};
use crate::call::{Call as Job, Input, Job as AnyJob, Then};
use crate::handle::cycle;
use crate::kind::{Actor, Function};
use crate::mailbox::{Life, Permit};
use crate::place::Place;
use crate::seat::{Holder, Seat};
use playhouse_core::Later;
use playhouse_core::actor::{
    ActorError, ActorId, Actors, Address, Answer, Arrival, Ask, At, Call, Caller, Chain, Ear, Ending, Found,
    Key, Listing, Purpose, Seat as AnySeat, Which,
};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::store::{New, Open, Opened, Query, Record};
use playhouse_core::value::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Pages of a list are no longer.
const LONGEST_PAGE: usize = 1_000;

/// How often a call looks for its actor anew that was given up just as it came.
pub(super) const TRIES: usize = 8;

/// A place, whatever the type of its actor.
pub(super) trait AnyPlace: Send + Sync {
    fn record(&self) -> &Record;
    /// Puts a call there; it comes back where the place was given up.
    fn ask(self: Arc<Self>, asked: Box<Asked>) -> Result<(), Box<Asked>>;
    /// Gives a connection a seat, or the connection back.
    fn arrive(self: Arc<Self>, who: Comer) -> Option<Arc<dyn AnySeat>>;
    /// Tells it that an alarm's time has come; it comes back where the place was given up.
    fn ring(self: Arc<Self>, ring: Ring) -> Result<(), Ring>;
    /// Ends it; `false` where the place was given up.
    fn destroy(self: Arc<Self>, done: oneshot::Sender<Result<(), ActorError>>) -> bool;
    /// Lets it look whether it should sleep.
    fn nudge(&self);
    fn is_gone(&self) -> bool;
    fn is_awake(&self) -> bool;
}

/// A connection on its way.
#[derive(Clone)]
pub(super) struct Comer {
    params: Value,
    ear: Arc<dyn Ear>,
    purpose: Purpose,
}

/// A call on its way.
pub(super) struct Asked {
    ask: Ask,
    caller: Caller,
    done: oneshot::Sender<Result<Answer, ActorError>>,
}

impl<A: Actor> Place<A> {
    /// The job that a call is, or why it can't be one.
    fn job(&self, ask: Ask, from_client: bool) -> Result<(Function, Input), ActorError> {
        let (name, args) = match ask {
            Ask::Action { name, args } => (name, args),
            Ask::Http(request) if self.kind.definition.http.is_some() => {
                return Ok((Function::Http, Input::Request(request)));
            }
            Ask::Http(_) => {
                let text = format!("the actor `{}` has no `#[http]` function", self.kind.definition.name);
                return Err(ActorError::Refused(Reject::of(&codes::NO_HTTP, text)));
            }
        };
        let found = match from_client {
            true => self.kind.action_of_clients(&name),
            false => self.kind.action(&name),
        };
        let nth = found.ok_or_else(|| self.kind.no_action(&name))?;
        Ok((Function::Action(nth), Input::Args(args)))
    }

    fn new_seat(self: &Arc<Self>, params: Value, ear: Option<Arc<dyn Ear>>) -> Seat<A> {
        let id = self.host.rng.uuid_v4();
        Seat::new(self, id.as_str().into(), params, ear)
    }

    fn no_websocket(&self) -> ActorError {
        let text = format!("the actor `{}` has no `#[websocket]` function", self.kind.definition.name);
        ActorError::Refused(Reject::of(&codes::NO_WEBSOCKET, text))
    }
}

impl<A: Actor> AnyPlace for Place<A> {
    fn record(&self) -> &Record {
        &self.record
    }

    fn ask(self: Arc<Self>, asked: Box<Asked>) -> Result<(), Box<Asked>> {
        let Asked { ask, caller, done } = *asked;
        let name = match &ask {
            Ask::Action { name, .. } => Some(name.clone()),
            Ask::Http(_) => None,
        };
        let (function, input) = match self.job(ask, matches!(caller, Caller::Client(_))) {
            Ok(found) => found,
            Err(error) => {
                self.leave_alone();
                // The caller may have gone.
                let _ = done.send(Err(error));
                return Ok(());
            }
        };
        let Some(permit) = Permit::take(&self, self.host.settings.mailbox) else {
            let _ = done.send(Err(self.overloaded()));
            return Ok(());
        };
        let (until, permit) = (self.until(function), Some(permit));
        match caller {
            Caller::Server(chain) => {
                let then = Then::Answer(done);
                let call = Job { function, input, seat: None, chain, until, then, permit };
                self.push([AnyJob::Call(call)]).map_err(|[job]| job.given_back(name))
            }
            Caller::Client(params) => {
                let seat = Arc::new(self.new_seat(params, None));
                let then = Then::Brief(seat.clone(), done);
                let call = Job {
                    function,
                    input,
                    seat: Some(seat.clone()),
                    chain: Chain::default(),
                    until,
                    then,
                    permit,
                };
                self.push([AnyJob::Arrive(seat), AnyJob::Call(call)]).map_err(|[_, job]| job.given_back(name))
            }
        }
    }

    fn arrive(self: Arc<Self>, who: Comer) -> Option<Arc<dyn AnySeat>> {
        let Comer { params, ear, purpose } = who;
        let seat = self.new_seat(params, Some(ear));
        let seat = match purpose {
            Purpose::Actions => Arc::new(seat),
            Purpose::Websocket(_) if !self.kind.definition.websocket => {
                seat.end(&Ending::Refused(self.no_websocket()));
                self.leave_alone();
                return Some(Arc::new(Holder(Arc::new(seat))));
            }
            Purpose::Websocket(path) => Arc::new(seat.with_socket(path)),
        };
        self.push([AnyJob::Arrive(seat.clone())]).ok()?;
        Some(Arc::new(Holder(seat)))
    }

    fn ring(self: Arc<Self>, ring: Ring) -> Result<(), Ring> {
        self.push([AnyJob::Alarm(ring)]).map_err(|[job]| {
            let AnyJob::Alarm(ring) = job else { unreachable!("what was pushed comes back") };
            ring
        })
    }

    fn destroy(self: Arc<Self>, done: oneshot::Sender<Result<(), ActorError>>) -> bool {
        self.push([AnyJob::Destroy(done)]).is_ok()
    }

    fn nudge(&self) {
        let waker = match &mut self.mailbox().life {
            Life::Awake(waker) => waker.take(),
            Life::Asleep | Life::Gone => None,
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_gone(&self) -> bool {
        matches!(self.mailbox().life, Life::Gone)
    }

    fn is_awake(&self) -> bool {
        matches!(self.mailbox().life, Life::Awake(_))
    }
}

impl<A: Actor> AnyJob<A> {
    /// The call that this was made of.
    fn given_back(self, name: Option<Arc<str>>) -> Box<Asked> {
        let Self::Call(call) = self else { unreachable!("only calls are given back") };
        let ask = match (call.input, name) {
            (Input::Args(args), Some(name)) => Ask::Action { name, args },
            (Input::Request(request), _) => Ask::Http(request),
            (Input::Args(_) | Input::Socket(_), _) => unreachable!("it was made of an action or a request"),
        };
        let (caller, done) = match call.then {
            Then::Brief(seat, done) => (Caller::Client(seat.params.clone()), done),
            Then::Answer(done) => (Caller::Server(call.chain), done),
            _ => unreachable!("only calls from outside are given back"),
        };
        Box::new(Asked { ask, caller, done })
    }
}

fn missing(which: &str) -> ActorError {
    let text = format!("there is no actor {which}");
    ActorError::Refused(Reject::of(&codes::NO_SUCH_ACTOR, text))
}

impl Inner {
    /// The place of an actor that is there.
    fn place(self: &Arc<Self>, record: &Record) -> Result<Arc<dyn AnyPlace>, ActorError> {
        let Some(kind) = self.kinds.get(&*record.address.name) else {
            return Err(self.unknown(&record.address.name));
        };
        let mut places = self.places();
        match places.by_id.get(&record.id) {
            Some(place) if !place.is_gone() => return Ok(place.clone()),
            Some(_) | None => {}
        }
        let place = kind.place(self, record.clone());
        places.by_id.insert(record.id.clone(), place.clone());
        if let At::Key(_) = record.address.at {
            places.by_address.insert(record.address.clone(), record.id.clone());
        }
        Ok(place)
    }

    fn unknown(&self, name: &str) -> ActorError {
        let shown: String = name.chars().take(100).collect();
        let known: Vec<&str> = self.kinds.keys().copied().collect();
        let text = format!("there are no actors called `{shown}`; there are {}", known.join(", "));
        ActorError::Refused(Reject::of(&codes::UNKNOWN_ACTOR, text))
    }

    /// What is in memory already.
    fn known(&self, which: &Which) -> Option<Arc<dyn AnyPlace>> {
        let places = self.places();
        let id = match which {
            Which::Id(id) => id,
            Which::Find(address) | Which::FindOrCreate(address, _) => places.by_address.get(address)?,
            Which::Create(..) => return None,
        };
        places.by_id.get(id).filter(|place| !place.is_gone()).cloned()
    }

    fn check(&self, address: &Address) -> Result<(), ActorError> {
        if !self.kinds.contains_key(&*address.name) {
            return Err(self.unknown(&address.name));
        }
        let key = match &address.at {
            At::Key(key) => key.clone(),
            At::Tags(tags) => Key::of(tags.iter().flat_map(|(name, value)| [name, value])),
        };
        key.check(self.settings.key_length).map_err(|bad| {
            ActorError::Refused(Reject::of(&codes::INVALID_PARAM, bad.to_string()).field("key"))
        })
    }

    fn new_actor(&self, input: Option<Value>) -> New {
        let id: String = self.rng.hex::<12>().concat().iter().map(|digit| char::from(*digit)).collect();
        let input = input.map(|input| input.to_json().into());
        New { id: ActorId::new(id), created_at: self.clock.unix_ms(), input }
    }

    /// The place of an actor, and whether it was made now.
    pub(super) async fn open(
        self: &Arc<Self>,
        which: Which,
    ) -> Result<(Arc<dyn AnyPlace>, bool), ActorError> {
        if let Some(place) = self.known(&which) {
            return Ok((place, false));
        }
        let (record, created) = self.find(which).await?;
        Ok((self.place(&record)?, created))
    }

    /// What the store has of an actor, and whether it was made now. Nothing of it stays in memory: a place does, until
    /// somebody has been there.
    async fn find(&self, which: Which) -> Result<(Record, bool), ActorError> {
        let (open, named) = match which {
            Which::Id(id) => (Open::Id(id.clone()), id.to_string()),
            Which::Find(address) => (Open::Find(address.clone()), address.to_string()),
            Which::FindOrCreate(address, input) => {
                self.check(&address)?;
                let named = address.to_string();
                (Open::FindOrCreate(address, self.new_actor(input)), named)
            }
            Which::Create(address, input) => {
                self.check(&address)?;
                let named = address.to_string();
                (Open::Create(address, self.new_actor(input)), named)
            }
        };
        let opened = self.store.open(open).await;
        let nobody = Address::keyed("", named.as_str());
        match opened.map_err(|error| self.store_error(&nobody, error))? {
            Opened::Found(record) if !self.kinds.contains_key(&*record.address.name) => {
                Err(self.unknown(&record.address.name))
            }
            Opened::Found(record) => Ok((record, false)),
            Opened::Created(record) => Ok((record, true)),
            Opened::Missing => Err(missing(&named)),
            Opened::Taken(record) => {
                let text = format!("there is an actor {} already, with the id {}", record.address, record.id);
                Err(ActorError::Refused(Reject::of(&codes::ACTOR_EXISTS, text)))
            }
        }
    }

    async fn call(self: &Arc<Self>, call: Call) -> Result<Answer, ActorError> {
        let Call { which, ask, caller } = call;
        if self.is_stopping() && matches!(caller, Caller::Client(_)) {
            return Err(stopping());
        }
        let (done, answer) = oneshot::channel();
        let mut asked = Box::new(Asked { ask, caller, done });
        for _ in 0..TRIES {
            let (place, _) = self.open(which.clone()).await?;
            if let Caller::Server(chain) = &asked.caller
                && chain.actors.contains(&place.record().id)
            {
                return Err(cycle(&place.record().id));
            }
            match place.ask(asked) {
                Ok(()) => return answer.await.unwrap_or_else(|_| Err(stopping())),
                Err(back) => asked = back,
            }
        }
        Err(stopping())
    }

    /// Wakes an actor for an alarm. One that can't be reached is rung again by the alarm itself.
    pub(super) async fn ring(self: &Arc<Self>, mut ring: Ring) {
        for _ in 0..TRIES {
            let place = match self.known(&Which::Id(ring.actor().clone())) {
                Some(place) => place,
                None => match self.store.open(Open::Id(ring.actor().clone())).await {
                    Ok(Opened::Found(record)) => match self.place(&record) {
                        Ok(place) => place,
                        Err(_unknown) => {
                            self.alarms.miss(&record.address.name);
                            return ring.done();
                        }
                    },
                    Ok(Opened::Missing | Opened::Created(_) | Opened::Taken(_)) => return ring.done(),
                    Err(error) => {
                        let actor = ring.actor();
                        tracing::warn!(%actor, %error, "an alarm's actor can't be looked up; it rings again");
                        return;
                    }
                },
            };
            match place.ring(ring) {
                Ok(()) => return,
                Err(back) => ring = back,
            }
        }
    }
}

pub(crate) fn stopping() -> ActorError {
    ActorError::Refused(Reject::of(&codes::ACTOR_STOPPING, "the actor is being stopped; try again"))
}

impl Actors for Host {
    fn names(&self) -> Vec<Arc<str>> {
        self.0.kinds.keys().map(|name| (*name).into()).collect()
    }

    fn open(&self, which: Which) -> Later<'_, Result<Found, ActorError>> {
        Box::pin(async move {
            if let Some(place) = self.0.known(&which) {
                return Ok(Found { record: place.record().clone(), created: false });
            }
            let (record, created) = self.0.find(which).await?;
            Ok(Found { record, created })
        })
    }

    fn list(&self, listing: Listing) -> Later<'_, Result<Vec<Record>, ActorError>> {
        Box::pin(async move {
            let Listing { name, after, limit } = listing;
            let nobody = Address::keyed(name.clone().unwrap_or_default(), "");
            let query = Query { name, tags: None, after, limit: limit.min(LONGEST_PAGE) };
            self.0.store.list(query).await.map_err(|error| self.0.store_error(&nobody, error))
        })
    }

    fn destroy(&self, id: &ActorId) -> Later<'_, Result<(), ActorError>> {
        let id = id.clone();
        Box::pin(async move {
            for _ in 0..TRIES {
                let (place, _) = self.0.open(Which::Id(id.clone())).await?;
                let (done, told) = oneshot::channel();
                if place.destroy(done) {
                    return told.await.unwrap_or_else(|_| Err(stopping()));
                }
            }
            Err(stopping())
        })
    }

    fn call(&self, call: Call) -> Later<'_, Result<Answer, ActorError>> {
        Box::pin(self.0.call(call))
    }

    fn sit(&self, arrival: Arrival) -> Arc<dyn AnySeat> {
        let Arrival { which, params, ear, purpose } = arrival;
        let who = Comer { params, ear: ear.clone(), purpose };
        if let Some(place) = self.0.known(&which)
            && !self.0.is_stopping()
            && let Some(seat) = place.arrive(who.clone())
        {
            return seat;
        }
        let coming = Coming::new(ear, self.0.settings.pending_calls);
        let (inner, seat) = (self.0.clone(), coming.clone());
        let find = async move { seat.find(&inner, which, who).await };
        if self.0.tasks.spawn_background("sit", find).is_err() {
            coming.refuse(stopping());
        }
        coming
    }
}
