//! Something to be taken from the call that can't be.

use playhouse::prelude::*;

struct User {
    name: String,
}

#[action]
async fn greet(#[from] user: User) -> Result<String> {
    Ok(user.name)
}

fn main() {}
