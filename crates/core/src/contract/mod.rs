//! The contract suites: what every engine must pass, whoever wrote it.
//!
//! One async function per guarantee, of the guarantee's name, and one macro per contract that makes a test
//! of each, so that an engine's `tests/contract.rs` is one line per contract:
//!
//! ```
//! use playhouse_core::contract::{Brokers, Caches};
//! use playhouse_core::{clock::Clock, engine::memory};
//! use std::sync::Arc;
//!
//! mod broker {
//! #    use super::*;
//!     playhouse_core::contract::broker!(async { Brokers::one(Arc::new(memory::Broker::new())) });
//! }
//! mod cache {
//! #    use super::*;
//!     playhouse_core::contract::cache!(async {
//!         let (clock, hand) = Clock::manual();
//!         Caches::one(Arc::new(memory::Cache::new(clock, 1 << 20))).with_hand(hand)
//!     });
//! }
//! ```
//!
//! Every test makes nodes of its own: they begin empty and share nothing with those of other tests (an
//! engine on a server takes a prefix of its own). Must not know any engine.

pub mod broker;
pub mod cache;
mod heard;
pub mod presence;
pub mod store;

pub use crate::contract_broker as broker;
pub use crate::contract_cache as cache;
pub use crate::contract_presence as presence;
pub use crate::contract_store as store;

use crate::Later;
use crate::clock::{Clock, Manual};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

/// Whether a guarantee is kept; if not, what was seen instead.
pub type Verdict = Result<(), String>;

/// A guarantee's name and its test over nodes of one contract.
pub type Guarantee<T> = (&'static str, for<'a> fn(&'a Nodes<T>) -> Later<'a, Verdict>);

/// Nodes for the suite of `Broker`.
pub type Brokers = Nodes<dyn crate::broker::Broker>;

/// Nodes for the suite of `Presence`.
pub type Presences = Nodes<dyn crate::presence::Presence>;

/// Nodes for the suite of `Cache`.
pub type Caches = Nodes<dyn crate::cache::Cache>;

/// Nodes for the suite of `Store`.
pub type Stores = Nodes<dyn crate::store::Store>;

/// Nodes that share one engine, and what the suite has to know of it.
pub struct Nodes<T: ?Sized> {
    all: Vec<Arc<T>>,
    hand: Option<Manual>,
    patience: Duration,
    quiet: Duration,
    cut: Option<Box<dyn Cut>>,
    reopen: Option<Reopen<T>>,
}

/// Closes all nodes of an engine, opens it again, and yields a node of it.
type Reopen<T> = Box<dyn Fn() -> Later<'static, Arc<T>> + Send + Sync>;

/// Ends a test with what was seen unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($seen:tt)+) => {
        if !$holds {
            return Err(format!($($seen)+));
        }
    };
}
use ensure;

/// Parts the last of several nodes from its engine, so that something may be missed there.
pub trait Cut: Send + Sync + 'static {
    /// Parts it; resolves when it is parted.
    fn cut(&self) -> Later<'_, ()>;

    /// Lets it find its engine again; need not wait until it has.
    fn mend(&self) -> Later<'_, ()>;
}

/// How often it is looked whether something has come about.
const TRY_EVERY: Duration = Duration::from_millis(50);

impl<T: ?Sized> Nodes<T> {
    /// The one node of an engine within the process, whose calls have had their effect when they resolve.
    #[must_use]
    pub fn one(node: Arc<T>) -> Self {
        Self {
            all: vec![node],
            hand: None,
            patience: Duration::ZERO,
            quiet: Duration::ZERO,
            cut: None,
            reopen: None,
        }
    }

    /// Nodes (at least one) that reach one engine over a network: what they publish is waited for, 5 s at
    /// most, and nothing more is expected after 200 ms of silence.
    #[must_use]
    pub fn many(nodes: Vec<Arc<T>>) -> Self {
        assert!(!nodes.is_empty(), "a suite needs a node");
        let (patience, quiet) = (Duration::from_secs(5), Duration::from_millis(200));
        Self { all: nodes, hand: None, patience, quiet, cut: None, reopen: None }
    }

    /// How long what was published is waited for.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The hand of the clock by which the engine measures expiry. Without it the suite lets time pass.
    #[must_use]
    pub fn with_hand(mut self, hand: Manual) -> Self {
        self.hand = Some(hand);
        self
    }

    /// A way to cause a gap. Without it the suite holds the engine to having none.
    #[must_use]
    pub fn with_cut(mut self, cut: impl Cut) -> Self {
        self.cut = Some(Box::new(cut));
        self
    }

    /// A way to close the engine as a process that ends does, and to open it again, which is asked for a node then.
    /// Without it the suite says nothing of what lasts.
    #[must_use]
    pub fn with_reopen(
        mut self,
        reopen: impl Fn() -> Later<'static, Arc<T>> + Send + Sync + 'static,
    ) -> Self {
        self.reopen = Some(Box::new(reopen));
        self
    }

