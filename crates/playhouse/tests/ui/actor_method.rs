//! Methods that are no action: each is told what to write, and the others can be used.

use playhouse::prelude::*;

#[data]
#[derive(Default)]
struct Counter {
    count: i64,
}

#[actor]
impl Counter {
    fn double(&self) -> i64 {
        self.count * 2
    }

    async fn new() -> Result<Self> {
        Ok(Self::default())
    }

    async fn take(self) -> Result<i64> {
        Ok(self.count)
    }

    async fn convert<T: From<i64>>(&self) -> Result<()> {
        Ok(())
    }

    async fn count(&self) -> i64 {
        self.count
    }

    async fn forget(&mut self) {
        self.count = 0;
    }

    async fn append(&mut self, text: &str) -> Result<()> {
        self.count += text.parse::<i64>()?;
        Ok(())
    }

    async fn status(&self, cx: &Cx) -> Result<String> {
        Ok(cx.node().id().to_string())
    }

    async fn add(&mut self, #[check(range(1..=5))] by: i64) -> Result<()> {
        self.count += by;
        Ok(())
    }

    #[timeout(5)]
    async fn wait(&self) -> Result<()> {
        Ok(())
    }

    #[http]
    async fn serve(&self) -> Result<()> {
        Ok(())
    }

    #[websocket]
    #[internal]
    async fn speak(&self, _socket: playhouse::actor::Socket) -> Result<()> {
        Ok(())
    }

    async fn destroy(&mut self) -> Result<()> {
        Ok(())
    }

    async fn get_count(&self) -> Result<i64> {
        Ok(self.count)
    }
}

async fn use_it(cx: &Cx) -> Result<i64> {
    cx.actor::<Counter>("a").get_count().await
}

fn main() {}
