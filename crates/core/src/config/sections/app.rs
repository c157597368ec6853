//! `[app]`: what the application calls itself.

use crate::config::declare::{at, names, section};
use crate::config::kind::text::Text;

section! {
    /// What the application calls itself: in the welcome, in the metadata of HTTP answers, in its status.
    App [app] as TABLE {
        /// Its name.
        name: String = "playhouse".into(), Text;
        /// Its version.
        version: String = "0.1.0".into(), Text;
        /// What it is, in a sentence.
        description: String = String::new(), Text;
    }
}
