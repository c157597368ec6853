//! A chat for clients of socket.io: who connects says who it is, an event is an action, its ack the answer.
//!
//! ```sh
//! cargo run --example socketio_chat
//! ```
//! ```js
//! const socket = io('http://localhost:8080', { auth: { name: 'Ann' } })
//! socket.on('say', chat => console.log(chat.message))
//! await socket.emitWithAck('roomAdd', 'lounge')
//! await socket.emitWithAck('tell', { text: 'hello' })
//! const { bytes } = await socket.emitWithAck('show', { picture: await file.arrayBuffer() })
//! ```

use playhouse::prelude::*;
use playhouse::{Bytes, Head};

fn main() -> ExitCode {
    App::new()
        .name("socketio_chat")
        .room("lounge")
        .actions::<(tell, show)>()
        .authorize(known)
        .on_create(named)
        .run()
}

/// What a client says of itself as it connects.
#[data]
struct Login {
    name: String,
}

impl Login {
    fn of(head: &Head) -> Result<Self> {
        let auth = head.auth().unwrap_or("{}");
        serde_json::from_str(auth).map_err(|_| Reject::new("nameless", "say your name: auth.name").into())
    }
}

/// Nobody connects without a name. It runs anew when a client comes back to what it missed.
async fn known(head: Head) -> Result<()> {
    Login::of(&head).map(drop)
}

/// Keeps the name for as long as the connection.
async fn named(connection: Connection) -> Result<()> {
    connection.set_data(Login::of(connection.request())?);
    Ok(())
}

/// Says something in the lounge under the caller's name. Any JSON can be said.
#[action]
async fn tell(cx: &Cx, #[check(length(1..=500))] text: String) -> Result<()> {
    cx.room("lounge").say(&json!({ "name": name(cx), "text": text })).await
}

/// A picture that somebody shows, as the lounge gets it and as an answer.
#[data]
struct Shown {
    name: String,
    picture: Bytes,
    bytes: usize,
}

/// Shows a picture in the lounge. Clients of socket.io send and get it as bytes, all others as base64 in JSON.
#[action]
async fn show(cx: &Cx, #[check(length(1..=500_000))] picture: Bytes) -> Result<Shown> {
    let shown = Shown { name: name(cx), bytes: picture.len(), picture };
    cx.room("lounge").say(&shown).await?;
    Ok(shown)
}

fn name(cx: &Cx) -> String {
    let login = cx.connection().data::<Login>();
    login.map(|login| login.name.clone()).unwrap_or_default()
}
