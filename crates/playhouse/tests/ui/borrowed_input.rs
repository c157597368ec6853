//! Inputs that are borrowed.

use playhouse::prelude::*;

#[action]
async fn shout(text: &str, rooms: &[String]) -> Result<String> {
    Ok(format!("{text}{}", rooms.len()))
}

fn main() {}
