//! The contract suites over three nodes and a real Redis. The last node can be parted from it.

mod kit;

mod broker {
    use super::kit::three_with_cut;
    use playhouse_core::contract::Brokers;
    use playhouse_redis::Redis;

    playhouse_core::contract::broker!(async {
        let (nodes, proxy) = three_with_cut().await;
        Brokers::many(nodes.iter().map(Redis::broker).collect()).with_cut(proxy)
    });
}

mod presence {
    use super::kit::three_with_cut;
    use playhouse_core::contract::Presences;
    use playhouse_redis::Redis;

    playhouse_core::contract::presence!(async {
        let (nodes, proxy) = three_with_cut().await;
        Presences::many(nodes.iter().map(Redis::presence).collect()).with_cut(proxy)
    });
}

mod cache {
    use super::kit::three;
    use playhouse_core::contract::Caches;
    use playhouse_redis::Redis;

    playhouse_core::contract::cache!(async {
        Caches::many(three().await.iter().map(Redis::cache).collect())
    });
}
