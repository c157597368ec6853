//! A call with an input of another type, and one whose optional input is not put in `Some`.

use playhouse::prelude::*;

#[action]
async fn repeat(text: String, #[default(1)] times: u32) -> Result<String> {
    Ok(text.repeat(times as usize))
}

async fn test(t: &Test) {
    let _ = t.run(repeat { text: 5, times: None }).await;
    let _ = t.run(repeat { text: "a".into(), times: 2 }).await;
}

fn main() {}
