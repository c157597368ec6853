//! The names under which things stand in Redis. All begin with the application's prefix.

use playhouse_core::envelope::Topic;

/// Makes names.
pub(crate) struct Keys {
    prefix: String,
    topic: String,
}

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: format!("{prefix}:"), topic: format!("{prefix}:topic:") }
    }

    /// What scripts put before the names they make themselves, with its colon.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where a topic's messages are published.
    pub(crate) fn topic(&self, topic: &Topic) -> String {
        [&self.topic, topic.as_str()].concat()
    }

    /// The topic's own name in one of Redis's.
    pub(crate) fn topic_name<'a>(&self, key: &'a [u8]) -> Option<&'a str> {
        std::str::from_utf8(key.strip_prefix(self.topic.as_bytes())?).ok()
    }

    /// A value of the application's cache: a hash of `v` (the value) and `c` (when it was set).
    pub(crate) fn cached(&self, key: &str) -> String {
        format!("{}cache:{key}", self.prefix)
    }

    /// All keys of the cache with the time of their end, to be counted.
    pub(crate) fn cache_index(&self) -> String {
        format!("{}cached", self.prefix)
    }

    /// Who holds a lock.
    pub(crate) fn lock(&self, name: &str) -> String {
        format!("{}lock:{name}", self.prefix)
    }
}
