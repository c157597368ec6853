//! A generic action.

use playhouse::prelude::*;

#[action]
async fn echo<T: Send>(value: T) -> Result<u8> {
    drop(value);
    Ok(1)
}

fn main() {}
