//! What a request asks for, and why it is refused (engineio.md, 2).
//!
//! Owns the order of the checks. It must not look a session up, nor judge an origin: the caller does both, in
//! between.
//!
//! The first check that fails answers, so a caller goes down the table:
//!
//! 1. Origin and hook: [`Refusal::Forbidden`].
//! 2. [`Query::read`]: protocol and transport.
//! 3. With a [`sid`](Query::sid), look it up, and tell [`Query::with_session`] what was found; without one,
//!    [`Query::without_session`].

use std::borrow::Cow;

use super::Protocol;
use crate::percent;
use crate::primus::json::push_escaped;

/// How a session's bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// GETs that wait and POSTs.
    Polling,
    /// A websocket.
    Websocket,
}

/// Which transports are switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transports {
    /// HTTP polling.
    pub polling: bool,
    /// Websockets.
    pub websocket: bool,
}

impl Transports {
    /// Both.
    pub const ALL: Self = Self { polling: true, websocket: true };

    /// Whether this one is switched on.
    #[must_use]
    pub fn has(self, transport: Transport) -> bool {
        match transport {
            Transport::Polling => self.polling,
            Transport::Websocket => self.websocket,
        }
    }
}

/// What there is to know of a session that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it speaks since its handshake.
    pub protocol: Protocol,
    /// On which transport it is now.
    pub transport: Transport,
}

/// What a request asks for, as far as its query says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// `EIO`.
    pub protocol: Protocol,
    /// `transport`.
    pub transport: Transport,
    /// `sid`, an opaque text. One that cannot be decoded is left as it was written: it has a percent sign, so no
    /// session has it.
    pub sid: Option<Cow<'a, str>>,
    /// `b64` was given: this client cannot take bytes.
    pub b64: bool,
    /// `j` was given.
    wants_jsonp: bool,
    is_websocket: bool,
    is_get: bool,
}

impl<'a> Query<'a> {
    /// Reads a query, without its question mark. Of what is given twice the first counts; unknown names are the
    /// user's own.
    ///
    /// # Errors
    /// [`Refusal::Protocol`], then [`Refusal::Transport`].
    pub fn read(
        query: &'a str,
        is_websocket: bool,
        method_is_get: bool,
        allowed: Transports,
    ) -> Result<Self, Refusal> {
        let protocol = match value(query, "EIO").as_deref() {
            Some("3") => Protocol::V3,
            Some("4") => Protocol::V4,
            Some(_) | None => return Err(Refusal::Protocol),
        };
        let transport = match value(query, "transport").as_deref() {
            Some("polling") => Transport::Polling,
            Some("websocket") => Transport::Websocket,
            Some(_) | None => return Err(Refusal::Transport),
        };
        if !allowed.has(transport) {
            return Err(Refusal::Transport);
        }
        Ok(Self {
            protocol,
            transport,
            sid: value(query, "sid"),
            b64: value(query, "b64").is_some(),
            wants_jsonp: value(query, "j").is_some(),
            is_websocket,
            is_get: method_is_get,
        })
    }

    /// The checks of a request with a `sid`; `found` is the session that it names, if there is one and it is open.
    ///
    /// # Errors
    /// [`Refusal::Sid`], then [`Refusal::BadRequest`].
    pub fn with_session(&self, found: Option<Known>) -> Result<(), Refusal> {
        let known = found.ok_or(Refusal::Sid)?;
        // A websocket may be an upgrade, whatever the session is on; what becomes of it is the session's to say.
        let has_left = !self.is_websocket && self.transport != known.transport;
        if known.protocol != self.protocol || has_left {
            return Err(Refusal::BadRequest);
        }
        self.sound()
    }

    /// The checks of a request without a `sid`: it wants a handshake.
    ///
    /// # Errors
    /// [`Refusal::Method`], then [`Refusal::BadRequest`].
    pub fn without_session(&self) -> Result<(), Refusal> {
        if !self.is_get {
            return Err(Refusal::Method);
        }
        self.sound()
    }

    /// What holds with and without a session: the transport is the one that the request is made on (a websocket
    /// that says `polling` stands in no table, and fits nowhere), and it is not JSONP.
    fn sound(&self) -> Result<(), Refusal> {
        let fits = match self.transport {
            Transport::Polling => !self.is_websocket,
            Transport::Websocket => self.is_websocket,
        };
        if fits && !self.wants_jsonp { Ok(()) } else { Err(Refusal::BadRequest) }
    }
}

/// Whether a query is engine.io's, where others live at the same path: it has both `EIO` and `transport`, whatever
/// they say (mounts.md, rule 1).
#[must_use]
pub fn looks_like(query: &str) -> bool {
    value(query, "EIO").is_some() && value(query, "transport").is_some()
}

/// The first value of this name, which is empty if only the name is there; as written if it cannot be decoded.
fn value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let is_it = |other: &str| percent::form_decoded(other).is_some_and(|other| other == name);
    let (_, value) = pairs.find(|(other, _)| is_it(other))?;
    Some(percent::form_decoded(value).unwrap_or(Cow::Borrowed(value)))
}

/// Why a request is refused. A websocket handshake is answered the same, in HTTP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum Refusal {
    /// The transport is missing, unknown or switched off.
    Transport,
    /// No open session has this id.
    Sid,
    /// A handshake is a GET.
    Method,
    /// What does not fit together, or not to the session; also requests that overlap (4).
    BadRequest,
    /// The origin is not allowed, or a hook refused, which may say why.
    Forbidden(Option<String>),
    /// The protocol is missing or unknown.
    Protocol,
}

impl Refusal {
    /// The number that clients get.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Transport => 0,
            Self::Sid => 1,
            Self::Method => 2,
            Self::BadRequest => 3,
            Self::Forbidden(_) => 4,
            Self::Protocol => 5,
        }
    }

    /// The text that clients get.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Transport => "Transport unknown",
            Self::Sid => "Session ID unknown",
            Self::Method => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::Forbidden(None) => "Forbidden",
            Self::Forbidden(Some(text)) => text,
            Self::Protocol => "Unsupported protocol version",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Forbidden(_) => 403,
            Self::Transport | Self::Sid | Self::Method | Self::BadRequest | Self::Protocol => 400,
        }
    }

    /// The body of the answer, `application/json`.
    #[must_use]
    pub fn json(&self) -> String {
        let mut message = Vec::new();
        push_escaped(&mut message, self.message());
        let message = String::from_utf8_lossy(&message);
        format!("{{\"code\":{},\"message\":\"{message}\"}}", self.code())
    }
}
