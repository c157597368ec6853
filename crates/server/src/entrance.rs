//! Which requests become websockets, what is checked before, and how a connection begins once its socket is
//! free. Knows no listener: requests may have come over ours or over somebody else's server.

use crate::files::PublicFolder;
use crate::http::{Body, Web};
use crate::link::{HalfRead, Shared, Socket, WebsocketLink};
use http::request::Parts;
use http::{HeaderMap, Response};
use hyper::header;
use playhouse_core::encoder::Encoder;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::{Node, Opening, Peer};
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
pub(crate) struct Granted {
    peer: Peer,
    agreed: Option<Agreed>,
}

impl Entrance {
    /// The way into a node.
    pub(crate) fn new(node: &Node, folder: Arc<PublicFolder>, encoder: Arc<dyn Encoder>) -> Self {
        let config = node.config();
        let server = &config.websocket.server;
        let half_read = HalfRead::new(config.limits.half_read);
        let web = Web::new(node.clone(), folder, half_read.clone());
        let shared = Shared {
            node: node.clone(),
            encoder,
            half_read,
            beat: beat::Limits { every: millis(server.ping_interval.unwrap_or_default()), silence: SILENCE },
            close_wait: server.close_timeout,
        };
        let limits = ws::Limits {
            frame: server.max_length,
            message: server.max_length,
            fragments: config.limits.fragments,
        };
        Self { web, shared: Arc::new(shared), limits, compression: server.compression }
    }

    /// Grants an upgrade, or says why not in the way that Primus does.
    ///
    /// # Errors
    /// The refusal.
    pub(crate) async fn grant(
        &self,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<(Response<Body>, Granted), Response<Body>> {
        let web = &self.web;
        let peer = web.admit(&request.method, &request.uri, &request.headers, peer).await?;
        let values = |name| {
            let values = request.headers.get_all(name).into_iter();
            values.filter_map(|value| value.to_str().ok())
        };
        let version = if request.version >= hyper::Version::HTTP_11 { (1, 1) } else { (1, 0) };
        let accept = handshake::check(request.method.as_str(), version, values)
            .map_err(|refusal| web.unsound(&refusal))?;
        let agreed =
            if self.compression { deflate::negotiate(values("sec-websocket-extensions")) } else { None };
        let mut response = Response::builder()
            .status(101)
            .header(header::UPGRADE, "websocket")
            .header(header::CONNECTION, "Upgrade")
            .header(header::SEC_WEBSOCKET_ACCEPT, &*accept);
        if let Some(agreed) = &agreed {
            response = response.header(header::SEC_WEBSOCKET_EXTENSIONS, agreed.answer());
        }
        let response = response.body(Body::empty()).expect("made of sound parts");
        Ok((response, Granted { peer, agreed }))
    }

    /// Makes the connection; what came with the handshake is its first bytes. `permit` is given back when the
    /// socket closes.
    pub(crate) fn open<P: Send + 'static>(&self, io: impl Socket, early: &[u8], granted: Granted, permit: P) {
        let framing = match granted.agreed {
            Some(agreed) => Framing::WebsocketDeflate { window: agreed.window() },
            None => Framing::Websocket,
        };
        let opening = Opening {
            peer: granted.peer,
            form: WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing },
            window: Duration::ZERO,
        };
        let decoder = Decoder::new(Role::Server, self.limits, granted.agreed);
        let shared = self.shared.clone();
        self.shared.node.open(opening, |connection| {
            Box::new(WebsocketLink::new(io, shared, connection, decoder, early.to_vec(), permit))
        });
    }
}

/// Whether a request asks for a websocket.
pub(crate) fn wants_websocket(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::UPGRADE).into_iter();
    handshake::is_wanted(values.filter_map(|value| value.to_str().ok()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
