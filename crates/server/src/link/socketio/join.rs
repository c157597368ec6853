//! How a connection of a namespace begins, or comes back to its client (socketio.md, 2 and 4).

use super::SocketIo;
use super::pipe::{self, Pipe, PipeLink};
use crate::dialect::socketio::Offset;
use playhouse_core::clock::Moment;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::json::{Fields, push_str, unquote};
use playhouse_node::{Claim, Connection, Node, Opening, Peer};
use playhouse_proto::socketio::write;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// So many parameters a client may give its connection: each action looks at all of them.
const PARAMS_MAX: usize = 64;

/// A client's wish to connect.
pub(super) struct Wish {
    pub(super) io: Arc<SocketIo>,
    pub(super) namespace: u16,
    pub(super) pipe: Arc<Pipe>,
    pub(super) peer: Peer,
    /// It can't take bytes.
    pub(super) is_base64: bool,
    /// When its session began.
    pub(super) came: Moment,
    /// What it says of itself: a raw JSON object.
    pub(super) auth: Option<String>,
}

/// What of it the protocol knows.
#[derive(Default)]
struct Said {
    key: Option<String>,
    offset: Option<String>,
    params: Option<String>,
}

impl Said {
    fn read(auth: &str) -> Self {
        let mut said = Self::default();
        let Some(fields) = Fields::of(auth) else { return said };
        let text = |raw| unquote(raw).map(Cow::into_owned);
        // It was looked at as a part of its packet.
        let _ = fields.each(|key, raw| match &*key {
            "pid" => said.key = text(raw),
            "offset" => said.offset = text(raw),
            "params" => said.params = Some(raw.to_owned()),
            _ => {}
        });
        said
    }
}

impl Wish {
    /// Begins the connection, or takes over the one that the client had.
    ///
    /// # Errors
    /// The application refused.
    pub(super) async fn fulfil(self) -> Result<(), Reject> {
        let said = self.auth.as_deref().map(Said::read).unwrap_or_default();
        self.is_fit(&said)?;
        // Claimed first: of two who come at once one is to have it, however long the application takes.
        let claim = self.claim(&said);
        let node = self.node().clone();
        let mut head = self.peer.head.clone();
        if let Some(auth) = &self.auth {
            head = head.with_auth(auth);
        }
        if node.has_authorization() {
            node.authorize(&head).await?;
        }
        if node.is_draining() {
            self.pipe.engine.outbox().close(&codes::DRAINING);
            return Ok(());
        }
        let Some(claim) = claim else {
            self.begin(Peer { head, ..self.peer.clone() }, said.params.as_deref());
            return Ok(());
        };
        if !self.take_over(claim) {
            self.begin(Peer { head, ..self.peer.clone() }, said.params.as_deref());
        }
        Ok(())
    }

    /// Whether what the client says of itself is within its bounds: it is kept for as long as the connection.
    fn is_fit(&self, said: &Said) -> Result<(), Reject> {
        let (len, most) = (self.auth.as_ref().map_or(0, String::len), self.io.auth_size);
        if len > most {
            let text = format!("`auth` has {len} bytes, and may have {most}: `socketio.auth_size`");
            return Err(Reject::of(&codes::PAYLOAD_TOO_LARGE, text));
        }
        let mut names = 0_usize;
        let looked = said.params.as_deref().and_then(Fields::of).map(|fields| fields.each(|_, _| names += 1));
        if looked.is_some() && names > PARAMS_MAX {
            let text = format!("`auth.params` has {names} names, and may have {PARAMS_MAX}");
            return Err(Reject::of(&codes::INVALID_PARAM, text));
        }
        Ok(())
    }

    fn node(&self) -> &Node {
        &self.io.shared.node
    }

    fn claim(&self, said: &Said) -> Option<Claim> {
        self.io.window?;
        let from = match &said.offset {
            Some(offset) => Offset::of_this_run().number(offset)?,
            // It has got nothing.
            None => 0,
        };
        let claim = self.node().claim(said.key.as_deref()?, from, self.came)?;
        (claim.connection().form() == self.io.form(self.namespace, self.is_base64)).then_some(claim)
    }

    fn take_over(&self, claim: Claim) -> bool {
        let connection = claim.connection().clone();
        let first = self.connected(&connection);
        self.pipe.join(Some(connection.clone()));
        let link = PipeLink::new(self.pipe.clone(), connection);
        match claim.attach(Box::new(link), first) {
            Ok(_) => true,
            Err(link) => {
                // Before the link goes, which would end the session.
                self.pipe.join(None);
                drop(link);
                false
            }
        }
    }

    fn begin(&self, peer: Peer, params: Option<&str>) {
        let opening =
            Opening { peer, form: self.io.form(self.namespace, self.is_base64), window: self.io.window };
        self.node().open(opening, |connection| {
            let first = self.connected(connection);
            connection.outbox().append(|out| out.extend_from_slice(&first));
            #[cfg(feature = "fixture")]
            crate::fixture::greet(connection, self.io.name(self.namespace), self.auth.as_deref());
            save(connection, params);
            self.pipe.join(Some(connection.clone()));
            Box::new(PipeLink::new(self.pipe.clone(), connection.clone()))
        });
    }

    /// The packet that says that the client is connected.
    fn connected(&self, connection: &Connection) -> Vec<u8> {
        let mut out = Vec::new();
        let namespace = self.io.name(self.namespace);
        pipe::packet(&mut out, |out| {
            write::connect(out, namespace, connection.id().as_str(), connection.key());
        });
        out
    }
}

/// Keeps what the client gives as parameters of its connection.
fn save(connection: &Connection, params: Option<&str>) {
    let Some(fields) = params.and_then(Fields::of) else { return };
    // It was looked at as a part of its packet.
    let _ = fields.each(|key, raw| {
        if let Ok(value) = serde_json::from_str::<&RawValue>(raw) {
            // A value that was read can be written.
            let _ = connection.save_param(&key, value);
        }
    });
}

/// The data of a refusal: its code.
pub(super) fn refusal_data(reject: &Reject) -> String {
    let mut out = b"{\"code\":".to_vec();
    push_str(&mut out, &reject.code);
    out.push(b'}');
    String::from_utf8(out).expect("JSON is a text")
}
