//! A real Redis for tests, nodes over it, and a way to part one of them from it.
//!
//! Owns what a test needs before it begins; knows nothing of what is tested.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise, in what it stands on too")]

mod proxy;
mod server;
mod tap;

pub(crate) use proxy::Proxy;
pub(crate) use server::Server;
#[allow(unused_imports, reason = "each test binary uses a part of it")]
pub(crate) use tap::Tap;

use playhouse_core::clock::Clock;
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_redis::{Parts, Redis, Settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// A prefix that no other test of this binary has.
pub(crate) fn prefix() -> String {
    static NTH: AtomicU32 = AtomicU32::new(0);
    format!("test-{}", NTH.fetch_add(1, Ordering::Relaxed))
}

/// What the settings are unless told otherwise, but with a lease that a test can wait for.
pub(crate) fn settings(url: String, prefix: &str) -> Settings {
    Settings {
        url,
        prefix: prefix.to_owned(),
        lease: Duration::from_secs(1),
        timeout: Duration::from_secs(3),
        ca_file: None,
        queue: 64 << 20,
    }
}

/// A node that has not started.
pub(crate) fn node(settings: Settings, health: &Arc<Health>) -> Redis {
    let tasks = Tasks::new(Handle::current());
    let parts = Parts { clock: Clock::system(), rng: Rng::system(), tasks, health: health.clone() };
    Redis::new(settings, parts).expect("settings that can be used")
}

/// A node that runs.
pub(crate) async fn running(settings: Settings) -> Redis {
    let node = node(settings, &Arc::new(Health::new(Clock::system())));
    node.start().await.unwrap_or_else(|error| panic!("{error}"));
    node
}

/// Three nodes of one prefix over the shared Redis.
pub(crate) async fn three() -> [Redis; 3] {
    let (url, prefix) = (Server::shared().url(), prefix());
    let node = || running(settings(url.clone(), &prefix));
    [node().await, node().await, node().await]
}

/// Three nodes of one prefix over the shared Redis; the last reaches it through the proxy.
pub(crate) async fn three_with_cut() -> ([Redis; 3], Proxy) {
    let (url, prefix) = (Server::shared().url(), prefix());
    let proxy = Proxy::before(Server::shared()).await;
    let node = |url: &str| running(settings(url.to_owned(), &prefix));
    ([node(&url).await, node(&url).await, node(&proxy.url()).await], proxy)
}

/// Waits until it is so, 10 s at most.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let clock = Clock::system();
    let patience = clock.now() + Duration::from_secs(10);
    while !is_so().await {
        assert!(clock.now() < patience, "it has not come about that {what}");
        clock.sleep(Duration::from_millis(10)).await;
    }
}
