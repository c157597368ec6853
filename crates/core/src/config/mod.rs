//! Configuration: every setting is declared once, in the table of its section, and from that line come
//! the typed field, its default, its range, its name in the environment and its page in the book.
//! Owns how settings are read, what is wrong with them and where each came from; acts on none of them.

mod check;
mod declare;
mod docs;
mod file;
mod kind;
mod legacy;
mod load;
mod problem;
mod raw;
mod report;
mod sections;
#[cfg(test)]
mod tests;
mod unknown;

pub use self::docs::docs;
pub use self::kind::choice::{
    Durability, Engine, LogFormat, Mount, Parser, RootEndpoint, Strategy, Transformer, Welcome,
};
pub use self::kind::client::ClientUrl;
pub use self::kind::manage::Manage;
pub use self::kind::net::{Network, Origins};
pub use self::kind::redis::without_password;
pub use self::kind::template::fill;
pub use self::load::{Loaded, Place, Sources};
pub use self::problem::{ConfigError, Problem};
pub use self::sections::{
    Actions, Actors, App, Client, Cluster, Config, Drain, EngineIo, Files, Http, Limits, Log, Mounts,
    Reconnect, Redis, Rooms, Server, SockJs, SocketIo, Texts, Websocket,
};
