//! Requests for actions: which action, with what, and the answer (actionhero.md, sections 5.2 to 5.4).

use super::address::Address;
use super::body::Body;
use super::departure::ToTheEnd;
use super::envelope::{self, Requester, Said, Server};
use super::fingerprint::Fingerprint;
use super::inputs::{self, BadInput};
use super::standard::JSON;
use super::{Served, Web, files, without_body};
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use playhouse_core::clock::Moment;
use playhouse_core::error::Reject;
use playhouse_core::id::ConnectionId;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::action::Params;
use playhouse_node::web::{WebCall, WebReply, call};
use playhouse_node::{Kind, Peer};
use playhouse_proto::percent;
use std::borrow::Cow;
use std::net::SocketAddr;

/// A refusal's code, for programs.
const ERROR_CODE: &str = "x-error-code";

/// The inputs that it is about, with commas between them; only where there are any.
const ERROR_FIELDS: &str = "x-error-fields";

const JAVASCRIPT: &str = "application/javascript";

/// How a connection of one request would be written to, if anything were pushed to it.
const FORM: WireForm =
    WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing: Framing::Http };

/// One request while it is answered.
struct Asked<'r> {
    web: &'r Web,
    request: &'r Parts,
    address: Address,
    fingerprint: Fingerprint,
    /// Its connection's: unique, and telling whose it is. The fingerprint, a dash and the message's own id.
    id: ConnectionId,
    began: Moment,
    /// The parameters that the answer repeats; only where it has metadata.
    received: Option<String>,
    callback: Option<String>,
}

/// Answers a request for `route`, the path behind the mount.
pub(super) async fn answer<B>(
    web: &Web,
    request: &Parts,
    body: B,
    (peer, began): (&SocketAddr, Moment),
    route: &str,
) -> Served
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let mut asked = Asked::new(web, request, peer, began);
    let mut params = Params::default();
    inputs::read_query(request, web.node().config(), &mut params);
    if !body.is_end_stream() {
        let about = (web.node().config(), web.node().clock(), web.half_read());
        // Boxed, as most requests have no body.
        let read = Box::pin(inputs::read_body(request, body, about, &mut params));
        if let Err(bad) = read.await {
            asked.note(&params, None);
            return Served::nothing(asked.refuse(&bad));
        }
    }
    let name = if request.method == Method::TRACE { None } else { action_name(web, request, route, &params) };
    asked.note(&params, name);
    if request.method == Method::TRACE {
        return Served::nothing(asked.echo(&params));
    }
    if let Some(name) = name {
        params.set_text("action", name);
    }
    let reply = asked.run(name, params).await;
    let mut response = match sent_file(&reply) {
        Some((status, path)) => asked.file(status, path).await,
        None => asked.reply(&reply),
    };
    if request.method == Method::HEAD {
        without_body(&mut response);
    }
    Served { response, action: reply.action }
}

/// The inputs that a refusal is about, as a header says them.
fn fields_of(reject: &Reject) -> Option<HeaderValue> {
    if reject.fields.is_empty() {
        return None;
    }
    HeaderValue::try_from(reject.fields.join(",")).ok()
}

/// The action of a request: the path names it in whatever letter case, or, where the path is empty, the
/// parameter `action` does, exactly.
fn action_name(web: &Web, request: &Parts, route: &str, params: &Params) -> Option<&'static str> {
    let http = &web.node().config().http;
    match request.method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => {}
        _ => return None,
    }
    let actions = web.node().actions();
    if route.is_empty() {
        let name = params.text("action").filter(|_| http.query_routing)?;
        return actions.find(&name, None).map(|action| action.definition.name);
    }
    if !http.simple_routing || route.contains('/') {
        return None;
    }
    percent::decoded(route).and_then(|name| actions.fold(&name))
}

impl<'r> Asked<'r> {
    fn new(web: &'r Web, request: &'r Parts, peer: &SocketAddr, began: Moment) -> Self {
        let rng = web.node().rng();
        let fingerprint = web.fingerprints().of_request(&request.headers, rng);
        let message_id = rng.uuid_v4_text();
        let message_id = std::str::from_utf8(&message_id).expect("hex digits and dashes");
        let id = [&fingerprint.text, "-", message_id].concat();
        Self {
            web,
            request,
            address: web.address(&request.headers, *peer),
            fingerprint,
            id: ConnectionId::new(id),
            began,
            received: None,
            callback: None,
        }
    }

