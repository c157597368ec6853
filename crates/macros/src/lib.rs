//! Placeholder; see the description of the crate.
