//! `[mounts]`: which path belongs to whom.

use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{Mount, MountKind};

section! {
    /// Which path belongs to whom; each can be moved or switched off. The first match wins, and a mount
    /// never answers for a longer name: `/apix` is not below `/api`.
    Mounts [mounts] as TABLE {
        /// Primus clients, ActionHero's among them, over websockets, engine.io or SockJS. The same as `websocket.server.pathname`.
        primus: Mount = Mount::At("/primus".into()), MountKind;
        /// Plain engine.io clients.
        engineio: Mount = Mount::At("/engine.io".into()), MountKind;
        /// Clients of socket.io.
        socketio: Mount = Mount::At("/socket.io".into()), MountKind;
        /// Plain SockJS clients.
        sockjs: Mount = Mount::At("/sockjs".into()), MountKind;
        /// Calls and connections to actors, as RivetKit's clients make them. This and the four that follow are below
        /// `actors.path`.
        gateway: Mount = Mount::At("/gateway".into()), MountKind;
        /// Where actors are found and made, and where actor-core's clients reach them.
        actors: Mount = Mount::At("/actors".into()), MountKind;
        /// Where actor-core's clients find and make actors.
        manager: Mount = Mount::At("/manager".into()), MountKind;
        /// What RivetKit's clients ask for first.
        metadata: Mount = Mount::At("/metadata".into()), MountKind;
        /// A sign of life for RivetKit's clients.
        health: Mount = Mount::At("/health".into()), MountKind;
        /// Actions.
        api: Mount = Mount::At("/api".into()), MountKind;
        /// Files of the public folder.
        files: Mount = Mount::At("/public".into()), MountKind;
        /// The page on which a person tries actions and rooms, and the documents of the interface. It shows all of
        /// the interface to everybody, so it is off unless it is wanted.
        explorer: Mount = Mount::Off, MountKind;
        /// Where another program mounts all of this one, as browsers see it: generated clients are told so. It is
        /// what that program takes off a path before this one sees it.
        prefix: Mount = Mount::Off, MountKind;
    }
}

impl Mounts {
    /// A path of this node as clients see it.
    #[must_use]
    pub fn seen_by_clients(&self, path: &str) -> String {
        [self.prefix.path().unwrap_or_default(), path].concat()
    }
}
