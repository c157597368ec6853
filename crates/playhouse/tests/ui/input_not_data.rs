//! An input that can't be read.

use playhouse::prelude::*;

struct Point {
    x: u32,
}

#[action]
async fn mark(point: Point) -> Result<u32> {
    Ok(point.x)
}

fn main() {}
