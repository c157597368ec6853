//! An application mounted in somebody else's server: axum's and plain hyper's, over real sockets and over memory.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in the functions that it uses too"
)]

mod site;
mod wire;

use playhouse::prelude::*;
use playhouse::{Answer, PeerAddress, Service};
use site::{Folder, app, over_memory, plain, serve, served};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use tokio::sync::Notify;
use tower_service::Service as Callable;
use wire::{Client, ask, refusal};

/// Connections of the crowd.
const CROWD: usize = 48;

/// What each of them says.
const WORDS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn actions_files_and_the_rest_answer_below_the_path() {
    let folder = Folder::new("web", "");
    let (address, _service) = served(app(&folder)).await;
    let answer = ask(address, "GET /realtime/api/hello?name=Ben HTTP/1.1\r\n").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(r#""greeting":"Hello Ben!""#),
        "{answer}"
    );
    let posted = r#"{"name":"Ann"}"#;
    let head = format!("content-type: application/json\r\ncontent-length: {}\r\n", posted.len());
    let answer = ask(address, &format!("POST /realtime/api/hello HTTP/1.1\r\n{head}\r\n{posted}")).await;
    assert!(answer.contains("Hello Ann!"), "{answer}");
    let answer = ask(address, "GET /realtime/public/note.txt HTTP/1.1\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("a note"), "{answer}");
    let answer = ask(address, "GET /realtime/primus/spec HTTP/1.1\r\n").await;
    assert!(answer.contains(r#""pathname":"/realtime/primus""#), "{answer}");
    let answer = ask(address, "GET /realtime/primus/primus.js HTTP/1.1\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{}", &answer[..200]);
    for compiled in [r#"pathname: "/realtime/primus""#, r#"apiPath: "/realtime/api""#] {
        assert!(answer.contains(compiled), "{compiled}");
    }
    let answer = ask(address, "GET /elsewhere HTTP/1.1\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let answer = ask(address, "GET / HTTP/1.1\r\n").await;
    assert!(answer.ends_with("the site's own page"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn websockets_are_connections_with_all_that_they_can_do() {
    let folder = Folder::new("verbs", "");
    let (address, service) = served(app(&folder)).await;
    let (mut ann, mut ben) = (Client::connect(address).await, Client::connect(address).await);
    for client in [&mut ann, &mut ben] {
        let joined = client.ask(&json!({ "event": "roomAdd", "room": "lobby" })).await;
        assert_eq!(joined["status"], "OK");
    }
    let said = json!({ "event": "say", "room": "lobby", "message": "x".repeat(100_000) });
    ann.send(&said).await;
    let heard = ben.message("user").await;
    assert_eq!(heard["message"], said["message"]);
    let called = json!({ "event": "action", "params": { "action": "hello", "name": "Ben" } });
    assert_eq!(ben.ask(&called).await["greeting"], "Hello Ben!");
    let file = ben.ask(&json!({ "event": "file", "file": "note.txt" })).await;
    assert_eq!(file["content"], "a note");
    let details = ben.ask(&json!({ "event": "detailsView" })).await;
    assert_eq!(details["data"]["remoteIP"], "127.0.0.1");
    assert_eq!(details["data"]["remotePort"], ben.local_port());
    assert_eq!(service.handle().connections().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_on_four_threads_hears_everything_in_order() {
    let folder = Folder::new("crowd", "");
    let (address, _service) = served(app(&folder)).await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut client = Client::connect(address).await;
        client.ask(&json!({ "event": "roomAdd", "room": "lobby" })).await;
        crowd.push(client);
    }
    let members = crowd.into_iter().enumerate().map(|(who, mut client)| {
        tokio::spawn(async move {
            for nth in 0..WORDS {
                let message = format!("{who} {nth}");
                client.send(&json!({ "event": "say", "room": "lobby", "message": message })).await;
            }
            let mut next = [0; CROWD];
            for _ in 0..CROWD * WORDS {
                let heard = client.message("user").await;
                let (who, nth) = heard["message"].as_str().unwrap().split_once(' ').unwrap();
                let who: usize = who.parse().unwrap();
                assert_eq!(nth, next[who].to_string());
                next[who] += 1;
            }
            assert_eq!(next, [WORDS; CROWD]);
        })
    });
    for member in members.collect::<Vec<_>>() {
        member.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_upgrade_is_told_why() {
    let folder = Folder::new("refused", "[limits]\nconnections = 1\n");
    let (address, _service) = served(app(&folder)).await;
    let mut ann = Client::connect(address).await;
    let full = refusal(address, "/realtime/primus").await;
    assert!(full.starts_with("HTTP/1.1 503 ") && full.contains("retry-after: 5\r\n"), "{full}");
    let elsewhere = refusal(address, "/realtime/other").await;
    assert!(elsewhere.starts_with("HTTP/1.1 404 "), "{elsewhere}");
    let plain = ask(address, "GET /realtime/primus HTTP/1.1\r\n").await;
    assert!(plain.starts_with("HTTP/1.1 426 "), "{plain}");
    let http = ask(address, "GET /realtime/api/hello?name=x HTTP/1.1\r\n").await;
    assert!(http.starts_with("HTTP/1.1 200 "), "the limit is on websockets: {http}");
    ann.send(&json!({ "event": "quit" })).await;
    ann.ended().await;
    // The permit comes back with the socket, a moment after the client has seen its end.
    let mut ben = Client::patiently(address).await;
    ben.ask(&json!({ "event": "detailsView" })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_socket_can_be_had_an_upgrade_is_refused() {
    let folder = Folder::new("none", "");
    let mut service = app(&folder).into_service().await.unwrap();
    let request = http::Request::get("/primus")
        .header("host", "x")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==");
    let answer = service.call(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 501);
    assert!(service.handle().connections().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_hyper_lends_its_sockets_too() {
    let folder = Folder::new("plain", "");
    let service = app(&folder).into_service().await.unwrap();
    let address = plain(service).await;
    let mut ann = Client::connect_at(address, "/primus").await;
    let details = ann.ask(&json!({ "event": "detailsView" })).await;
    assert_eq!(details["data"]["remoteIP"], "0.0.0.0", "nobody said who it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_socket_carries_a_websocket_too() {
    let folder = Folder::new("memory", "");
    let service = app(&folder).into_service().await.unwrap();
    let mut ann = Client::over(over_memory(service.clone()), "/primus").await;
    assert_eq!(ann.ask(&json!({ "event": "roomAdd", "room": "lobby" })).await["status"], "OK");
    let long = "y".repeat(300_000);
    for nth in 0..20 {
        ann.send(&json!({ "event": "say", "room": "lobby", "message": format!("{nth} {long}") })).await;
        assert_eq!(ann.message("user").await["message"], format!("{nth} {long}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_drain_lets_what_runs_finish_and_closes_the_rest() {
    let folder = Folder::new("drain", "");
    let (entered, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let stopped = Arc::new(AtomicBool::new(false));
    let tell = stopped.clone();
    let app = app(&folder).state((entered.clone(), may_end.clone())).on_stop(move |_| async move {
        tell.store(true, SeqCst);
        Ok(())
    });
    let (address, service) = served(app).await;
    let mut ann = Client::connect(address).await;
    let running = tokio::spawn(ask(address, "GET /realtime/api/slow HTTP/1.1\r\n"));
    entered.notified().await;
    let drained = tokio::spawn(service.drain());
    let refused = async {
        loop {
            let answer = refusal(address, "/realtime/primus").await;
            if answer.starts_with("HTTP/1.1 503 ") {
                break answer;
            }
        }
    };
    assert!(refused.await.contains("retry-after: 1\r\n"));
    let refused = ask(address, "GET /realtime/api/hello?name=x HTTP/1.1\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(!drained.is_finished() && !stopped.load(SeqCst));
    may_end.notify_one();
    assert!(running.await.unwrap().contains("rested"));
    ann.ended().await;
    drained.await.unwrap();
    assert!(stopped.load(SeqCst));
    let page = ask(address, "GET / HTTP/1.1\r\n").await;
    assert!(page.ends_with("the site's own page"), "the site goes on: {page}");
    service.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_anybody_who_has_it_it_stops() {
    let folder = Folder::new("dropped", "");
    let service = app(&folder).into_service().await.unwrap();
    let (handle, stopped) = (service.handle(), service.stopped());
    let mut ann = Client::over(over_memory(service.clone()), "/primus").await;
    ann.ask(&json!({ "event": "detailsView" })).await;
    assert_eq!(handle.connections().unwrap().len(), 1);
    drop(service);
    ann.ended().await;
    stopped.await;
    assert!(handle.connections().unwrap().is_empty());
}

#[tokio::test]
async fn a_start_that_cannot_go_well_says_why() {
    let folder = Folder::new("path", "");
    let error = app(&folder).into_service_at("/a//b").await.unwrap_err().to_string();
    assert!(error.contains("mounts.prefix") && error.contains("/a//b"), "{error}");
    let failing = app(&folder).on_start(|_| async { Err(Reject::new("no", "no database"))? });
    assert_eq!(failing.into_service().await.unwrap_err().to_string(), "`on_start` failed: no database");
}

#[tokio::test]
async fn it_is_what_routers_want() {
    fn is_service<T, B>(_: &T)
    where
        T: Callable<http::Request<B>, Response = http::Response<Answer>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        T::Future: Send + 'static,
    {
    }
    let folder = Folder::new("bounds", "");
    let service: Service = app(&folder).into_service().await.unwrap();
    is_service::<_, axum::body::Body>(&service);
    let site = axum::Router::new().fallback_service(service);
    let address = serve(site).await;
    let answer = ask(address, "GET /api/hello?name=Ben HTTP/1.1\r\n").await;
    assert!(answer.contains("Hello Ben!"), "{answer}");
    assert_eq!(PeerAddress(address), PeerAddress(address));
}
