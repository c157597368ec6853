//! `[files]`: what the public folder holds, and how it is served.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::{GIB, KIB, MIB, YesNo, size};
use crate::config::kind::text::{FOLDER, Word};
use crate::config::kind::time::{hours, secs, time};

section! {
    /// Files of the public folder, over HTTP and by the verb `file`.
    Files [files] as TABLE {
        /// The public folder. Nothing outside of it is ever served.
        folder: PathBuf = "./public".into(), FOLDER;
        /// The file that stands for its folder.
        index: String = "index.html".into(), Word;
        /// How long browsers may keep a file without asking.
        cache_duration: Duration = secs(60), time(secs(0), hours(24 * 365));
        /// Whether files have an `ETag`.
        etag: bool = true, YesNo;
        /// The largest file that the verb `file` sends; a larger one is not found. Over HTTP files have no
        /// limit.
        verb_max: usize = 10 * MIB, size(KIB, GIB);
    }
}
