//! Leaving politely: what runs is finished, nobody new is let in, connections are told to come back elsewhere.
//!
//! ```sh
//! cargo run --example drain &
//! curl 'http://localhost:8080/api/work?seconds=5' & kill -TERM %1      # the work is answered all the same
//! ```

use playhouse::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much was done.
#[derive(Default)]
struct Done(AtomicU64);

fn main() -> ExitCode {
    App::new().name("drain").state(Done::default()).actions::<(work, restart)>().on_stop(say_goodbye).run()
}

/// Works for a while. `drain.actions` in the configuration is how long a node that stops waits for it.
#[action]
async fn work(
    cx: &Cx,
    #[from] done: State<Done>,
    #[check(range(0.0..=60.0))]
    #[default(1.0)]
    seconds: f64,
) -> Result<&'static str> {
    cx.node().clock().sleep(Duration::from_secs_f64(seconds)).await;
    done.0.0.fetch_add(1, Ordering::Relaxed);
    Ok("done")
}

/// Stops this node, as SIGTERM and Ctrl-C do. Where it is run by a supervisor, a new one takes its place.
#[action]
async fn restart(#[from] handle: State<Handle>) -> Result<()> {
    handle.0.stop();
    Ok(())
}

/// Runs when nobody is connected any more and nothing runs: the place to flush and to close.
async fn say_goodbye(handle: Handle) -> Result<()> {
    let done = handle.node()?.state::<Done>()?.0.load(Ordering::Relaxed);
    eprintln!("{done} pieces of work were done");
    Ok(())
}
