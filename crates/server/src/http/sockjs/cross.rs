//! Pages of other origins (sockjs.md, 3): the same origins as everywhere, and credentials for whoever is named.

use crate::http::Web;
use crate::http::body::Body;
use crate::http::origin::Verdict;
use http::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, HeaderMap, HeaderValue, VARY,
};
use playhouse_proto::sockjs::{Kind, Place};

/// What an answer says to other origins.
pub(super) enum Crossing {
    /// Nothing: it is loaded by other means.
    Untold,
    /// All may.
    Anybody,
    /// This one may.
    Named(HeaderValue),
}

impl Crossing {
    /// What is said about a request; `None` to a page that may not ask.
    pub(super) fn of(web: &Web, place: Place<'_>, asked: &HeaderMap) -> Option<Self> {
        if matches!(place, Place::Greeting | Place::Iframe) {
            return Some(Self::Untold);
        }
        let crossing = match web.origins().verdict(asked) {
            Verdict::NoOrigin => Self::Anybody,
            Verdict::Allowed(origin) => Self::Named(origin.clone()),
            Verdict::Refused(origin) => {
                web.origins().tell_refused(origin);
                return None;
            }
        };
        Some(if is_asked_for(place) { crossing } else { Self::Untold })
    }

    pub(super) fn on(self, mut response: Response<Body>) -> Response<Body> {
        let headers = response.headers_mut();
        match self {
            Self::Untold => {}
            Self::Anybody => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            Self::Named(origin) => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                headers.insert(VARY, HeaderValue::from_static("Origin"));
            }
        }
        response
    }
}

/// Whether a page's script asks for a place, and does not load it as a script or a page of its own.
fn is_asked_for(place: Place<'_>) -> bool {
    match place {
        Place::Info => true,
        Place::Session { kind, .. } => match kind {
            Kind::Xhr | Kind::XhrStreaming | Kind::XhrSend | Kind::EventSource => true,
            Kind::Websocket | Kind::HtmlFile | Kind::Jsonp | Kind::JsonpSend => false,
        },
        Place::Greeting | Place::Iframe | Place::Raw => false,
    }
}
