//! Two arguments that are references.

use playhouse::prelude::*;

#[action]
async fn status(cx: &Cx, connection: &Connection) -> Result<u8> {
    let _ = (cx, connection);
    Ok(1)
}

fn main() {}
