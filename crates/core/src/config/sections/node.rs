//! The top level: where the node listens and keeps its data, and the sections below.

use std::path::PathBuf;

use super::{
    Actions, Actors, App, Cluster, Drain, EngineIo, Files, Http, Limits, Log, Mounts, Redis, Rooms, SockJs,
    SocketIo, Texts, Websocket,
};
use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{ENGINE, Engine};
use crate::config::kind::number::whole;
use crate::config::kind::off;
use crate::config::kind::text::{FOLDER, Word};

section! {
    /// Where the node listens, and where it keeps what it has to keep.
    Config [] as TABLE {
        /// The address to listen on: `0.0.0.0` and `::` are all addresses of the machine.
        host: String = "0.0.0.0".into(), Word;
        /// The port to listen on; 0 lets the system choose one. `PORT` works too, as people expect.
        port: u16 = 8080, whole(0, u16::MAX);
        /// How many threads serve connections.
        workers: Option<usize> = None, off(whole(1, 1_024), "one for each core");
        /// The folder for what outlives the process.
        data_dir: PathBuf = "./data".into(), FOLDER;
        /// What keeps rooms, presence and the cache: this process by itself, or a Redis that several nodes share.
        engine: Engine = Engine::Embedded, ENGINE;
    }
    with {
        /// What the application calls itself.
        app: App,
        /// Websockets.
        websocket: Websocket,
        /// Sessions of engine.io.
        engineio: EngineIo,
        /// Sessions of SockJS.
        sockjs: SockJs,
        /// Clients of socket.io.
        socketio: SocketIo,
        /// How actions run.
        actions: Actions,
        /// Durable actors.
        actors: Actors,
        /// Rooms.
        rooms: Rooms,
        /// HTTP.
        http: Http,
        /// Files of the public folder.
        files: Files,
        /// Which path belongs to whom.
        mounts: Mounts,
        /// Limits.
        limits: Limits,
        /// The Redis of `engine = "redis"`.
        redis: Redis,
        /// What nodes ask of each other.
        cluster: Cluster,
        /// Stopping.
        drain: Drain,
        /// The log.
        log: Log,
        /// What clients are told in words.
        texts: Texts,
    }
}
