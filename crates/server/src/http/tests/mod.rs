//! Requests and their answers as a client sees them, from the path to the last header.

mod client;
mod explorer;
mod sockjs;
mod wire;

use super::*;
use crate::dialect::Encoders;
use crate::files::Folder;
use crate::link::Share;
use crate::link::Shared;
use crate::listen::Requests;
use futures_util::FutureExt;
use http::Request;
use http_body_util::{BodyExt, Full};
use playhouse_core::Later;
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::codes;
use playhouse_core::config::{Config, Origins};
use playhouse_core::encoder::Encoder;
use playhouse_core::engine::memory;
use playhouse_core::error::{Error, Fault, Reject, Result};
use playhouse_core::event::ServerEvent;
use playhouse_core::id::ConnectionId;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::action::{Action, Cx, Definition, Input, InputDefinition, Output, Reply, Table};
use playhouse_node::hooks::ConnectionHooks;
use playhouse_node::{Kind, Parts, Peer};
use playhouse_proto::primus::beat;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};

/// Writes nothing: no test here has a lasting connection.
struct Silent;

impl Encoder for Silent {
    fn encode(&self, _form: WireForm, _event: &ServerEvent<'_>, _out: &mut Vec<u8>) {}
}

macro_rules! action {
    ($name:ident($($input:literal)*) |$cx:ident| $call:expr) => {
        #[allow(non_camel_case_types)]
        struct $name;
        impl Action for $name {
            fn definition() -> Definition {
                const INPUTS: &[InputDefinition] = &[$(InputDefinition::new($input)),*];
                Definition { inputs: INPUTS, ..Definition::new(stringify!($name)) }
            }
            fn call($cx: Cx) -> Later<'static, Result<Reply>> {
                Box::pin(async move { $call })
            }
        }
    };
}

action!(echo("p" "q") |cx| {
    let shown = |name| match cx.param(name) {
        Some(Input::Text(text)) => serde_json::json!({ "text": text }),
        Some(Input::Json(raw)) => serde_json::json!({ "json": raw }),
        None => serde_json::Value::Null,
    };
    Reply::of(&serde_json::json!({ "action": shown("action"), "p": shown("p"), "who": cx.connection().id() }))
});
action!(poor() | _cx | Err(Reject::new("poor", "not enough gold").status(402).into()));
action!(plain() | _cx | Err(Reject::new("plain", "no status").into()));
action!(broken() | _cx | Err(Error::Fault(Fault::new("secret cause"))));
action!(
    created() | cx | {
        cx.set_status(201);
        Ok(Reply::nothing())
    }
);
action!(
    picture("file") | cx | {
        let path = cx.params().text("file").unwrap_or_default().into_owned();
        cx.send_file(&path).await.into_reply()
    }
);
action!(
    slow() | cx | {
        let told = cx.state::<mpsc::Sender<oneshot::Sender<()>>>()?;
        let (tell, wait) = oneshot::channel();
        told.try_send(tell)?;
        wait.await?;
        cx.set_status(202);
        Ok(Reply::nothing())
    }
);

