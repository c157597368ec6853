//! An argument that has no name.

use playhouse::prelude::*;

#[action]
async fn area((width, height): (u32, u32)) -> Result<u32> {
    Ok(width * height)
}

fn main() {}
