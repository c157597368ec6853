//! The one place that starts the engine's threads: they wait for the disk and would block whoever lent them a turn.

use crate::line::Line;
use crate::lock::Lock;
use crate::reply::{self, Reply};
use std::io;
use std::sync::Arc;

/// Starts a thread that works off a line. Whatever ends it: the line is closed, what still stands there is dropped, and the
/// reply comes when the thread has let go of all it had.
pub(crate) fn start<J: Send + 'static>(
    name: &str,
    line: Arc<Line<J>>,
    lock: Arc<Lock>,
    work: impl FnOnce(&Line<J>) + Send + 'static,
) -> io::Result<Reply<()>> {
    let (ended, reply) = reply::pair();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Dropped from the last to the first, also if the work panics.
        let _ended = ended;
        let _lock = lock;
        let ends = Ends(line);
        work(&ends.0);
    })?;
    Ok(reply)
}

struct Ends<J>(Arc<Line<J>>);

impl<J> Drop for Ends<J> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a thread of the database panicked; nothing more is done by it");
        }
        self.0.close();
        drop(self.0.take_rest());
    }
}
