//! An action that holds over an `.await` what can't go to another thread.

use playhouse::prelude::*;
use std::rc::Rc;

#[action]
async fn nap(cx: &Cx) -> Result<usize> {
    let count = Rc::new(1);
    cx.node().clock().sleep(Duration::from_secs(1)).await;
    Ok(*count)
}

fn main() {}
