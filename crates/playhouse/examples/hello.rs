//! The smallest application: one action, served over HTTP, over websockets and on the command line.
//!
//! ```sh
//! cargo run --example hello &
//! curl 'http://localhost:8080/api/hello?name=Ann'
//! cargo run --example hello call hello --name Ann
//! ```

use playhouse::prelude::*;

/// Says hello.
#[action]
async fn hello(name: String) -> Result<Value> {
    Ok(json!({ "text": format!("Hello {name}!") }))
}

fn main() -> ExitCode {
    App::new().actions::<(hello,)>().run()
}
