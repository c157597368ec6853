//! Actors at which clients take seats.

use playhouse::actor::Value as Any;
use playhouse::prelude::*;

/// A book in which guests write, and which counts how often it was opened.
#[data]
#[derive(Default)]
pub(crate) struct Guestbook {
    lines: Vec<String>,
    opened: u32,
    gone: Vec<String>,
}

#[data]
pub(crate) struct Guest {
    pub(crate) name: String,
}

/// What is kept of a guest's connection.
#[data]
pub(crate) struct Visit {
    name: String,
    written: u32,
}

/// With a map as its one argument.
#[event]
#[derive(PartialEq)]
pub(crate) struct Came {
    pub(crate) guest_name: String,
}

/// With two arguments.
#[event]
#[derive(Debug, PartialEq)]
pub(crate) struct Written(pub(crate) String, pub(crate) usize);

/// With none.
#[event(name = "over")]
#[derive(Debug, PartialEq)]
pub(crate) struct Closed;

/// For one connection alone.
#[event]
#[derive(Debug, PartialEq)]
pub(crate) struct Thanks(pub(crate) Option<String>);

#[actor(events(Came, Written, Closed, Thanks))]
impl Guestbook {
    type Params = Guest;
    type Conn = Visit;

    #[hook]
    async fn start(&mut self) -> Result<()> {
        self.opened += 1;
        Ok(())
    }

    #[hook]
    async fn before_connect(&self, cx: &ActorCx<Self>, guest: Guest) -> Result<Visit> {
        if guest.name == "slow" {
            cx.clock().sleep(Duration::from_secs(1)).await;
        }
        if guest.name.is_empty() {
            let refusal = Reject::new("no_name", "say who you are");
            return Err(refusal.metadata(&json!({ "guests": 2 }))?.into());
        }
        Ok(Visit { name: guest.name, written: 0 })
    }

    #[hook]
    async fn connect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        cx.broadcast(Came { guest_name: cx.conn()?.name.clone() });
        Ok(())
    }

    #[hook]
    async fn disconnect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        self.gone.push(cx.conn()?.name.clone());
        Ok(())
    }

    /// Writes a line; how many this connection wrote.
    async fn write(&mut self, cx: &ActorCx<Self>, text: String) -> Result<u32> {
        let mut conn = cx.conn()?;
        conn.update(|visit| visit.written += 1);
        self.lines.push(format!("{}: {text}", conn.name));
        cx.broadcast(Written(text, self.lines.len()));
        conn.send(Thanks(None));
        Ok(conn.written)
    }

    async fn opened(&self) -> Result<u32> {
        Ok(self.opened)
    }

    async fn gone(&self) -> Result<Vec<String>> {
        Ok(self.gone.clone())
    }

    async fn close_after(&mut self, cx: &ActorCx<Self>, ms: u64) -> Result<()> {
        cx.after(Duration::from_millis(ms)).close();
        Ok(())
    }

    #[internal]
    async fn close(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        cx.broadcast(Closed);
        Ok(())
    }

    async fn send_out(&self, cx: &ActorCx<Self>, name: String) -> Result<()> {
        let all = cx.connections();
        all.iter().filter(|conn| conn.name == name).for_each(|conn| conn.disconnect("be nice"));
        Ok(())
    }

    async fn poor(&self) -> Result<()> {
        Err(Reject::new("poor", "not enough").metadata(&json!({ "have": 2 }))?)?
    }

    /// Has the name of something that a seat can do.
    async fn leave(&self, kind: String) -> Result<String> {
        Ok(format!("by {kind}"))
    }

    async fn nap(&self, cx: &ActorCx<Self>) -> Result<&'static str> {
        cx.clock().sleep(Duration::from_secs(5)).await;
        Ok("rested")
    }
}

/// An actor that wants to know nothing of who comes.
#[data]
#[derive(Default)]
pub(crate) struct Echo {}

#[actor]
impl Echo {
    async fn echo(&self, value: Any) -> Result<Any> {
        Ok(value)
    }

    async fn both(&self, first: String, second: String) -> Result<String> {
        Ok(first + &second)
    }
}

/// The same, which says so.
#[data]
#[derive(Default)]
pub(crate) struct Plain {}

#[actor]
impl Plain {
    type Params = ();

    async fn key(&self, cx: &ActorCx<Self>) -> Result<String> {
        Ok(cx.address().to_string())
    }
}
