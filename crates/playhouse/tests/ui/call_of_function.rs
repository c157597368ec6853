//! The function in the place of a call.

use playhouse::prelude::*;

#[action]
async fn greet(name: String) -> Result<String> {
    Ok(name)
}

async fn test(t: &Test) {
    let _ = t.run(greet("Ben".into())).await;
    let _ = t.run(greet).await;
}

fn main() {}
