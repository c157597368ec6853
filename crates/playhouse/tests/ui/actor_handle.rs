//! Calls and alarms that are not what the action takes.

use playhouse::prelude::*;

#[derive(serde::Serialize)]
struct Written {
    x: u32,
}

#[data]
#[derive(Default)]
struct Counter {
    count: i64,
}

#[actor]
impl Counter {
    async fn increment(&mut self, by: i64) -> Result<i64> {
        self.count += by;
        Ok(self.count)
    }

    // What can't be read is no mistake before somebody reads it.
    async fn written(&self) -> Result<Written> {
        Ok(Written { x: 1 })
    }

    async fn soon(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        cx.after(Duration::from_secs(1)).increment();
        cx.after(Duration::from_secs(1)).incremnt(1);
        Ok(())
    }
}

async fn use_it(cx: &Cx) -> Result<()> {
    cx.actor::<Counter>("a").increment("1").await?;
    cx.actor::<Counter>("a").written().await?;
    let count: String = cx.actor::<Counter>("a").increment(1).await?;
    Ok(())
}

fn main() {}
