//! The nodes of a test: they share a clock and an engine in memory, begin one after the other, and end politely or
//! without a word.

use super::Test;
use super::call::Patience;
use super::time::settle;
use crate::app::App;
use crate::assemble::{Assembled, Ground, StartError};
use crate::engine::Engine;
use crate::nobody::Nobody;
use crate::settings::Given;
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::codes;
use playhouse_core::config::{self, Config};
use playhouse_core::engine::together::{Side, Together};
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_node::files::Files;
use playhouse_server::memory::{encoder, public_folder};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle as Runtime;

/// What the nodes of a test have in common.
pub(super) struct Nodes {
    pub(super) hand: Manual,
    clock: Clock,
    given: Given,
    /// Made with the first node, as its limits are those of the configuration.
    together: OnceLock<Together>,
    /// How many have been started.
    count: AtomicU64,
}

impl Nodes {
    pub(super) fn new(given: Given) -> Arc<Self> {
        let (clock, hand) = Clock::manual();
        Arc::new(Self { hand, clock, given, together: OnceLock::new(), count: AtomicU64::new(0) })
    }

    /// Starts a node.
    pub(super) async fn start(self: Arc<Self>, app: App, patience: Patience) -> Test {
        let config = match app.configured(&self.given) {
            Ok(loaded) => loaded.config,
            Err(error) => panic!("the application has no valid configuration:\n{error}"),
        };
        let side = self.side(&config);
        let mut assembled = match self.assemble(app, config, side.clone()) {
            Ok(assembled) => assembled,
            Err(error) => panic!("the application can't start: {error}"),
        };
        if let Err(error) = assembled.begin().await {
            panic!("the application can't start: {error}");
        }
        Test { assembled, nodes: self, side, patience }
    }

    /// Its access to what all share; `None` where that is a server.
    fn side(&self, config: &Config) -> Option<Arc<Side>> {
        let together = || Together::new(self.clock.clone(), config.redis.lease, config.limits.cache);
        match config.engine {
            config::Engine::Embedded => Some(Arc::new(self.together.get_or_init(together).side())),
            config::Engine::Redis => None,
        }
    }

    fn assemble(&self, app: App, config: Config, side: Option<Arc<Side>>) -> Result<Assembled, StartError> {
        let tasks = Tasks::mortal(Runtime::current());
        // Most tests need no files, and most applications under test have no folder.
        let files: Arc<dyn Files> = public_folder(&config, &tasks).unwrap_or_else(|_| Arc::new(Nobody));
        // A seed for each node: a test that fails fails again, and no two nodes have the same ids.
        let rng = Rng::seeded(1 + self.count.fetch_add(1, Ordering::Relaxed));
        let actor_tasks = tasks.clone();
        let clock = self.clock.clone();
        let (encoder, yields) = (encoder(), false);
        let ground = Ground { config, clock, rng, tasks, actor_tasks, encoder, files, yields };
        match side {
            Some(side) => app.assemble_on(Engine::together(&ground, side), ground),
            None => app.assemble(ground),
        }
    }
}

impl Test {
    /// Starts another node of the same application, with the same settings and on the same clock, as a second server
    /// behind the same address: rooms, members, messages, the cache and [`Remote`](crate::Remote)s are those of all.
    ///
    /// A room that one node made is found on the others as soon as somebody there asks for it. One that was removed is gone
    /// there after half a second of the clock.
    ///
    /// ```
    /// use playhouse::prelude::*;
    ///
    /// fn app() -> App {
    ///     App::new().room("lobby")
    /// }
    ///
    /// #[playhouse::test]
    /// async fn they_meet_across_nodes() -> Result<()> {
    ///     let t = Test::start(app()).await;
    ///     let other = t.another_node(app()).await;
    ///     let (ann, ben) = (t.connect().await, other.connect().await);
    ///     let (lobby, also_lobby) = (ann.room("lobby").await?, ben.room("lobby").await?);
    ///     lobby.say("hello").await?;
    ///     assert_eq!(also_lobby.heard::<String>().await, "hello");
    ///     assert_eq!(lobby.members().await.len(), 2);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Panics
    /// When it can't start, with the sentence that says why.
    pub async fn another_node(&self, app: App) -> Self {
        let other = self.nodes.clone().start(app, self.patience.clone()).await;
        if self.side.is_some() && self.nodes.count.load(Ordering::Relaxed) == 2 {
            // The first had nobody to follow until now.
            let follow = self.node().clone().follow_rooms();
            self.node().tasks().spawn("rooms", follow).expect("the node is not stopping");
        }
        settle().await;
        other
    }

    /// Stops the node as a signal stops a server: its clients are told to come back, they leave their rooms, what still
    /// waits for the clock is ended, and `on_stop` runs.
    /// Other nodes go on.
    pub async fn stop(mut self) {
        let node = self.node().clone();
        node.drain();
        settle().await;
        let stay_away = node.config().websocket.destroy_clients_on_shutdown;
        let close = if stay_away { &codes::STOPPED } else { &codes::DRAINING };
        node.connections().iter().for_each(|connection| connection.close(close));
        if let Some(actors) = &self.assembled.actors {
            actors.stop();
        }
        settle().await;
        node.tasks().abort();
        settle().await;
        self.assembled.end().await;
        settle().await;
    }

    /// Ends the node without a word, as a machine that loses its power: what runs there ends where it stands, its clients
    /// are cut off, and no hook runs. Other nodes list its members until its lease (`redis.lease`) is over.
    ///
    /// # Panics
    /// With `engine = "redis"`, as a connection to a server would have to be cut.
    pub async fn kill(self) {
        let Some(side) = &self.side else {
            panic!("a node can be killed with `engine = \"embedded\"` only, which is the default")
        };
        side.vanish();
        self.node().tasks().abort();
        settle().await;
    }
}
