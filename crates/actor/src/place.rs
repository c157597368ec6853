//! Where calls for one actor arrive, whether it is awake or not: its mailbox, its seats, its alarms.

use crate::book::Book;
use crate::call::{Change, Job};
use crate::courtesy;
use crate::host::Inner as Host;
use crate::kind::{Actor, Definition, Function, Hook};
use crate::live::Live;
use crate::mailbox::{Calls, Life, Mailbox};
use crate::seat::{Phase, Seat};
use playhouse_core::actor::ActorError;
use playhouse_core::clock::Moment;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::store::Record;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

/// What a kind's definition gives for looking up.
pub(crate) struct Names {
    pub(crate) definition: &'static Definition,
    actions: HashMap<&'static str, usize>,
    events: Vec<Arc<str>>,
}

impl Names {
    pub(crate) fn new(definition: &'static Definition) -> Self {
        let actions = definition.actions.iter().enumerate().map(|(nth, action)| (action.name, nth)).collect();
        let events = definition.events.iter().map(|event| (*event).into()).collect();
        Self { definition, actions, events }
    }

    /// An action that clients may call.
    pub(crate) fn action_of_clients(&self, name: &str) -> Option<usize> {
        self.action(name).filter(|nth| !self.definition.actions[*nth].internal)
    }

    pub(crate) fn action(&self, name: &str) -> Option<usize> {
        self.actions.get(name).copied()
    }

    pub(crate) fn event(&self, name: &str) -> Option<u8> {
        let nth = self.events.iter().position(|event| &**event == name)?;
        u8::try_from(nth).ok()
    }

    pub(crate) fn event_name(&self, nth: u8) -> Arc<str> {
        self.events[usize::from(nth)].clone()
    }

    pub(crate) fn no_action(&self, name: &str) -> ActorError {
        let shown: String = name.chars().take(100).collect();
        let text = format!("the actor `{}` has no action `{shown}`", self.definition.name);
        ActorError::Refused(Reject::of(&codes::UNKNOWN_ACTION, text))
    }
}

/// A place.
pub(crate) struct Place<A: Actor> {
    pub(crate) host: Arc<Host>,
    pub(crate) record: Record,
    pub(crate) kind: Arc<Names>,
    mailbox: Mutex<Mailbox<A>>,
    calls: Calls,
    seats: Mutex<Seats<A>>,
    /// What it is about while the actor is awake; empty while it sleeps.
    book: Mutex<Book>,
}

/// The connections in the order of their making.
pub(crate) struct Seats<A: Actor> {
    in_order: BTreeMap<u64, Arc<Seat<A>>>,
    by_id: HashMap<Arc<str>, u64>,
    made: u64,
}

impl<A: Actor> Seats<A> {
    pub(crate) fn add(&mut self, seat: &Arc<Seat<A>>) {
        self.made += 1;
        self.by_id.insert(seat.id.clone(), self.made);
        self.in_order.insert(self.made, seat.clone());
    }

