//! What an action and its middleware see of one call.

use super::params::{Input, Params};
use super::reply::{Reply, Sent};
use super::{Definition, Registered, Run, parse_version};
use crate::cluster::Remote;
use crate::connection::Connection;
use crate::node::Node;
use crate::room::Room;
use playhouse_core::codes;
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::event::Tag;
use playhouse_core::typemap::TypeMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// The context of one call. Cheap to clone; a clone is the same call.
#[derive(Clone)]
pub struct Cx(Arc<Call>);

struct Call {
    connection: Connection,
    action: Arc<Registered>,
    params: Params,
    tag: Tag,
    /// The HTTP status that the action chose; 0 for none.
    status: AtomicU16,
    kept: Mutex<Option<Box<Kept>>>,
}

/// What few calls keep.
#[derive(Default)]
struct Kept {
    values: TypeMap,
    file: Option<String>,
}

impl Cx {
    pub(crate) fn new(
        connection: &Connection,
        action: Arc<Registered>,
        mut params: Params,
        tag: Tag,
    ) -> Self {
        connection.saved().complete(&mut params);
        let connection = connection.clone();
        let (status, kept) = (AtomicU16::new(0), Mutex::default());
        Self(Arc::new(Call { connection, action, params, tag, status, kept }))
    }

    /// The node that runs the call.
    #[must_use]
    pub fn node(&self) -> &Node {
        self.0.connection.node()
    }

    /// Who calls.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// The action's name.
    #[must_use]
    pub fn action_name(&self) -> &'static str {
        self.0.action.definition.name
    }

    pub(crate) fn action(&self) -> &Registered {
        &self.0.action
    }

    pub(crate) fn tag(&self) -> &Tag {
        &self.0.tag
    }

    fn kept(&self) -> MutexGuard<'_, Option<Box<Kept>>> {
        self.0.kept.lock().expect("nothing panics while it holds this")
    }

    /// What is known about the action.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.0.action.definition
    }

    /// What the request brought.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.0.params
    }

    /// A parameter: what the request brought, else what server code saved on the connection.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<Input<'_>> {
        self.0.params.get(name)
    }

    /// A room, by its name.
    #[must_use]
    pub fn room(&self, name: &str) -> Room {
        self.node().room(name)
    }

    /// A connection of any node, by its id.
    #[must_use]
    pub fn remote(&self, id: &str) -> Remote {
        self.node().remote(id)
    }

    /// The application's cache, shared by all nodes.
    #[must_use]
    pub fn cache(&self) -> crate::cache::Cache {
        self.node().cache()
    }

    /// A value that was given to `App::state`.
    ///
    /// # Errors
    /// A fault when there is none of this type.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.node().state::<T>()
    }

    /// Keeps a value for the rest of this call, for an extractor or the action itself.
    pub fn set<T: Send + Sync + 'static>(&self, value: T) {
        self.kept().get_or_insert_default().values.set(value);
    }

    /// A value that [`Cx::set`] kept.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.kept().as_ref()?.values.get()
    }

    /// Sets the HTTP status of the answer, 200..=599. Other transports have none.
    pub fn set_status(&self, status: u16) {
        self.0.status.store(status, Ordering::Relaxed);
    }

    /// The HTTP status that was set.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        Some(self.0.status.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }

    /// Runs another action in this call's name, with its own parameters; its reply is the caller's to use.
    ///
    /// # Errors
    /// What the action answers, or that there is none.
    pub async fn run(&self, name: &str, params: Params) -> Result<Reply> {
        let version = parse_version(params.get("apiVersion"));
        let action = version.ok().and_then(|version| self.node().actions().find(name, version));
        let Some(action) = action.cloned() else {
            return Err(Reject::of(&codes::UNKNOWN_ACTION, self.node().texts().unknown_action()).into());
        };
        let cx = Self::new(&self.0.connection, action, params, self.0.tag.clone());
        Run::new(cx).await.map_err(Error::Reject)
    }

    /// Answers with a file of the public folder; return what it gives: no other reply follows. A file that is
    /// not there is told to the caller as such.
    pub async fn send_file(&self, path: &str) -> Sent {
        if self.0.connection.is_http() {
            self.kept().get_or_insert_default().file = Some(path.to_owned());
        } else {
            self.0.connection.answer_file(&self.0.tag, Some(path)).await;
        }
        Sent(())
    }

    /// The file that an HTTP answer is to carry.
    #[must_use]
    pub fn sent_file(&self) -> Option<String> {
        self.kept().as_ref()?.file.clone()
    }
}

/// A value that an action takes from the call and not from a parameter: `#[from] user: User`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be taken from a call",
    label = "`#[from]` needs `impl FromCx for {Self}`",
    note = "without `#[from]` the argument is an input that the caller sends"
)]
pub trait FromCx: Sized + Send {
    /// Makes the value.
    ///
    /// # Errors
    /// A refusal, or a fault; the action does not run.
    fn from_cx(cx: &Cx) -> impl Future<Output = Result<Self>> + Send;
}

impl FromCx for Connection {
    async fn from_cx(cx: &Cx) -> Result<Self> {
        Ok(cx.connection().clone())
    }
}

/// A state that was given to `App::state`, as an extractor.
pub struct State<T>(pub Arc<T>);

impl<T> std::ops::Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Send + Sync + 'static> FromCx for State<T> {
    async fn from_cx(cx: &Cx) -> Result<Self> {
        cx.state().map(State)
    }
}
