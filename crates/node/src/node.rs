//! One Playhouse process: what all its connections share.

use crate::action::Table;
use crate::action::describe::{self, ActorForms, RoomDefinition};
use crate::cache::Cache;
use crate::cluster::Cluster;
use crate::connection::{Connection, Peer, Task};
use crate::connections::Connections;
use crate::files::{Files, NoFile};
use crate::guard;
use crate::guest::{Guest, Guests, Served};
use crate::hooks::ConnectionHooks;
use crate::hub::Hub;
use crate::link::Link;
use crate::outbox::{Budget, LogBudget};
use crate::recovery::{Recovery, Window};
use crate::room::{Follow, Room, RoomHooks, Rooms};
use crate::texts::Texts;
use futures_util::future::join_all;
use playhouse_core::Later;
use playhouse_core::actor::Actors;
use playhouse_core::broker::Broker;
use playhouse_core::clock::{Clock, Moment};
use playhouse_core::codes::{self, Close};
use playhouse_core::config::{Config, Welcome};
use playhouse_core::encoder::Encoder;
use playhouse_core::error::{Error, Fault, Reject, Result};
use playhouse_core::event::FileContent;
use playhouse_core::head::Head;
use playhouse_core::health::Health;
use playhouse_core::id::{ConnectionId, NodeId};
use playhouse_core::manifest::Manifest;
use playhouse_core::presence::Presence;
use playhouse_core::rng::Rng;
use playhouse_core::tally::Tally;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_core::wire::WireForm;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// What a node is made of; wired by `playhouse`.
pub struct Parts {
    /// What is in force.
    pub config: Config,
    /// Where time comes from.
    pub clock: Clock,
    /// Where chance comes from.
    pub rng: Rng,
    /// What spawns.
    pub tasks: Tasks,
    /// The engine's fan-out.
    pub broker: Arc<dyn Broker>,
    /// The engine's presence.
    pub presence: Arc<dyn Presence>,
    /// The engine's cache.
    pub cache: Arc<dyn playhouse_core::cache::Cache>,
    /// The way to its actors, where it has some.
    pub actors: Option<Arc<dyn Actors>>,
    /// What clients may know of them.
    pub actor_forms: ActorForms,
    /// What is wrong with the engine.
    pub health: Arc<Health>,
    /// Who writes events for wire forms.
    pub encoder: Arc<dyn Encoder>,
    /// Who reads the public folder.
    pub files: Arc<dyn Files>,
    /// The actions, sealed.
    pub actions: Table,
    /// Code around connections.
    pub connection_hooks: ConnectionHooks,
    /// Code around rooms.
    pub room_hooks: RoomHooks,
    /// The application's state.
    pub state: TypeMap,
    /// The rooms that the application names.
    pub rooms: Vec<RoomDefinition>,
}

/// One Playhouse process. Cheap to clone; a clone is the same node.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

/// A node that may have ended.
pub(crate) struct WeakNode(Weak<Inner>);

impl WeakNode {
    pub(crate) fn upgrade(&self) -> Option<Node> {
        self.0.upgrade().map(Node)
    }
}

struct Inner {
    id: NodeId,
    epoch: u64,
    started: Moment,
    server: ConnectionId,
    texts: Texts,
    connections: Connections,
    rooms: Rooms,
    follow: Follow,
    cluster: Arc<Cluster>,
    hub: Arc<Hub>,
    budget: Arc<Budget>,
    logs: Arc<LogBudget>,
    recovery: Recovery,
    guests: Arc<Guests>,
    /// The actions of all connections, those of HTTP and of connections that have gone included.
    running: Tally,
    /// The latest number of a seat at an actor.
    seats: AtomicU32,
    draining: AtomicBool,
    stopping: Notify,
    /// Made when somebody asks for it.
    manifest: OnceLock<Manifest>,
    parts: Parts,
}

/// A connection that is about to begin.
pub struct Opening {
    /// Who is at the other end.
    pub peer: Peer,
    /// How messages are written to it.
    pub form: WireForm,
    /// Within which bounds it may outlive its link; `None` where the dialect can't resume.
    pub window: Option<Window>,
}