struct Site {
    runtime: Runtime,
    web: Web,
    folder: Folder,
    waiting: mpsc::Receiver<oneshot::Sender<()>>,
    _hand: Manual,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Site {
    fn new(change: impl FnOnce(&mut Config, &mut ConnectionHooks)) -> Self {
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        let folder = Folder::new();
        folder.write("index.html", b"<p>home");
        let mut config = Config::default();
        config.app.name = "demo".to_owned();
        config.files.folder = folder.path();
        let mut connection_hooks = ConnectionHooks::default();
        change(&mut config, &mut connection_hooks);
        let files = Arc::new(PublicFolder::open(&config).unwrap());
        let (clock, hand) = Clock::manual();
        let (tell, waiting) = mpsc::channel(1);
        let mut state = playhouse_core::typemap::TypeMap::default();
        state.set(tell);
        let node = Node::new(Parts {
            config,
            rng: Rng::seeded(7),
            tasks: Tasks::new(runtime.handle().clone()),
            actors: None,
            health: Arc::new(playhouse_core::health::Health::new(clock.clone())),
            broker: Arc::new(memory::Broker::new()),
            presence: Arc::new(memory::Presence::new()),
            cache: Arc::new(memory::Cache::new(clock.clone(), 1 << 20)),
            clock,
            encoder: Arc::new(Silent),
            files: files.clone(),
            actions: actions(),
            connection_hooks,
            room_hooks: Default::default(),
            state,
            actor_forms: Arc::new(|_, _| Vec::new()),
            rooms: Vec::new(),
        });
        let shared = Arc::new(Shared {
            half_read: HalfRead::new(node.config().limits.half_read),
            encoder: Arc::new(Encoders::new(None)),
            beat: beat::Limits { every: 0, silence: 0 },
            close_wait: Duration::from_secs(1),
            node,
        });
        Self { web: Web::new(&shared, files), runtime, folder, waiting, _hand: hand }
    }

    fn plain() -> Self {
        Self::new(|_, _| {})
    }

    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &'static str) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap();
        self.runtime.block_on(async {
            let (request, body) = request.into_parts();
            let (parts, body) = self.web.respond(&request, body, &peer()).await.into_parts();
            let body = taken(body).await;
            let body = String::from_utf8(body.to_vec()).unwrap();
            Answer { status: parts.status.as_u16(), headers: parts.headers, body }
        })
    }

    fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[("cookie", "sessionID=ff")], "")
    }

    fn status(&self, method: &str, target: &str) -> u16 {
        self.ask(method, target, &[], "").status
    }
}

