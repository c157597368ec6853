//! `[log]`: what is logged, and how.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{LOG_FORMAT, LogFormat};
use crate::config::kind::number::YesNo;
use crate::config::kind::text::Filter;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// The log. `log = "debug"` is short for `log.filter`.
    Log [log] as TABLE {
        /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, for all or for a part of the
        /// program, as in `info,playhouse_node=debug`.
        filter: String = "info".into(), Filter;
        /// How lines are written.
        format: LogFormat = LogFormat::Text, LOG_FORMAT;
        /// Actions that take longer are logged at `info`; others over websockets at `debug`.
        slow_action: Duration = secs(1), time(millis(0), hours(24));
        /// Whether values that clients sent may be logged.
        client_values: bool = false, YesNo;
    }
}
