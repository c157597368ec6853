//! Where rivetkit's clients find and make actors (actors.md, section 2): JSON both ways.

use super::answer::{self, Refusal};
use super::{Body, Request, VERSION};
use crate::dialect::actors::{Failure, codes as kinds, value};
use crate::http::query;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Response, StatusCode};
use playhouse_core::actor::{ActorError, ActorId, Actors, Address, At, Key, Listing, Which};
use playhouse_core::codes;
use playhouse_core::config::Manage;
use playhouse_core::secret;
use playhouse_core::store::Record;
use playhouse_core::value::Value;
use serde_json::{Map, json};
use std::sync::Arc;

/// How many ids may be asked for at once.
const IDS_MAX: usize = 32;

/// How many actors of a name are listed at once.
const LISTED_MAX: usize = 1_000;

/// What a client asks for that wants an actor made. What else it sends is for upstream's clusters.
#[derive(serde::Deserialize)]
struct New {
    name: String,
    key: Option<String>,
    /// CBOR in base64.
    input: Option<String>,
}

impl New {
    fn read(body: &[u8]) -> Result<Self, Failure<'static>> {
        serde_json::from_slice(body).map_err(|error| unfit(error.to_string()))
    }

    fn input(&self, values: usize) -> Result<Option<Value>, Failure<'static>> {
        let Some(text) = &self.input else { return Ok(None) };
        let bytes = STANDARD.decode(text).map_err(|error| unfit(format!("`input` is no base64: {error}")))?;
        value::read(&bytes, values).map(Some).map_err(|error| unfit(format!("`input`: {error}")))
    }
}

fn unfit(what: impl Into<String>) -> Failure<'static> {
    Failure::new(&kinds::REQUEST, what.into())
}

/// A key in the notation of rivetkit's clients.
fn written(key: &str) -> Result<Key, Failure<'static>> {
    Key::written(key).map_err(|bad| unfit(format!("`key`: {bad}")))
}

fn answered(body: &serde_json::Value) -> Response<Body> {
    answer::typed(StatusCode::OK, "application/json", body.to_string())
}

/// The answer where a path has no such method.
pub(super) fn no_method(request: &Request<'_>) -> Refusal {
    let method = &request.parts.method;
    Refusal::from(Failure::new(&kinds::NO_METHOD, format!("{method} has no meaning here")))
}

/// What rivetkit's clients ask for first. Where the node is they know better, so it says nothing of that.
pub(super) fn metadata(request: &Request<'_>) -> Result<Response<Body>, Refusal> {
    readable(request)?;
    Ok(answered(&json!({
        "runtime": "rivetkit",
        "version": VERSION,
        "runner": { "kind": { "normal": {} } },
        "actorNames": names(request),
    })))
}

/// A sign of life.
pub(super) fn health(request: &Request<'_>) -> Result<Response<Body>, Refusal> {
    readable(request)?;
    Ok(answered(&json!({ "status": "ok", "runtime": "rivetkit", "version": VERSION })))
}

fn readable(request: &Request<'_>) -> Result<(), Refusal> {
    if !matches!(request.rest, "" | "/") {
        return Err(Failure::new(&kinds::NO_PATH, "there is nothing here").into());
    }
    match request.parts.method {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(no_method(request)),
    }
}

fn names(request: &Request<'_>) -> Map<String, serde_json::Value> {
    let names = request.front().actors.as_ref().map(|actors| actors.names()).unwrap_or_default();
    names.iter().map(|name| (name.to_string(), json!({ "metadata": {} }))).collect()
}

/// Answers below `/actors`, but for the paths of actor-core's clients.
pub(super) async fn answer<B>(request: &Request<'_>, body: B) -> Result<Response<Body>, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let body = request.body(body).await?;
    let values = request.web.node().config().actors.message_values;
    match (&request.parts.method, request.rest.trim_matches('/')) {
        (&Method::PUT, "") => {
            let new = New::read(&body)?;
            let key = new.key.as_deref().ok_or_else(|| unfit("`key` is missing"))?;
            let (address, input) = (Address::keyed(&*new.name, written(key)?), new.input(values)?);
            let found = request.actors()?.open(Which::FindOrCreate(address, input)).await?;
            Ok(answered(&json!({ "actor": record(&found.record), "created": found.created })))
        }
        (&Method::POST, "") => {
            let new = New::read(&body)?;
            let random = || Key::from(request.web.node().rng().uuid_v4().as_str());
            let key = new.key.as_deref().map_or_else(|| Ok(random()), written)?;
            let (address, input) = (Address::keyed(&*new.name, key), new.input(values)?);
            let found = request.actors()?.open(Which::Create(address, input)).await?;
            Ok(answered(&json!({ "actor": record(&found.record) })))
        }
        (&Method::GET, "") => find(request).await,
        (&Method::GET, "names") => Ok(answered(&json!({ "names": names(request) }))),
        (&Method::DELETE, id) if !id.is_empty() => {
            may_manage(request)?;
            request.actors()?.destroy(&ActorId::new(id)).await?;
            Ok(answered(&json!({})))
        }
        _ => Err(no_method(request)),
    }
}

