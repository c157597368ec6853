//! How many turns of actors a machine takes where no wire is in the way: calls from tasks of the same process.
//!
//! ```sh
//! PLAYHOUSE_DATA_DIR=/tmp/turns ACTORS=1000 IN_FLIGHT=1024 cargo run --release --example turns
//! PLAYHOUSE_DATA_DIR=/tmp/turns PLAYHOUSE_ACTORS__DURABILITY=relaxed cargo run --release --example turns
//! ```

use playhouse::prelude::*;
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Before anything counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// The state.
#[data]
#[derive(Default)]
struct Counter {
    count: u64,
}

#[actor]
impl Counter {
    /// Adds to the count.
    async fn increment(&mut self, by: u64) -> Result<u64> {
        self.count += by;
        Ok(self.count)
    }
}

/// A number from the environment.
fn told(name: &str, otherwise: usize) -> usize {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Calls one actor again and again; how long each call took that began while it counted.
async fn call(handle: Handle, key: String, counts: Arc<AtomicBool>, ends: Instant) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    while Instant::now() < ends {
        let (begun, counted) = (Instant::now(), counts.load(Ordering::Relaxed));
        handle.actor::<Counter>(&*key).increment(1).await?;
        if counted {
            times.push(begun.elapsed());
        }
    }
    Ok(times)
}

async fn measure(handle: Handle) -> Result<()> {
    let (actors, in_flight) = (told("ACTORS", 1000), told("IN_FLIGHT", 1024));
    let span = Duration::from_secs(told("SECONDS", 3) as u64);
    let counts = Arc::new(AtomicBool::new(false));
    let ends = Instant::now() + WARM_UP + span;
    let calls: Vec<_> = (0..in_flight)
        .map(|nth| call(handle.clone(), format!("k{}", nth % actors), counts.clone(), ends))
        .map(tokio::spawn)
        .collect();
    tokio::time::sleep(WARM_UP).await;
    counts.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for call in calls {
        times.extend(call.await.expect("no call panics")?);
    }
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let rate = times.len() as f64 / span.as_secs_f64();
    println!("{actors} actors, {in_flight} in flight: {rate:.0} calls/s, p50 {:?}, p99 {:?}", at(50), at(99));
    Ok(())
}

fn main() -> ExitCode {
    let app = App::new().actor::<Counter>().on_start(|handle| async move {
        tokio::spawn(async move {
            if let Err(error) = measure(handle.clone()).await {
                eprintln!("{error}");
            }
            handle.stop();
        });
        Ok(())
    });
    app.run()
}
