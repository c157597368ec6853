//! The contract suites over the memory engine, and over engines that break one promise each: a suite that
//! passes those would say nothing about the others.

#![allow(clippy::unwrap_used)] // Lints can't tell that a test's own engines are tests.

mod broken;

mod memory {
    mod broker {
        use playhouse_core::contract::Brokers;
        use playhouse_core::engine::memory;
        use std::sync::Arc;

        playhouse_core::contract::broker!(async { Brokers::one(Arc::new(memory::Broker::new())) });
    }

    mod presence {
        use playhouse_core::contract::Presences;
        use playhouse_core::engine::memory;
        use std::sync::Arc;

        playhouse_core::contract::presence!(async { Presences::one(Arc::new(memory::Presence::new())) });
    }

    mod cache {
        use playhouse_core::clock::Clock;
        use playhouse_core::contract::Caches;
        use playhouse_core::engine::memory;
        use std::sync::Arc;

        playhouse_core::contract::cache!(async {
            let (clock, hand) = Clock::manual();
            Caches::one(Arc::new(memory::Cache::new(clock, 1 << 20))).with_hand(hand)
        });
    }

    mod store {
        use playhouse_core::contract::Stores;
        use playhouse_core::engine::memory;
        use std::sync::Arc;

        playhouse_core::contract::store!(async { Stores::one(Arc::new(memory::Store::new())) });
    }
}

/// Three nodes of one process that share everything.
mod together {
    use playhouse_core::clock::{Clock, Manual};
    use playhouse_core::engine::together::{Side, Together};
    use std::sync::Arc;
    use std::time::Duration;

    fn sides() -> (Vec<Arc<Side>>, Manual) {
        let (clock, hand) = Clock::manual();
        let together = Together::new(clock, Duration::from_secs(10), 1 << 20);
        ((0..3).map(|_| Arc::new(together.side())).collect(), hand)
    }

    mod broker {
        use super::sides;
        use playhouse_core::broker::Broker;
        use playhouse_core::contract::Brokers;
        use std::sync::Arc;
        use std::time::Duration;

        playhouse_core::contract::broker!(async {
            let sides = sides().0.into_iter().map(|side| side as Arc<dyn Broker>).collect();
            Brokers::many(sides).with_patience(Duration::ZERO)
        });
    }

    mod presence {
        use super::sides;
        use playhouse_core::contract::Presences;
        use playhouse_core::presence::Presence;
        use std::sync::Arc;
        use std::time::Duration;

        playhouse_core::contract::presence!(async {
            let sides = sides().0.into_iter().map(|side| side as Arc<dyn Presence>).collect();
            Presences::many(sides).with_patience(Duration::ZERO)
        });
    }

    mod cache {
        use super::sides;
        use playhouse_core::cache::Cache;
        use playhouse_core::contract::Caches;
        use std::sync::Arc;

        playhouse_core::contract::cache!(async {
            let (sides, hand) = sides();
            Caches::many(sides.iter().map(|side| side.cache() as Arc<dyn Cache>).collect()).with_hand(hand)
        });
    }

    mod store {
        use super::sides;
        use playhouse_core::contract::Stores;
        use playhouse_core::store::Store;
        use std::sync::Arc;

        playhouse_core::contract::store!(async {
            Stores::many(sides().0.iter().map(|side| side.store() as Arc<dyn Store>).collect())
        });
    }

    mod ends {
        use super::sides;
        use bytes::Bytes;
        use futures_util::FutureExt as _;
        use playhouse_core::broker::Broker as _;
        use playhouse_core::engine::together::Side;
        use playhouse_core::envelope::{Envelope, Stamp, Topic};
        use playhouse_core::id::{ConnectionId, NodeId};
        use playhouse_core::presence::{Member, Presence as _};
        use std::time::Duration;

        fn count(side: &Side) -> usize {
            side.count("lobby").now_or_never().unwrap().unwrap()
        }

        fn join(side: &Side, id: &str) {
            let member = Member { id: ConnectionId::new(id), details: Bytes::new() };
            side.join("lobby", member).now_or_never().unwrap().unwrap();
        }

        #[test]
        fn who_leaves_is_gone_at_once_and_who_vanishes_with_its_lease() {
            let (sides, hand) = sides();
            for (side, id) in sides.iter().zip(["ann", "bob", "cy"]) {
                join(side, id);
            }
            sides[1].leave();
            assert_eq!(count(&sides[0]), 2);
            sides[2].vanish();
            hand.advance(Duration::from_millis(9_999));
            assert_eq!(count(&sides[0]), 2);
            hand.advance(Duration::from_millis(1));
            assert_eq!(count(&sides[0]), 1);
            let (node, from) = (NodeId::new("n"), ConnectionId::server());
            let stamp = Stamp { node, epoch: 1, offset: 1, sent_at: 0 };
            let envelope = Envelope { topic: Topic::room("lobby"), stamp, from, payload: "{}".into() };
            assert!(sides[2].publish(envelope).is_err(), "it has no part in anything any more");
        }
    }
}
