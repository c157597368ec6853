//! What of HTTP belongs to actors: the mounts of their clients, who may ask, and whose a request is
//! (actors.md, sections 2, 3, 5, 8 and 11).
//!
//! Off the way of all other requests but for a look at the path.

mod addressed;
mod answer;
mod call;
mod core;
mod cross;
mod input;
mod manage;
mod target;
mod upgrade;

pub(crate) use upgrade::{Upgrade, overfull};

use super::Web;
use super::body::Body;
use super::path;
use super::receive::{self, Bounds, NoBody};
use crate::dialect::actors::Failure;
use crate::dialect::actors::codes as kinds;
use crate::files::PublicFolder;
use crate::link::{HalfRead, Seating, Streams};
use answer::Refusal;
use bytes::Bytes;
use http::Response;
use http::request::Parts;
use playhouse_core::actor::Actors;
use playhouse_core::config::{Config, RootEndpoint};
use playhouse_node::Node;
use playhouse_proto::primus::beat;
use playhouse_proto::ws;
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

/// The version of rivetkit whose server this is to its clients.
const VERSION: &str = "2.2.1";

/// One of the mounts of actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mount {
    Gateway,
    Actors,
    /// actor-core's.
    Finding,
    Metadata,
    Health,
}

/// What of a node's server belongs to actors.
pub(super) struct Front {
    /// `None` where the node offers none.
    actors: Option<Arc<dyn Actors>>,
    mounts: Vec<(Mount, String)>,
    seating: Arc<Seating>,
    streams: Arc<Streams>,
}

/// A request below one of the mounts.
struct Request<'r> {
    web: &'r Web,
    parts: &'r Parts,
    peer: &'r SocketAddr,
    /// The path behind the mount: empty, or from a slash on.
    rest: &'r str,
}

impl Front {
    pub(super) fn new(node: &Node, folder: &PublicFolder, half_read: HalfRead) -> Self {
        let config = node.config();
        tell_hidden(node, folder);
        let size = config.actors.message_size;
        let every = config.actors.ping_every.unwrap_or_default().as_millis();
        let every = u64::try_from(every).unwrap_or(u64::MAX);
        let seating = Seating {
            node: node.clone(),
            half_read,
            // Nobody pings us in a way of its own, so nothing else is silence.
            beat: beat::Limits { every, silence: every },
            limits: ws::Limits { frame: size, message: size, fragments: config.limits.fragments },
            close_wait: config.websocket.server.close_timeout,
        };
        Self {
            actors: node.actors().cloned(),
            mounts: mounts(config),
            seating: Arc::new(seating),
            streams: Arc::default(),
        }
    }

    fn below<'p>(&self, path: &'p str) -> Option<(Mount, &'p str)> {
        self.mounts.iter().find_map(|(mount, at)| path::below(path, at).map(|rest| (*mount, rest)))
    }

    /// The mount that a request is below, and its path behind it.
    fn whose<'p>(&self, parts: &'p Parts) -> Option<(Mount, Cow<'p, str>)> {
        if let Some((mount, rest)) = self.below(parts.uri.path()) {
            return Some((mount, Cow::Borrowed(rest)));
        }
        self.at(Mount::Gateway)?;
        addressed::below_gateway(parts).map(|rest| (Mount::Gateway, Cow::Owned(rest)))
    }

    /// Where a mount is, without what is before it for clients.
    fn at(&self, wanted: Mount) -> Option<&str> {
        self.mounts.iter().find(|(mount, _)| *mount == wanted).map(|(_, at)| &**at)
    }

    /// The actors.
    ///
    /// # Errors
    /// There are none.
    fn actors(&self) -> Result<&Arc<dyn Actors>, Failure<'static>> {
        let none = || Failure::new(&kinds::NOT_OFFERED, "this server has no actors");
        self.actors.as_ref().ok_or_else(none)
    }
}

