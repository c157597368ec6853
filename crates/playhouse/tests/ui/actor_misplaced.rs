//! `#[actor]` above something else than the `impl` of a struct, and `#[event]` above something else than a struct.

use playhouse::prelude::*;

#[actor]
#[data]
#[derive(Default)]
struct Counter {
    count: i64,
}

#[actor]
impl Clone for Nothing {
    fn clone(&self) -> Self {
        Nothing
    }
}

struct Nothing;

#[data]
struct Shelf<T> {
    all: Vec<T>,
}

#[actor]
impl<T> Shelf<T> {
    async fn count(&self) -> Result<usize> {
        Ok(self.all.len())
    }
}

#[event]
enum Moved {
    Left,
}

#[event]
struct Said<T>(T);

#[event(called = "new")]
struct NewCount(i64);

fn main() {}
