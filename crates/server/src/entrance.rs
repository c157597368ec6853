//! Which requests become websockets, what is checked before, and how a connection begins once its socket is
//! free. Knows no listener: requests may have come over ours or over somebody else's server.

use crate::files::PublicFolder;
use crate::http::{Body, Upgrade, Wanted, WantedOfSockJs, Web, overfull};
use crate::link::{ActorSocket, Arriving, HalfRead, Layer, Permitted, Shared, Socket, Speech, Spoken};
use crate::transport::Websocket;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response};
use hyper::header;
use playhouse_core::encoder::Encoder;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::guest::Served;
use playhouse_node::{Node, Opening, Peer};
use playhouse_proto::actors::offer;
use playhouse_proto::primus::beat;
use playhouse_proto::ws::deflate::{self, Agreed};
use playhouse_proto::ws::{self, Decoder, Role, handshake};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// For how long a client of Primus 6 may be silent, who pings every 25 s and is given 10 s more, in ms.
const SILENCE: u64 = 35_000;

/// The way in, shared by all requests of a node.
pub(crate) struct Entrance {
    pub(crate) web: Web,
    pub(crate) shared: Arc<Shared>,
    limits: ws::Limits,
    compression: bool,
}

/// An upgrade that was granted, until its socket is free.
pub(crate) enum Granted {
    /// To a client of Primus.
    Primus { peer: Peer, agreed: Option<Agreed> },
    /// To a client of engine.io.
    Engine(Wanted),
    /// To a client of SockJS.
    SockJs(WantedOfSockJs),
    /// To a client of an actor.
    Actor(Arriving),
}

impl Granted {
    /// The same for a node that has no place for one more. `None` where the client need not hear that on its websocket.
    pub(crate) fn overfull(self) -> Option<Self> {
        match self {
            Self::Actor(Arriving { way, .. }) => Some(Self::Actor(Arriving { way, wish: Err(overfull()) })),
            Self::Primus { .. } | Self::Engine(_) | Self::SockJs(_) => None,
        }
    }
}

impl Entrance {
    /// The way into a node.
    pub(crate) fn new(node: &Node, folder: Arc<PublicFolder>, encoder: Arc<dyn Encoder>) -> Self {
        let config = node.config();
        let server = &config.websocket.server;
        let half_read = HalfRead::new(config.limits.half_read);
        let shared = Arc::new(Shared {
            node: node.clone(),
            encoder,
            half_read,
            beat: beat::Limits { every: millis(server.ping_interval.unwrap_or_default()), silence: SILENCE },
            close_wait: server.close_timeout,
        });
        let web = Web::new(&shared, folder);
        let limits = ws::Limits {
            frame: server.max_length,
            message: server.max_length,
            fragments: config.limits.fragments,
        };
        Self { web, shared, limits, compression: server.compression }
    }

    /// Grants an upgrade, or says why not in the way that its clients do.
    ///
    /// # Errors
    /// The refusal.
    pub(crate) async fn grant(
        &self,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<(Response<Body>, Granted), Response<Body>> {
        let web = &self.web;
        if web.is_of_actors(request) {
            let Upgrade { arriving, selects } = web.admit_to_actor(request).map_err(|refusal| *refusal)?;
            let mut response = switching(request).map_err(|refusal| web.unsound(&refusal))?;
            if selects {
                let protocol = HeaderValue::from_static(offer::PROTOCOL);
                response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
            }
            return Ok((response, Granted::Actor(arriving)));
        }
        if let Some(engine) = web.engine_of(request) {
            let (wanted, headers) = web.admit_to_engine(engine, request, peer).await?;
            let mut response = switching(request).map_err(|refusal| web.unsound(&refusal))?;
            response.headers_mut().extend(headers);
            return Ok((response, Granted::Engine(wanted)));
        }
        if let Some(asked) = web.sockjs_of(request) {
            let (wanted, headers) = web.admit_to_sockjs(asked, request, peer).await?;
            let mut response = switching(request).map_err(|refusal| web.unsound(&refusal))?;
            response.headers_mut().extend(headers);
            return Ok((response, Granted::SockJs(wanted)));
        }
        let peer = web.admit(&request.method, &request.uri, &request.headers, peer).await?;
        let mut response = switching(request).map_err(|refusal| web.unsound(&refusal))?;
        let extensions = values(&request.headers, "sec-websocket-extensions");
        let agreed = if self.compression { deflate::negotiate(extensions) } else { None };
        if let Some(agreed) = &agreed {
            let answer = HeaderValue::try_from(agreed.answer()).expect("made of words and numbers");
            response.headers_mut().insert(header::SEC_WEBSOCKET_EXTENSIONS, answer);
        }
        Ok((response, Granted::Primus { peer, agreed }))
    }

    /// Makes the connection; what came with the handshake is its first bytes. `permit` is given back when the
    /// socket closes.
    pub(crate) fn open<P: Send + Unpin + 'static>(
        &self,
        io: impl Socket,
        early: &[u8],
        granted: Granted,
        permit: P,
    ) {
        let (peer, agreed) = match granted {
            Granted::Primus { peer, agreed } => (peer, agreed),
            Granted::Engine(wanted) => {
                let io = Box::new(Permitted { io, _permit: permit });
                return open_engine(wanted, io, early.to_vec());
            }
            Granted::SockJs(wanted) => {
                return wanted.open(Box::new(Permitted { io, _permit: permit }), early.to_vec());
            }
            Granted::Actor(arriving) => {
                let shared = self.web.seating().clone();
                let socket = ActorSocket::new(io, shared, arriving, early.to_vec(), permit);
                // Refused only by a node that has stopped; then the socket closes.
                let _ = self.shared.node.tasks().spawn("actor client", socket);
                return;
            }
        };
        let framing = match agreed {
            Some(agreed) => Framing::WebsocketDeflate { window: agreed.window() },
            None => Framing::Websocket,
        };
        let opening = Opening {
            peer,
            form: WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing },
            window: None,
        };
        let decoder = Decoder::new(Role::Server, self.limits, agreed);
        let shared = self.shared.clone();
        self.shared.node.open(opening, |connection| {
            let speech = Speech::new(shared.clone(), connection, Layer::Primus);
            let served = Served::Connection(connection.clone());
            Box::new(Spoken::new(speech, Websocket::new(io, shared, served, decoder, early.to_vec(), permit)))
        });
    }
}

/// Gives a websocket to a session of engine.io, or begins one with it.
fn open_engine(wanted: Wanted, io: Box<dyn Socket>, early: Vec<u8>) {
    match wanted {
        Wanted::Upgrade(candidacy) => candidacy.arrive(io, early),
        Wanted::Surplus(engine) => engine.turn_away(io),
        Wanted::Session { engine, protocol, base64, peer } => {
            engine.open_websocket((protocol, base64), peer, io, early);
        }
    }
}

/// The answer that makes a socket a websocket.
fn switching(request: &Parts) -> Result<Response<Body>, handshake::Refusal> {
    let version = if request.version >= hyper::Version::HTTP_11 { (1, 1) } else { (1, 0) };
    let accept = handshake::check(request.method.as_str(), version, |name| values(&request.headers, name))?;
    let response = Response::builder()
        .status(101)
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "Upgrade")
        .header(header::SEC_WEBSOCKET_ACCEPT, &*accept);
    Ok(response.body(Body::empty()).expect("made of sound parts"))
}

/// The values of a header that are texts.
fn values<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

/// Whether a request asks for a websocket.
pub(crate) fn wants_websocket(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::UPGRADE).into_iter();
    handshake::is_wanted(values.filter_map(|value| value.to_str().ok()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
