//! An action of an actor that holds over an `.await` what can't go to another thread.

use playhouse::prelude::*;
use std::rc::Rc;

#[data]
#[derive(Default)]
struct Counter {}

#[actor]
impl Counter {
    async fn nap(&self, cx: &ActorCx<Self>) -> Result<usize> {
        let count = Rc::new(1);
        cx.clock().sleep(Duration::from_secs(1)).await;
        Ok(*count)
    }
}

fn main() {}
