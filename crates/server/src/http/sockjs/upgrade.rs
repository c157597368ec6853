//! Who may have a websocket of SockJS, with frames or without (sockjs.md, 5).

use super::answers::{self, closing};
use super::cross::Crossing;
use super::{Ask, Web};
use crate::http::body::Body;
use crate::link::Socket;
use crate::transport::sockjs::Mount;
use http::header::{HeaderMap, SET_COOKIE};
use http::request::Parts;
use http::{Method, Response};
use playhouse_node::Peer;
use playhouse_proto::sockjs::{Kind, Place};
use std::net::SocketAddr;
use std::sync::Arc;

/// A websocket that was granted to a client of SockJS.
pub(crate) struct Wanted {
    mount: Arc<Mount>,
    peer: Peer,
    is_framed: bool,
}

impl Wanted {
    /// Begins its session; `early` is what was read beyond its handshake.
    pub(crate) fn open(self, io: Box<dyn Socket>, early: Vec<u8>) {
        self.mount.open_websocket(self.is_framed, self.peer, io, early);
    }
}

impl Web {
    /// Decides about a websocket.
    ///
    /// # Errors
    /// The answer in its place.
    pub(crate) async fn admit_to_sockjs(
        &self,
        ask: Ask<'_>,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<(Wanted, HeaderMap), Response<Body>> {
        self.sockjs_wanted(ask, request, peer).await.map_err(closing)
    }

    async fn sockjs_wanted(
        &self,
        ask: Ask<'_>,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<(Wanted, HeaderMap), Response<Body>> {
        let place = self.sockjs_place(&ask).ok_or_else(answers::not_found)?;
        let is_framed = match place {
            Place::Raw => false,
            Place::Session { kind: Kind::Websocket, .. } => true,
            Place::Greeting | Place::Info | Place::Iframe | Place::Session { .. } => {
                return Err(answers::no_websocket());
            }
        };
        if request.method != Method::GET {
            return Err(answers::not_allowed(place.methods()));
        }
        Crossing::of(self, place, &request.headers).ok_or_else(answers::no_origin)?;
        let peer = self.sockjs_peer(ask.mount, request, peer).await?;
        let cookie = answers::cookie(self.node().config(), &request.headers).filter(|_| is_framed);
        let headers = cookie.map(|cookie| (SET_COOKIE, cookie)).into_iter().collect();
        Ok((Wanted { mount: ask.mount.clone(), peer, is_framed }, headers))
    }
}
