//! A plugin with both halves: clients tell whether their pages are seen, in messages of their own beside
//! `ActionHero`'s, and the action `watching` says how many people look at this moment.
//!
//! The client's half is appended to `/primus/primus.js` and to the generated client; with it a page calls
//! `primus.tellVisible(!document.hidden)`.
//!
//! ```sh
//! PORT=8081 PLAYHOUSE_FILES__FOLDER=demo/public cargo run --package playhouse --example visibility
//! ```

use playhouse::prelude::*;
use playhouse::{Incoming, Plugin};

/// Whether a connection's page is seen.
struct Visible(bool);

fn visibility() -> Plugin {
    Plugin::new("visibility")
        .client_file(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/visibility.js"))
        .on_create(|connection| async move {
            connection.set_data(Visible(true));
            Ok(())
        })
        .on_incoming(told)
}

/// A message is the JSON that came. Ours ends here; ActionHero's, which are objects, go on.
fn told(connection: &Connection, message: &str) -> Incoming {
    match message {
        "\"visible:true\"" => connection.set_data(Visible(true)),
        "\"visible:false\"" => connection.set_data(Visible(false)),
        _ => return Incoming::Pass,
    }
    Incoming::Swallow
}

/// How many people look.
#[action]
async fn watching(cx: &Cx) -> Result<Value> {
    let connections = cx.node().connections();
    let seen = connections.iter().filter(|one| one.data::<Visible>().is_some_and(|visible| visible.0));
    Ok(json!({ "watching": seen.count() }))
}

fn main() -> ExitCode {
    App::new().name("visibility").plugin(visibility()).actions::<(watching,)>().run()
}
