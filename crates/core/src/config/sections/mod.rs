//! The sections, a file each, and the list of all of them in the order of the book.

mod actions;
mod actors;
mod app;
mod cluster;
mod drain;
mod engineio;
mod files;
mod http;
mod limits;
mod log;
mod mounts;
mod node;
mod redis;
mod rooms;
mod socketio;
mod sockjs;
mod texts;
mod websocket;

pub use self::actions::Actions;
pub use self::actors::Actors;
pub use self::app::App;
pub use self::cluster::Cluster;
pub use self::drain::Drain;
pub use self::engineio::EngineIo;
pub use self::files::Files;
pub use self::http::Http;
pub use self::limits::Limits;
pub use self::log::Log;
pub use self::mounts::Mounts;
pub use self::node::Config;
pub use self::redis::Redis;
pub use self::rooms::Rooms;
pub use self::socketio::SocketIo;
pub use self::sockjs::SockJs;
pub use self::texts::Texts;
pub use self::websocket::{Client, Reconnect, Server, Websocket};

use super::declare::{Section, Setting};

/// Every section.
pub(super) const ALL: &[Section] = &[
    node::TABLE,
    app::TABLE,
    websocket::TABLE,
    websocket::SERVER,
    websocket::CLIENT,
    websocket::RECONNECT,
    engineio::TABLE,
    sockjs::TABLE,
    socketio::TABLE,
    actions::TABLE,
    actors::TABLE,
    rooms::TABLE,
    http::TABLE,
    files::TABLE,
    mounts::TABLE,
    limits::TABLE,
    redis::TABLE,
    cluster::TABLE,
    drain::TABLE,
    log::TABLE,
    texts::TABLE,
];

/// Every setting, in the order of [`ALL`].
pub(super) fn settings() -> impl Iterator<Item = &'static Setting> {
    ALL.iter().flat_map(|section| section.settings)
}
