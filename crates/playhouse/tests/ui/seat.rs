//! A client's seat: params that are none, events that the actor does not tell, or that can't be read.

use playhouse::prelude::*;

#[data]
struct Guest {
    name: String,
}

#[data]
struct Login {
    token: String,
}

#[derive(serde::Serialize)]
struct OneWay(u32);

#[event]
struct Written(String);

#[event]
struct Unreadable(OneWay);

#[event]
struct Undeclared;

#[data]
#[derive(Default)]
struct Guestbook {}

#[actor(events(Written, Unreadable))]
impl Guestbook {
    type Params = Guest;

    async fn read(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

async fn test(t: Test) -> Result<()> {
    let ann = t.connect().await;
    ann.sit::<Guestbook>("a", &Login { token: "x".into() }).await?;
    ann.sit::<Guestbook>("a", Guest { name: "ann".into() }).await?;
    let book = ann.sit::<Guestbook>("a", &Guest { name: "ann".into() }).await?;
    book.hear::<Undeclared>().await;
    book.heard::<Unreadable>().await;
    book.wriet("hello".into()).await?;
    Ok(())
}

fn main() {}
