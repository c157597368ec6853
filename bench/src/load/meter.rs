//! The time of a run: first a warm-up that does not count, then the span that does.
//!
//! It owns the clocks (of the wall and of both processors) and must not know what is counted.

use std::io;
use std::iter;
use std::time::{Duration, Instant};

use crate::load::failure::Failure;
use crate::load::{Sample, Target};
use crate::net;

/// Runs at most so long before counting begins: caches, allocators and branch predictors settle.
const WARM_UP: Duration = Duration::from_millis(300);

/// Without an answer for so long a run has failed. All answers are due within milliseconds.
pub(crate) const STALLED: Duration = Duration::from_secs(10);

/// Watches one run and says when it is over.
pub(crate) struct Meter {
    pids: Vec<u32>,
    span: Duration,
    opens: Instant,
    first: Option<Mark>,
    last_done: u64,
    last_at: Instant,
}

struct Mark {
    at: Instant,
    done: u64,
    server: Duration,
    own: Duration,
}

impl Mark {
    fn now(pids: &[u32], at: Instant, done: u64) -> Result<Self, Failure> {
        let server = pids.iter().map(|&pid| net::cpu_of(pid)).sum::<io::Result<Duration>>();
        let server = server.map_err(Failure::while_("reading the server's processor time"))?;
        let own = net::own_cpu().map_err(Failure::while_("reading our processor time"))?;
        Ok(Self { at, done, server, own })
    }
}

impl Meter {
    /// A meter that counts for `target.span` after the warm-up.
    pub(crate) fn new(target: &Target) -> Self {
        let now = Instant::now();
        Self {
            pids: iter::once(target.pid).chain(target.with.iter().copied()).collect(),
            span: target.span,
            opens: now + WARM_UP.min(target.span),
            first: None,
            last_done: 0,
            last_at: now,
        }
    }

    /// Whether counting has not begun yet.
    pub(crate) fn warms_up(&self) -> bool {
        self.first.is_none()
    }

    /// To be called after every turn with what has been done so far, in all; gives the sample at the end.
    pub(crate) fn turn(&mut self, done: u64) -> Result<Option<Sample>, Failure> {
        let now = Instant::now();
        if done > self.last_done {
            (self.last_done, self.last_at) = (done, now);
        } else if now - self.last_at > STALLED {
            return Err(Failure::Stalled(STALLED));
        }
        match &self.first {
            None if now >= self.opens => self.first = Some(Mark::now(&self.pids, now, done)?),
            // A run in which nothing was done has no rate: it goes on until something is, or has stalled.
            Some(first) if now - first.at >= self.span && done > first.done => {
                return Ok(Some(sample(first, &Mark::now(&self.pids, now, done)?)));
            }
            None | Some(_) => {}
        }
        Ok(None)
    }
}

fn sample(first: &Mark, last: &Mark) -> Sample {
    let seconds = (last.at - first.at).as_secs_f64();
    let share = |from: Duration, to: Duration| to.saturating_sub(from).as_secs_f64() / seconds;
    let done = u32::try_from(last.done - first.done).map_or(f64::from(u32::MAX), f64::from);
    Sample {
        value: done / seconds,
        server_busy: share(first.server, last.server),
        load_busy: share(first.own, last.own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_what_was_done_between_the_marks() {
        let at = Instant::now();
        let ms = Duration::from_millis;
        let first = Mark { at, done: 100, server: ms(10), own: ms(500) };
        let last = Mark { at: at + ms(2000), done: 700, server: ms(1010), own: ms(2500) };
        let sample = sample(&first, &last);
        assert!((sample.value - 300.0).abs() < 1e-9);
        assert!((sample.server_busy - 0.5).abs() < 1e-9);
        assert!((sample.load_busy - 1.0).abs() < 1e-9);
    }
}
