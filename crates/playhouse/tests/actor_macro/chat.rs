//! A chat room, as an application writes one: connections with parameters and a state of their own, hooks, alarms.

use playhouse::prelude::{ActorCx, Duration, Reject, Result, actor, data, event, json};

/// The state.
#[data]
#[derive(Default)]
pub(crate) struct ChatRoom {
    history: Vec<Message>,
    lifecycle: Vec<String>,
    seq: u64,
}

#[data]
struct Message {
    seq: u64,
    from: String,
    text: String,
}

/// What a client says of itself.
#[data]
#[derive(Default)]
#[serde(default)]
pub(crate) struct Login {
    username: String,
    token: String,
}

/// The state of one connection.
#[data]
pub(crate) struct Member {
    username: String,
    nickname: Option<String>,
}

#[data]
struct Me {
    conn_id: String,
    username: String,
    nickname: Option<String>,
}

#[data]
struct Listed {
    id: String,
    username: String,
}

#[event]
struct NewMessage(Message);

#[event]
struct DirectMessage {
    from: String,
    text: String,
}

#[event]
struct Joined {
    username: String,
    conn_id: String,
}

#[event]
struct Left {
    username: String,
    conn_id: String,
}

#[event]
struct Reminder {
    username: String,
    text: String,
}

#[actor(events(NewMessage, DirectMessage, Joined, Left, Reminder))]
impl ChatRoom {
    type Params = Option<Login>;
    type Conn = Member;

    #[hook]
    async fn before_connect(&self, params: Self::Params) -> Result<Self::Conn> {
        let Login { username, token } = params.unwrap_or_default();
        if username.is_empty() {
            return Err(Reject::new("missing_username", "username is required").into());
        }
        if token != "letmein" {
            let metadata = json!({ "username": username });
            return Err(Reject::new("invalid_token", "bad token").metadata(&metadata)?.into());
        }
        Ok(Self::Conn { username, nickname: None })
    }

    #[hook]
    async fn connect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        let conn = cx.conn()?;
        let username = conn.username.clone();
        self.lifecycle.push(format!("connect:{username}"));
        cx.broadcast(Joined { username, conn_id: conn.id().to_owned() });
        Ok(())
    }

    #[hook]
    async fn disconnect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        let conn = cx.conn()?;
        let username = conn.username.clone();
        self.lifecycle.push(format!("disconnect:{username}"));
        cx.broadcast(Left { username, conn_id: conn.id().to_owned() });
        Ok(())
    }

    async fn send_message(&mut self, cx: &ActorCx<Self>, text: String) -> Result<Message> {
        self.seq += 1;
        let message = Message { seq: self.seq, from: cx.conn()?.username.clone(), text };
        self.history.push(message.clone());
        cx.broadcast(NewMessage(message.clone()));
        Ok(message)
    }

    async fn get_history(&self) -> Result<Vec<Message>> {
        Ok(self.history.clone())
    }

    async fn direct_message(&self, cx: &ActorCx<Self>, target: String, text: String) -> Result<usize> {
        let from = cx.conn()?.username.clone();
        let mut reached = 0;
        for conn in &cx.connections() {
            if conn.id() == target || conn.username == target {
                conn.send(DirectMessage { from: from.clone(), text: text.clone() });
                reached += 1;
            }
        }
        Ok(reached)
    }

    async fn kick(&mut self, cx: &ActorCx<Self>, target: String, reason: String) -> Result<usize> {
        let matches =
            cx.connections().into_iter().filter(|conn| conn.id() == target || conn.username == target);
        Ok(matches.map(|conn| conn.disconnect(&reason)).count())
    }

    async fn whoami(&self, cx: &ActorCx<Self>) -> Result<Me> {
        let conn = cx.conn()?;
        let (username, nickname) = (conn.username.clone(), conn.nickname.clone());
        Ok(Me { conn_id: conn.id().to_owned(), username, nickname })
    }

    async fn set_nickname(&self, cx: &ActorCx<Self>, nickname: String) -> Result<String> {
        let taken = nickname.clone();
        cx.conn()?.update(move |member| member.nickname = Some(taken));
        Ok(nickname)
    }

    async fn list_connections(&self, cx: &ActorCx<Self>) -> Result<Vec<Listed>> {
        let listed =
            |conn: actor::Conn<Self>| Listed { id: conn.id().to_owned(), username: conn.username.clone() };
        Ok(cx.connections().into_iter().map(listed).collect())
    }

    async fn get_lifecycle(&self) -> Result<Vec<String>> {
        Ok(self.lifecycle.clone())
    }

    async fn remind_me(&mut self, cx: &ActorCx<Self>, ms: u64, text: String) -> Result<bool> {
        cx.after(Duration::from_millis(ms)).fire_reminder(cx.conn()?.username.clone(), text);
        Ok(true)
    }

    async fn fire_reminder(&mut self, cx: &ActorCx<Self>, username: String, text: String) -> Result<()> {
        cx.broadcast(Reminder { username, text });
        Ok(())
    }
}
