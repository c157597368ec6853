//! Makes a node of an application: wires the engine, the ports and what the application wrote down.

use crate::actors::{self, Stage};
use crate::app::{App, Once};
use crate::engine::{Engine, EngineError};
use crate::handle::Handle;
use crate::plugin;
use playhouse_actor::Host;
use playhouse_core::actor::Actors;
use playhouse_core::clock::Clock;
use playhouse_core::config::{self, Config, ConfigError};
use playhouse_core::encoder::Encoder;
use playhouse_core::error::Error;
use playhouse_core::manifest::Manifest;
use playhouse_core::rng::Rng;
use playhouse_core::store::StoreError;
use playhouse_core::tasks::Tasks;
use playhouse_node::action::describe::{self, ActorForms, RoomDefinition};
use playhouse_node::files::Files;
use playhouse_node::{Node, Parts};
use playhouse_server::{BindError, PluginScript, ServeError};
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why an application did not start, in a sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration can't be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The port can't be had, or the public folder not be read.
    #[error("{0}")]
    Bind(#[from] BindError),
    /// The public folder can't be read.
    #[error("{0}")]
    Folder(String),
    /// The workers could not be started.
    #[error("{0}")]
    Serve(#[from] ServeError),
    /// What the application wrote down does not fit together.
    #[error("{}", .0.join("\n"))]
    App(Vec<String>),
    /// A plugin's file for the client can't be read.
    #[error(
        "the plugin `{plugin}` brings a file for the client that can't be read, {}: {source}. Put it there, name \
         another one with `client_file`, or have it within the program: `client_script(include_str!(\"..\"))`",
        .path.display()
    )]
    Plugin {
        /// The plugin.
        plugin: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The engine can't be started.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// What actors keep can't be opened.
    #[error("what actors keep can't be opened: {0}")]
    Store(StoreError),
    /// The engine did not take this node in.
    #[error("this node can't join the others: {0}")]
    Cluster(Error),
    /// A room could not be made.
    #[error("the room `{0}` can't be made: {1}")]
    Room(String, Error),
    /// Code of `on_start` failed.
    #[error("`on_start` failed: {0}")]
    Start(Error),
    /// The operating system gave no thread, no runtime or no signals.
    #[error("the operating system refused what a server needs: {0}")]
    System(#[from] io::Error),
    /// The log can't be set up.
    #[error("{0}")]
    Log(String),
}

/// What a node stands on; a test gives other things than a server.
pub(crate) struct Ground {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    pub(crate) tasks: Tasks,
    /// Where actors run.
    pub(crate) actor_tasks: Tasks,
    pub(crate) encoder: Arc<dyn Encoder>,
    pub(crate) files: Arc<dyn Files>,
    /// Whether it goes without actors where another process keeps them: who only runs one action may not need them.
    pub(crate) yields: bool,
}

/// A node that serves nobody yet, and what is still to be run.
pub(crate) struct Assembled {
    pub(crate) node: Node,
    pub(crate) handle: Handle,
    /// The clients' halves of the plugins.
    pub(crate) scripts: Vec<PluginScript>,
    /// Its actors, where it has some.
    pub(crate) actors: Option<Host>,
    actor_tasks: Tasks,
    engine: Engine,
    rooms: Vec<String>,
    start: Vec<Once>,
    stop: Vec<Once>,
}

impl App {
    /// What it offers, told without a node.
    pub(crate) fn manifest(&self, config: &Config) -> Manifest {
        describe::manifest(config, &self.actions, &rooms(config, self.rooms.clone()), &self.actor_forms())
    }

    pub(crate) fn assemble(self, ground: Ground) -> Result<Assembled, StartError> {
        let keep = !self.kinds.is_empty();
        self.assemble_on(Engine::of(&ground, keep)?, ground)
    }

    /// The same on an engine that others use as well.
    pub(crate) fn assemble_on(mut self, engine: Engine, ground: Ground) -> Result<Assembled, StartError> {
        self.actions.seal().map_err(StartError::App)?;
        let scripts = plugin::scripts(&self.plugins)?;
        let defined = rooms(&ground.config, std::mem::take(&mut self.rooms));
        let rooms = defined.iter().map(|room| room.name.clone()).collect();
        // So that an action reaches what begins outside of a call: `#[from] handle: State<Handle>`.
        self.state.set(self.handle.clone());
        let actor_forms = self.actor_forms();
        let actors = self.host(&engine, &ground)?;
        let actor_tasks = ground.actor_tasks;
        let parts = Parts {
            broker: engine.broker.clone(),
            presence: engine.presence.clone(),
            cache: engine.cache.clone(),
            actors: actors.clone().map(|host| Arc::new(host) as Arc<dyn Actors>),
            actor_forms,
            health: engine.health.clone(),
            config: ground.config,
            clock: ground.clock,
            rng: ground.rng,
            tasks: ground.tasks,
            encoder: ground.encoder,
            files: ground.files,
            actions: self.actions,
            connection_hooks: self.connection_hooks,
            room_hooks: self.room_hooks,
            state: self.state,
            rooms: defined,
        };
        let node = Node::new(parts);
        self.handle.reaches(&node);
        Ok(Assembled {
            node,
            handle: self.handle,
            scripts,
            actors,
            actor_tasks,
            engine,
            rooms,
            start: self.start,
            stop: self.stop,
        })
    }
}

impl App {
    fn actor_forms(&self) -> ActorForms {
        let kinds = self.kinds.definitions();
        Arc::new(move |read, written| kinds.iter().map(|kind| kind.describe(read, written)).collect())
    }

    /// The host of its actors, if it has some and the engine can keep them.
    fn host(&mut self, engine: &Engine, ground: &Ground) -> Result<Option<Host>, StartError> {
        let mut kinds = std::mem::take(&mut self.kinds);
        let problems = kinds.problems();
        if !problems.is_empty() {
            return Err(StartError::App(problems));
        }
        if kinds.is_empty() {
            return Ok(None);
        }
        let Some(store) = engine.store.clone() else {
            if ground.config.engine == config::Engine::Embedded {
                return Ok(None);
            }
            tracing::warn!(
                "with `engine = \"redis\"` there are no actors yet: their clients are answered 501; \
                 one node with `engine = \"embedded\"` serves them"
            );
            return Ok(None);
        };
        let (clock, rng) = (ground.clock.clone(), ground.rng.clone());
        let (tasks, state) = (ground.actor_tasks.clone(), self.state.clone());
        Ok(Some(actors::host(Stage { kinds, store, config: &ground.config, clock, rng, tasks, state })))
    }
}

/// Those of the configuration and of the application, each once.
fn rooms(config: &Config, own: Vec<RoomDefinition>) -> Vec<RoomDefinition> {
    let mut rooms = own;
    for name in &config.rooms.starting {
        rooms.push(RoomDefinition { name: name.clone(), message: None });
    }
    let mut seen = HashSet::new();
    rooms.retain(|room| seen.insert(room.name.clone()));
    rooms
}

impl Assembled {
    /// Starts the engine, makes the rooms and runs `on_start`, in order.
    pub(crate) async fn begin(&mut self) -> Result<(), StartError> {
        let begun = self.begin_all().await;
        if begun.is_err() {
            // Other nodes need not wait for the end of a lease.
            self.engine.stop().await;
        }
        begun
    }

    async fn begin_all(&mut self) -> Result<(), StartError> {
        self.engine.start().await?;
        self.node.join_cluster().await.map_err(StartError::Cluster)?;
        if let Some(actors) = &self.actors {
            actors.start().await.map_err(StartError::Store)?;
        }
        for name in std::mem::take(&mut self.rooms) {
            let made = self.node.room(&name).add().await;
            made.map_err(|error| StartError::Room(name, error))?;
        }
        for hook in std::mem::take(&mut self.start) {
            hook(self.handle.clone()).await.map_err(StartError::Start)?;
        }
        Ok(())
    }

    /// Names actors that compute for long, from now on. Needs actors that run on a runtime of their own.
    pub(crate) fn watch_actors(&self) {
        if let Some(actors) = &self.actors {
            // Not one of the node's tasks: a drain waits for those, and this one ends with its runtime.
            let apart = Tasks::new(self.node.tasks().background().clone());
            let _ = apart.spawn_background("watch", actors.watch(self.engine.health.clone()));
        }
    }

    /// Lets the actors end what they do and fall asleep.
    async fn end_actors(&mut self) {
        let Some(actors) = self.actors.take() else { return };
        actors.stop();
        let patience = self.node.config().drain.actions;
        if self.node.clock().timeout(patience, actors.asleep()).await.is_err() {
            let (_, awake) = actors.counts();
            tracing::warn!(
                awake,
                "actors did not come to rest in time; what they have not answered is undone"
            );
        }
        self.actor_tasks.close();
    }

    /// Runs `on_stop`, in order, then stops the engine; one that fails does not keep the others from running.
    pub(crate) async fn end(&mut self) {
        for hook in std::mem::take(&mut self.stop) {
            if let Err(error) = hook(self.handle.clone()).await {
                tracing::error!(%error, "`on_stop` failed");
            }
        }
        self.end_actors().await;
        self.engine.stop().await;
    }
}
