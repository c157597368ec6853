//! Playhouse: actions, rooms and durable actors. The clients of `ActionHero`, Primus, `RivetKit` and actor-core connect to
//! it unchanged, and so does plain HTTP.
//!
//! An application is a few async functions and one line that names them:
//!
//! ```no_run
//! use playhouse::prelude::*;
//!
//! /// What `greet` answers. Fields travel in camelCase.
//! #[data]
//! struct Greeting {
//!     greeting: String,
//!     uptime_ms: u64,
//! }
//!
//! /// Greets somebody.
//! #[action]
//! async fn greet(cx: &Cx, #[check(length(1..=50))] name: String) -> Result<Greeting> {
//!     cx.room("lobby").say(&json!({ "arrived": name })).await?;
//!     Ok(Greeting { greeting: format!("Hello {name}!"), uptime_ms: cx.node().uptime_ms() })
//! }
//!
//! fn app() -> App {
//!     App::new().actions::<(greet,)>().room("lobby")
//! }
//!
//! fn main() -> ExitCode {
//!     app().run()
//! }
//!
//! #[playhouse::test]
//! async fn greets_by_name() -> Result<()> {
//!     let t = Test::start(app()).await;
//!     let ann = t.connect().await;
//!     let lobby = ann.room("lobby").await?;
//!     assert_eq!(t.run(greet { name: "Ben".into() }).await?.greeting, "Hello Ben!");
//!     assert_eq!(lobby.heard::<Value>().await, json!({ "arrived": "Ben" }));
//!     Ok(())
//! }
//! ```
//!
//! It is served as `GET /api/greet?name=Ben`, as an action over the websocket, and as
//! `my-app call greet --name Ben`.
//!
//! Where to read on: [`macro@action`] for inputs, checks and what comes from the call, [`macro@data`] for what
//! travels, [`macro@actor`] and [`macro@event`] for durable actors, [`App`] for middleware, hooks and state, [`Cx`] and [`Connection`] for what a call knows of its caller,
//! [`Room`] for rooms, [`Remote`] for connections of other nodes, [`Cache`] for what is kept for a while, [`Reject`] for an application's own errors, [`Test`]
//! and [`macro@test`] for tests, [`Handle`] for everything that begins outside of a call, [`App::into_service`] for a
//! server that is there already.
//!
//! This crate is the facade: it ties the others together and is the only one that an application depends on.

// What the attributes write says `::playhouse`, in here too.
extern crate self as playhouse;

pub mod actor;
mod actors;
mod app;
mod assemble;
mod engine;
mod handle;
mod inputs;
mod nobody;
mod plugin;
pub mod prelude;
mod private;
mod run;
mod service;
mod settings;
mod swagger;
pub mod test;
mod values;

/// What the attributes write refers to. No part of the interface: it changes with them.
#[doc(hidden)]
pub mod __private {
    pub use crate::private::*;
}

pub use actors::ReachesActors;
pub use app::App;
pub use assemble::StartError;
pub use engine::EngineError;
pub use handle::Handle;
pub use inputs::{Inputs, Sending, Travels};
pub use playhouse_core::Later;
pub use playhouse_core::config::Config;
pub use playhouse_core::envelope::Envelope;
pub use playhouse_core::error::{Error, Fault, Reject, Result};
pub use playhouse_core::head::Head;
pub use playhouse_core::manifest;
pub use playhouse_core::os::resident_bytes;
pub use playhouse_node::action::cx::State;
pub use playhouse_node::action::input::as_text;
pub use playhouse_node::action::shape::{self, JsonSchema};
pub use playhouse_node::action::{
    Action, Actions, Bytes, Cx, Definition, FromCx, Input, InputDefinition, Middleware, Next, Output, Params,
    Reply, Sent,
};
pub use playhouse_node::cache::{Cache, Entry};
pub use playhouse_node::hooks::Incoming;
pub use playhouse_node::room::{Heard, Said};
pub use playhouse_node::{Connection, Kind, Node, Port, Remote, Room};
pub use playhouse_server::{Answer, PeerAddress};
pub use plugin::Plugin;
pub use serde_json::{Value, json};
pub use service::Service;
pub use swagger::swagger;
pub use test::Test;

#[doc = include_str!("docs/action.md")]
pub use playhouse_macros::action;

#[doc = include_str!("docs/actor.md")]
pub use playhouse_macros::actor;

#[doc = include_str!("docs/event.md")]
pub use playhouse_macros::event;

#[doc = include_str!("docs/data.md")]
pub use playhouse_macros::data;

#[doc = include_str!("docs/test.md")]
pub use playhouse_macros::test;

/// The programs of the README and of the book compile, and those that can run do.
#[cfg(doctest)]
mod book;
