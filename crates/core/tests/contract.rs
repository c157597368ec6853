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
}
