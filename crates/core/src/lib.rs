//! The words of Playhouse as types: what every other crate speaks in.
//!
//! Owns the events between a dialect and a connection, envelopes, codes, the contracts that an engine
//! fulfils with the engine that needs nothing (`engine::memory`), configuration, time, chance and tasks.
//! Knows no socket, no protocol and no application.

pub mod actor;
pub mod bell;
pub mod broker;
pub mod cache;
pub mod clock;
pub mod codes;
pub mod config;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod encoder;
pub mod engine;
pub mod envelope;
pub mod error;
pub mod event;
pub mod head;
pub mod health;
pub mod id;
pub mod json;
pub mod manifest;
pub mod os;
pub mod presence;
pub mod rng;
pub mod secret;
pub mod store;
pub mod tally;
pub mod tasks;
pub mod trouble;
pub mod typemap;
pub mod value;
pub mod verbs;
pub mod wire;

use std::future::Future;
use std::pin::Pin;

/// What a contract's method returns when it may have to wait: boxed, so that contracts stay `dyn`, and
/// `Send`, because nothing here knows on which thread it is polled.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