/// All of a body, which has arrived then.
async fn taken(body: Body) -> Bytes {
    Requests::default().begin().answered(body).collect().await.unwrap().to_bytes()
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn actions() -> Table {
    let mut table = Table::default();
    table.add::<echo>();
    table.add::<poor>();
    table.add::<plain>();
    table.add::<broken>();
    table.add::<created>();
    table.add::<picture>();
    table.add::<slow>();
    table.seal().unwrap();
    table
}

fn peer() -> SocketAddr {
    "192.0.2.1:4000".parse().unwrap()
}

const UNKNOWN: &str = r#"{"error":"unknown action or invalid apiVersion"}"#;
const MISSING: &str = "that file is not found";

#[test]
fn whose_a_path_is() {
    let site = Site::plain();
    for (target, status, body) in [
        ("/primus", 426, "Upgrade Required"),
        ("/primus/", 426, "Upgrade Required"),
        ("/primus?x=1", 426, "Upgrade Required"),
        ("/primus/primus.js", 404, "Not Found"),
        ("/primus/x", 404, "Not Found"),
        ("/primusfoo", 404, MISSING),
        ("/", 200, "<p>home"),
        ("/index.html", 200, "<p>home"),
        ("/public", 200, "<p>home"),
        ("/public/", 200, "<p>home"),
        ("//public/index.html", 200, "<p>home"),
        ("/public/%69ndex.html?x", 200, "<p>home"),
        ("/public/nope.html", 404, MISSING),
        ("/index.html/", 404, MISSING),
        ("/public/index.html/", 404, MISSING),
        ("/public/%2e%2e/secret", 404, MISSING),
        ("/public/%", 404, MISSING),
        ("/apix", 404, MISSING),
        ("/api", 404, UNKNOWN),
        ("/api/nope", 404, UNKNOWN),
        ("/api/toString", 404, UNKNOWN),
        ("/api/echo/x", 404, UNKNOWN),
        ("/api//echo", 404, UNKNOWN),
        ("/api/echo?apiVersion=2", 404, UNKNOWN),
        ("/api/echo?apiVersion=__proto__", 404, UNKNOWN),
        ("/api?action[]=created", 404, UNKNOWN),
        ("/api?action=Created", 404, UNKNOWN),
        ("/api/created", 201, "{}"),
        ("/api/CREATED/", 201, "{}"),
        ("//api/created", 201, "{}"),
        ("/api/created?apiVersion=1", 201, "{}"),
        ("/api/%63reated", 201, "{}"),
        ("/api?action=created", 201, "{}"),
        ("/api/?action=created", 201, "{}"),
        ("/api/created?action=nope", 201, "{}"),
    ] {
        let answer = site.get(target);
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{target}");
    }
}

#[test]
fn mounts_and_routings_can_be_moved_and_switched_off() {
    use playhouse_core::config::Mount;
    let site = Site::new(|config, _| {
        config.mounts.primus = Mount::Off;
        config.mounts.api = Mount::At("/v1/do".to_owned());
        config.http.root_endpoint_type = RootEndpoint::Api;
        config.http.query_routing = false;
    });
    assert_eq!(site.status("GET", "/v1/do/created"), 201);
    assert_eq!(site.status("GET", "/created"), 201);
    assert_eq!(site.get("/primus").body, UNKNOWN);
    assert_eq!(site.get("/v1/do?action=created").body, UNKNOWN);
    let site = Site::new(|config, _| config.http.simple_routing = false);
    assert_eq!(site.get("/api/created").body, UNKNOWN);
    assert_eq!(site.status("GET", "/api?action=created"), 201);
}

#[test]
fn methods() {
    let site = Site::plain();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
        assert_eq!(site.status(method, "/api/created"), 201, "{method}");
    }
    assert_eq!(site.status("PROPFIND", "/api/created"), 404);
    for method in ["POST", "TRACE", "DELETE"] {
        assert_eq!(site.status(method, "/index.html"), 405, "{method}");
    }
    let options = site.ask("OPTIONS", "/any/where", &[], "");
    assert_eq!((options.status, options.body.as_str()), (200, ""));
    assert_eq!(
        options.header("access-control-allow-methods"),
        "HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE"
    );
    let (head, get) =
        (site.ask("HEAD", "/api/echo", &[("cookie", "sessionID=ff")], ""), site.get("/api/echo"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
}

#[test]
fn parameters_come_from_query_and_body() {
    let site = Site::plain();
    let json = [("content-type", "application/json"), ("cookie", "sessionID=ff")];
    for (method, target, body, p) in [
        ("GET", "/api/echo?p=a+b", "", r#"{"text":"a b"}"#),
        ("GET", "/api/echo?p=1&p=2", "", r#"{"json":"[\"1\",\"2\"]"}"#),
        ("POST", "/api/echo?p=1", r#"{"p":[1]}"#, r#"{"json":"[1]"}"#),
        ("POST", "/api?action=echo", r#"{"p":5,"action":"echo"}"#, r#"{"json":"5"}"#),
        ("POST", "/api", r#"{"action":"echo"}"#, "null"),
        ("GET", "/api/echo", r#"{"p":1}"#, "null"),
    ] {
        let answer = site.ask(method, target, &json, body);
        assert!(answer.body.contains(&format!("\"p\":{p}")), "{target} {}", answer.body);
        assert!(answer.body.contains(r#""action":{"text":"echo"}"#), "{}", answer.body);
    }
    let bad = site.ask("POST", "/api/echo", &json, "{bad");
    assert_eq!(bad.status, 400);
    assert!(bad.body.starts_with(r#"{"error":"the request's body is not valid JSON"#), "{}", bad.body);
}

#[test]
fn statuses_of_errors() {
    let site = Site::plain();
    assert_eq!((site.get("/api/poor").status, site.get("/api/plain").status), (402, 500));
    let ours = site.get("/api/broken");
    assert_eq!(ours.status, 500);
    assert!(ours.body.starts_with(r#"{"error":"internal error (id "#), "{}", ours.body);
    let site = Site::new(|config, _| config.http.default_error_status_code = 400);
    assert_eq!(site.status("GET", "/api/plain"), 400);
    let site = Site::new(|config, _| config.http.return_error_codes = false);
    assert_eq!((site.get("/api/poor").status, site.get("/api/nope").status), (200, 200));
    site.web.node().drain();
    assert_eq!(site.get("/api/created").body, r#"{"error":"the server is shutting down"}"#);
}

#[test]
fn a_body_over_the_limit_ends_the_connection() {
    let site = Site::new(|config, _| config.limits.http_fields = 5);
    let answer = site.ask("POST", "/api/echo", &[("content-type", "text/plain")], "123456");
    assert_eq!((answer.status, answer.header("connection")), (413, "close"));
    assert!(answer.body.starts_with(r#"{"error":"#));
}

#[test]
fn fingerprints_and_ids() {
    let site = Site::plain();
    let fresh = site.ask("GET", "/api/created", &[], "");
    let cookie = fresh.header("set-cookie");
    assert!(cookie.starts_with("sessionID=") && cookie.contains(";path=/;expires="), "{cookie}");
    let brought = site.get("/api/echo");
    assert_eq!(brought.header("set-cookie"), "");
    assert!(brought.body.contains(r#""who":"ff-"#), "{}", brought.body);
    assert_ne!(site.ask("GET", "/index.html", &[], "").header("set-cookie"), "");
}

#[test]
fn metadata_where_it_is_wanted() {
    let site = Site::new(|config, _| (config.http.metadata, config.http.indent) = (true, 2));
    let text = site.get("/api/Created?q=1&p=&zzz=1").body;
    for part in [
        "{\n  \"serverInformation\": {\n    \"serverName\": \"demo\",\n    \"apiVersion\": \"0.1.0\",\n    \"requestDuration\": 0,",
        "\"requesterInformation\": {\n    \"id\": \"ff-",
        "\"remoteIP\": \"192.0.2.1\",\n    \"receivedParams\": {\n      \"q\": \"1\",\n      \"p\": \"\",\n      \"action\": \"created\"\n    }\n  }\n}",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let unknown = site.get("/api/nope?apiVersion=2").body;
    assert!(unknown.contains("\"apiVersion\": \"2\",\n      \"action\": null"), "{unknown}");
    let trace = site.ask("TRACE", "/api/x?p=abc&zzz=1", &[("x-sessionid", "tt")], "");
    assert_eq!((trace.status, trace.header("content-type")), (200, "application/json; charset=utf-8"));
    assert!(trace.body.starts_with("{\n  \"id\": \"tt-"), "{}", trace.body);
    assert!(trace.body.ends_with("{\n    \"p\": \"abc\",\n    \"action\": null\n  }\n}"), "{}", trace.body);
}

#[test]
fn jsonp_where_it_is_wanted() {
    let site = Site::plain();
    assert_eq!(site.get("/api/created?callback=cb").body, "{}");
    let site = Site::new(|config, _| config.http.jsonp = true);
    let answer = site.get("/api/created?callback=%3Cb%3E(1)");
    assert_eq!(
        (answer.body.as_str(), answer.header("content-type")),
        ("&lt;b&gt;1({});", "application/javascript")
    );
    for target in ["/api/created?callback[]=x", "/api/created?callback[a]=x", "/api/created?callback="] {
        let answer = site.get(target);
        assert_eq!(answer.body, "{}", "{target}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

#[test]
fn files_over_http() {
    let site = Site::plain();
    let ask = |headers: &[(&str, &str)]| site.ask("GET", "/index.html", headers, "");
    let whole = ask(&[]);
    assert_eq!((whole.header("content-type"), whole.header("content-length")), ("text/html", "7"));
    assert_eq!(whole.header("cache-control"), "max-age=60, must-revalidate, public");
    assert_eq!(whole.header("x-powered-by"), "demo");
    let (tag, date) = (whole.header("etag"), whole.header("last-modified"));
    assert!(tag.starts_with("W/\"7-"), "{tag}");
    let same = ask(&[("if-none-match", tag)]);
    assert_eq!((same.status, same.body.as_str(), same.header("etag")), (304, "", tag));
    assert_eq!(ask(&[("if-none-match", tag), ("cache-control", "no-cache")]).status, 200);
    let dated = ask(&[("if-modified-since", date)]);
    assert_eq!((dated.status, dated.header("etag")), (304, ""));
    let part = ask(&[("range", "bytes=1-2")]);
    assert_eq!((part.status, part.body.as_str(), part.header("content-length")), (206, "p>", "2"));
    assert_eq!(part.header("content-range"), "bytes 1-2/7");
    let outside = ask(&[("range", "bytes=7-")]);
    assert_eq!(
        (outside.status, outside.body.as_str(), outside.header("content-range")),
        (416, "", "bytes */7")
    );
    assert_eq!(ask(&[("range", "bytes=1-2"), ("if-range", tag)]).status, 200);
    let head = site.ask("HEAD", "/", &[("range", "bytes=1-2")], "");
    assert_eq!((head.status, head.body.as_str(), head.header("content-length")), (200, "", "7"));
    let none = site.ask("HEAD", "/none", &[], "");
    assert_eq!((none.status, none.body.as_str(), none.header("content-length")), (404, "", "22"));
}

#[test]
fn large_files_are_streamed_whole_or_in_part() {
    let site = Site::plain();
    let text: String = (0..40_000).map(|n| format!("{n:05}")).collect();
    site.folder.write("large.txt", text.as_bytes());
    let whole = site.get("/large.txt");
    assert!(whole.body == text && whole.header("content-length") == "200000");
    let part = site.ask("GET", "/large.txt", &[("range", "bytes=100000-")], "");
    assert!(part.status == 206 && part.body == text[100_000..]);
}

#[test]
fn an_action_may_send_a_file() {
    let site = Site::plain();
    let answer = site.get("/api/picture?file=index.html");
    assert_eq!(
        (answer.status, answer.body.as_str(), answer.header("content-type")),
        (200, "<p>home", "text/html")
    );
    let none = site.get("/api/picture?file=none");
    assert_eq!((none.status, none.body.as_str()), (404, MISSING));
    assert_eq!(site.ask("HEAD", "/api/picture?file=index.html", &[], "").header("content-length"), "7");
}

#[test]
fn a_client_that_leaves_cancels_nothing() {
    let mut site = Site::plain();
    let request = Request::builder().uri("/api/slow").body(Full::new(Bytes::new())).unwrap();
    let ((request, body), peer) = (request.into_parts(), peer());
    let web = site.web.clone();
    let waiting = &mut site.waiting;
    site.runtime.block_on(async move {
        let mut answer = Box::pin(web.respond(&request, body, &peer));
        assert!(answer.as_mut().now_or_never().is_none());
        let mut tell = waiting.recv().await.unwrap();
        assert_eq!(web.node().tasks().running(), 0);
        drop(answer);
        assert_eq!(web.node().tasks().running(), 1);
        assert!(!tell.is_closed(), "the action still waits");
        tell.send(()).unwrap();
        web.node().tasks().drained().await;
        tell = oneshot::channel().0;
        drop(tell);
    });
}

#[test]
fn messages_and_bodies_share_what_may_be_half_read() {
    const MIB: usize = 1 << 20;
    let site = Site::new(|config, _| config.limits.half_read = 3 * MIB);
    let (node, half_read) = (site.web.node(), site.web.half_read());
    let client = |id: &'static str| {
        let head = Head::new("GET", "/primus", []);
        let port = playhouse_node::Port::Number(1);
        let ip = peer().ip();
        let peer = Peer { kind: Kind::Websocket, ip, port, head, fingerprint: None };
        let framing = Framing::Websocket;
        let form = WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing };
        playhouse_node::guest::Served::Connection(node.web_connection(ConnectionId::new(id), peer, form))
    };
    let crowded =
        |share: &mut Share<'_>| share.poll_crowded(&mut Context::from_waker(Waker::noop())).is_ready();
    let (large, small) = (client("large"), client("small"));
    let (mut body, mut larger) = (half_read.body(), half_read.body());
    half_read.set(&large, 2 * MIB);
    assert_eq!(body.grow(MIB), Ok(()));
    half_read.set(&small, MIB / 2);
    assert_eq!(large.outbox().closing(), Some(&codes::CROWDED), "a body counts against a message");
    half_read.set(&large, 0);
    assert_eq!(larger.grow(MIB + MIB / 4), Ok(()));
    half_read.set(&small, MIB);
    assert!(crowded(&mut larger) && !crowded(&mut body), "a message counts against a body");
    assert_eq!(small.outbox().closing(), None);
}

#[test]
fn primus_answers_as_recorded() {
    let site = Site::new(|config, _| config.websocket.server.origins = Origins::Any);
    let none = site.get("/primus");
    assert_eq!(none.header("cache-control"), "no-store, no-cache, must-revalidate, max-age=0");
    assert_eq!((none.header("pragma"), none.header("content-type")), ("no-cache", "text/plain"));
    assert_eq!((none.header("set-cookie"), none.header("x-powered-by")), ("", ""));
    let origin = [("origin", "http://other.example")];
    let spec = site.ask("GET", "/primus/spec", &origin, "");
    assert_eq!(
        spec.body,
        r#"{"pingInterval":30000,"pathname":"/primus","version":"8.0.9","parser":"json","transformer":"websockets"}"#
    );
    assert_eq!(spec.header("access-control-allow-origin"), "http://other.example");
    assert_eq!((spec.header("cache-control"), spec.header("content-type")), ("", "application/json"));
    assert_eq!(site.ask("HEAD", "/primus/spec", &[], "").header("content-length"), "104");
    assert_eq!(site.ask("POST", "/primus/spec", &[], "").status, 404);
    let refused = site.ask("PATCH", "/primus", &origin, "");
    assert_eq!(refused.status, 403);
    assert!(refused.body.ends_with("\n  Origin: http://other.example\n  Method: PATCH"), "{}", refused.body);
}

#[test]
fn the_application_decides_about_primus() {
    let site = Site::new(|_, hooks| {
        hooks.authorize(|head| async move {
            match head.query() {
                "ok" => Ok(()),
                "poor" => Err(Reject::new("poor", "pay \"first\"").status(402).into()),
                _ => Err(Reject::new("who", "who are you").into()),
            }
        });
    });
    assert_eq!(site.status("GET", "/primus?ok"), 426);
    let who = site.get("/primus");
    assert_eq!((who.status, who.body.as_str()), (401, r#"{"error":"who are you"}"#));
    assert_eq!(who.header("content-type"), "application/json");
    assert_eq!(site.get("/primus?poor").body, r#"{"error":"pay \"first\""}"#);
    assert_eq!(site.status("GET", "/primus?poor"), 402);
    assert_eq!(site.status("GET", "/primus/spec"), 200);
    assert_eq!(admitted(&site, "/primus?ok", &[]), Ok("None".to_owned()));
    assert_eq!(admitted(&site, "/primus", &[]), Err(401));
}

/// The fingerprint of an upgrade that was admitted, or the status that refuses it.
fn admitted(site: &Site, target: &str, headers: &[(&'static str, &str)]) -> std::result::Result<String, u16> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let uri = target.parse().unwrap();
    let admitted = site.runtime.block_on(site.web.admit(&Method::GET, &uri, &map, peer()));
    match admitted {
        Ok(peer) => Ok(format!("{:?}", peer.fingerprint)),
        Err(refusal) if refusal.headers().get("connection").is_some_and(|value| value == "close") => {
            Err(refusal.status().as_u16())
        }
        Err(refusal) => panic!("{refusal:?} leaves the socket open"),
    }
}

#[test]
fn who_may_upgrade() {
    let site = Site::new(|config, _| {
        config.websocket.server.origins = Origins::List(vec!["https://a.example".into()]);
    });
    for (target, headers, expected) in [
        ("/primus?_primuscb=x", vec![], Ok("None")),
        ("/primus/x?sessionID=q", vec![("cookie", "sessionID=c")], Ok("Some(\"q\")")),
        ("/primus", vec![("cookie", "sessionID=c")], Ok("Some(\"c\")")),
        ("/primus", vec![("origin", "https://a.example")], Ok("None")),
        ("/primus", vec![("origin", "https://b.example"), ("host", "b.example")], Ok("None")),
        ("/primus", vec![("origin", "https://b.example"), ("host", "c.example")], Err(403)),
        ("/primus", vec![("origin", "null")], Err(403)),
        ("/primusfoo", vec![], Err(404)),
        ("/", vec![], Err(404)),
        ("/primus/spec", vec![], Err(200)),
    ] {
        assert_eq!(admitted(&site, target, &headers), expected.map(str::to_owned), "{target} {headers:?}");
    }
    site.web.node().drain();
    assert_eq!(admitted(&site, "/primus", &[]), Err(503));
    let site = Site::new(|config, _| config.websocket.enabled = false);
    assert_eq!(admitted(&site, "/primus", &[]), Err(404));
}
