//! What an actor's function sees of its call, and what it can ask for.

use crate::alarm::{Alarm, AlarmId};
use crate::book::AlarmChange;
use crate::call::{Input, Notify};
use crate::conn::{Conn, Connections};
use crate::event::{Event, Tells};
use crate::handle::{Reach, Scheduled};
use crate::kind::{Actor, Handled};
use crate::place::Place;
use crate::seat::Seat;
use crate::socket::Socket;
use crate::staged::{Effect, Staged};
use playhouse_core::actor::{ActorError, ActorId, Address, Chain, HttpAnswer, HttpAsk, Key, Spoken};
use playhouse_core::clock::Clock;
use playhouse_core::codes;
use playhouse_core::error::{Error, Fault, Reject, Result};
use playhouse_core::value::Value;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::oneshot;

/// The context of one call of an actor. Cheap to clone; a clone is the same call.
///
/// What a call asks for here (events, alarms, changes of connections) leaves together with its change of the state: on
/// `Ok`, once all of it is durable; on `Err` nothing of it ever happened.
pub struct ActorCx<A: Actor>(Arc<Inner<A>>);

impl<A: Actor> Clone for ActorCx<A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Inner<A: Actor> {
    place: Arc<Place<A>>,
    seat: Option<Arc<Seat<A>>>,
    number: u64,
    /// The actors this call came through, this one last.
    chain: Chain,
    turn: bool,
    input: Mutex<Option<Input>>,
    staged: Mutex<Staged<A>>,
}

impl<A: Actor> ActorCx<A> {
    pub(crate) fn new(
        place: &Arc<Place<A>>,
        seat: Option<Arc<Seat<A>>>,
        chain: Chain,
        turn: bool,
        input: Option<Input>,
    ) -> Self {
        let chain = chain.through(&place.record.id, turn);
        let (place, number) = (place.clone(), place.host.next_call());
        let (input, staged) = (Mutex::new(input), Mutex::default());
        Self(Arc::new(Inner { place, seat, number, chain, turn, input, staged }))
    }