fn mounts(config: &Config) -> Vec<(Mount, String)> {
    let mounts = &config.mounts;
    [
        (Mount::Gateway, &mounts.gateway),
        (Mount::Actors, &mounts.actors),
        (Mount::Finding, &mounts.manager),
        (Mount::Metadata, &mounts.metadata),
        (Mount::Health, &mounts.health),
    ]
    .into_iter()
    .filter_map(|(mount, at)| Some((mount, config.actors.below(at)?)))
    .collect()
}

/// Names what nobody sees any more, as a mount is before it.
fn tell_hidden(node: &Node, folder: &PublicFolder) {
    let config = node.config();
    for (_, path) in mounts(config) {
        let name = path.trim_start_matches('/');
        match config.http.root_endpoint_type {
            RootEndpoint::File if folder.holds(name) => tracing::warn!(
                "the public folder's `{name}` is hidden by a mount of actors: move that in `[mounts]`, or set it to false"
            ),
            RootEndpoint::Api if node.actions().find(name, None).is_some() => {
                tracing::warn!(
                    "the action `{name}` is hidden by a mount of actors: move that in `[mounts]`, or set it to false"
                );
            }
            RootEndpoint::File | RootEndpoint::Api => {}
        }
    }
}

impl Web {
    fn front(&self) -> &Front {
        &self.0.front
    }

    /// Whether a request is for actors.
    pub(crate) fn is_of_actors(&self, parts: &Parts) -> bool {
        self.front().whose(parts).is_some()
    }

    /// Whether the node offers actors.
    pub(crate) fn has_actors(&self) -> bool {
        self.front().actors.is_some()
    }

    /// What all links of actors' clients share.
    pub(crate) fn seating(&self) -> &Arc<Seating> {
        &self.front().seating
    }

    /// How many requests are event streams or receive for a session, which end with their connections only.
    pub(crate) fn streams(&self) -> usize {
        self.front().streams.count() + self.sockjs_receiving()
    }
}

/// Answers a request that is no upgrade, if its path belongs to actors.
pub(super) async fn answer<B>(web: &Web, parts: &Parts, body: B, peer: &SocketAddr) -> Response<Body>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let Some((mount, rest)) = web.front().whose(parts) else {
        return answer::rivet(&Failure::new(&kinds::NO_PATH, "there is nothing here"));
    };
    let crossing = match cross::cross(&parts.method, &parts.headers, web.origins()) {
        cross::Crossing::Pass(headers) => headers,
        cross::Crossing::Answered(response) => return response,
    };
    let request = Request { web, parts, peer, rest: &rest };
    let answered = match mount {
        Mount::Gateway => call::answer(&request, body).await,
        Mount::Actors => actors(&request, body).await,
        Mount::Finding => core::find(&request, body).await,
        Mount::Metadata => manage::metadata(&request),
        Mount::Health => manage::health(&request),
    };
    let mut response = answered.unwrap_or_else(Refusal::answer);
    crossing.add_to(&mut response);
    response
}

/// rivetkit's clients find and make actors here, actor-core's reach them.
async fn actors<B>(request: &Request<'_>, body: B) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    match request.rest.trim_matches('/').split_once('/') {
        Some((id, rest)) => core::answer(request, body, id, rest).await,
        None => manage::answer(request, body).await,
    }
}

impl Request<'_> {
    fn front(&self) -> &Front {
        self.web.front()
    }

    fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// Takes in the body.
    async fn body<B>(&self, body: B) -> Result<Bytes, NoBody>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let node = self.web.node();
        let bytes = node.config().actors.message_size;
        let bounds = Bounds { bytes, time: node.config().http.body_timeout, half_read: self.web.half_read() };
        receive::receive(body, true, bounds, node.clock()).await
    }

    /// The actors, to do something that a stopping node begins no more.
    fn actors(&self) -> Result<&Arc<dyn Actors>, Failure<'static>> {
        if self.web.node().is_draining() {
            return Err(Failure::new(&kinds::STOPPING, self.web.node().texts().server_shutting_down()));
        }
        self.front().actors()
    }
}
