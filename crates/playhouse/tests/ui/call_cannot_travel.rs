//! Calls whose input can't be written or whose answer can't be read: no mistake in the action itself.

use playhouse::prelude::*;

#[derive(serde::Deserialize)]
struct Point {
    x: u32,
}

#[derive(serde::Serialize)]
struct Mark {
    x: u32,
}

#[action]
async fn mark(point: Point) -> Result<Mark> {
    Ok(Mark { x: point.x })
}

#[action]
async fn marked() -> Result<Mark> {
    Ok(Mark { x: 1 })
}

async fn test(t: &Test) {
    let _ = t.call("mark", json!({ "point": { "x": 1 } })).await;
    let _ = t.run(mark { point: Point { x: 1 } }).await;
    let _ = t.run(marked {}).await;
}

fn main() {}
