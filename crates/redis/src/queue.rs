//! Commands that have an order: each takes its place in the call, and one task sends them in batches.
//!
//! While one batch is under way the next one gathers, so that a busy node makes few and large writes and an idle one
//! waits for nobody. Bounded in bytes; what does not fit is refused in the call.

use crate::pipe::Pipe;
use crate::settings::Ground;
use playhouse_core::clock::Moment;
use playhouse_core::trouble::Trouble;
use redis::{Cmd, Pipeline, Value};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};

/// A batch holds at most so many commands: the answers to all of them come at once.
const BATCH_COMMANDS: usize = 4_096;

/// A batch holds at most so many bytes, or one command.
const BATCH_BYTES: usize = 1024 * 1024;

/// What a command costs beside its own bytes.
const OVERHEAD: usize = 256;

pub(crate) struct Queue {
    ground: Arc<Ground>,
    pipe: Arc<Pipe>,
    waiting: Mutex<Waiting>,
    more: Notify,
}

#[derive(Default)]
struct Waiting {
    commands: VecDeque<Ordered>,
    bytes: usize,
    closed: bool,
}

/// A command in its place.
struct Ordered {
    command: Cmd,
    bytes: usize,
    since: Moment,
    answer: oneshot::Sender<Result<Value, Trouble>>,
}

/// As many bytes wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The answer to come.
pub(crate) struct Ticket(oneshot::Receiver<Result<Value, Trouble>>);

impl Ticket {
    /// Dropping it instead does not call the command back.
    pub(crate) async fn answer(self) -> Result<Value, Trouble> {
        self.0.await.unwrap_or_else(|_| Err(Trouble::Unknown("the engine has stopped".into())))
    }
}

impl Queue {
    pub(crate) fn new(ground: Arc<Ground>, pipe: Arc<Pipe>) -> Self {
        Self { ground, pipe, waiting: Mutex::default(), more: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("nothing panics while it holds the queue")
    }

    /// Takes a command in; its place in the order is that of this call. A single large one passes when nothing else
    /// waits.
    pub(crate) fn push(&self, command: Cmd) -> Result<Ticket, Full> {
        Ok(self.push_after(command, || ())?.0)
    }

    /// The same after `first`, which is called where there is a place: nobody can send the command yet, or take another
    /// place. It must not wait, nor push.
    pub(crate) fn push_after<T>(&self, command: Cmd, first: impl FnOnce() -> T) -> Result<(Ticket, T), Full> {
        let bytes = OVERHEAD + command.args_iter().map(|arg| weight(&arg)).sum::<usize>();
        let mut waiting = self.lock();
        if waiting.closed || waiting.bytes > 0 && waiting.bytes + bytes > self.ground.settings.queue {
            return Err(Full);
        }
        let done = first();
        let (answer, answered) = oneshot::channel();
        waiting.bytes += bytes;
        let since = self.ground.clock.now();
        waiting.commands.push_back(Ordered { command, bytes, since, answer });
        let was_empty = waiting.commands.len() == 1;
        drop(waiting);
        if was_empty {
            self.more.notify_one();
        }
        Ok((Ticket(answered), done))
    }

    /// Takes nothing in any more, and gives up what waits.
    pub(crate) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.commands.clear();
    }

    /// Sends what waits, for ever.
    pub(crate) async fn work(self: Arc<Self>) {
        loop {
            let batch = self.take();
            if batch.is_empty() {
                self.more.notified().await;
                continue;
            }
            self.send(batch).await;
        }
    }

    fn take(&self) -> Vec<Ordered> {
        let mut waiting = self.lock();
        let mut bytes = 0;
        let fits = |(nth, ordered): &(usize, &Ordered)| {
            bytes += ordered.bytes;
            *nth == 0 || (*nth < BATCH_COMMANDS && bytes <= BATCH_BYTES)
        };
        let count = waiting.commands.iter().enumerate().take_while(fits).count();
        let batch: Vec<_> = waiting.commands.drain(..count).collect();
        waiting.bytes -= batch.iter().map(|ordered| ordered.bytes).sum::<usize>();
        batch
    }

    /// Without what has waited for too long: its time begins in the call, and it was never sent.
    fn in_time(&self, mut batch: Vec<Ordered>) -> Vec<Ordered> {
        let (now, timeout) = (self.ground.clock.now(), self.ground.settings.timeout);
        let late = batch.extract_if(.., |ordered| now.since(ordered.since) > timeout);
        refuse(late, &Trouble::Away("it had to wait for too long".into()));
        batch
    }

    async fn send(&self, batch: Vec<Ordered>) {
        let (mut connection, nth) = match self.pipe.connection() {
            Ok(up) => up,
            Err(trouble) => return refuse(batch, &trouble),
        };
        let batch = self.in_time(batch);
        if batch.is_empty() {
            return;
        }
        let mut pipeline = Pipeline::with_capacity(batch.len());
        let mut answers = Vec::with_capacity(batch.len());
        for Ordered { command, answer, .. } in batch {
            pipeline.add_command(command);
            answers.push(answer);
        }
        let sent = connection.send_packed_commands(&pipeline, 0, answers.len());
        match self.ground.in_time(sent).await {
            Ok(values) => {
                for (answer, value) in answers.into_iter().zip(values) {
                    let value = value.extract_error().map_err(|error| self.pipe.trouble(nth, &error));
                    // Whoever dropped the ticket does not want it.
                    let _ = answer.send(value);
                }
            }
            Err(error) => {
                let trouble = self.pipe.trouble(nth, &error);
                answers.into_iter().for_each(|answer| drop(answer.send(Err(trouble.clone()))));
            }
        }
    }
}

fn refuse(batch: impl IntoIterator<Item = Ordered>, trouble: &Trouble) {
    for ordered in batch {
        // Whoever dropped the ticket does not want it.
        let _ = ordered.answer.send(Err(trouble.clone()));
    }
}

fn weight(arg: &redis::Arg<&[u8]>) -> usize {
    match arg {
        redis::Arg::Simple(bytes) => bytes.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue for so many bytes, on which nobody works.
    fn queue(bytes: usize) -> Queue {
        let ground = Arc::new(Ground::unconnected(bytes));
        Queue::new(ground.clone(), Arc::new(Pipe::new("redis", ground)))
    }

    #[tokio::test]
    async fn what_comes_first_is_done_before_anybody_can_send() {
        let queue = queue(1_000);
        let (_ticket, was_locked) =
            queue.push_after(redis::cmd("PING"), || queue.waiting.try_lock().is_err()).ok().unwrap();
        assert!(was_locked);
        assert_eq!(queue.take().len(), 1);
    }

    #[tokio::test]
    async fn nothing_is_done_for_what_is_refused() {
        let queue = queue(1);
        let _first = queue.push(redis::cmd("PING")).ok().unwrap();
        assert!(queue.push_after(redis::cmd("PING"), || panic!("it is full")).is_err());
    }
}
