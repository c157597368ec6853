//! What most files of an application use: `use playhouse::prelude::*;`. Not the attribute `#[playhouse::test]`,
//! which would take the place of Rust's own `#[test]`.

pub use crate::actor::ActorCx;
pub use crate::{
    App, Connection, Cx, Error, FromCx, Handle, Head, Input, Next, Params, ReachesActors as _, Reject, Reply,
    Result, Sent, State, Test, Value, action, actor, as_text, data, event, json,
};
pub use std::process::ExitCode;
pub use std::time::Duration;
