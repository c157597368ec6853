//! Functions that are no middleware.

use playhouse::prelude::*;

async fn without_next(cx: &Cx) -> Result<Reply> {
    let _ = cx;
    Ok(Reply::nothing())
}

async fn other_result(cx: &Cx, next: Next<'_>) -> Result<()> {
    next.run(cx).await?;
    Ok(())
}

fn main() {
    let _ = App::new().middleware(without_next);
    let _ = App::new().middleware(other_result);
}
