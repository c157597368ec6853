//! Requests of SockJS' clients: whose they are, what is checked of them, and their answers (sockjs.md, 2 to 5).
//!
//! What a session does with them is `transport::sockjs`'.

mod answers;
mod cross;
mod page;
mod sessions;
mod upgrade;

pub(super) use page::Page;
pub(crate) use upgrade::Wanted;

use super::body::Body;
use super::{Due, Web};
use crate::transport::sockjs::Mount;
use bytes::Bytes;
use cross::Crossing;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{Response, StatusCode};
use playhouse_node::Peer;
use playhouse_proto::sockjs::info::info;
use playhouse_proto::sockjs::path::Asked;
use playhouse_proto::sockjs::{GREETING, Kind, Place};
use std::net::SocketAddr;
use std::sync::Arc;

/// What a request asks of SockJS on which mount. Without a place it asks for what there is not.
pub(crate) struct Ask<'r> {
    mount: &'r Arc<Mount>,
    place: Option<Place<'r>>,
}

impl Web {
    /// What a request asks of SockJS, if it does (mounts.md).
    pub(crate) fn sockjs_of<'r>(&'r self, request: &'r Parts) -> Option<Ask<'r>> {
        let path = request.uri.path();
        if let Some((primus, rest)) = self.primus_below(path) {
            let place = Place::read_shared(rest)?;
            return Some(Ask { mount: &primus.sockjs, place: Some(place) });
        }
        let (at, mount) = self.0.sockjs.as_ref()?;
        let place = Place::read(super::path::below(path, at)?);
        Some(Ask { mount, place })
    }

    /// How many requests receive for sessions, and end with them only.
    pub(super) fn sockjs_receiving(&self) -> usize {
        let primus = self.0.primus.iter().map(|primus| &primus.sockjs);
        let own = self.0.sockjs.iter().map(|(_, mount)| mount);
        primus.chain(own).map(|mount| mount.receiving()).sum()
    }

    /// The place that is asked for, if that is switched on.
    fn sockjs_place<'r>(&self, ask: &Ask<'r>) -> Option<Place<'r>> {
        let config = &self.node().config().sockjs;
        ask.place.filter(|place| match place {
            Place::Raw | Place::Session { kind: Kind::Websocket, .. } => config.websocket,
            Place::Session { kind: Kind::Jsonp | Kind::JsonpSend, .. } => config.jsonp,
            Place::Greeting | Place::Info | Place::Iframe | Place::Session { .. } => true,
        })
    }

    /// Who a new session is with, after the application has agreed.
    async fn sockjs_peer(
        &self,
        mount: &Mount,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<Peer, Response<Body>> {
        if self.node().is_draining() {
            return Err(super::leaving(self.node().texts().server_shutting_down()));
        }
        let head = super::head(&request.method, &request.uri, &request.headers);
        if self.node().has_authorization() {
            let refused = |reject| answers::unauthorized(mount.is_primus(), &reject);
            self.node().authorize(&head).await.map_err(refused)?;
        }
        Ok(self.lasting_peer(&request.headers, head, peer))
    }
}

/// Answers a request that is no upgrade.
pub(super) async fn answer<B>(web: &Web, ask: Ask<'_>, request: &Parts, body: B, peer: &SocketAddr) -> Due
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let (place, crossing) = match admitted(web, &ask, request) {
        Ok(admitted) => admitted,
        Err(answer) => return Due::Now(*answer),
    };
    let response = match place {
        Place::Greeting => answers::text(StatusCode::OK, GREETING),
        Place::Info => answers::json(told(web)),
        Place::Iframe => web.0.sockjs_page.answer(&request.headers, web.node().clock()),
        Place::Raw | Place::Session { kind: Kind::Websocket, .. } => answers::no_websocket(),
        Place::Session { session, kind } => {
            let due = sessions::answer(web, ask.mount, (session, kind), request, body, peer).await;
            let cookie = answers::cookie(web.node().config(), &request.headers);
            return due.map(|mut response| {
                response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
                crossing.on(response)
            });
        }
    };
    Due::Now(crossing.on(response))
}

/// The place that is asked for, and what the answer says to other origins.
///
/// # Errors
/// The answer to a request that asks for nothing there is, or does not ask for it.
fn admitted<'r>(
    web: &Web,
    ask: &Ask<'r>,
    request: &Parts,
) -> Result<(Place<'r>, Crossing), Box<Response<Body>>> {
    let place = web.sockjs_place(ask).ok_or_else(answers::not_found)?;
    let methods = place.methods();
    let asked = methods.asked(request.method.as_str()).ok_or_else(|| answers::not_allowed(methods))?;
    let crossing = Crossing::of(web, place, &request.headers).ok_or_else(answers::no_origin)?;
    if asked == Asked::Preflight {
        let preflight = answers::preflight(methods, &request.headers, web.node().clock());
        return Err(Box::new(crossing.on(preflight)));
    }
    Ok((place, crossing))
}

/// What every client asks for first.
fn told(web: &Web) -> String {
    let (config, entropy) = (&web.node().config().sockjs, web.node().rng().u64() >> 32);
    let entropy = u32::try_from(entropy).expect("half of it");
    info(config.websocket, config.jsessionid, None, entropy)
}
