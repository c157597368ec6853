//! An application for the tests of several nodes: what one node can ask of another, and what they share. Each action shows one call.
//!
//! ```sh
//! redis-server &
//! export PLAYHOUSE_ENGINE=redis PLAYHOUSE_FILES__FOLDER=demo/public
//! PORT=8081 cargo run --package playhouse-demo --example nodes &
//! PORT=8082 cargo run --package playhouse-demo --example nodes
//! ```

use playhouse::prelude::*;

fn main() -> ExitCode {
    App::new()
        .name("cluster")
        .room("lobby")
        .room("hall")
        .room("attic")
        .middleware(name_the_code)
        .member_details(|connection| Ok(Shown { node: connection.node().id().to_string() }))
        .actions::<(send_to, join_to, leave_from, destroy_it, details_of)>()
        .actions::<(add_room, remove_room, room_names, count_members, announce)>()
        .actions::<(keep, kept, drop_it, count, lock, unlock, well)>()
        .run()
}

/// A websocket's answer to an action has no place for a code. Here it is part of the text.
async fn name_the_code(cx: &Cx, next: Next<'_>) -> Result<Reply> {
    match next.run(cx).await {
        Err(Error::Reject(mut reject)) => {
            reject.message = format!("{}: {}", reject.code, reject.message).into();
            Err(reject.into())
        }
        other => other,
    }
}

/// What a member shows in a room's view beside `id` and `joinedAt`.
#[data]
struct Shown {
    node: String,
}

// A connection, wherever it is.

/// Sends a message of its own to one connection.
#[action]
async fn send_to(cx: &Cx, id: String, message: Value) -> Result<()> {
    cx.remote(&id).send_message(&message).await
}

/// Puts a connection in a room.
#[action]
async fn join_to(cx: &Cx, id: String, room: String) -> Result<()> {
    cx.remote(&id).join(&room).await
}

/// Takes a connection out of a room.
#[action]
async fn leave_from(cx: &Cx, id: String, room: String) -> Result<()> {
    cx.remote(&id).leave(&room).await
}

/// Ends a connection.
#[action]
async fn destroy_it(cx: &Cx, id: String) -> Result<()> {
    cx.remote(&id).destroy().await
}

/// What `detailsOf` answers.
#[data]
struct Details {
    details: Value,
}

/// Who a connection is.
#[action]
async fn details_of(cx: &Cx, id: String) -> Result<Details> {
    Ok(Details { details: cx.remote(&id).details().await? })
}

// Rooms.

/// Whether something was done, as it had not been done before.
#[data]
struct Did {
    did: bool,
}

/// Makes a room.
#[action]
async fn add_room(cx: &Cx, name: String) -> Result<Did> {
    Ok(Did { did: cx.room(&name).add().await? })
}

/// Removes a room with everybody in it.
#[action]
async fn remove_room(cx: &Cx, name: String) -> Result<Did> {
    Ok(Did { did: cx.room(&name).remove().await? })
}

/// What `roomNames` answers.
#[data]
struct Names {
    names: Vec<String>,
}

/// The rooms that this node knows.
#[action]
async fn room_names(cx: &Cx) -> Result<Names> {
    Ok(Names { names: cx.node().room_names().iter().map(ToString::to_string).collect() })
}

/// A number.
#[data]
struct Number {
    number: i64,
}

/// How many members a room has on all nodes.
#[action]
async fn count_members(cx: &Cx, room: String) -> Result<Number> {
    Ok(Number { number: i64::try_from(cx.room(&room).count().await?)? })
}

/// Says something in a room in nobody's name.
#[action]
async fn announce(cx: &Cx, room: String, message: Value) -> Result<()> {
    cx.room(&room).say(&message).await
}

// The cache.

/// Keeps a value, for ever or for so many milliseconds.
#[action]
async fn keep(cx: &Cx, key: String, value: Value, ms: Option<u64>) -> Result<()> {
    cx.cache().set(&key, &value, ms.map(Duration::from_millis)).await
}

/// What `kept` answers: `null` where nothing is kept.
#[data]
struct Kept {
    value: Option<Value>,
}

/// A value that was kept.
#[action]
async fn kept(cx: &Cx, key: String) -> Result<Kept> {
    Ok(Kept { value: cx.cache().get(&key).await? })
}

/// Keeps a value no longer.
#[action]
async fn drop_it(cx: &Cx, key: String) -> Result<Did> {
    Ok(Did { did: cx.cache().remove(&key).await? })
}

/// Adds to a number.
#[action]
async fn count(cx: &Cx, key: String, #[default(1)] by: i64) -> Result<Number> {
    Ok(Number { number: cx.cache().increment(&key, by).await? })
}

/// Takes a lock for so many milliseconds, or prolongs it.
#[action]
async fn lock(cx: &Cx, name: String, token: String, ms: u64) -> Result<Did> {
    Ok(Did { did: cx.cache().lock(&name, &token, Duration::from_millis(ms)).await? })
}

/// Gives a lock back.
#[action]
async fn unlock(cx: &Cx, name: String, token: String) -> Result<Did> {
    Ok(Did { did: cx.cache().unlock(&name, &token).await? })
}

// The node.

/// What `well` answers.
#[data]
struct Well {
    node: String,
    problems: Vec<String>,
}

/// Which node answers, and what is wrong with what it needs.
#[action]
async fn well(cx: &Cx) -> Result<Well> {
    Ok(Well { node: cx.node().id().to_string(), problems: cx.node().problems() })
}
