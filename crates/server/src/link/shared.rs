//! What all links of a node share.

use super::half_read::HalfRead;
use playhouse_core::encoder::Encoder;
use playhouse_node::Node;
use playhouse_proto::primus::beat;
use std::sync::Arc;
use std::time::Duration;

/// What all links of a node share.
pub(crate) struct Shared {
    pub(crate) node: Node,
    pub(crate) encoder: Arc<dyn Encoder>,
    pub(crate) half_read: HalfRead,
    /// Of Primus' heartbeat.
    pub(crate) beat: beat::Limits,
    /// How long a client may take to answer our close frame.
    pub(crate) close_wait: Duration,
}