impl Node {
    /// A node that serves nobody yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let digits = parts.rng.hex::<6>();
        let epoch = parts.rng.u64();
        let id = NodeId::new(std::str::from_utf8(digits.as_flattened()).expect("hex digits"));
        Self(Arc::new(Inner {
            epoch,
            started: parts.clock.now(),
            server: ConnectionId::server(),
            texts: Texts::new(&parts.config),
            connections: Connections::default(),
            rooms: Rooms::default(),
            follow: Follow::default(),
            cluster: Arc::new(Cluster::new(parts.config.cluster.calls)),
            hub: Arc::new(Hub::new(
                parts.encoder.clone(),
                parts.room_hooks.hear.clone(),
                parts.health.clone(),
            )),
            budget: Arc::new(Budget::new(parts.config.limits.outbox_total)),
            logs: Arc::new(LogBudget::new(parts.config.limits.recovery)),
            recovery: Recovery::default(),
            guests: Arc::default(),
            running: Tally::default(),
            seats: AtomicU32::new(u32::try_from(epoch >> 33).expect("31 bits")),
            id,
            draining: AtomicBool::new(false),
            stopping: Notify::new(),
            manifest: OnceLock::new(),
            parts,
        }))
    }

    /// Begins a connection: it is found by id from now on, and a task serves it. `link` is made once the
    /// connection is known, as some links show its id.
    pub fn open(&self, opening: Opening, link: impl FnOnce(&Connection) -> Box<dyn Link>) -> Connection {
        let id = ConnectionId::on(self.id(), self.rng().uuid_v4().as_str());
        let connection = Connection::within(self, id, opening.peer, opening.form, opening.window);
        let link = link(&connection);
        self.0.connections.add(&connection);
        self.0.recovery.add(&connection);
        let creating = self.creating(connection.clone());
        let task = Task::new(connection.clone(), link, creating);
        if self.tasks().spawn("connection", task).is_err() {
            self.0.connections.remove(&connection);
            self.0.recovery.remove(&connection);
            connection.membership().close();
        }
        if self.is_draining() {
            // It was let in before, and came too late to be among those who are closed at a pace.
            connection.close(&codes::DRAINING);
        }
        connection
    }

    pub(crate) fn downgrade(&self) -> WeakNode {
        WeakNode(Arc::downgrade(&self.0))
    }

    /// A connection of one HTTP request: found by nobody, served by no task.
    pub fn web_connection(&self, id: ConnectionId, peer: Peer, form: WireForm) -> Connection {
        Connection::new(self, id, peer, form)
    }

    /// Runs the hooks on create within their deadline, and waits for as long as the welcome is delayed.
    fn creating(&self, connection: Connection) -> Later<'static, Result<(), &'static Close>> {
        let node = self.clone();
        let delay = match self.config().websocket.welcome {
            Welcome::After(delay) => delay,
            Welcome::Off => Duration::ZERO,
        };
        if node.0.parts.connection_hooks.create.is_empty() && delay.is_zero() {
            return Box::pin(std::future::ready(Ok(())));
        }
        Box::pin(async move {
            node.run_create_hooks(&connection).await?;
            if !delay.is_zero() {
                node.clock().sleep(delay).await;
            }
            Ok(())
        })
    }

    async fn run_create_hooks(&self, connection: &Connection) -> Result<(), &'static Close> {
        let hooks = async {
            for hook in &self.0.parts.connection_hooks.create {
                hook(connection.clone()).await?;
            }
            Ok(())
        };
        match guard::run_or(self, Fault::new("the create hooks took too long"), hooks).await {
            Ok(()) => Ok(()),
            Err(Error::Reject(_)) => Err(&codes::ENDED),
            Err(Error::Fault(fault)) => {
                self.fault("a create hook failed", &fault);
                Err(&codes::FAULT)
            }
        }
    }

    /// How long the application's code around connections and rooms may take.
    pub(crate) fn hook_timeout(&self) -> Duration {
        self.config().websocket.server.connect_timeout
    }

    /// Asks the application whether a request may become a connection.
    ///
    /// # Errors
    /// The application's refusal; without a status of its own it is a 401.
    pub async fn authorize(&self, head: &Head) -> Result<(), Reject> {
        for hook in &self.0.parts.connection_hooks.authorize {
            let late = Reject::of(&codes::TIMEOUT, "the authorization took too long");
            match guard::run_or(self, late, async { hook(head.clone()).await }).await {
                Ok(()) => {}
                Err(Error::Reject(reject)) => {
                    let status = reject.status.unwrap_or(401);
                    return Err(reject.status(status));
                }
                Err(Error::Fault(fault)) => return Err(self.fault("an authorize hook failed", &fault)),
            }
        }
        Ok(())
    }

    /// Whether the application decides about requests.
    #[must_use]
    pub fn has_authorization(&self) -> bool {
        !self.0.parts.connection_hooks.authorize.is_empty()
    }

    /// Whether the application looks at messages before a dialect does.
    #[must_use]
    pub fn has_incoming(&self) -> bool {
        !self.0.parts.connection_hooks.receive.is_empty()
    }

    /// Shows a message to the application; what it makes of it goes on, if anything.
    #[must_use]
    pub fn incoming<'m>(&self, connection: &Connection, message: &'m str) -> Option<Cow<'m, str>> {
        let seen = self.0.parts.connection_hooks.seen(connection, message);
        seen.unwrap_or_else(|fault| {
            self.fault("a hook on incoming messages failed", &fault);
            None
        })
    }

    /// The end of a connection: it leaves its rooms, then the hooks on destroy run. Once for each.
    pub(crate) async fn forget(&self, connection: &Connection) {
        if !self.0.connections.remove(connection) {
            return;
        }
        self.0.recovery.remove(connection);
        connection.leave_seats();
        let rooms: Vec<_> = connection.membership().close().iter().map(|room| self.room(room)).collect();
        // Side by side: a hook that never ends holds up the leaving for one deadline, not for one per room.
        join_all(rooms.iter().map(|room| room.take_out(connection))).await;
        for hook in &self.0.parts.connection_hooks.destroy {
            let hook = async {
                hook(connection.clone()).await;
                Ok(())
            };
            if let Err(error) = guard::run(self, hook).await {
                let reject = self.rejected("a destroy hook failed", error);
                tracing::warn!(connection = %connection.id(), %reject, "a destroy hook did not come to its end");
            }
        }
    }

    /// A connection of this node.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Connection> {
        self.0.connections.get(id)
    }

    /// All connections of this node.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.0.connections.all()
    }

    /// How many connections this node has.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.0.connections.count()
    }

    /// A room, by its name.
    #[must_use]
    pub fn room(&self, name: &str) -> Room {
        Room::new(self, name)
    }

    /// The names of all rooms, sorted.
    #[must_use]
    pub fn room_names(&self) -> Vec<Arc<str>> {
        self.0.rooms.names()
    }

    /// Reads a file of the public folder as a message carries it.
    pub(crate) async fn file(&self, path: Option<&str>) -> Result<FileContent, Reject> {
        let read = match path.filter(|path| !path.is_empty()) {
            Some(path) => self.0.parts.files.read(path).await,
            None => Err(NoFile::NotProvided),
        };
        read.map_err(|cause| {
            tracing::debug!(%cause, "a file was asked for in vain");
            Reject::of(&codes::FILE_NOT_FOUND, self.texts().file_not_found())
        })
    }

    /// What a caller is told of an error; a fault is logged.
    pub(crate) fn rejected(&self, what: &'static str, error: Error) -> Reject {
        match error {
            Error::Reject(reject) => reject,
            Error::Fault(fault) => self.fault(what, &fault),
        }
    }

    fn fault(&self, what: &'static str, fault: &Fault) -> Reject {
        let id = self.rng().token(9);
        tracing::error!(fault = %id, cause = %fault.report(), "{what}");
        Fault::reject(&id)
    }

    /// Takes in a guest. One that comes while the node is stopping is told to go. For a guest one whole message more may
    /// wait than for a connection: its calls run side by side, and how large their answers are nobody knows before.
    #[must_use]
    pub fn take_in(&self) -> Arc<Guest> {
        let limit = self.config().limits.outbox.saturating_add(self.config().actors.message_size);
        let guest = self.0.guests.add(limit, self.outbox_budget());
        if self.is_draining() {
            guest.outbox().close(&codes::DRAINING);
        }
        guest
    }

    /// All guests of this node.
    #[must_use]
    pub fn guests(&self) -> Vec<Arc<Guest>> {
        self.0.guests.present()
    }

    /// All connections and guests.
    #[must_use]
    pub fn served(&self) -> Vec<Served> {
        let connections = self.connections().into_iter().map(Served::Connection);
        connections.chain(self.guests().into_iter().map(Served::Guest)).collect()
    }

    /// Closes those for whom most waits, until all outboxes together hold no more than they may. Costs nothing while
    /// they do.
    pub fn shed_if_over_budget(&self) {
        if !self.0.budget.is_exceeded() {
            return;
        }
        let mut staying = self.served();
        staying.retain(|served| served.outbox().closing().is_none());
        staying.sort_by_cached_key(|served| served.outbox().bytes());
        while self.0.budget.is_exceeded() {
            let Some(largest) = staying.pop() else { return };
            tracing::warn!(%largest, "too much waits for all links together: the largest goes");
            largest.outbox().close(&codes::SLOW);
        }
    }

    /// Begins to refuse actions; what runs goes on.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
        self.0.stopping.notify_waiters();
    }

    /// Resolves when the node begins to drain after this call.
    pub(crate) fn stopping(&self) -> Notified<'_> {
        self.0.stopping.notified()
    }

    /// What is wrong with what this node stands on, as sentences for people; empty when all is well.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.0.parts.health.problems()
    }

    /// Whether the node is stopping.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// A value that was given to `App::state`.
    ///
    /// # Errors
    /// A fault when there is none of this type.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.0.parts.state.get().ok_or_else(|| {
            let name = std::any::type_name::<T>();
            Error::Fault(Fault::new(format!(
                "no state of type {name}: write `.state({name} {{ .. }})` where the app is made"
            )))
        })
    }

    /// The application's cache.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache::new(self.0.parts.cache.clone())
    }

    /// Milliseconds since the node was made.
    #[must_use]
    pub fn uptime_ms(&self) -> u64 {
        let uptime = self.clock().now().since(self.0.started);
        u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX)
    }

    /// Names this process.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        &self.0.id
    }

    /// The run of numbers of what this node publishes.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.0.epoch
    }

    /// What is in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.parts.config
    }

    /// Where time comes from.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    /// Where chance comes from.
    #[must_use]
    pub fn rng(&self) -> &Rng {
        &self.0.parts.rng
    }

    /// What spawns.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.0.parts.tasks
    }

    /// What the application offers, with the form of everything that travels.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        let parts = &self.0.parts;
        self.0.manifest.get_or_init(|| {
            describe::manifest(&parts.config, &parts.actions, &parts.rooms, &parts.actor_forms)
        })
    }

    /// The actions.
    #[must_use]
    pub fn actions(&self) -> &Table {
        &self.0.parts.actions
    }

    /// The way to its actors, where it has some.
    #[must_use]
    pub fn actors(&self) -> Option<&Arc<dyn Actors>> {
        self.0.parts.actors.as_ref()
    }

    /// A number for a seat at an actor. None is given to two connections, and they begin anywhere: what a client wrote for
    /// a seat of a connection before, or of a process before, reaches no other actor.
    pub(crate) fn next_seat(&self) -> u32 {
        self.0.seats.fetch_add(1, Ordering::Relaxed)
    }

    /// What clients are told.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.0.texts
    }

    /// Who hears what on this node.
    #[must_use]
    pub fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    /// How many actions run on this node.
    #[must_use]
    pub fn running_actions(&self) -> u64 {
        self.0.running.running()
    }

    pub(crate) fn running(&self) -> &Tally {
        &self.0.running
    }

    /// What is kept for all clients that may come back.
    pub(crate) fn log_budget(&self) -> Arc<LogBudget> {
        self.0.logs.clone()
    }

    /// Who may come back.
    pub(crate) fn recovery(&self) -> &Recovery {
        &self.0.recovery
    }

    pub(crate) fn outbox_budget(&self) -> Arc<Budget> {
        self.0.budget.clone()
    }

    pub(crate) fn encoder(&self) -> &dyn Encoder {
        &*self.0.parts.encoder
    }

    pub(crate) fn broker(&self) -> &Arc<dyn Broker> {
        &self.0.parts.broker
    }

    pub(crate) fn presence(&self) -> &dyn Presence {
        &*self.0.parts.presence
    }

    pub(crate) fn rooms(&self) -> &Rooms {
        &self.0.rooms
    }

    pub(crate) fn follow(&self) -> &Follow {
        &self.0.follow
    }

    pub(crate) fn cluster(&self) -> &Arc<Cluster> {
        &self.0.cluster
    }

    pub(crate) fn room_hooks(&self) -> &RoomHooks {
        &self.0.parts.room_hooks
    }

    pub(crate) fn server_id(&self) -> ConnectionId {
        self.0.server.clone()
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({})", self.id())
    }
}
