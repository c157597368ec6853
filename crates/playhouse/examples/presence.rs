//! Presence: who is in a room, what they show of themselves, and the room hears who comes and goes.
//!
//! ```sh
//! PLAYHOUSE_FILES__FOLDER=demo/public cargo run --example presence
//! ```

use playhouse::prelude::*;

fn main() -> ExitCode {
    App::new()
        .name("presence")
        .room_of::<Seen>("lounge")
        .actions::<(sign_in,)>()
        .member_details(|connection| Ok(Shown { name: name_of(connection) }))
        .on_join(|connection, room| tell(connection, room, true))
        .on_leave(|connection, room| tell(connection, room, false))
        .run()
}

/// What a connection keeps of its person.
struct Person {
    name: String,
}

/// What a member shows in `roomView`, beside `id` and `joinedAt`.
#[data]
struct Shown {
    name: String,
}

/// What the room hears.
#[data]
struct Seen {
    name: String,
    here: bool,
}

/// Gives the connection a name. Members show the one that they had when they joined.
#[action(block(web))]
async fn sign_in(cx: &Cx, #[check(length(1..=40))] name: String) -> Result<()> {
    cx.connection().set_data(Person { name });
    Ok(())
}

fn name_of(connection: &Connection) -> String {
    connection.data::<Person>().map_or_else(|| "somebody".to_owned(), |person| person.name.clone())
}

/// Tells the room. Who comes is not in it yet, who goes is not in it any more: they don't hear of themselves.
async fn tell(connection: Connection, room: String, here: bool) -> Result<()> {
    let seen = Seen { name: name_of(&connection), here };
    connection.node().room(&room).say(&seen).await
}
