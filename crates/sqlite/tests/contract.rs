//! The contract suites over a file of each test's own.

mod kit;

use kit::{Folder, open_at};
use playhouse_core::Later;
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::contract::{Caches, Nodes};
use playhouse_sqlite::{Durability, Settings, Sqlite};
use std::sync::{Arc, Mutex};

/// The one node of an engine, which can be closed and opened.
fn node<T: ?Sized + 'static>(durability: Durability, of: fn(&Sqlite) -> Arc<T>) -> (Nodes<T>, Manual) {
    let (clock, hand) = Clock::manual();
    let folder = Folder::new();
    let settings = Settings { durability, ..folder.settings() };
    let open = move || open_at(&settings, &clock).expect("a folder of its own is fit for use");
    let now = Arc::new(Mutex::new(open()));
    let node = Nodes::one(of(&now.lock().expect("nothing panics while it holds this")));
    let open = Arc::new((open, now, folder));
    let reopen = move || -> Later<'static, Arc<T>> {
        let open = open.clone();
        Box::pin(async move {
            let (open, now, _) = &*open;
            let former = now.lock().expect("nothing panics while it holds this").clone();
            former.close().await;
            let opened = open();
            let node = of(&opened);
            *now.lock().expect("nothing panics while it holds this") = opened;
            node
        })
    };
    (node.with_reopen(reopen), hand)
}

mod full {
    use super::{Durability, Sqlite, node};

    playhouse_core::contract::store!(async { node(Durability::Full, Sqlite::store).0 });
}

mod relaxed {
    use super::{Durability, Sqlite, node};

    playhouse_core::contract::store!(async { node(Durability::Relaxed, Sqlite::store).0 });
}

mod cache {
    use super::{Caches, Durability, Sqlite, node};

    playhouse_core::contract::cache!(async {
        let (nodes, hand): (Caches, _) = node(Durability::Full, Sqlite::cache);
        nodes.with_hand(hand)
    });
}
