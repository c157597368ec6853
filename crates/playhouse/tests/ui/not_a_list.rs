//! One action in the place of a list, and a type that is no action.

use playhouse::prelude::*;

#[action]
async fn status() -> Result<u8> {
    Ok(1)
}

struct Plain;

fn main() {
    let _ = App::new().actions::<status>();
    let _ = App::new().actions::<(status, Plain)>();
}
