//! The applications under test, and the servers that they are mounted in.

use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use axum::{Router, routing};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use playhouse::prelude::*;
use playhouse::{PeerAddress, Service};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Says hello.
#[action]
async fn hello(name: String) -> Result<Value> {
    Ok(json!({ "greeting": format!("Hello {name}!") }))
}

/// Says that it has begun, and ends when it may.
#[action]
async fn slow(#[from] gates: State<(Arc<Notify>, Arc<Notify>)>) -> Result<&'static str> {
    let (entered, may_end) = &*gates;
    entered.notify_one();
    may_end.notified().await;
    Ok("rested")
}

/// A folder with a configuration of its own and one file, removed in the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str, settings: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playhouse-service-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("public")).unwrap();
        std::fs::write(folder.join("public/note.txt"), "a note").unwrap();
        let text = format!("[files]\nfolder = \"public\"\n{settings}");
        std::fs::write(folder.join("playhouse.toml"), text).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn app(folder: &Folder) -> App {
    App::new().actions::<(hello, slow)>().room("lobby").config_file(folder.0.join("playhouse.toml"))
}

/// Mounts an application at `/realtime` of a site that has a page of its own.
pub(crate) async fn served(app: App) -> (SocketAddr, Service) {
    let service = app.into_service_at("/realtime").await.unwrap();
    let tell_who =
        map_request(|ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request| async move {
            request.extensions_mut().insert(PeerAddress(peer));
            request
        });
    let site = Router::new()
        .route("/", routing::get(|| async { "the site's own page" }))
        .nest_service("/realtime", service.clone())
        .layer(tell_who);
    (serve(site).await, service)
}

/// Serves a site with axum's server.
pub(crate) async fn serve(site: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let site = site.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, site).await });
    address
}

/// Serves it with plain hyper.
pub(crate) async fn plain(service: Service) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            let server = hyper::server::conn::http1::Builder::new();
            let connection = server.serve_connection(TokioIo::new(socket), service);
            tokio::spawn(async move {
                // How a client leaves is its own affair.
                let _ = connection.with_upgrades().await;
            });
        }
    });
    address
}

/// Serves one client over memory, in small pieces.
pub(crate) fn over_memory(service: Service) -> DuplexStream {
    let (client, server) = tokio::io::duplex(1_000);
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(server), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::spawn(connection);
    client
}
