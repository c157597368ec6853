//! Accepting: one listener for each worker, one permit for each connection.

mod accept;
mod begun;
mod held;
mod permit;
mod requests;
#[cfg(test)]
mod tests;
mod watched;

pub(crate) use accept::{Accept, Accepting};
pub(crate) use begun::Begun;
pub(crate) use held::{Held, Holding, StandIn};
pub(crate) use permit::{Permit, Permits};
pub(crate) use requests::{Answered, Doubt, Doubtful, Open, Requests};
pub(crate) use watched::{Patience, Watched};
