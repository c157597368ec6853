//! AsyncAPI 3.0: what travels over the websocket, both ways, from the server's side: it receives calls and verbs, and
//! sends what it was not asked for.

mod calls;
mod messages;
mod pushes;
mod verbs;

use super::info;
use messages::Messages;
use playhouse_core::config::{Config, Mount};
use playhouse_core::manifest::Manifest;
use serde_json::{Map, Value, json};

/// What holds for all messages and no place of the format has.
const ABOUT: &str = "Every message is one text frame with one JSON document. A request has an `event` and a \
     `messageId`, which its answer repeats; answers may come in any order. Requests other than `action` take effect in \
     the order in which they arrive. What the server sends by itself has a `context` of its own and no `messageId`. \
     Frames whose text begins with `\"primus::` are the transport's. Refusals have `code` and `fields` for clients \
     that put `_playhouse=<their version>` into the query when they connect.";

/// The one place of this document where messages travel; the server's path is all that a client has to know.
const PLACE: &str = "#/channels/connection";

/// The AsyncAPI document.
#[must_use]
pub fn asyncapi(manifest: &Manifest, config: &Config) -> Value {
    let mut messages = Messages::new(manifest);
    let mut operations = Map::new();
    if let Mount::At(_) = &config.mounts.primus {
        calls::add(manifest, &mut messages, &mut operations);
        verbs::add(&mut messages, &mut operations);
        pushes::add(manifest, &mut messages, &mut operations);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": info(manifest, ABOUT),
        "defaultContentType": "application/json",
        "servers": servers(config),
        "channels": places(config, &messages),
        "operations": operations,
        "components": messages.components(),
    })
}

fn servers(config: &Config) -> Value {
    let Mount::At(mount) = &config.mounts.primus else { return json!({}) };
    let server = |protocol: &str, text: &str| {
        json!({
            "host": format!("localhost:{}", config.port),
            "pathname": config.mounts.seen_by_clients(mount),
            "protocol": protocol,
            "description": text,
        })
    };
    json!({
        "plain": server("ws", "As the server itself listens."),
        "secure": server("wss", "Behind a proxy that speaks TLS; its host and port are the proxy's."),
    })
}

fn places(config: &Config, messages: &Messages) -> Value {
    if config.mounts.primus == Mount::Off {
        return json!({});
    }
    let cookie = &config.http.cookie_key;
    let query = json!({
        "type": "object",
        "properties": {
            (cookie.as_str()): { "type": "string", "description": "The client's fingerprint, if it has one." },
            "_playhouse": { "type": "string", "description": "A client's version: refusals then have codes." },
        },
    });
    json!({
        "connection": {
            "address": "/",
            "title": "A connection",
            "description": "One websocket. The server's path is the whole address.",
            "messages": messages.of_place(),
            "bindings": { "ws": { "method": "GET", "query": query } },
        },
    })
}
