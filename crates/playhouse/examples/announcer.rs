//! A server that speaks by itself: it tells everybody who comes how many are here, and warns who joins a room that it
//! is being recorded. `ActionHero`'s client gives the first to its `api` listeners and the second to `alert`.
//!
//! ```sh
//! PORT=8081 PLAYHOUSE_FILES__FOLDER=demo/public cargo run --package playhouse --example announcer
//! ```

use playhouse::prelude::*;

fn main() -> ExitCode {
    App::new().name("announcer").room("stage").on_create(tell_how_many).on_join(warn).run()
}

/// A message of its own has the context `api`, unless it says something else.
async fn tell_how_many(connection: Connection) -> Result<()> {
    let here = connection.node().connections().len();
    connection.send_message(&json!({ "here": here }))
}

async fn warn(connection: Connection, room: String) -> Result<()> {
    connection.send_message(&json!({ "context": "alert", "message": format!("{room} is being recorded") }))
}
