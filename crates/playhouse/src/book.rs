//! Every page with a program in it, so that `cargo test --doc` compiles what people read. Nothing here is in the library.

#[doc = include_str!("../../../README.md")]
struct Readme;

#[doc = include_str!("../../../docs/first.md")]
struct First;

#[doc = include_str!("../../../docs/from-actionhero.md")]
struct FromActionHero;

#[doc = include_str!("../../../docs/coming-from-rivet.md")]
struct ComingFromRivet;

#[doc = include_str!("../../../docs/actors.md")]
struct Actors;

#[doc = include_str!("../../../docs/concepts/connections.md")]
struct Connections;

#[doc = include_str!("../../../docs/concepts/actions.md")]
struct Actions;

#[doc = include_str!("../../../docs/concepts/rooms.md")]
struct Rooms;

#[doc = include_str!("../../../docs/concepts/errors.md")]
struct Errors;

#[doc = include_str!("../../../docs/how-to/identity.md")]
struct Identity;

#[doc = include_str!("../../../docs/how-to/middleware.md")]
struct Middleware;

#[doc = include_str!("../../../docs/how-to/state.md")]
struct State;

#[doc = include_str!("../../../docs/how-to/speak.md")]
struct Speak;
