//! A connection's own view of itself.

use super::{Connection, Port};
use playhouse_core::json;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Key order as `ActionHero` writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    id: &'a str,
    fingerprint: &'a str,
    #[serde(rename = "remoteIP")]
    remote_ip: String,
    remote_port: &'a Port,
    params: &'a RawValue,
    connected_at: u64,
    rooms: Vec<Arc<str>>,
    total_actions: u64,
    pending_actions: usize,
}

impl Connection {
    /// Its own view of itself, as raw JSON: what `detailsView` answers.
    #[must_use]
    pub fn details(&self) -> String {
        let params = RawValue::from_string(self.params()).expect("saved parameters are made as JSON");
        let details = Details {
            id: self.id().as_str(),
            fingerprint: self.fingerprint(),
            remote_ip: self.remote_ip().to_string(),
            remote_port: self.remote_port(),
            params: &params,
            connected_at: self.connected_at(),
            rooms: self.rooms(),
            total_actions: self.total_actions(),
            pending_actions: self.pending_actions(),
        };
        json::to_text(&details).expect("details are texts and numbers")
    }
}
