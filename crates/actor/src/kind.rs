//! What a kind of actor is: the trait that `#[actor]` fulfils, and what is known of it before it runs.

use crate::args::Args;
use crate::cx::ActorCx;
use crate::describe::Shape;
use playhouse_core::Later;
use playhouse_core::error::{Error, Reject};
use playhouse_core::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// A kind of actor; the struct is the state. `#[actor]` writes the impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no actor",
    label = "this is no actor",
    note = "write `#[actor]` above an `impl {Self}` with its actions; the struct needs `#[data]` and `#[derive(Default)]`"
)]
pub trait Actor: Serialize + DeserializeOwned + Default + Clone + Send + Sync + 'static {
    /// What a client says of itself as it connects.
    type Params: DeserializeOwned + Send;
    /// The state of one connection.
    type Conn: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// What the actor is.
    fn definition() -> &'static Definition;

    /// Runs one of its functions. A turn gets the only reference to the state, where no reader holds it, and gives it back
    /// changed; a read gives back what it was given.
    fn run(run: Run<Self>) -> Later<'static, Ran<Self>>;

    /// The state of a connection that no `before_connect` hook made.
    fn first_conn() -> Option<Self::Conn>;
}

/// A kind whose actors are reached by handles of its own type; written by `#[actor]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no actor",
    label = "this is no actor",
    note = "write `#[actor]` above an `impl {Self}` with its actions; the struct needs `#[data]` and `#[derive(Default)]`"
)]
pub trait Handled: Actor {
    /// Calls its actions, typed.
    type Handle: From<crate::handle::Reach>;
    /// Schedules its actions, typed.
    type Later: From<crate::handle::Scheduled<Self>>;
}

/// One run of a function.
pub struct Run<A: Actor> {
    /// Which function.
    pub function: Function,
    /// The state.
    pub me: Arc<A>,
    /// The context.
    pub cx: ActorCx<A>,
    /// The arguments.
    pub args: Args,
}

/// What a run gives back: the state, and the output or why there is none.
pub type Ran<A> = (Arc<A>, Result<Value, Failed>);

/// Why a function has no output.
#[derive(Debug)]
pub enum Failed {
    /// The arguments are not what it takes: it was not called.
    Args(Reject),
    /// Its own error.
    Own(Error),
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

/// Which function of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The action at this place of [`Definition::actions`].
    Action(usize),
    /// A hook.
    Hook(Hook),
    /// What answers HTTP requests: takes them from [`ActorCx::take_request`], answers by [`ActorCx::respond`].
    Http,
    /// What speaks on a websocket of its own: takes it from [`ActorCx::take_socket`].
    Websocket,
}

/// What an application may be called for beside its actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Once, before anything else; its argument is the input that the actor was made with.
    Create,
    /// Whenever the actor comes into memory.
    Start,
    /// Before it leaves memory.
    Sleep,
    /// Before a connection is made: decides, and makes its state of its parameters.
    BeforeConnect,
    /// When a connection is made, before its first message.
    Connect,
    /// When a connection has ended, once.
    Disconnect,
    /// Before the actor and all that it keeps is removed.
    Destroy,
}

/// What is known of a kind.
#[derive(Debug)]
pub struct Definition {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is, from the doc comment.
    pub description: &'static str,
    /// Its actions.
    pub actions: &'static [ActionDefinition],
    /// What a client says of itself as it connects, where the actor asks for something.
    pub params: Option<Shape>,
    /// The names of its events, at most 64; a subscription is a bit.
    pub events: &'static [&'static str],
    /// The forms of what comes with them.
    pub told: &'static [&'static [Shape]],
    /// Its hooks.
    pub hooks: &'static [HookDefinition],
    /// Whether it answers HTTP requests itself, and whether that may change the state.
    pub http: Option<Access>,
    /// Whether it speaks on websockets itself; that never changes the state but by `cx.update`.
    pub websocket: bool,
    /// The version of its state's form, which the application counts, from 1.
    pub form: u32,
    /// Makes the state of an older form one of this form.
    pub upgrade: Option<Upgrade>,
}

/// Takes the version of the form and the state as it was written, gives the state in the form of today.
pub type Upgrade = fn(u32, serde_json::Value) -> playhouse_core::error::Result<serde_json::Value>;

/// What a function may do with the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Change it: `&mut self`.
    Turn,
    /// See it: `&self`.
    Read,
}

/// What is known of an action.
#[derive(Debug)]
pub struct ActionDefinition {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, from the doc comment.
    pub description: &'static str,
    /// Its arguments.
    pub arguments: &'static [ArgumentDefinition],
    /// The form of what it answers.
    pub output: Shape,
    /// Whether it may change the state, and so runs alone.
    pub turn: bool,
    /// Whether only the application itself may call it: alarms, actions, other actors.
    pub internal: bool,
    /// How long a call may take; `None` takes `actors.timeout`.
    pub timeout: Option<Duration>,
}

/// What is known of an argument.
#[derive(Debug)]
pub struct ArgumentDefinition {
    /// Its name in refusals.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Its form.
    pub shape: Shape,
}

/// What is known of a hook.
#[derive(Debug)]
pub struct HookDefinition {
    /// Which.
    pub hook: Hook,
    /// Whether it may change the state.
    pub turn: bool,
}

impl Definition {
    /// A hook, where the actor has it.
    #[must_use]
    pub fn hook(&self, hook: Hook) -> Option<&HookDefinition> {
        self.hooks.iter().find(|known| known.hook == hook)
    }

    /// Whether a function may change the state.
    #[must_use]
    pub fn is_turn(&self, function: Function) -> bool {
        match function {
            Function::Action(nth) => self.actions[nth].turn,
            Function::Hook(hook) => self.hook(hook).is_some_and(|known| known.turn),
            Function::Http => self.http == Some(Access::Turn),
            Function::Websocket => false,
        }
    }

    /// A function's name, for people.
    #[must_use]
    pub fn name_of(&self, function: Function) -> &'static str {
        match function {
            Function::Action(nth) => self.actions[nth].name,
            Function::Hook(hook) => hook.name(),
            Function::Http => "#[http]",
            Function::Websocket => "#[websocket]",
        }
    }
}

impl Hook {
    /// As it is written in an application.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Sleep => "sleep",
            Self::BeforeConnect => "before_connect",
            Self::Connect => "connect",
            Self::Disconnect => "disconnect",
            Self::Destroy => "destroy",
        }
    }
}
