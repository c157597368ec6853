//! An action that is a method.

use playhouse::prelude::*;

struct Counter;

impl Counter {
    #[action]
    async fn count(&self) -> Result<u8> {
        Ok(1)
    }
}

fn main() {}