    pub(crate) fn remove(&mut self, seat: &Seat<A>) {
        if let Some(nth) = self.by_id.remove(&seat.id) {
            self.in_order.remove(&nth);
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Seat<A>>> {
        self.in_order.get(self.by_id.get(id)?).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Seat<A>>> {
        self.in_order.values().cloned().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Seat<A>>> {
        self.in_order.values()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }
}

impl<A: Actor> Place<A> {
    pub(crate) fn new(host: &Arc<Host>, record: Record, kind: &Arc<Names>) -> Arc<Self> {
        let seats = Seats { in_order: BTreeMap::new(), by_id: HashMap::new(), made: 0 };
        Arc::new(Self {
            host: host.clone(),
            record,
            kind: kind.clone(),
            mailbox: Mutex::new(Mailbox::new()),
            calls: Calls::default(),
            seats: Mutex::new(seats),
            book: Mutex::default(),
        })
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }

    pub(crate) fn mailbox(&self) -> MutexGuard<'_, Mailbox<A>> {
        self.mailbox.lock().expect("nothing panics while it holds a mailbox")
    }

    pub(crate) fn seats(&self) -> MutexGuard<'_, Seats<A>> {
        self.seats.lock().expect("nothing panics while it holds the seats")
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("nothing panics while it holds the alarms")
    }

    /// When it is too late to begin a function that is asked for now.
    pub(crate) fn until(&self, function: Function) -> Moment {
        let own = match function {
            Function::Action(nth) => self.kind.definition.actions[nth].timeout,
            Function::Hook(_) | Function::Http | Function::Websocket => None,
        };
        self.host.clock.now() + own.unwrap_or(self.host.settings.timeout)
    }

    pub(crate) fn overloaded(&self) -> ActorError {
        let (address, limit) = (&self.record.address, self.host.settings.mailbox);
        let text = format!("{limit} calls wait at the actor {address} already (`actors.mailbox`); try again");
        ActorError::Refused(Reject::of(&codes::OVERLOADED, text))
    }

    /// Adds jobs, in this order. They come back if this place was given up.
    pub(crate) fn push<const N: usize>(self: &Arc<Self>, jobs: [Job<A>; N]) -> Result<(), [Job<A>; N]> {
        let (sleeps, waker) = {
            let mut mailbox = self.mailbox();
            let found = match &mut mailbox.life {
                Life::Gone => return Err(jobs),
                Life::Awake(waker) => (false, waker.take()),
                life @ Life::Asleep => {
                    *life = Life::Awake(None);
                    (true, None)
                }
            };
            mailbox.jobs.extend(jobs);
            found
        };
        if sleeps || waker.is_some() {
            courtesy::wakes(&**self);
        }
        // Outside of the lock: a node that is closed drops the task at once, which takes the lock again.
        if sleeps {
            self.wake_up();
        }
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Adds a job of a seat: while there is a seat, its place is not given up.
    pub(crate) fn push_always(self: &Arc<Self>, job: Job<A>) {
        if self.push([job]).is_err() {
            tracing::debug!(actor = %self.record.address, "a seat asked for something after its end");
        }
    }

    fn wake_up(self: &Arc<Self>) {
        // A closed node starts nothing; whoever waits is told when its job is dropped.
        let _ = self.host.tasks.spawn_background("actor", Live::new(self.clone()));
    }

    pub(crate) fn update(self: &Arc<Self>, change: Change<A>) {
        self.push_always(Job::Update(change));
    }

    /// A seat listens to an event or not any more: at once while the actor sleeps, else in the order of its calls.
    pub(crate) fn listen(self: &Arc<Self>, seat: &Arc<Seat<A>>, nth: u8, on: bool) {
        {
            let mailbox = self.mailbox();
            if matches!(mailbox.life, Life::Asleep) && seat.phase() == Phase::Seated {
                return seat.listen(nth, on);
            }
        }
        self.push_always(Job::Listen(seat.clone(), nth, on));
    }

    /// Somebody was here who woke nobody: a place without anybody is given up.
    pub(crate) fn leave_alone(&self) {
        let given_up = {
            let mut mailbox = self.mailbox();
            let is_idle = matches!(mailbox.life, Life::Asleep) && self.seats().is_empty();
            if is_idle {
                mailbox.life = Life::Gone;
            }
            is_idle
        };
        if given_up {
            self.host.forget(&self.record);
        }
    }

    /// A seat's link has gone.
    pub(crate) fn leave(self: &Arc<Self>, seat: &Arc<Seat<A>>) {
        {
            let mailbox = self.mailbox();
            let sleeps = matches!(mailbox.life, Life::Asleep);
            if !sleeps || self.kind.definition.hook(Hook::Disconnect).is_some() {
                drop(mailbox);
                return self.push_always(Job::Leave(seat.clone()));
            }
            seat.inner().phase = Phase::Gone;
            self.seats().remove(seat);
        }
        self.leave_alone();
    }
}
