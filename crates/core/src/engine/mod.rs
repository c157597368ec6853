//! The engines that need nothing beside this process. Others (`sqlite`, `redis`) are crates of their own.
//!
//! Knows the contracts and the clock; knows nothing of who calls it.

pub mod memory;
pub mod together;
