//! `chatRoom`: a chat with names, nicknames, direct messages and reminders. Who comes says who it is and knows a word.

use super::newest::keep_newest;
use playhouse::actor::Conn;
use playhouse::prelude::{ActorCx, Duration, Reject, Result, actor, data, event, json};

/// The word that lets people in.
const TOKEN: &str = "letmein";
/// Characters of a message, and of a name.
const TEXT_MOST: usize = 2_000;
const NAME_MOST: usize = 10_000;
/// Bytes of what is kept. In JSON a byte takes up to six: together they are less than a state may have, so that no visitor
/// can fill a room for good.
const HISTORY_MOST: usize = 100 * 1024;
const LIFECYCLE_MOST: usize = 48 * 1024;

/// The state.
#[data]
#[derive(Default)]
pub(crate) struct ChatRoom {
    history: Vec<Message>,
    lifecycle: Vec<String>,
    seq: u64,
}

/// What somebody said.
#[data]
pub(crate) struct Message {
    seq: u64,
    from: String,
    text: String,
}

/// What a client says of itself.
#[data]
#[derive(Default)]
pub(crate) struct Login {
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

/// One connection.
#[data]
pub(crate) struct Member {
    username: String,
    nickname: Option<String>,
}

/// Who asks, as it sees itself.
#[data]
pub(crate) struct Me {
    conn_id: String,
    username: String,
    nickname: Option<String>,
}

/// Somebody who is here.
#[data]
pub(crate) struct Present {
    id: String,
    username: String,
}

/// Somebody said something.
#[event]
pub(crate) struct NewMessage(Message);

/// Somebody said something to this connection alone.
#[event]
pub(crate) struct DirectMessage {
    from: String,
    text: String,
}

/// Somebody has come.
#[event]
pub(crate) struct Joined {
    username: String,
    conn_id: String,
}

/// Somebody has gone.
#[event]
pub(crate) struct Left {
    username: String,
    conn_id: String,
}

/// Somebody wanted to be reminded.
#[event]
pub(crate) struct Reminder {
    username: String,
    text: String,
}

#[actor(events(NewMessage, DirectMessage, Joined, Left, Reminder))]
impl ChatRoom {
    type Params = Option<Login>;
    type Conn = Member;

    #[hook]
    async fn before_connect(&self, login: Option<Login>) -> Result<Member> {
        let Login { username, token } = login.unwrap_or_default();
        let Some(username) = username.filter(|name| !name.is_empty()) else {
            return Err(Reject::new("missing_username", "username is required").into());
        };
        if token.as_deref() != Some(TOKEN) {
            let refusal = Reject::new("invalid_token", "bad token");
            return Err(refusal.metadata(&json!({ "username": username }))?.into());
        }
        at_most("name", NAME_MOST, &username)?;
        Ok(Member { username, nickname: None })
    }

    #[hook]
    async fn connect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        let conn = cx.conn()?;
        self.note(format!("connect:{}", conn.username));
        cx.broadcast(Joined { username: conn.username.clone(), conn_id: conn.id().to_owned() });
        Ok(())
    }

