//! `[rooms]`: which rooms there are at the start.

use crate::config::declare::{at, names, section};
use crate::config::kind::list::list;
use crate::config::kind::text::Text;

section! {
    /// Rooms.
    Rooms [rooms] as TABLE {
        /// Rooms that exist from the start, besides those that the application names.
        starting: Vec<String> = vec![], list(Text);
    }
}
