//! An application as a part of another one: a site of axum has pages of its own, and everything realtime below
//! `/realtime`, over the same port. `docs/mounting.md` explains each line.
//!
//! ```sh
//! PORT=8082 PLAYHOUSE_FILES__FOLDER=demo/public cargo run --package playhouse --example mounted
//! ```

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use axum::routing::get;
use playhouse::PeerAddress;
use playhouse::prelude::*;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Greets somebody, in the lobby too.
#[action]
async fn greet(cx: &Cx, name: String) -> Result<Value> {
    cx.room("lobby").say(&json!({ "arrived": name })).await?;
    Ok(json!({ "greeting": format!("Hello {name}!") }))
}

#[tokio::main]
async fn main() -> Result<()> {
    let app = App::new().name("mounted").actions::<(greet,)>().room("lobby");
    let realtime = app.into_service_at("/realtime").await?;
    let (handle, drain) = (realtime.handle(), realtime.drain());

    let site = Router::new()
        .route("/", get(move || here(handle)))
        .nest_service("/realtime", realtime)
        .layer(map_request(tell_who_it_is))
        .into_make_service_with_connect_info::<SocketAddr>();

    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    println!("the site is at http://{} (Ctrl-C stops it)", listener.local_addr()?);
    let stop = async {
        tokio::signal::ctrl_c().await.expect("this process can be told to stop");
        drain.await;
    };
    axum::serve(listener, site).with_graceful_shutdown(stop).await?;
    Ok(())
}

/// A page of the site's own, which asks the application.
async fn here(realtime: Handle) -> String {
    match realtime.connections() {
        Ok(connections) => format!("{} here", connections.len()),
        Err(error) => error.to_string(),
    }
}

/// Only who listens knows who is at the other end.
async fn tell_who_it_is(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(PeerAddress(peer));
    request
}