    #[hook]
    async fn disconnect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        let conn = cx.conn()?;
        self.note(format!("disconnect:{}", conn.username));
        cx.broadcast(Left { username: conn.username.clone(), conn_id: conn.id().to_owned() });
        Ok(())
    }

    /// Says something to all.
    async fn send_message(&mut self, cx: &ActorCx<Self>, text: String) -> Result<Message> {
        at_most("message", TEXT_MOST, &text)?;
        self.seq += 1;
        let message = Message { seq: self.seq, from: cx.conn()?.username.clone(), text };
        self.history.push(message.clone());
        keep_newest(&mut self.history, HISTORY_MOST, |message| message.from.len() + message.text.len());
        cx.broadcast(NewMessage(message.clone()));
        Ok(message)
    }

    /// The newest that was said, the oldest first.
    async fn get_history(&self) -> Result<Vec<Message>> {
        Ok(self.history.clone())
    }

    /// Says something to one, by its connection's id or its name; how many heard it.
    async fn direct_message(&self, cx: &ActorCx<Self>, target: String, text: String) -> Result<usize> {
        let from = cx.conn()?.username.clone();
        let all = matching(cx, &target);
        all.iter().for_each(|conn| conn.send(DirectMessage { from: from.clone(), text: text.clone() }));
        Ok(all.len())
    }

    /// Sends somebody out; how many had to go.
    async fn kick(&self, cx: &ActorCx<Self>, target: String, reason: Option<String>) -> Result<usize> {
        let all = matching(cx, &target);
        all.iter().for_each(|conn| conn.disconnect(reason.as_deref().unwrap_or_default()));
        Ok(all.len())
    }

    /// Who asks.
    async fn whoami(&self, cx: &ActorCx<Self>) -> Result<Me> {
        let conn = cx.conn()?;
        let (username, nickname) = (conn.username.clone(), conn.nickname.clone());
        Ok(Me { conn_id: conn.id().to_owned(), username, nickname })
    }

    /// Takes another name.
    async fn set_nickname(&mut self, cx: &ActorCx<Self>, nickname: String) -> Result<String> {
        let taken = nickname.clone();
        cx.conn()?.update(move |member| member.nickname = Some(taken));
        Ok(nickname)
    }

    /// Who is here, in the order of coming.
    async fn list_connections(&self, cx: &ActorCx<Self>) -> Result<Vec<Present>> {
        let present =
            |conn: &Conn<Self>| Present { id: conn.id().to_owned(), username: conn.username.clone() };
        Ok(cx.connections().iter().map(present).collect())
    }

    /// Who came and went of late.
    async fn get_lifecycle(&self) -> Result<Vec<String>> {
        Ok(self.lifecycle.clone())
    }

    /// Says something to all after a while, under the caller's name.
    async fn remind_me(&mut self, cx: &ActorCx<Self>, ms: u64, text: String) -> Result<bool> {
        cx.after(Duration::from_millis(ms)).fire_reminder(cx.conn()?.username.clone(), text);
        Ok(true)
    }

    /// What a reminder does when its time has come.
    async fn fire_reminder(&mut self, cx: &ActorCx<Self>, username: String, text: String) -> Result<()> {
        cx.broadcast(Reminder { username, text });
        Ok(())
    }
}

impl ChatRoom {
    /// Writes down who came or went.
    fn note(&mut self, what: String) {
        self.lifecycle.push(what);
        keep_newest(&mut self.lifecycle, LIFECYCLE_MOST, String::len);
    }
}

fn at_most(what: &str, most: usize, text: &str) -> Result<()> {
    let len = text.chars().count();
    if len > most {
        let refusal = format!("the {what} has {len} characters; {most} are the most");
        return Err(Reject::new("too_long", refusal).into());
    }
    Ok(())
}

/// The connections with this id, or of people with this name.
fn matching(cx: &ActorCx<ChatRoom>, target: &str) -> Vec<Conn<ChatRoom>> {
    cx.connections().into_iter().filter(|conn| conn.id() == target || conn.username == target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::app;
    use playhouse::prelude::*;

    fn named(username: &str) -> Option<Login> {
        Some(Login { username: Some(username.into()), token: Some(TOKEN.into()) })
    }

    fn code<T>(outcome: Result<T>) -> String {
        match outcome {
            Err(Error::Reject(reject)) => reject.code.into_owned(),
            Err(_) | Ok(_) => panic!("not refused"),
        }
    }

    #[playhouse::test]
    async fn no_visitor_fills_it_for_good() -> Result<()> {
        let t = Test::start(app()).await;
        let vandal = t.connect().await;
        let chat = vandal.sit::<ChatRoom>("demo", &named("m")).await?;
        assert_eq!(code(chat.send_message("x".repeat(TEXT_MOST + 1)).await), "too_long");
        // Each character takes six bytes in JSON.
        let long = "\u{1}".repeat(TEXT_MOST);
        for _ in 0..100 {
            chat.send_message(long.clone()).await?;
        }
        for nth in 0..20 {
            let name = format!("{nth}{}", "\u{1}".repeat(NAME_MOST - 2));
            vandal.sit::<ChatRoom>("demo", &named(&name)).await?.leave().await?;
        }
        let history = chat.get_history().await?;
        assert_eq!(history.last().map(|message| message.seq), Some(100));
        assert!((45..100).contains(&history.len()), "{} are kept", history.len());
        let refused = vandal.sit::<ChatRoom>("demo", &named(&"x".repeat(NAME_MOST + 1))).await;
        assert_eq!(refused.err().map(|reject| reject.code), Some("too_long".into()));
        let visitor = t.connect().await;
        let seat = visitor.sit::<ChatRoom>("demo", &named("visitor")).await?;
        assert_eq!(seat.whoami().await?.username, "visitor");
        seat.send_message("hello".into()).await?;
        Ok(())
    }
}
