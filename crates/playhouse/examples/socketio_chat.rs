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
//! ```

use playhouse::Head;
use playhouse::prelude::*;

fn main() -> ExitCode {
    App::new()
        .name("socketio_chat")
        .room("lounge")
        .actions::<(tell,)>()
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
    let login = cx.connection().data::<Login>();
    let name = login.map(|login| login.name.clone()).unwrap_or_default();
    cx.room("lounge").say(&json!({ "name": name, "text": text })).await
}
