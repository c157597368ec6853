//! actor-core's clients: finding and making actors, calls, event streams and what comes to them in other requests
//! (actors.md, section 11).

use super::answer::{self, Refusal};
use super::call::{self, Failed};
use super::input::{self, CORE_PARAMS_MAX};
use super::manage::found;
use super::{Body, Mount, Request};
use crate::dialect::actors::{Failure, Family, Form, Framing, Unreadable, codes as kinds, core};
use crate::http::address::is_trusted;
use crate::http::query;
use crate::link::{Stream, Wish};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, HOST, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};
use playhouse_core::actor::{ActorId, Address, At, Purpose, Tags, Which};
use playhouse_core::config::Config;
use playhouse_core::store::Record;
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use playhouse_proto::percent;
use serde_json::json;

/// What a client asks for that wants an actor.
#[derive(serde::Deserialize)]
struct Asked {
    query: Query,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
enum Query {
    #[serde(rename_all = "camelCase")]
    GetForId {
        actor_id: String,
    },
    GetOrCreateForTags {
        tags: Tags,
        create: Option<Create>,
    },
    Create(Create),
}

#[derive(serde::Deserialize)]
struct Create {
    tags: Tags,
}

/// An actor's address, which is its tags; one of them is its name.
fn address(tags: Tags) -> Result<Address, Failure<'static>> {
    let name = tags.get("name").ok_or_else(|| unfit("`tags` name no actor: `name` is missing"))?;
    Ok(Address { name: name.as_str().into(), at: At::Tags(tags) })
}

fn unfit(what: impl Into<String>) -> Failure<'static> {
    Failure::new(&kinds::REQUEST, what.into())
}

/// Answers `POST /manager/actors`.
pub(super) async fn find<B>(request: &Request<'_>, body: B) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let body = match request.body(body).await {
        Ok(body) => body,
        Err(error) => return Err(Refusal::of_core(&answer::without_body(error)).closing()),
    };
    let found = match (&request.parts.method, request.rest.trim_matches('/')) {
        (&Method::POST, "actors") => open(request, &body).await,
        (_, "actors") => Err(Failure::new(&kinds::NO_METHOD, "actors are asked for with POST").into()),
        _ => Err(Failure::new(&kinds::NO_PATH, "there is nothing here").into()),
    };
    let answered = found.and_then(|record| Ok(endpoint(request, &record.id)?));
    let endpoint = answered.map_err(|failed| Refusal::of_core(&failed.told()))?;
    let body = json!({ "endpoint": endpoint, "supportedTransports": ["websocket", "sse"] });
    Ok(answer::typed(StatusCode::OK, "application/json", body.to_string()))
}

async fn open(request: &Request<'_>, body: &[u8]) -> Result<Record, Failed> {
    let asked: Asked = serde_json::from_slice(body).map_err(|error| unfit(error.to_string()))?;
    let actors = request.actors()?;
    let which = match asked.query {
        Query::GetForId { actor_id } => Which::Id(ActorId::new(actor_id)),
        Query::Create(Create { tags }) => Which::Create(address(tags)?, None),
        Query::GetOrCreateForTags { tags, create: None } => Which::Find(address(tags)?),
        Query::GetOrCreateForTags { tags, create: Some(Create { tags: new }) } if tags == new => {
            Which::FindOrCreate(address(tags)?, None)
        }
        Query::GetOrCreateForTags { tags, create: Some(Create { tags: new }) } => {
            // What is made is not what was looked for, so it can't be one step.
            if let Some(record) = found(actors, Which::Find(address(tags)?)).await? {
                return Ok(record);
            }
            Which::Create(address(new)?, None)
        }
    };
    Ok(actors.open(which).await?.record)
}

/// Where a client reaches an actor: absolute, as it sees this server itself.
fn endpoint(request: &Request<'_>, id: &ActorId) -> Result<String, Failure<'static>> {
    let config = request.web.node().config();
    let headers = &request.parts.headers;
    let trusted = is_trusted(request.peer, &config.http.trusted_proxies);
    let forwarded = |name: &str| first(headers, name).filter(|_| trusted);
    let scheme = forwarded("x-forwarded-proto").filter(|scheme| matches!(&**scheme, "http" | "https"));
    let scheme = scheme.or_else(|| request.parts.uri.scheme_str().map(str::to_owned));
    let host = forwarded("x-forwarded-host").or_else(|| first(headers, HOST.as_str()));
    let host = host.ok_or_else(|| unfit("the request names no host, which its answer needs"))?;
    let mount = request.front().at(Mount::Actors);
    let mount = mount.ok_or_else(|| Failure::new(&kinds::NOT_OFFERED, "`mounts.actors` is off"))?;
    let mount = config.mounts.seen_by_clients(mount);
    Ok(format!("{}://{host}{mount}/{id}", scheme.as_deref().unwrap_or("http")))
}

/// The first of what may be a list.
fn first(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    value.split(',').next().map(|first| first.trim().to_owned()).filter(|first| !first.is_empty())
}

/// Answers below `/actors/{id}/`.
pub(super) async fn answer<B>(
    request: &Request<'_>,
    body: B,
    id: &str,
    rest: &str,
) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let which = Which::Id(ActorId::new(id));
    let refused = |failure: Failure<'_>| Refusal::of_core(&failure);
    match (&request.parts.method, rest.split('/').collect::<Vec<_>>().as_slice()) {
        (&Method::GET | &Method::HEAD, ["health"]) => Ok(answer::typed(StatusCode::OK, "text/plain", "ok")),
        (&Method::POST, ["rpc", name]) => rpc(request, body, which, name).await,
        (&Method::GET, ["connect", "sse"]) => stream(request, which).map_err(refused),
        (&Method::POST, ["connections", connection, "message"]) => message(request, body, connection).await,
        (_, ["connect", "websocket"]) => {
            Err(refused(unfit("this is a websocket's path: ask for an upgrade")))
        }
        (_, ["health"] | ["rpc", _] | ["connect", "sse"] | ["connections", _, "message"]) => {
            Err(refused(Failure::new(&kinds::NO_METHOD, "the path has no such method")))
        }
        _ => Err(refused(Failure::new(&kinds::NO_PATH, "there is nothing here"))),
    }
}

