//! A default where there is one already.

use playhouse::prelude::*;

#[action]
async fn list(#[default(10)] limit: Option<u32>) -> Result<Option<u32>> {
    Ok(limit)
}

fn main() {}
