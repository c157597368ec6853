//! Below `/gateway`: calls, each a brief connection of its own, and requests that the actor answers itself
//! (actors.md, sections 3, 5 and 8).

use super::answer::{self, Refusal};
use super::manage::no_method;
use super::target::{self, Target};
use super::{Body, Request, input};
use crate::dialect::actors::{Failure, Family, Unreadable, arguments, codes as kinds, output};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, Response, StatusCode};
use playhouse_core::actor::{ActorError, Answer, Ask, Call, Caller, HttpAnswer, HttpAsk, Which};
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use playhouse_proto::actors::path::Wanted;

/// Answers a request that is no upgrade.
pub(super) async fn answer<B>(request: &Request<'_>, body: B) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let body = request.body(body).await?;
    let target = target::below_gateway(request.rest, request.parts.uri.query());
    let Target { which, wanted } = target::read(&target)?;
    let method = &request.parts.method;
    match wanted {
        Wanted::Action(name) if *method == Method::POST => call(request, which, &name, &body).await,
        Wanted::Request(path) => raw(request, which, path.into_owned(), body).await,
        Wanted::Health if matches!(*method, Method::GET | Method::HEAD) => {
            Ok(answer::typed(StatusCode::OK, "text/plain", "ok"))
        }
        Wanted::Queue(_) => Err(Failure::new(&kinds::NOT_OFFERED, "actors have no queues here").into()),
        Wanted::Connect | Wanted::WebSocket(_) => {
            Err(Failure::new(&kinds::REQUEST, "this is a websocket's path: ask for an upgrade").into())
        }
        Wanted::Action(_) | Wanted::Health => Err(no_method(request)),
    }
}

async fn call(
    request: &Request<'_>,
    which: Which,
    name: &str,
    body: &[u8],
) -> Result<Response<Body>, Refusal> {
    let headers = &request.parts.headers;
    let encoding = input::header_encoding(headers)?;
    let config = request.web.node().config();
    let params = input::header_params(headers, config)?;
    let unreadable = |error: Unreadable| Failure::new(error.kind, error.to_string());
    let args = arguments(encoding, body, config.actors.message_values).map_err(unreadable)?;
    let value = ask(request, which, name, args, params).await?;
    let body = output(Family::of(encoding, body), encoding, &value);
    fits(request, body.len())?;
    let content_type = match encoding {
        Encoding::Json => "application/json",
        Encoding::Cbor | Encoding::Bare => "application/octet-stream",
    };
    Ok(answer::typed(StatusCode::OK, content_type, body))
}

/// Runs an action of an actor for a client without a connection.
pub(super) async fn ask(
    request: &Request<'_>,
    which: Which,
    name: &str,
    args: Vec<Value>,
    params: Value,
) -> Result<Value, Failed> {
    let ask = Ask::Action { name: name.into(), args };
    let call = Call { which, ask, caller: Caller::Client(params) };
    match request.actors()?.call(call).await? {
        Answer::Value(value) => Ok(value),
        Answer::Http(_) => Err(odd("an action was answered with a page")),
    }
}

/// What came of asking an actor: its error, or ours before it was asked.
pub(super) enum Failed {
    Actor(ActorError),
    Server(Failure<'static>),
}

impl Failed {
    /// As clients hear it.
    pub(super) fn told(&self) -> Failure<'_> {
        match self {
            Self::Actor(error) => Failure::of(error),
            Self::Server(failure) => failure.clone(),
        }
    }
}

impl From<ActorError> for Failed {
    fn from(error: ActorError) -> Self {
        Self::Actor(error)
    }
}

impl From<Failure<'static>> for Failed {
    fn from(failure: Failure<'static>) -> Self {
        Self::Server(failure)
    }
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Self {
        failed.told().into()
    }
}

/// What can't be, unless a crate breaks its word.
fn odd(what: &'static str) -> Failed {
    tracing::error!("{what}");
    Failed::Actor(ActorError::Fault("".into()))
}

/// Whether an answer may go out.
pub(super) fn fits(request: &Request<'_>, len: usize) -> Result<(), Failure<'static>> {
    let max = request.web.node().config().actors.message_size;
    if len <= max {
        return Ok(());
    }
    let text = format!("the output has {len} bytes; {max} are the most (`actors.message_size`)");
    Err(Failure::new(&kinds::OUTGOING, text))
}

/// A request that the actor answers itself.
async fn raw(
    request: &Request<'_>,
    which: Which,
    path: String,
    body: Bytes,
) -> Result<Response<Body>, Refusal> {
    let params = input::header_params(&request.parts.headers, request.web.node().config())?;
    let headers = request.parts.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), input::text(value.as_bytes()).into_owned()));
    let method = request.parts.method.to_string();
    let ask = Ask::Http(HttpAsk { method, path, headers: headers.collect(), body });
    let call = Call { which, ask, caller: Caller::Client(params) };
    match request.actors().map_err(Failed::from)?.call(call).await.map_err(Failed::from)? {
        Answer::Http(answer) => Ok(page(answer)),
        Answer::Value(_) => Err(odd("a request was answered with a value").into()),
    }
}

/// The actor's answer as it is. How it travels is the server's affair.
fn page(answer: HttpAnswer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    let status = StatusCode::from_u16(answer.status).ok().filter(|status| !status.is_informational());
    if status.is_none() {
        tracing::error!(
            status = answer.status,
            "an actor answered with a status that ends no request; it is a 500"
        );
    }
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    add(response.headers_mut(), &answer.headers);
    response
}

fn add(headers: &mut HeaderMap, wanted: &[(String, String)]) {
    for (name, value) in wanted {
        let pair = (HeaderName::try_from(name), HeaderValue::try_from(value));
        match pair {
            (Ok(CONNECTION | CONTENT_LENGTH | TRANSFER_ENCODING), _) => {}
            (Ok(name), Ok(value)) => drop(headers.append(name, value)),
            (Err(_), _) | (_, Err(_)) => {
                tracing::warn!(name, "an actor's answer has a header that can't be sent");
            }
        }
    }
}
