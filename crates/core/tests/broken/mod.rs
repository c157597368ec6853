//! Engines made to break one promise each, and the guarantees that must be found broken for it.

mod broker;
mod cache;
mod presence;
mod store;

use playhouse_core::contract::{Guarantee, Nodes, run};

/// The guarantees that fail over such nodes; each is tested over nodes of its own.
fn failing<T: ?Sized>(all: &[Guarantee<T>], make: impl Fn() -> Nodes<T>) -> Vec<&'static str> {
    let fails = |test: for<'a> fn(&'a Nodes<T>) -> playhouse_core::Later<'a, Result<(), String>>| {
        let nodes = make();
        run(async { test(&nodes).await }).is_err()
    };
    all.iter().filter(|(_, test)| fails(*test)).map(|(name, _)| *name).collect()
}
