//! A call with an input that the action does not have.

use playhouse::prelude::*;

#[action]
async fn greet(name: String) -> Result<String> {
    Ok(name)
}

async fn test(t: &Test) {
    let _ = t.run(greet { name: "Ben".into(), nmae: "Ben".into() }).await;
}

fn main() {}
