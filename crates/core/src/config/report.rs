//! What is in force and where each value came from, for `my-app config`. The text is a
//! `playhouse.toml` that gives the same configuration.

use super::load::Loaded;
use super::sections::ALL;

/// Where comments begin, unless a line is longer.
const COMMENT_COLUMN: usize = 44;

impl Loaded {
    /// Every setting with its value, and behind it the place the value came from.
    ///
    /// No setting holds a secret; one that does must not be shown here.
    #[must_use]
    pub fn report(&self) -> String {
        let mut out = String::new();
        for section in ALL {
            if !section.path.is_empty() {
                out.push_str(&format!("\n[{}]\n", section.path.join(".")));
            }
            for setting in section.settings {
                let line = format!("{} = {}", setting.key, (setting.show)(&self.config));
                let place = self.place(&setting.path()).map(|place| place.to_string()).unwrap_or_default();
                out.push_str(&format!("{line:<COMMENT_COLUMN$}  # {place}\n"));
            }
        }
        out
    }
}
