//! In the place of a server: nobody is connected, and nobody reads files.

use playhouse_core::Later;
use playhouse_core::encoder::Encoder;
use playhouse_core::event::{FileContent, ServerEvent};
use playhouse_core::wire::WireForm;
use playhouse_node::files::{Files, NoFile};

/// Fulfils the ports of a node that has no server.
pub(crate) struct Nobody;

impl Encoder for Nobody {
    fn encode(&self, _form: WireForm, _event: &ServerEvent<'_>, _out: &mut Vec<u8>) {}
}

impl Files for Nobody {
    fn read(&self, _path: &str) -> Later<'_, Result<FileContent, NoFile>> {
        Box::pin(std::future::ready(Err(NoFile::NotFound)))
    }
}
