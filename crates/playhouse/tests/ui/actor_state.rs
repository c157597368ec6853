//! A state that can't be kept; and a type that is no actor.

use playhouse::prelude::*;

struct Counter {
    count: i64,
}

#[actor]
impl Counter {
    async fn increment(&mut self, cx: &ActorCx<Self>, by: i64) -> Result<i64> {
        self.count += by;
        cx.after(Duration::from_secs(1)).increment(1);
        Ok(self.count)
    }

    async fn get_count(&self) -> Result<i64> {
        Ok(self.count)
    }
}

#[data]
struct Undefault {
    count: i64,
}

#[actor]
impl Undefault {}

#[data]
#[derive(Default)]
struct Plain {}

fn app() -> App {
    App::new().actor::<Plain>()
}

fn main() {}
