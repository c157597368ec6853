//! Arguments, outputs and events of types that are not `#[data]`.

use playhouse::prelude::*;

struct Point {
    x: u32,
}

#[data]
#[derive(Default)]
struct Board {}

#[event]
struct Moved(Point);

#[actor(events(Moved))]
impl Board {
    async fn mark(&mut self, point: Point) -> Result<u32> {
        Ok(point.x)
    }

    async fn last(&self) -> Result<Point> {
        Ok(Point { x: 1 })
    }
}

fn main() {}
