//! Actions that return no `Result`.

use playhouse::prelude::*;

#[action]
async fn nothing() {}

#[action]
async fn text() -> String {
    String::new()
}

fn main() {
    let _ = App::new().actions::<(nothing, text)>();
}
