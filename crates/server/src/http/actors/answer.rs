//! Answers of actors' mounts: JSON always, refusals too (actors.md, section 5.1).

use super::Body;
use crate::dialect::actors::{Failure, codes as kinds, core, failure};
use crate::http::receive::NoBody;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use playhouse_core::actor::ActorError;

/// A refusal, and who reads it.
pub(super) struct Refusal(Box<Response<Body>>);

impl Refusal {
    pub(super) fn answer(self) -> Response<Body> {
        *self.0
    }

    /// For actor-core's clients where they find actors and connect.
    pub(super) fn of_core(refused: &Failure<'_>) -> Self {
        Self(Box::new(json(refused.status, core::management_failure(refused))))
    }

    /// For actor-core's clients where they call: a status says only whose error it is.
    pub(super) fn of_core_call(refused: &Failure<'_>) -> Self {
        let status = if refused.status < 500 { 400 } else { refused.status };
        Self(Box::new(json(status, core::failure(refused))))
    }

    /// After a body that was not taken in the rest of it follows, and no other request.
    pub(super) fn closing(self) -> Self {
        Self(Box::new(closing(*self.0)))
    }
}

impl From<Failure<'_>> for Refusal {
    fn from(refused: Failure<'_>) -> Self {
        Self(Box::new(rivet(&refused)))
    }
}

impl From<ActorError> for Refusal {
    fn from(error: ActorError) -> Self {
        Self::from(Failure::of(&error))
    }
}

impl From<NoBody> for Refusal {
    fn from(error: NoBody) -> Self {
        Self::from(without_body(error)).closing()
    }
}

/// Why a body was not taken in.
pub(super) fn without_body(error: NoBody) -> Failure<'static> {
    let kind = match error {
        NoBody::TooLarge(_) => &kinds::INCOMING,
        NoBody::TooSlow(_) | NoBody::Broken => &kinds::REQUEST,
        NoBody::Crowded => &kinds::OVERLOADED,
    };
    Failure::new(kind, error.to_string())
}

/// After an answer in place of an upgrade, too, nothing follows that makes sense.
pub(super) fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A refusal for rivetkit's clients.
pub(super) fn rivet(refused: &Failure<'_>) -> Response<Body> {
    json(refused.status, failure(refused))
}

/// JSON with a status.
pub(super) fn json(status: u16, body: Vec<u8>) -> Response<Body> {
    let status = StatusCode::from_u16(status).expect("of our own table");
    typed(status, "application/json", body)
}

/// A success.
pub(super) fn typed(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<bytes::Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