async fn rpc<B>(request: &Request<'_>, body: B, which: Which, name: &str) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let body = match request.body(body).await {
        Ok(body) => body,
        Err(error) => return Err(Refusal::of_core_call(&answer::without_body(error)).closing()),
    };
    let output = run(request, &body, which, name).await;
    let output = output.map_err(|failed| Refusal::of_core_call(&failed.told()))?;
    Ok(answer::typed(StatusCode::OK, "application/json", output))
}

async fn run(request: &Request<'_>, body: &[u8], which: Which, name: &str) -> Result<Vec<u8>, Failed> {
    let name = percent::decoded(name).ok_or_else(|| unfit("the action's name is not URL-encoded UTF-8"))?;
    let config = request.web.node().config();
    let params = params(request.query(), config)?;
    let unreadable = |error: Unreadable| Failure::new(error.kind, error.to_string());
    let args = core::arguments(body, config.actors.message_values).map_err(unreadable)?;
    let output = core::output(&call::ask(request, which, &name, args, params).await?);
    call::fits(request, output.len())?;
    Ok(output)
}

/// The connection's parameters, which are part of the address here.
///
/// # Errors
/// They are too long or deep, or no JSON.
pub(super) fn params(query: &str, config: &Config) -> Result<Value, Failure<'static>> {
    let Some(text) = query::first(query, "params") else { return Ok(Value::Null) };
    let len = text.chars().count();
    if len > CORE_PARAMS_MAX {
        let text = format!("the connection parameters have {len} characters; {CORE_PARAMS_MAX} are the most");
        return Err(Failure::new(&kinds::LONG_PARAMS, text));
    }
    input::params(&text, config)
}

/// The encoding of a connection. This family has no BARE.
///
/// # Errors
/// It is none of theirs, or not said.
pub(super) fn encoding(query: &str) -> Result<Encoding, Failure<'static>> {
    let named = query::first(query, "encoding").and_then(|name| Encoding::named(&name));
    let bad = || Failure::new(&kinds::ENCODING, "`encoding` is neither json nor cbor");
    named.filter(|encoding| *encoding != Encoding::Bare).ok_or_else(bad)
}

fn stream(request: &Request<'_>, which: Which) -> Result<Response<Body>, Failure<'static>> {
    let form = Form { family: Family::Core, encoding: encoding(request.query())?, framing: Framing::Stream };
    let (actors, params) = (request.actors()?.clone(), params(request.query(), request.web.node().config())?);
    let front = request.front();
    let wish = Wish { actors, which, params, purpose: Purpose::Actions };
    let stream = Stream::new(&front.seating, &front.streams, form, wish);
    let mut response = Response::new(Body::Stream(Box::new(stream)));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // Proxies of nginx's kind would keep it until it is over.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Takes a message for an event stream's connection. The turn is waited for before the body is read: the order is that of
/// the requests.
async fn message<B>(request: &Request<'_>, body: B, connection: &str) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let refused = |failure: Failure<'_>| Refusal::of_core(&failure);
    let inlet = request.front().streams.find(connection);
    let none = || refused(Failure::new(&kinds::NO_CONNECTION, "there is no such connection"));
    let inlet = inlet.ok_or_else(none)?;
    let token = query::first(request.query(), "connectionToken").unwrap_or_default();
    if !inlet.knows(&token) {
        return Err(refused(Failure::new(&kinds::BAD_TOKEN, "the connection's token is another one")));
    }
    let turn = inlet.turn().await;
    let body = match request.body(body).await {
        Ok(body) => body,
        Err(error) => return Err(refused(answer::without_body(error)).closing()),
    };
    let early = inlet.put(request.web.node(), &body).map_err(refused)?;
    drop(turn);
    if let Some(early) = early {
        early.patience(request.web.node()).await;
    }
    Ok(answer::typed(StatusCode::OK, "application/json", "{}"))
}
