//! Several nodes as one server: a message to one connection, on whichever node it is, and a number that all count.
//!
//! ```sh
//! redis-server --port 7000 --save "" &
//! export PLAYHOUSE_ENGINE=redis PLAYHOUSE_REDIS__URL=redis://127.0.0.1:7000 PLAYHOUSE_FILES__FOLDER=demo/public
//! PORT=8081 cargo run --example cluster &
//! PORT=8082 cargo run --example cluster
//! ```

use playhouse::prelude::*;

fn main() -> ExitCode {
    App::new().name("cluster").room("lobby").actions::<(poke, visit)>().run()
}

/// Sends a message to one connection. Its id, as `roomView` shows it, is enough.
#[action(errors("no_such_connection"))]
async fn poke(cx: &Cx, id: String) -> Result<()> {
    let by = cx.connection().id().as_str();
    cx.remote(&id).send_message(&json!({ "pokedBy": by })).await
}

/// What `visit` answers.
#[data]
struct Visit {
    /// How many visits all nodes have counted.
    count: i64,
    /// The node that answers.
    node: String,
}

/// Counts a visit, wherever it arrives.
#[action]
async fn visit(cx: &Cx) -> Result<Visit> {
    let count = cx.cache().increment("visits", 1).await?;
    Ok(Visit { count, node: cx.node().id().to_string() })
}
