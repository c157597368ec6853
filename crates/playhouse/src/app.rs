//! The application as it is written down: actions, actors, middleware, hooks, rooms, state. Starts nothing itself.

use crate::handle::Handle;
use crate::plugin::Plugin;
use playhouse_actor::{Actor, Kinds};
use playhouse_core::Later;
use playhouse_core::envelope::Envelope;
use playhouse_core::error::Result;
use playhouse_core::head::Head;
use playhouse_core::typemap::TypeMap;
use playhouse_node::Connection;
use playhouse_node::action::describe::RoomDefinition;
use playhouse_node::action::shape::{self, JsonSchema};
use playhouse_node::action::{Actions, Middleware, Table};
use playhouse_node::hooks::ConnectionHooks;
use playhouse_node::room::{Heard, RoomHooks, Said};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Code that runs once, when the node starts or stops.
pub(crate) type Once = Box<dyn FnOnce(Handle) -> Later<'static, Result<()>> + Send>;

/// An application: what it can do, written down. [`App::run`] makes a program of it.
///
/// ```
/// use playhouse::prelude::*;
///
/// /// Says hello.
/// #[action]
/// async fn hello(name: String) -> Result<String> {
///     Ok(format!("Hello {name}!"))
/// }
///
/// fn app() -> App {
///     App::new().actions::<(hello,)>().room("lobby")
/// }
/// ```
#[must_use = "an application does nothing until it is run: write `app.run()`"]
#[derive(Default)]
pub struct App {
    pub(crate) about: About,
    pub(crate) actions: Table,
    pub(crate) kinds: Kinds,
    pub(crate) connection_hooks: ConnectionHooks,
    pub(crate) room_hooks: RoomHooks,
    pub(crate) state: TypeMap,
    pub(crate) rooms: Vec<RoomDefinition>,
    pub(crate) start: Vec<Once>,
    pub(crate) stop: Vec<Once>,
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) config_file: Option<PathBuf>,
    pub(crate) handle: Handle,
}

/// What the application calls itself where the configuration does not say.
#[derive(Default)]
pub(crate) struct About {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) description: Option<String>,
}

impl App {
    /// An application that can do nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name, where `[app] name` does not say another.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.about.name = Some(name.into());
        self
    }

    /// Its version, where `[app] version` does not say another; `env!("CARGO_PKG_VERSION")` is the package's.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.about.version = Some(version.into());
        self
    }

    /// What it is, in a sentence, where `[app] description` does not say.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.about.description = Some(description.into());
        self
    }

    /// Adds actions: `.actions::<(status, shout)>()`, up to 24 at once; more by calling it again.
    pub fn actions<A: Actions>(mut self) -> Self {
        A::add_to(&mut self.actions);
        self
    }

    /// Adds a kind of actors: durable objects that clients of RivetKit, actions and other actors reach by a key.
    pub fn actor<A: Actor>(mut self) -> Self {
        self.kinds.add::<A>();
        self
    }

    /// Adds middleware around every action, the first one outermost: an
    /// `async fn(cx: &Cx, next: Next<'_>) -> Result<Reply>` that calls `next.run(cx).await` or answers itself.
    pub fn middleware(mut self, layer: impl for<'a> Middleware<'a>) -> Self {
        self.actions.around_all(layer);
        self
    }

    /// Adds middleware around the actions that ask for it: `#[action(middleware("auth"))]`. It runs inside of
    /// what [`App::middleware`] added.
    pub fn middleware_named(mut self, name: &'static str, layer: impl for<'a> Middleware<'a>) -> Self {
        self.actions.around(name, layer);
        self
    }

    /// Keeps a value for actions, one of each type: `#[from] pool: State<Pool>` or `cx.state::<Pool>()?`.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.set(value);
        self
    }

    /// Makes a room at the start, beside those of `[rooms] starting`.
    pub fn room(mut self, name: impl Into<String>) -> Self {
        self.rooms.push(RoomDefinition { name: name.into(), message: None });
        self
    }

    /// The same, and tells what the application says in it: documents and the types of the generated client know it.
    /// What clients say themselves are texts.
    pub fn room_of<T: JsonSchema>(mut self, name: impl Into<String>) -> Self {
        self.rooms.push(RoomDefinition { name: name.into(), message: Some(shape::of::<T>) });
        self
    }

    /// Decides about a request before it becomes a lasting connection: a websocket, not a call over HTTP, which
    /// middleware or an extractor decides about. An error refuses it, by default with 401; `Reject::status` chooses
    /// another.
    pub fn authorize<R>(mut self, hook: impl Fn(Head) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.connection_hooks.authorize(hook);
        self
    }

    /// Adds a plugin: its hooks beside the application's own, in the order in which they are added, and its script
    /// behind the client's.
    pub fn plugin(mut self, mut plugin: Plugin) -> Self {
        self.connection_hooks.append(std::mem::take(&mut plugin.hooks));
        self.plugins.push(plugin);
        self
    }

    /// Runs when a connection begins, before anything it sent is looked at. An error ends it.
    pub fn on_create<R>(mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.connection_hooks.on_create(hook);
        self
    }

    /// Runs once when a connection has gone, after it left its rooms.
    pub fn on_destroy<R>(mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = ()> + Send + 'static,
    {
        self.connection_hooks.on_destroy(hook);
        self
    }

    /// Runs before a connection joins a room. An error refuses it.
    pub fn on_join<R>(mut self, hook: impl Fn(Connection, String) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.room_hooks.on_join(hook);
        self
    }

    /// Runs when a connection leaves a room, once for each joining. An error refuses the wish to leave, but
    /// keeps nobody who has gone.
    pub fn on_leave<R>(mut self, hook: impl Fn(Connection, String) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.room_hooks.on_leave(hook);
        self
    }

    /// Runs once for each message, on the node where it is said. It may change or refuse it.
    pub fn on_say<R>(mut self, hook: impl Fn(Said) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<Said>> + Send + 'static,
    {
        self.room_hooks.on_say(hook);
        self
    }

    /// Decides what each recipient of a message hears. It must not wait: it runs for every one of them.
    pub fn on_hear(mut self, hook: impl Fn(&Connection, &Envelope) -> Heard + Send + Sync + 'static) -> Self {
        self.room_hooks.on_hear(hook);
        self
    }

    /// What a member shows to the others in a room's view beside `id` and `joinedAt`: the fields of a struct.
    pub fn member_details<T: Serialize>(
        mut self,
        make: impl Fn(&Connection) -> Result<T> + Send + Sync + 'static,
    ) -> Self {
        self.room_hooks.details(move |connection| Ok(serde_json::to_string(&make(connection)?)?));
        self
    }

    /// Runs once when the node starts, before it serves anybody. An error stops the start.
    pub fn on_start<R>(mut self, hook: impl FnOnce(Handle) -> R + Send + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.start.push(Box::new(move |handle| Box::pin(hook(handle))));
        self
    }

    /// Runs once when the node has stopped: nobody is connected any more and nothing runs.
    pub fn on_stop<R>(mut self, hook: impl FnOnce(Handle) -> R + Send + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.stop.push(Box::new(move |handle| Box::pin(hook(handle))));
        self
    }

    /// The configuration's file, in the place of `playhouse.toml` in the working directory. It must be there.
    /// `--config` on the command line wins.
    pub fn config_file(mut self, path: impl AsRef<Path>) -> Self {
        self.config_file = Some(path.as_ref().to_owned());
        self
    }

    /// Reaches the node from anywhere, such as from a task of the application's own. May be taken before the
    /// start; until then what is asked of it fails. Actions have it as `#[from] handle: State<Handle>`.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}
