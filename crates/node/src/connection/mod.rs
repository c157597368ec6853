//! Connections: what an application sees of one client.
//!
//! [`Connection`] holds identity and owns collaborators, each with a file, a limit and tests of its own; what
//! a client asks for is done by them. The task that serves it is in `task`, the one `match` over client
//! events in `intake`.

mod at_actor;
mod calls;
mod details;
mod hearing;
mod intake;
mod membership;
mod peer;
mod saved;
mod seats;
mod task;
mod verbs;

pub(crate) use calls::admit_action;
pub(crate) use membership::Refused;
pub use peer::{Kind, Peer, Port};
pub(crate) use task::Task;

use crate::node::Node;
use crate::outbox::Outbox;
use crate::recovery::{Answers, Recoverable, Return, Window};
use bytes::Bytes;
use calls::Counts;
use compact_str::CompactString;
use membership::Membership;
use playhouse_core::codes::{self, Close};
use playhouse_core::error::Result;
use playhouse_core::event::{ServerEvent, Tag};
use playhouse_core::head::Head;
use playhouse_core::id::ConnectionId;
use playhouse_core::wire::{Frames, WireForm};
use saved::Saved;
use seats::Seats;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::{Arc, Weak};

/// One client. Cheap to clone; a clone is the same connection. It may outlive its link, and holding it keeps
/// no link open.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

/// In this order in memory: what a message of a room touches comes first.
#[repr(C)]
struct Inner {
    form: WireForm,
    outbox: Outbox,
    node: Node,
    id: ConnectionId,
    peer: Peer,
    connected_at: u64,
    rooms: Membership,
    counts: Counts,
    saved: Saved,
    seats: Seats,
    /// What there is to know of it where it may outlive its link.
    recoverable: Option<Box<Recoverable>>,
}

impl Connection {
    pub(crate) fn new(node: &Node, id: ConnectionId, peer: Peer, form: WireForm) -> Self {
        Self::within(node, id, peer, form, None)
    }

    /// One that may outlive its link, within a window.
    pub(crate) fn within(
        node: &Node,
        id: ConnectionId,
        peer: Peer,
        form: WireForm,
        window: Option<Window>,
    ) -> Self {
        let limits = &node.config().limits;
        let outbox = Outbox::new(limits.outbox, node.outbox_budget());
        let recoverable = window.map(|window| {
            outbox.keep(window.log, node.log_budget());
            Box::new(Recoverable::new(node, window))
        });
        Self(Arc::new(Inner {
            id,
            node: node.clone(),
            peer,
            form,
            connected_at: node.clock().unix_ms(),
            rooms: Membership::default(),
            counts: Counts::default(),
            outbox,
            recoverable,
            saved: Saved::default(),
            seats: Seats::default(),
        }))
    }

    /// Its id, unique in the cluster.
    #[must_use]
    pub fn id(&self) -> &ConnectionId {
        &self.0.id
    }

