//! The demo as a guest of an axum site, in the place of its own listener: for measuring what that costs.
//!
//! ```sh
//! playhouse-bench --server target/release/examples/guest --reference target/release/playhouse-demo --work echo-1
//! ```

#[path = "../src/actions/mod.rs"]
mod actions;
#[path = "../src/actors/mod.rs"]
mod actors;
#[path = "../src/app.rs"]
mod app;

use playhouse::prelude::*;
use tokio::net::TcpListener;

/// The demo's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let service = app::app().config_file("demo/playhouse.toml").into_service().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("the demo is a guest at http://{}", listener.local_addr()?);
    axum::serve(listener, axum::Router::new().fallback_service(service)).await?;
    Ok(())
}
