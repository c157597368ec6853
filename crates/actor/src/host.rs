//! All actors of a node: which kinds there are, where each that is in memory has its place, and the way to them.

mod alarms;
mod coming;
mod reach;
mod ring;

use crate::kind::{Actor, Definition};
use crate::place::{Names, Place};
use crate::settings::Settings;
use crate::waits::Waits;
use crate::watch::Watch;
use playhouse_core::actor::{ActorError, ActorId, Address};
use playhouse_core::clock::Clock;
use playhouse_core::error::{Error, Fault};
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use playhouse_core::store::{Fence, Record, Store, StoreError};
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use alarms::Alarms;
use reach::AnyPlace;
pub(crate) use reach::stopping;
pub(crate) use ring::Ring;

/// How often a stop looks whether all are asleep.
const LOOK: Duration = Duration::from_millis(10);

/// What actors stand on.
pub struct Parts {
    /// Keeps them.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub rng: Rng,
    /// Runs them: in the background, which is best a runtime of its own, so that an actor that computes for long keeps no
    /// connection waiting.
    pub tasks: Tasks,
    /// The application's state.
    pub state: TypeMap,
    /// Their bounds.
    pub settings: Settings,
}

/// All actors of a node. Cheap to clone; a clone is the same.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    pub(crate) tasks: Tasks,
    pub(crate) state: TypeMap,
    pub(crate) settings: Settings,
    pub(crate) waits: Arc<Waits>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) alarms: Alarms,
    kinds: BTreeMap<&'static str, Box<dyn AnyKind>>,
    places: Mutex<Places>,
    epoch: OnceLock<u64>,
    activations: AtomicU64,
    calls: AtomicU64,
    stopping: AtomicBool,
}

/// The places in memory.
#[derive(Default)]
struct Places {
    by_id: HashMap<ActorId, Arc<dyn AnyPlace>>,
    /// By key only: several actors may have the same tags.
    by_address: HashMap<Address, ActorId>,
}

/// A kind of actors, whatever its type.
trait AnyKind: Send + Sync {
    fn place(&self, host: &Arc<Inner>, record: Record) -> Arc<dyn AnyPlace>;
    fn definition(&self) -> &'static Definition;
}

struct Kind<A: Actor> {
    names: Arc<Names>,
    kind: std::marker::PhantomData<fn() -> A>,
}

impl<A: Actor> AnyKind for Kind<A> {
    fn place(&self, host: &Arc<Inner>, record: Record) -> Arc<dyn AnyPlace> {
        Place::<A>::new(host, record, &self.names)
    }

    fn definition(&self) -> &'static Definition {
        self.names.definition
    }
}

/// Collects the kinds before the node begins.
#[derive(Default)]
pub struct Kinds {
    all: BTreeMap<&'static str, Box<dyn AnyKind>>,
    problems: Vec<String>,
}

impl Kinds {
    /// Adds a kind.
    pub fn add<A: Actor>(&mut self) {
        let definition = A::definition();
        let kind = Kind::<A> { names: Arc::new(Names::new(definition)), kind: std::marker::PhantomData };
        if self.all.insert(definition.name, Box::new(kind)).is_some() {
            self.problems.push(format!("the actor `{}` is there twice", definition.name));
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What is known of each, by name.
    #[must_use]
    pub fn definitions(&self) -> Vec<&'static Definition> {
        self.all.values().map(|kind| kind.definition()).collect()
    }

    /// What is wrong with them.
    pub fn problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }
}

impl Host {
    /// All actors of a node; they do nothing before [`Host::start`].
    #[must_use]
    pub fn new(kinds: Kinds, parts: Parts) -> Self {
        let Parts { store, clock, rng, tasks, state, settings } = parts;
        Self(Arc::new(Inner {
            alarms: Alarms::new(clock.clone()),
            store,
            rng,
            tasks,
            state,
            settings,
            waits: Arc::default(),
            watch: Watch::new(clock.clone()),
            clock,
            kinds: kinds.all,
            places: Mutex::default(),
            epoch: OnceLock::new(),
            activations: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
        }))
    }

    pub(crate) fn of(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    /// Begins to own actors: takes an epoch, and wakes those whose alarms are due from now on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn start(&self) -> Result<(), StoreError> {
        let epoch = self.0.store.epoch().await?;
        // A second start would be of the same opening of the store.
        let _ = self.0.epoch.set(epoch);
        let inner = self.0.clone();
        let _ = self.0.tasks.spawn_background("alarms", async move { alarms::ring(inner).await });
        Ok(())
    }

    /// Looks for actors that compute without awaiting, names each in the log, and tells `health` for as long as it does.
    /// Never ends; has to run on another runtime than the actors, which keep all of theirs from it.
    pub fn watch(&self, health: Arc<Health>) -> impl Future<Output = ()> + Send + 'static {
        self.0.watch.clone().look(health)
    }

    /// Takes no new calls from clients and lets every actor fall asleep as soon as it has nothing to do.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
        self.0.alarms.stop();
        for place in self.0.all_places() {
            place.nudge();
        }
    }

    /// Resolves once no actor is awake; after [`Host::stop`] that comes by itself.
    pub async fn asleep(&self) {
        while self.counts().1 > 0 {
            self.0.clock.sleep(LOOK).await;
        }
    }

    /// How many actors are in memory, and how many of them awake.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let places = self.0.all_places();
        (places.len(), places.iter().filter(|place| place.is_awake()).count())
    }
}

impl Inner {
    pub(crate) fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The fence of an actor that wakes now.
    pub(crate) fn next_fence(&self) -> Fence {
        let epoch = self.epoch.get().copied().unwrap_or_default();
        Fence { epoch, counter: self.activations.fetch_add(1, Ordering::Relaxed) + 1 }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().expect("nothing panics while it holds the places")
    }

    fn all_places(&self) -> Vec<Arc<dyn AnyPlace>> {
        self.places().by_id.values().cloned().collect()
    }

    /// Gives up a place that is gone, unless another one was made meanwhile.
    pub(crate) fn forget(&self, record: &Record) {
        let mut places = self.places();
        if places.by_id.get(&record.id).is_some_and(|place| place.is_gone()) {
            places.by_id.remove(&record.id);
            if places.by_address.get(&record.address) == Some(&record.id) {
                places.by_address.remove(&record.address);
            }
        }
    }

    /// What a failure that is nobody's answer is to the caller: the log has its cause.
    pub(crate) fn fault(&self, actor: &Address, function: &str, cause: &str) -> ActorError {
        let [a, b, c, d] = self.rng.hex::<4>();
        let id: String = [a, b, c, d].concat().iter().map(|digit| char::from(*digit)).collect();
        tracing::error!(%id, %actor, action = function, "{cause}");
        ActorError::Fault(id.into())
    }

    /// A function's own error as its caller gets it.
    pub(crate) fn own(&self, actor: &Address, function: &str, error: Error) -> ActorError {
        match error {
            Error::Reject(reject) => ActorError::User(reject),
            Error::Fault(fault) => self.fault(actor, function, &Fault::report(&fault)),
        }
    }

    /// The store's error as a caller gets it.
    pub(crate) fn store_error(&self, actor: &Address, error: StoreError) -> ActorError {
        match Error::from(error) {
            Error::Reject(reject) => ActorError::Refused(reject),
            Error::Fault(fault) => self.fault(actor, "store", &fault.report()),
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.kinds.keys()).finish()
    }
}
