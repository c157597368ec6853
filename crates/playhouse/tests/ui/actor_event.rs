//! Events that an actor does not declare, that are none, and that have one name.

use playhouse::prelude::*;

#[data]
#[derive(Default)]
struct Counter {}

#[event]
struct NewCount(i64);

#[actor]
impl Counter {
    async fn increment(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        cx.broadcast(NewCount(1));
        cx.conn()?.send(NewCount(1));
        Ok(())
    }
}

#[data]
#[derive(Default)]
struct Gauge {}

struct Plain(i64);

#[actor(events(Plain))]
impl Gauge {}

#[data]
#[derive(Default)]
struct Meter {}

#[event(name = "newCount")]
struct Other;

#[actor(events(NewCount, Other))]
impl Meter {}

fn main() {}
