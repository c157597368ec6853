//! An action that is not async.

use playhouse::prelude::*;

#[action]
fn status() -> Result<u8> {
    Ok(1)
}

fn main() {
    let _ = App::new().actions::<(status,)>();
}