/// Whether somebody may see what they can't name, or destroy anything. An id is no proof: many know one.
fn may_manage(request: &Request<'_>) -> Result<(), Failure<'static>> {
    let token = match &request.web.node().config().actors.manage {
        Manage::Open => return Ok(()),
        Manage::Off => {
            let text =
                "actors are listed and destroyed over HTTP only where `actors.manage` is a token or \"open\"";
            return Err(Failure::new(&kinds::UNMANAGED, text));
        }
        Manage::Token(token) => token,
    };
    let headers = &request.parts.headers;
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let given = bearer.or_else(|| headers.get("x-rivet-token")?.to_str().ok());
    if given.is_some_and(|given| secret::same(token, given)) {
        return Ok(());
    }
    let text = "the token of `actors.manage` is asked for, as `Authorization: Bearer` or `x-rivet-token`";
    Err(Failure::new(&kinds::TOKEN, text))
}

/// Never 404: a client makes its own error of an empty list.
async fn find(request: &Request<'_>) -> Result<Response<Body>, Refusal> {
    let asked = |name| query::first(request.query(), name).map(String::from);
    let actors = request.front().actors()?;
    let which: Vec<Which> = match (asked("actor_ids"), asked("name"), asked("key")) {
        (Some(ids), None, None) => {
            let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
            if ids.len() > IDS_MAX {
                return Err(unfit(format!("`actor_ids` are {}; {IDS_MAX} are the most", ids.len())).into());
            }
            ids.into_iter().map(|id| Which::Id(ActorId::new(id))).collect()
        }
        (None, Some(name), Some(key)) => vec![Which::Find(Address::keyed(name, written(&key)?))],
        (None, Some(name), None) => {
            may_manage(request)?;
            return list(request, actors, &name).await;
        }
        (Some(_), _, _) => {
            return Err(unfit("`actor_ids` can't be asked for together with `name` or `key`").into());
        }
        (None, None, Some(_)) => return Err(unfit("`key` without `name` is nobody's").into()),
        (None, None, None) => {
            return Err(unfit("`name`, `name` and `key`, or `actor_ids` are asked for").into());
        }
    };
    let mut records = Vec::new();
    for which in which {
        records.extend(found(actors, which).await?.as_ref().map(record));
    }
    Ok(answered(&json!({ "actors": records })))
}

/// An actor that may not be there.
pub(super) async fn found(actors: &Arc<dyn Actors>, which: Which) -> Result<Option<Record>, ActorError> {
    match actors.open(which).await {
        Ok(found) => Ok(Some(found.record)),
        Err(ActorError::Refused(reject))
            if [codes::NO_SUCH_ACTOR.name, codes::UNKNOWN_ACTOR.name].contains(&&*reject.code) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// In pages, for those who know of it: `limit`, and the `cursor` that came with the page before.
async fn list(
    request: &Request<'_>,
    actors: &Arc<dyn Actors>,
    name: &str,
) -> Result<Response<Body>, Refusal> {
    let number = |name| match query::first(request.query(), name) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| unfit(format!("`{name}` is no number"))),
    };
    let limit =
        number("limit")?.map_or(LISTED_MAX, |limit: u64| usize::try_from(limit).unwrap_or(LISTED_MAX));
    let limit = limit.clamp(1, LISTED_MAX);
    if !actors.names().iter().any(|known| **known == *name) {
        return Ok(answered(&json!({ "actors": [] })));
    }
    let listing = Listing { name: Some(name.into()), after: number("cursor")?.unwrap_or_default(), limit };
    let all = actors.list(listing).await?;
    let mut body = json!({ "actors": all.iter().map(record).collect::<Vec<_>>() });
    if let Some(last) = all.last().filter(|_| all.len() == limit) {
        body["pagination"] = json!({ "cursor": last.row.to_string() });
    }
    Ok(answered(&body))
}

/// As clients know an actor. What is only found by tags has no key.
fn record(record: &Record) -> serde_json::Value {
    let key = match &record.address.at {
        At::Key(key) => Some(key.as_str()),
        At::Tags(_) => None,
    };
    json!({
        "actor_id": record.id.as_str(),
        "name": &*record.address.name,
        "key": key,
        "namespace_id": "default",
        "runner_name_selector": "default",
        "create_ts": record.created_at,
        "connectable_ts": null,
        "destroy_ts": null,
        "sleep_ts": null,
        "start_ts": null,
    })
}
