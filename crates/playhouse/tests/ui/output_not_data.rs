//! An answer that can't be written.

use playhouse::prelude::*;

struct Status {
    uptime: u64,
}

#[action]
async fn status(cx: &Cx) -> Result<Status> {
    Ok(Status { uptime: cx.node().uptime_ms() })
}

fn main() {}
