//! A chat: rooms that people make, messages that are looked at before anybody hears them.
//!
//! ```sh
//! PLAYHOUSE_FILES__FOLDER=demo/public cargo run --example chat     # and open /chat.html
//! ```

use playhouse::Said;
use playhouse::prelude::*;

/// What nobody shall read here.
const RUDE: &[&str] = &["spam"];

fn main() -> ExitCode {
    App::new()
        .name("chat")
        .room("defaultRoom")
        .actions::<(open_room,)>()
        .on_say(politely)
        .on_join(welcome)
        .run()
}

/// What `openRoom` answers.
#[data]
struct Opened {
    name: String,
    /// `false` where it was open already.
    is_new: bool,
}

/// Opens a room for everybody.
#[action]
async fn open_room(cx: &Cx, #[check(length(1..=40))] name: String) -> Result<Opened> {
    let is_new = cx.room(&name).add().await?;
    Ok(Opened { name, is_new })
}

/// Refuses some messages and trims all others. It runs once for a message, however many hear it.
async fn politely(said: Said) -> Result<Said> {
    let text: String = said.read()?;
    if RUDE.iter().any(|word| text.contains(word)) {
        return Err(Reject::new("rude", "please say that in other words").into());
    }
    said.with(text.trim())
}

/// Tells who joins something that the others do not hear.
async fn welcome(connection: Connection, room: String) -> Result<()> {
    connection.send_message(&json!({ "welcomeTo": room }))
}
