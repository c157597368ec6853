//! A file that this process has made and holds in memory: served as those of the public folder are.

use super::conditional::Version;
use bytes::Bytes;
use playhouse_core::event::FileContent;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Made {
    pub(super) bytes: Bytes,
    pub(super) mime: &'static str,
    /// The same for the same bytes on every node that runs this program.
    pub(super) version: Version,
    made_ms: u64,
}

impl Made {
    /// A file with this text, made at this time (milliseconds since 1970).
    pub(crate) fn new(text: String, mime: &'static str, made_ms: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let version = Version { size: text.len() as u64, mark: hasher.finish(), modified_ms: None };
        Self { bytes: text.into(), mime, version, made_ms }
    }

    /// As a message carries it.
    pub(super) fn content(&self) -> FileContent {
        FileContent {
            text: String::from_utf8_lossy(&self.bytes).into_owned(),
            mime: self.mime.split(';').next().unwrap_or_default().to_owned(),
            length: self.version.size,
            modified_ms: self.made_ms,
        }
    }
}