    pub(crate) fn staged(&self) -> MutexGuard<'_, Staged<A>> {
        self.0.staged.lock().expect("nothing panics while it holds what is staged")
    }

    pub(crate) fn place(&self) -> &Arc<Place<A>> {
        &self.0.place
    }

    pub(crate) fn seat(&self) -> Option<&Arc<Seat<A>>> {
        self.0.seat.as_ref()
    }

    /// Gives the caller's connection its first state: what `before_connect` returned. `#[actor]` writes its use.
    #[doc(hidden)]
    pub fn made(&self, conn: A::Conn) {
        if let Some(seat) = &self.0.seat {
            self.staged().make(seat, Arc::new(conn));
        }
    }

    /// The request that an `#[http]` function answers, once. `#[actor]` writes its use.
    #[doc(hidden)]
    #[must_use]
    pub fn take_request(&self) -> HttpAsk {
        match self.take_input() {
            Some(Input::Request(request)) => request,
            Some(_) | None => HttpAsk::default(),
        }
    }

    /// What an `#[http]` function answers. `#[actor]` writes its use.
    #[doc(hidden)]
    pub fn respond(&self, answer: HttpAnswer) {
        self.staged().response = Some(answer);
    }

    /// The socket of a `#[websocket]` function, once. `#[actor]` writes its use.
    #[doc(hidden)]
    #[must_use]
    pub fn take_socket(&self) -> Option<Socket> {
        match self.take_input() {
            Some(Input::Socket(socket)) => Some(socket),
            Some(_) | None => None,
        }
    }

    fn take_input(&self) -> Option<Input> {
        self.0.input.lock().expect("nothing panics while it holds an input").take()
    }

    pub(crate) fn take_staged(&self) -> Staged<A> {
        std::mem::take(&mut *self.staged())
    }

    /// An event ready to be sent; `None` when it can't be a value, which fails the call.
    pub(crate) fn spoken<E: Event>(&self, event: &E) -> Option<Arc<Spoken>>
    where
        A: Tells<E>,
    {
        match event.args() {
            Ok(args) => Some(Spoken::new(self.0.place.kind.event_name(A::NTH), args)),
            Err(error) => {
                self.trouble(error);
                None
            }
        }
    }

    /// Fails the call, whatever it returns.
    fn trouble(&self, error: Error) {
        self.staged().trouble.get_or_insert(error);
    }

    /// The actor's id.
    #[must_use]
    pub fn id(&self) -> &ActorId {
        &self.0.place.record.id
    }

    /// The actor's name and key.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.0.place.record.address
    }

    /// This call's own number: no other call of this node has it.
    #[must_use]
    pub fn call_id(&self) -> u64 {
        self.0.number
    }

    /// The node's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.place.host.clock
    }

    /// The time, in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.clock().unix_ms()
    }

    /// A value that was given to `App::state`.
    ///
    /// # Errors
    /// A fault when there is none of this type.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.0.place.host.state.get().ok_or_else(|| {
            let name = std::any::type_name::<T>();
            let text =
                format!("no state of type {name}: write `.state({name} {{ .. }})` where the app is made");
            Error::Fault(Fault::new(text))
        })
    }

    /// Who calls.
    ///
    /// # Errors
    /// `no_connection` where nobody does: in an alarm, and in a call of the application's own code.
    pub fn conn(&self) -> Result<Conn<A>> {
        let found = self.0.seat.as_ref().and_then(|seat| Conn::of(self, seat));
        let text = "no connection made this call: it came of an alarm, or of the application itself";
        found.ok_or_else(|| Reject::of(&codes::NO_CONNECTION, text).into())
    }

    /// All connections, by id and in the order of their making. Those of calls over HTTP are among them while they last.
    #[must_use]
    pub fn connections(&self) -> Connections<A> {
        let seats = self.0.place.seats().all();
        Connections::of(seats.iter().filter_map(|seat| Conn::of(self, seat)).collect())
    }

    /// The connection with this id.
    #[must_use]
    pub fn connection(&self, id: &str) -> Option<Conn<A>> {
        let seat = self.0.place.seats().get(id)?;
        Conn::of(self, &seat)
    }

    /// Tells an event to all connections that listen to it.
    #[expect(clippy::needless_pass_by_value, reason = "an event is made in its place")]
    pub fn broadcast<E: Event>(&self, event: E)
    where
        A: Tells<E>,
    {
        if let Some(spoken) = self.spoken(&event) {
            self.staged().effects.push(Effect::Broadcast(A::NTH, spoken));
        }
    }

    /// The actor's actions, to be called after a time: `cx.after(duration).remind(text)` gives the alarm's id. It is as
    /// durable as the change that it belongs to, and runs at least once, never early.
    #[must_use]
    pub fn after(&self, duration: Duration) -> A::Later
    where
        A: Handled,
    {
        let ms = u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        self.at(self.now().saturating_add(ms))
    }

    /// The same at a time, in milliseconds since 1970. One that has passed is as soon as possible.
    #[must_use]
    pub fn at(&self, due: u64) -> A::Later
    where
        A: Handled,
    {
        Scheduled::new(self.clone(), due).into()
    }

    pub(crate) fn schedule(&self, due: u64, action: &'static str, args: Result<Vec<Value>>) -> AlarmId {
        let number = self.0.place.book().number();
        let mut json = Vec::new();
        let written = args.and_then(|args| {
            crate::form::encode(&Value::List(args), &mut json)
                .map_err(|odd| Fault::new(format!("the arguments of the alarm for `{action}`: {odd}")).into())
        });
        match written {
            Ok(()) => {
                let row = playhouse_core::store::AlarmRow {
                    number,
                    due,
                    action: action.into(),
                    args: json.into(),
                    failures: 0,
                    error: None,
                    given_up: false,
                };
                self.staged().alarms.push(AlarmChange::Put(row));
            }
            Err(error) => self.trouble(error),
        }
        AlarmId(number)
    }

    /// The actor's alarms, those of this call with them, in the order of their making.
    #[must_use]
    pub fn alarms(&self) -> Vec<Alarm> {
        let mut all: Vec<Alarm> = self.0.place.book().rows().map(Alarm::from).collect();
        for change in &self.staged().alarms {
            match change {
                AlarmChange::Put(row) => all.push(row.into()),
                AlarmChange::End(number) => all.retain(|alarm| alarm.id != AlarmId(*number)),
            }
        }
        all
    }

    /// Cancels an alarm; `false` if there is none of this id any more.
    #[must_use = "an alarm that has rung can't be cancelled"]
    pub fn cancel(&self, id: AlarmId) -> bool {
        let is_there = self.alarms().iter().any(|alarm| alarm.id == id);
        if is_there {
            self.staged().alarms.push(AlarmChange::End(id.0));
        }
        is_there
    }

    /// Ends this actor with this call: its connections are closed, and all that it kept is removed.
    pub fn destroy(&self) {
        self.staged().destroys = true;
    }

    /// Another actor, made if there is none. A call that would come back to an actor that waits for it is refused
    /// with `cycle`.
    #[must_use]
    pub fn actor<B: Handled>(&self, key: impl Into<Key>) -> B::Handle {
        let address = Address::keyed(B::definition().name, key);
        Reach::inside(&self.0.place.host, address, self.0.chain.clone()).into()
    }

    /// Changes the state from within a `&self` method, in one step that runs alone: a short turn. Resolves when the
    /// change is durable; on `Err` the state is as before.
    ///
    /// # Errors
    /// Those of the change, and those of any turn; in a `&mut self` method, which has the state already.
    pub async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut A) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.0.turn {
            return Err(Error::Fault(Fault::new(
                "`cx.update` is for `&self` methods; here `self` can be changed",
            )));
        }
        let (done, told) = oneshot::channel::<Result<T>>();
        let change = Box::new(move |state: &mut A| {
            let outcome = change(state);
            let stands = outcome.is_ok();
            let notify: Notify = Box::new(move |durable: Result<(), ActorError>| {
                let outcome = outcome.and_then(|value| durable.map(|()| value).map_err(Error::from));
                // The reader may have given up.
                let _ = done.send(outcome);
            });
            (stands, notify)
        });
        self.0.place.update(change);
        told.await.unwrap_or_else(|_| Err(Error::Fault(Fault::new("the actor ended before the change"))))
    }
}
