//! The generated client: the scripts and types of `client/dist`, made for this server when it starts. They are
//! served from memory, so that every page gets the client of the server that it speaks with, and written into the
//! public folder for those who want files: a bundler, an editor, a server in front.
//!
//! Knows what a client has to know, and nothing of how it does its work.

mod compiled;
mod place;
mod script;

pub use script::PluginScript;

use crate::api;
use crate::files::Made;
use playhouse_core::config::Config;
use playhouse_core::manifest::Manifest;
use playhouse_node::Node;
use std::path::Path;

/// The client's types, with those of an application: what an editor needs to know every action.
#[must_use]
pub fn types(manifest: &Manifest) -> String {
    script::types(&api::types(manifest))
}

/// What clients are given.
#[derive(Debug)]
pub(crate) struct Client {
    /// `<pathname>/primus.js`.
    pub(crate) primus: Made,
    /// `<pathname>/primus.min.js`.
    pub(crate) primus_min: Made,
    /// Files of the public folder, by their paths there.
    pub(crate) files: Vec<(String, Made)>,
}

impl Client {
    /// Makes the client of a node and writes its files below `root`, if it has one. Nothing where websockets are switched off.
    /// May block; for the start.
    pub(crate) fn make(node: &Node, plugins: &[PluginScript], root: Option<&Path>) -> Option<Self> {
        let config = node.config();
        let pathname = config.mounts.primus.path().filter(|_| config.websocket.enabled)?;
        let pathname = config.mounts.seen_by_clients(pathname);
        let compiled = compiled::literal(config, &pathname, node.has_authorization());
        let now = node.clock().unix_ms();
        let library = |text| Made::new(text, "text/javascript; charset=utf-8", now);
        let files = match &config.websocket.client_js_name {
            Some(name) => files(config, name, &compiled, plugins, types(node.manifest())),
            None => Vec::new(),
        };
        let by = node.id().to_string();
        let kept = root.map(|root| place::put(root, &files, &by)).unwrap_or_default();
        let files = files.into_iter().filter(|file| !kept.contains(&file.path));
        let files = files.map(|file| (file.path, Made::new(file.text, file.mime, now))).collect();
        Some(Self {
            primus: library(script::primus(&compiled, plugins)),
            primus_min: library(script::primus_min(&compiled, plugins)),
            files,
        })
    }
}

/// A file that is to be in the public folder.
struct Generated {
    path: String,
    text: String,
    mime: &'static str,
}

fn files(
    config: &Config,
    name: &str,
    compiled: &str,
    plugins: &[PluginScript],
    types: String,
) -> Vec<Generated> {
    const SCRIPT: &str = "application/javascript";
    let base = format!("{}{name}", config.websocket.client_js_path);
    let file =
        |extension: &str, text: String, mime| Generated { path: format!("{base}{extension}"), text, mime };
    vec![
        file(".js", script::actionhero(compiled, plugins), SCRIPT),
        file(".min.js", script::actionhero_min(compiled, plugins), SCRIPT),
        file(".d.ts", types, "application/typescript"),
    ]
}
