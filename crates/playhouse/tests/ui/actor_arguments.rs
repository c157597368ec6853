//! What stands in the brackets of `#[actor(..)]`.

use playhouse::prelude::*;

#[data]
#[derive(Default)]
struct Counter {
    count: i64,
}

#[event]
struct NewCount(i64);

#[actor(nmae = "counter", events(NewCount), version = "2", upgrade = |_, old| Ok(old))]
impl Counter {
    async fn increment(&mut self, cx: &ActorCx<Self>) -> Result<i64> {
        self.count += 1;
        // Of a mistake in one argument, nothing follows for another.
        cx.broadcast(NewCount(self.count));
        Ok(self.count)
    }
}

#[data]
#[derive(Default)]
struct Gauge {}

#[actor(events("newCount"), upgrade = from_old)]
impl Gauge {}

fn from_old(_: u32, old: Value) -> Result<Value> {
    Ok(old)
}

// What could be read can be used.
fn app() -> App {
    App::new().actor::<Counter>().actor::<Gauge>()
}

async fn use_it(cx: &Cx) -> Result<i64> {
    cx.actor::<Counter>("a").increment().await
}

fn main() {}
