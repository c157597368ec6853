//! Placeholder; see the description of the crate.
fn main() {}
