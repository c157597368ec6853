//! A call that forgets an input.

use playhouse::prelude::*;

#[action]
async fn greet(name: String, times: Option<u32>) -> Result<String> {
    Ok(format!("{name} {times:?}"))
}

async fn test(t: &Test) {
    let _ = t.run(greet { times: None }).await;
}

fn main() {}
