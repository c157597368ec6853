//! A server with actors on a socket, and clients that see bytes.

pub mod fake;
pub mod wire;

use fake::Fake;
use playhouse_core::actor::Actors;
use playhouse_core::clock::Clock;
use playhouse_core::config::{Config, Manage};
use playhouse_core::engine::memory;
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_node::action::Table;

use playhouse_node::{Node, Parts};
use playhouse_server::Server;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs.
pub struct World {
    pub address: SocketAddr,
    pub fake: Fake,
    pub node: Node,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    /// Of the background's thread, which ends with it.
    _end: oneshot::Sender<()>,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::made(true, change)
    }

    /// A node that offers no actors.
    pub fn without_actors() -> Self {
        Self::made(false, |_| {})
    }

    fn made(has_actors: bool, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { host: "127.0.0.1".into(), port: 0, workers: Some(1), ..Config::default() };
        config.files.folder = env!("CARGO_TARGET_TMPDIR").into();
        config.websocket.client_js_name = None;
        config.websocket.server.close_timeout = Duration::from_millis(500);
        config.actors.manage = Manage::Open;
        change(&mut config);
        let fake = Fake::default();
        let server = Server::bind(&config).unwrap();
        let (end, background) = background();
        let clock = Clock::system();
        let node = Node::new(Parts {
            config,
            rng: Rng::seeded(7),
            tasks: Tasks::new(background),
            actors: has_actors.then(|| Arc::new(fake.clone()) as Arc<dyn Actors>),
            health: Arc::new(Health::new(clock.clone())),
            broker: Arc::new(memory::Broker::new()),
            presence: Arc::new(memory::Presence::new()),
            cache: Arc::new(memory::Cache::new(clock.clone(), 1 << 20)),
            clock,
            encoder: server.encoder(),
            files: server.files(),
            actions: Table::default(),
            connection_hooks: Default::default(),
            room_hooks: Default::default(),
            state: TypeMap::default(),
            actor_forms: Arc::new(|_, _| Vec::new()),
            rooms: Vec::new(),
        });
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = node.clone();
        let serving = thread::spawn(move || {
            let until = async move { drop(stopped.await) };
            server.run(&served, until).unwrap();
        });
        Self { address, fake, node, stop: Some(stop), serving: Some(serving), _end: end }
    }

    /// Begins to stop.
    pub fn stop(&mut self) {
        self.stop.take();
    }

    /// Waits until it has stopped.
    pub fn stopped(&mut self) {
        self.stop();
        self.serving.take().unwrap().join().unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
        if let Some(serving) = self.serving.take() {
            // A panic there is in the output already.
            let _ = serving.join();
        }
    }
}

/// A runtime of its own for what runs on no worker.
fn background() -> (oneshot::Sender<()>, Handle) {
    let (end, ended) = oneshot::channel::<()>();
    let runtime = Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    thread::spawn(move || drop(runtime.block_on(ended)));
    (end, handle)
}

/// Looks until it is so.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
