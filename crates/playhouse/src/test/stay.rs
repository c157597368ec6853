//! A client's stay in a room: what it says and hears there.

use super::answer;
use super::client::Client;
use super::time::settle;
use crate::inputs::Readable;
use playhouse_core::error::Reject;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// A client in a room, from [`Client::room`]. Messages wait until they are looked at, each for its own room.
pub struct Stay<'c> {
    client: &'c Client,
    room: String,
}

impl<'c> Stay<'c> {
    pub(super) async fn begin(client: &'c Client, room: &str) -> Result<Self, Reject> {
        client.line.done(json!({ "event": "roomAdd", "room": room })).await?;
        Ok(Self { client, room: room.to_owned() })
    }

    /// Says a text to all in the room.
    ///
    /// # Errors
    /// The refusal, such as that of `on_say`.
    pub async fn say(&self, message: &str) -> Result<(), Reject> {
        let frame = json!({ "event": "say", "room": self.room, "message": message });
        self.client.line.done(frame).await.map(|_| ())
    }

    /// The next message of the room, of any sender: `heard::<String>()` for what a client said, a `#[data]` type or
    /// [`Value`] for what the application said.
    ///
    /// # Panics
    /// When none comes, or one that is no `T`.
    pub async fn heard<T: Readable>(&self) -> T {
        self.heard_from().await.1
    }

    /// The same with the id of who said it, which is `0` for the application.
    ///
    /// # Panics
    /// When none comes, or one that is no `T`.
    pub async fn heard_from<T: Readable>(&self) -> (String, T) {
        let what = format!("a message in `{}`", self.room);
        let mut frame = self.client.line.found(&what, |frame| self.is_said(frame)).await;
        let message = frame["message"].take();
        let from = frame["from"].as_str().unwrap_or_default().to_owned();
        match T::read(message.clone()) {
            Ok(read) => (from, read),
            Err(error) => panic!(
                "what was said in `{}` is no `{}` ({error}): {message}",
                self.room,
                std::any::type_name::<T>()
            ),
        }
    }

    /// Lets everything go on, and sees to it that nothing was said here which has not been looked at.
    ///
    /// # Panics
    /// When something was.
    pub async fn heard_nothing(&self) {
        settle().await;
        if let Some(frame) = self.client.line.taken(|frame| self.is_said(frame)) {
            panic!("nothing more should have been said in `{}`, but this was: {frame}", self.room);
        }
    }

    fn is_said(&self, frame: &Value) -> bool {
        frame["context"] == "user" && frame["room"] == *self.room
    }

    /// Who is in the room on all nodes: what each shows to the others, by the connection's id.
    ///
    /// # Panics
    /// When the client is not in the room any more.
    pub async fn members(&self) -> BTreeMap<String, Value> {
        let asked = self.client.line.done(json!({ "event": "roomView", "room": self.room })).await;
        let view = asked.unwrap_or_else(|reject| panic!("`{}` can't be looked at: {reject}", self.room));
        answer::read("roomView", &view["members"])
    }

    /// Leaves the room.
    ///
    /// # Errors
    /// The refusal, such as that of `on_leave`.
    pub async fn leave(self) -> Result<(), Reject> {
        self.client.line.done(json!({ "event": "roomLeave", "room": self.room })).await.map(|_| ())
    }
}

impl fmt::Debug for Stay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stay({} in {})", self.client.id(), self.room)
    }
}
