//! A counter, as an application writes one.

use playhouse::Fault;
use playhouse::actor::Value;
use playhouse::prelude::{ActorCx, Duration, Reject, Result, actor, data, event, json};

/// The state.
#[data]
#[derive(Default)]
pub(crate) struct Counter {
    count: i64,
    log: Vec<String>,
}

/// What a counter is made with.
#[data]
pub(crate) struct Start {
    pub(crate) start: i64,
}

/// The count has changed.
#[event]
pub(crate) struct NewCount(i64);

/// Counts, and says so.
#[actor(events(NewCount))]
impl Counter {
    #[hook]
    async fn create(&mut self, input: Option<Start>) -> Result<()> {
        self.count = input.map_or(0, |input| input.start);
        Ok(())
    }

    /// Adds to it.
    pub(crate) async fn increment(&mut self, cx: &ActorCx<Self>, #[default(1)] by: i64) -> Result<i64> {
        self.count += by;
        cx.broadcast(NewCount(self.count));
        Ok(self.count)
    }

    async fn get_count(&self) -> Result<i64> {
        Ok(self.count)
    }

    async fn append(&mut self, tag: String) -> Result<usize> {
        self.log.push(tag);
        Ok(self.log.len())
    }

    async fn get_log(&self) -> Result<Vec<String>> {
        Ok(self.log.clone())
    }

    async fn echo(&self, value: Value) -> Result<Value> {
        Ok(value)
    }

    async fn nothing(&self) -> Result<()> {
        Ok(())
    }

    async fn blob(&self, n: usize) -> Result<String> {
        Ok("x".repeat(n))
    }

    async fn fail(&mut self, kind: String) -> Result<()> {
        self.count = -1;
        match kind.as_str() {
            "user" => {
                let funds = json!({ "needed": 5, "have": 2 });
                Err(Reject::new("insufficient_funds", "insufficient funds").metadata(&funds)?.into())
            }
            "plain" => Err(Reject::new("user_error", "plain failure").into()),
            _ => Err(Fault::new("secret detail 8271").into()),
        }
    }

    async fn slow(&self, cx: &ActorCx<Self>, ms: u64) -> Result<u64> {
        cx.clock().sleep(Duration::from_millis(ms)).await;
        Ok(ms)
    }
}
