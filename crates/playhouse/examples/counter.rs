//! The actors of the book's tutorial (`docs/actors.md`): a counter, a guest book whose connections have names, and an
//! action that calls the counter. The tests speak to it with the lines that the page shows.
//!
//! `cargo run --example counter`, then `curl -X PUT localhost:8080/actors -d '{"name":"counter","key":"a"}'`.

use playhouse::prelude::*;

/// A durable counter. The struct is the state.
#[data]
#[derive(Default)]
struct Counter {
    count: i64,
}

/// Connections hear it as `newCount`.
#[event]
struct NewCount(i64);

#[actor(events(NewCount))]
impl Counter {
    /// Adds to it; never below zero.
    async fn increment(&mut self, cx: &ActorCx<Self>, #[default(1)] by: i64) -> Result<i64> {
        let count = self.count.saturating_add(by);
        if count < 0 {
            let refusal = Reject::new("too_low", "the count can't be below zero");
            return Err(refusal.metadata(&json!({ "count": self.count }))?.into());
        }
        self.count = count;
        cx.broadcast(NewCount(count));
        Ok(count)
    }

    /// The count.
    async fn get_count(&self) -> Result<i64> {
        Ok(self.count)
    }

    /// Begins anew after a while.
    async fn reset_after(&mut self, cx: &ActorCx<Self>, ms: u64) -> Result<()> {
        cx.after(Duration::from_millis(ms)).reset();
        Ok(())
    }

    /// What the alarm calls.
    #[internal]
    async fn reset(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        self.count = 0;
        cx.broadcast(NewCount(0));
        Ok(())
    }
}

/// A book in which people write under their names.
#[data]
#[derive(Default)]
struct Guestbook {
    entries: Vec<Entry>,
}

/// What somebody wrote.
#[data]
struct Entry {
    by: String,
    text: String,
}

/// What a client says of itself, and what is kept of its connection.
#[data]
struct Guest {
    name: String,
}

/// Somebody has come.
#[event]
struct Came {
    name: String,
}

/// Somebody has gone.
#[event]
struct Went {
    name: String,
}

/// Somebody has written.
#[event]
struct Written(Entry);

#[actor(events(Came, Went, Written))]
impl Guestbook {
    type Params = Guest;
    type Conn = Guest;

    #[hook]
    async fn before_connect(&self, guest: Guest) -> Result<Guest> {
        if guest.name.is_empty() {
            return Err(Reject::new("no_name", "say who you are").into());
        }
        Ok(guest)
    }

    #[hook]
    async fn connect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        cx.broadcast(Came { name: cx.conn()?.name.clone() });
        Ok(())
    }

    #[hook]
    async fn disconnect(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        cx.broadcast(Went { name: cx.conn()?.name.clone() });
        Ok(())
    }

    /// Writes into the book; how many entries it has.
    async fn write(&mut self, cx: &ActorCx<Self>, text: String) -> Result<usize> {
        let entry = Entry { by: cx.conn()?.name.clone(), text };
        self.entries.push(entry.clone());
        cx.broadcast(Written(entry));
        // Another actor: its change is its own, and stands whatever becomes of this one.
        cx.actor::<Counter>("entries").increment(1).await?;
        Ok(self.entries.len())
    }

    /// All entries.
    async fn read(&self) -> Result<Vec<Entry>> {
        Ok(self.entries.clone())
    }

    /// Who is here.
    async fn guests(&self, cx: &ActorCx<Self>) -> Result<Vec<String>> {
        Ok(cx.connections().iter().map(|conn| conn.name.clone()).collect())
    }
}

/// Counts a visit of a page.
#[action]
async fn visit(cx: &Cx, page: String) -> Result<i64> {
    cx.actor::<Counter>(page).increment(1).await
}

fn app() -> App {
    App::new().actor::<Counter>().actor::<Guestbook>().actions::<(visit,)>()
}

fn main() -> ExitCode {
    app().run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[playhouse::test]
    async fn counts() -> Result<()> {
        let t = Test::start(app()).await;
        let counter = t.actor::<Counter>("a");
        assert_eq!(counter.increment(2).await?, 2);
        assert_eq!(counter.increment(3).await?, 5);
        assert_eq!(t.call("visit", json!({ "page": "a" })).await?, json!(6));
        Ok(())
    }

    #[playhouse::test]
    async fn begins_anew_in_time() -> Result<()> {
        let t = Test::start(app()).await;
        let counter = t.actor::<Counter>("a");
        counter.increment(2).await?;
        counter.reset_after(60_000).await?;
        t.advance(Duration::from_secs(59)).await;
        assert_eq!(counter.get_count().await?, 2);
        t.advance(Duration::from_secs(1)).await;
        assert_eq!(counter.get_count().await?, 0);
        Ok(())
    }

    #[playhouse::test]
    async fn guests_hear_of_each_other() -> Result<()> {
        let t = Test::start(app()).await;
        let (ann, ben) = (t.connect().await, t.connect().await);
        let book = ann.sit::<Guestbook>("wedding", &Guest { name: "Ann".into() }).await?;
        book.hear::<Came>().await;
        book.hear::<Written>().await;
        book.hear::<Went>().await;

        let other = ben.sit::<Guestbook>("wedding", &Guest { name: "Ben".into() }).await?;
        assert_eq!(book.heard::<Came>().await.name, "Ben");
        assert_eq!(other.write("Hello, Ann!".into()).await?, 1);
        assert_eq!(book.heard::<Written>().await.0.by, "Ben");
        ben.cut();
        assert_eq!(book.heard::<Went>().await.name, "Ben");

        let refused = ann.sit::<Guestbook>("wedding", &Guest { name: String::new() }).await.unwrap_err();
        assert_eq!(refused.code, "no_name");
        Ok(())
    }

    #[playhouse::test]
    async fn what_is_refused_changes_nothing() -> Result<()> {
        let t = Test::start(app()).await;
        let counter = t.actor::<Counter>("a");
        let refused = counter.increment(-1).await.unwrap_err();
        assert_eq!(refused.to_string(), "the count can't be below zero");
        assert_eq!(counter.get_count().await?, 0);
        Ok(())
    }
}
