//! The pages that are written from the code say what the code says. `UPDATE_DOCS=1 cargo test -p playhouse
//! --test docs` writes them anew.

use std::path::Path;

fn compare(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, wanted).expect("the docs folder can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == wanted,
        "docs/{name} is out of date: run `UPDATE_DOCS=1 cargo test -p playhouse --test docs`"
    );
}

#[test]
fn configuration() {
    compare("config.md", &playhouse_core::config::docs());
}

#[test]
fn verbs() {
    compare("verbs.md", &playhouse_core::verbs::page());
}

#[test]
fn codes() {
    compare("codes.md", &playhouse_core::codes::page());
}