    /// What the client says it is called across connections; else the connection's own id. Never a proof of
    /// who it is.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.0.peer.fingerprint.as_deref().unwrap_or(self.0.id.as_str())
    }

    /// How it came.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.peer.kind
    }

    /// The rooms it is in, in order of joining.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<str>> {
        self.0.rooms.list()
    }

    /// Whether it can be in rooms.
    #[must_use]
    pub fn can_chat(&self) -> bool {
        self.0.peer.kind == Kind::Websocket
    }

    /// Actions that run now.
    #[must_use]
    pub fn pending_actions(&self) -> usize {
        self.0.counts.pending()
    }

    /// Actions begun so far, refused and unknown ones included.
    #[must_use]
    pub fn total_actions(&self) -> u64 {
        self.0.counts.total()
    }

    /// The id of the client's latest message, as raw JSON; `"0"` (with its quotes) before the first, `null` for one of
    /// more than 1,024 bytes.
    #[must_use]
    pub fn message_id(&self) -> CompactString {
        self.0.saved.latest().id
    }

    /// When it began, in milliseconds since 1970.
    #[must_use]
    pub fn connected_at(&self) -> u64 {
        self.0.connected_at
    }

    /// The client's address; of a trusted proxy's header where there is one.
    #[must_use]
    pub fn remote_ip(&self) -> IpAddr {
        self.0.peer.ip
    }

    /// The client's port.
    #[must_use]
    pub fn remote_port(&self) -> &Port {
        &self.0.peer.port
    }

    /// The request that it began with: the upgrade, or the HTTP request itself.
    #[must_use]
    pub fn request(&self) -> &Head {
        &self.0.peer.head
    }

    /// The wire form that is written to it.
    #[must_use]
    pub fn form(&self) -> WireForm {
        self.0.form
    }

    /// The node that it is connected to.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// The parameters that server code saved on it, as a raw JSON object.
    #[must_use]
    pub fn params(&self) -> String {
        self.0.saved.params_json()
    }

    /// Saves a parameter for its later actions, where a request brings no value of its own.
    ///
    /// # Errors
    /// A fault when the value can't be JSON.
    pub fn save_param<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<()> {
        self.0.saved.set_param(name, serde_json::to_string(value)?);
        Ok(())
    }

    /// Keeps a value of the application on it, in place of the older one of its type.
    pub fn set_data<T: Send + Sync + 'static>(&self, value: T) {
        self.0.saved.set_data(value);
    }

    /// The application's value of a type.
    #[must_use]
    pub fn data<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.saved.data()
    }

    /// Sends an object, or a text that travels as `{message, context: "api"}`. What has no `context` gets
    /// `api`, so that no client takes it for a reply. Sending to a connection that has gone is no error.
    ///
    /// # Errors
    /// A fault when the message can't be JSON.
    pub fn send_message<T: Serialize + ?Sized>(&self, message: &T) -> Result<()> {
        self.send_raw(&serde_json::to_string(message)?);
        Ok(())
    }

    pub(crate) fn send_raw(&self, message: &str) {
        self.tell(&ServerEvent::Push(message));
    }

    /// Sends a file of the public folder, as an answer to the client's latest message. A file that is not
    /// there is told to the client as such.
    pub async fn send_file(&self, path: &str) {
        let tag = self.0.saved.latest();
        self.answer_file(&tag, Some(path)).await;
    }

    /// Ends it on purpose: what waits is written, then `goodbye_message` where configured, then the client
    /// hears that it shall not come back.
    pub fn destroy(&self) {
        self.close(&codes::ENDED);
    }

    /// Ends it for a reason.
    pub fn close(&self, close: &'static Close) {
        self.0.outbox.close(close);
    }

    /// By which key its client may take it over from another link: a secret. `None` where it can't.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.recoverable().map(Recoverable::key)
    }

    /// Whether it has lost its link and waits for its client to come back.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.recoverable().is_some_and(Recoverable::is_absent)
    }

    /// The answers that are given again, and the mark of what is asked, if it has one.
    fn marked<'a>(&'a self, tag: &'a Tag) -> Option<(&'a Answers, &'a str)> {
        let mark = tag.again.as_deref()?;
        Some((self.recoverable()?.answers(), mark))
    }

    pub(crate) fn recoverable(&self) -> Option<&Recoverable> {
        self.0.recoverable.as_deref()
    }

    /// Tells that its client has said that it goes for good: from here on nobody can take it over, however long its task
    /// needs to see that. To be called before its end, by its own link. Whoever has taken it over before keeps it.
    pub fn client_leaves(&self) {
        if let Some(recoverable) = self.recoverable() {
            recoverable.refuse_others();
        }
    }

    /// Gives it another link. It is given back where the connection has ended.
    pub(crate) fn come_back(&self, back: Return) -> std::result::Result<(), Return> {
        let Some(recoverable) = self.recoverable() else { return Err(back) };
        recoverable.come_back(back)?;
        self.0.outbox.wake();
        Ok(())
    }

    /// Whether both are the same connection.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Writes an event of its own, behind everything that waits already.
    pub(crate) fn tell(&self, event: &ServerEvent<'_>) {
        let (encoder, form) = (self.0.node.encoder(), self.0.form);
        if !encoder.is_numbered(form, event) {
            return self.0.outbox.append(|out| encoder.encode(form, event, out));
        }
        let mut body = Vec::new();
        encoder.encode(form, event, &mut body);
        self.tell_numbered(body.into());
    }

    /// Writes an event that its client counts, but for its tail.
    fn tell_numbered(&self, body: Bytes) {
        if !body.is_empty() {
            self.0.outbox.push(|nth| self.finished(nth, body));
        }
    }

    /// An event that its client counts, with its tail.
    pub(crate) fn finished(&self, nth: u64, body: Bytes) -> Frames {
        let (encoder, form) = (self.0.node.encoder(), self.0.form);
        let at = encoder.tail_at(form, &body);
        Frames::tailed_at(body, encoder.tail(form, nth), at)
    }

    pub(crate) async fn answer_file(&self, tag: &Tag, path: Option<&str>) {
        let result = self.0.node.file(path).await;
        self.tell(&ServerEvent::File { tag, result: result.as_ref() });
    }

    /// The queue of what is written to it.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    pub(crate) fn membership(&self) -> &Membership {
        &self.0.rooms
    }

    /// An action begins; returns how many run on this connection with it.
    pub(crate) fn begin_call(&self) -> usize {
        self.0.node.running().begin();
        self.0.counts.begin()
    }

    /// An action has ended, or was refused.
    pub(crate) fn end_call(&self) {
        self.0.counts.end();
        self.0.node.running().end();
    }

    pub(crate) fn saved(&self) -> &Saved {
        &self.0.saved
    }

    fn seats(&self) -> &Seats {
        &self.0.seats
    }

    pub(crate) fn downgrade(&self) -> WeakConnection {
        WeakConnection(Arc::downgrade(&self.0))
    }

    pub(crate) fn is_http(&self) -> bool {
        self.kind() == Kind::Web
    }

    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

/// A connection that may have gone.
pub(crate) struct WeakConnection(Weak<Inner>);

impl WeakConnection {
    pub(crate) fn upgrade(&self) -> Option<Connection> {
        self.0.upgrade().map(Connection)
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({})", self.id())
    }
}