    /// Keeps what the answer will want of the parameters, before the action takes them.
    fn note(&mut self, params: &Params, action: Option<&str>) {
        let http = &self.web.node().config().http;
        if http.metadata {
            self.received = Some(envelope::received(params, self.web.declared(), action));
        }
        if http.jsonp {
            let callback = params.text("callback").filter(|callback| !callback.is_empty());
            self.callback = callback.map(Cow::into_owned);
        }
    }

    /// Runs the action as a connection of this request. It runs to its end even if the client goes.
    fn run(&self, name: Option<&'static str>, params: Params) -> ToTheEnd<WebCall> {
        let node = self.web.node();
        let request = self.request;
        let peer = Peer {
            kind: Kind::Web,
            ip: self.address.ip,
            port: self.address.port.clone(),
            head: super::head(&request.method, &request.uri, &request.headers),
            fingerprint: Some(self.fingerprint.text.clone()),
        };
        let connection = node.web_connection(self.id.clone(), peer, FORM);
        ToTheEnd::new(call(&connection, name, params), node.tasks().clone())
    }

    fn reply(&self, reply: &WebReply) -> Response<Body> {
        match &reply.result {
            Ok(result) => {
                let status = chosen(reply.status).unwrap_or(StatusCode::OK);
                self.say(status, &Said::Result(result.raw().unwrap_or("{}")))
            }
            Err(reject) => {
                let status = chosen(reply.status).unwrap_or_else(|| self.status_of(reject));
                let mut response = self.say(status, &Said::Error(&reject.message));
                // For programs; the body is ActionHero's, which has texts alone.
                if let Ok(code) = HeaderValue::from_str(&reject.code) {
                    response.headers_mut().insert(ERROR_CODE, code);
                }
                if let Some(fields) = fields_of(reject) {
                    response.headers_mut().insert(ERROR_FIELDS, fields);
                }
                response
            }
        }
    }

    async fn file(&self, status: StatusCode, path: &str) -> Response<Body> {
        Box::pin(files::send(self.web, self.request, &self.fingerprint, status, path)).await
    }

    fn status_of(&self, reject: &Reject) -> StatusCode {
        let http = &self.web.node().config().http;
        if !http.return_error_codes {
            return StatusCode::OK;
        }
        chosen(reject.status)
            .or_else(|| StatusCode::from_u16(http.default_error_status_code).ok())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn refuse(&self, bad: &BadInput) -> Response<Body> {
        let mut response = self.say(bad.status(), &Said::Error(&bad.to_string()));
        if bad.ends_connection() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    fn say(&self, status: StatusCode, said: &Said<'_>) -> Response<Body> {
        let Some(received) = &self.received else {
            return self.dressed(status, envelope::write(said, None));
        };
        let node = self.web.node();
        let app = &node.config().app;
        let duration = node.clock().now().since(self.began).as_millis();
        let server = Server {
            name: &app.name,
            version: &app.version,
            duration: u64::try_from(duration).unwrap_or(u64::MAX),
            now: node.clock().unix_ms(),
        };
        let json = envelope::write(said, Some((&server, &self.requester(received))));
        self.dressed(status, json)
    }

    fn requester<'a>(&'a self, received: &'a str) -> Requester<'a> {
        let (id, fingerprint) = (self.id.as_str(), &*self.fingerprint.text);
        Requester {
            id,
            fingerprint,
            message_id: &id[fingerprint.len() + 1..],
            remote_ip: self.address.ip,
            received,
        }
    }

    /// The answer to TRACE: what arrived.
    fn echo(&self, params: &Params) -> Response<Body> {
        let received = envelope::received(params, self.web.declared(), None);
        let mut json = Vec::with_capacity(256 + received.len());
        envelope::push_requester(&mut json, &self.requester(&received));
        self.dressed(StatusCode::OK, json)
    }

    fn dressed(&self, status: StatusCode, json: Vec<u8>) -> Response<Body> {
        let callback = self.callback.as_deref();
        let content_type = if callback.is_some() { JAVASCRIPT } else { JSON };
        let body = envelope::dress(json, self.web.node().config().http.indent, callback);
        let mut response = self.web.standard(&self.request.headers, &self.fingerprint, status, content_type);
        *response.body_mut() = Bytes::from(body).into();
        response
    }
}

/// The file that is answered in place of a result, and the status that it is sent with.
fn sent_file(reply: &WebReply) -> Option<(StatusCode, &str)> {
    let path = reply.file.as_deref().filter(|_| reply.result.is_ok())?;
    Some((chosen(reply.status).unwrap_or(StatusCode::OK), path))
}

/// A status that the application chose, if an answer can have it.
fn chosen(status: Option<u16>) -> Option<StatusCode> {
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    status.filter(|status| !status.is_informational())
}