    /// A node of the engine closed and opened, where there is a way to do it. The former ones are of no use then.
    async fn reopened(&self) -> Option<Arc<T>> {
        match &self.reopen {
            Some(reopen) => Some(reopen().await),
            None => None,
        }
    }

    fn first(&self) -> &T {
        &self.all[0]
    }

    fn last(&self) -> &T {
        &self.all[self.all.len() - 1]
    }

    /// The nodes in turn, for ever.
    fn in_turn(&self) -> impl Iterator<Item = &T> {
        self.all.iter().map(AsRef::as_ref).cycle()
    }

    /// Lets so much of the engine's time pass.
    async fn pass(&self, time: Duration) {
        match &self.hand {
            Some(hand) => hand.advance(time),
            None => Clock::system().sleep(time).await,
        }
    }

    /// How often it is looked for what is to come about by itself, as long as the suite is patient.
    fn tries(&self) -> u128 {
        self.patience.as_millis() / TRY_EVERY.as_millis()
    }

    /// Waits for what should not come.
    async fn listen(&self) {
        if !self.quiet.is_zero() {
            Clock::system().sleep(self.quiet).await;
        }
    }
}

/// Runs one test. The macros call it, so that an engine's crate needs no runtime for its tests.
#[doc(hidden)]
pub fn run(test: impl Future<Output = Verdict>) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(why)?;
    runtime.block_on(test)
}

/// An error as a verdict has it.
fn why(error: impl Display) -> String {
    error.to_string()
}

/// The list of a suite's guarantees, for who wants to run them without the macro.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_list {
    ($contract:ty; $($guarantee:ident)+) => {
        /// All guarantees of this suite.
        pub const ALL: &[$crate::contract::Guarantee<$contract>] =
            &[$((stringify!($guarantee), |nodes| Box::pin($guarantee(nodes)))),+];
    };
}

/// A test for each of a suite's guarantees.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($suite:ident $nodes:expr; $($guarantee:ident)+) => {
        $(
            #[test]
            fn $guarantee() -> $crate::contract::Verdict {
                $crate::contract::run(async {
                    let nodes = $nodes.await;
                    $crate::contract::$suite::$guarantee(&nodes).await
                })
            }
        )+
    };
}

/// Tests of a `Broker`, named like its guarantees, over the [`Brokers`] that a future yields.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_broker {
    (@ $then:ident $($with:tt)*) => {
        $crate::$then! {
            $($with)*; reaches_every_inbox order_per_publisher answers_come_after listeners_are_counted gap_is_told
            detach_is_final topics_are_apart
        }
    };
    ($nodes:expr) => { $crate::contract_broker! { @ contract_tests broker $nodes } };
}

/// Tests of a `Presence`, named like its guarantees, over the [`Presences`] that a future yields.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_presence {
    (@ $then:ident $($with:tt)*) => {
        $crate::$then! {
            $($with)*; join_is_seen join_again_replaces leave_is_seen counts_are_members rooms_are_one_list
            order_of_joining the_lost_are_gone_and_back
        }
    };
    ($nodes:expr) => { $crate::contract_presence! { @ contract_tests presence $nodes } };
}

/// Tests of a `Cache`, named like its guarantees, over the [`Caches`] that a future yields.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cache {
    (@ $then:ident $($with:tt)*) => {
        $crate::$then! {
            $($with)*; set_is_seen expired_is_gone remove_tells increments_are_atomic one_lock_holder
        }
    };
    ($nodes:expr) => { $crate::contract_cache! { @ contract_tests cache $nodes } };
}

/// Tests of a `Store`, named like its guarantees, over the [`Stores`] that a future yields.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_store {
    (@ $then:ident $($with:tt)*) => {
        $crate::$then! {
            $($with)*; one_actor_per_key a_taken_key_is_told tags_find_the_oldest what_is_committed_is_loaded
            a_commit_is_whole an_old_owner_is_refused destroyed_is_gone due_in_order lists_go_on epochs_rise
        }
    };
    ($nodes:expr) => { $crate::contract_store! { @ contract_tests store $nodes } };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in the list of guarantees of a trait's documentation.
    fn promised(source: &str) -> Vec<&str> {
        source.lines().filter_map(|line| line.strip_prefix("/// - `")?.split('`').next()).collect()
    }

    fn tested<T: ?Sized>(all: &[Guarantee<T>]) -> Vec<&'static str> {
        all.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn what_is_promised_is_tested() {
        assert_eq!(promised(include_str!("../broker.rs")), tested(broker::ALL));
        assert_eq!(promised(include_str!("../presence.rs")), tested(presence::ALL));
        assert_eq!(promised(include_str!("../cache.rs")), tested(cache::ALL));
        assert_eq!(promised(include_str!("../store.rs")), tested(store::ALL));
    }
}
