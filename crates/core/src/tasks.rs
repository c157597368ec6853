//! The only place that spawns. Counts what runs, by name, so that a drain can wait for all of it, and
//! keeps a panic inside its task. Knows nothing of what the tasks do.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};

use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle};

/// Names that can be counted apart. We have about a dozen; what comes after is counted as `other`.
const NAMES: usize = 32;

/// Spawns and counts. Cloning is cheap; clones count together.
#[derive(Clone)]
pub struct Tasks(Arc<Inner>);

struct Inner {
    background: Handle,
    counts: [Count; NAMES],
    closed: AtomicBool,
    panics: AtomicU64,
    /// How many wait in [`Tasks::drained`]: while nobody does, the end of a task need not tell.
    waiting: AtomicUsize,
    ended: Notify,
    /// How to end what runs, where that is wanted: a server has no use for it, and would pay for it with each task.
    mortal: Option<Mutex<Vec<AbortHandle>>>,
}

/// Two counters that only grow, one step each per task: their difference is what runs, and reading all
/// `ended` before all `started` finds "nothing runs" without a lock (see [`Inner::quiet`]).
#[derive(Default)]
struct Count {
    name: OnceLock<&'static str>,
    started: AtomicU64,
    ended: AtomicU64,
}

/// No task was started, because [`Tasks::close`] had been called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no task is started any more: the node is stopping")]
pub struct Closed;

/// [`Tasks::blocking`] has no result: it panicked, which has been logged, or its runtime ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task did not come to its end")]
pub struct Failed;

impl Tasks {
    /// Tasks whose background work runs on `background`.
    #[must_use]
    pub fn new(background: Handle) -> Self {
        Self::with(background, None)
    }

    /// The same, but [`Tasks::abort`] can end them wherever they stand, as the end of a process does: for tests.
    #[must_use]
    pub fn mortal(background: Handle) -> Self {
        Self::with(background, Some(Mutex::default()))
    }

    fn with(background: Handle, mortal: Option<Mutex<Vec<AbortHandle>>>) -> Self {
        Self(Arc::new(Inner {
            background,
            mortal,
            counts: std::array::from_fn(|_| Count::default()),
            closed: AtomicBool::new(false),
            panics: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            ended: Notify::new(),
        }))
    }

    /// The background runtime.
    #[must_use]
    pub fn background(&self) -> &Handle {
        &self.0.background
    }

    /// Starts a task on the runtime of the caller, where its caches are warm: connections stay on the
    /// worker that accepted them. Outside any runtime it starts in the background.
    ///
    /// # Errors
    /// [`Closed`] after [`Tasks::close`]; the future is dropped.
    pub fn spawn<F>(&self, name: &'static str, future: F) -> Result<JoinHandle<()>, Closed>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match Handle::try_current() {
            Ok(here) => self.spawn_on(&here, name, future),
            Err(_) => self.spawn_background(name, future),
        }
    }

    /// Starts a task on the background runtime.
    ///
    /// # Errors
    /// [`Closed`] after [`Tasks::close`]; the future is dropped.
    pub fn spawn_background<F>(&self, name: &'static str, future: F) -> Result<JoinHandle<()>, Closed>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn_on(&self.0.background, name, future)
    }

    /// Starts a task on a runtime of the caller's choice.
    ///
    /// # Errors
    /// [`Closed`] after [`Tasks::close`]; the future is dropped.
    pub fn spawn_on<F>(&self, on: &Handle, name: &'static str, future: F) -> Result<JoinHandle<()>, Closed>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let running = self.begin(name)?;
        // Not an async block: it would have room for the future twice, where it is kept and where it is awaited.
        let task = on.spawn(AssertUnwindSafe(future).catch_unwind().map(move |done| {
            if let Err(panic) = done {
                running.panicked(panic);
            }
        }));
        if let Some(mortal) = &self.0.mortal {
            let mut mortal = mortal.lock().expect("nothing panics while it holds the handles");
            if mortal.len() == mortal.capacity() {
                mortal.retain(|task| !task.is_finished());
            }
            mortal.push(task.abort_handle());
        }
        Ok(task)
    }

    /// Starts nothing any more and ends what runs, wherever it stands and without a word: only for those that are
    /// [`Tasks::mortal`].
    pub fn abort(&self) {
        self.close();
        if let Some(mortal) = &self.0.mortal {
            let tasks =
                std::mem::take(&mut *mortal.lock().expect("nothing panics while it holds the handles"));
            tasks.iter().for_each(AbortHandle::abort);
        }
    }

    /// Runs `work`, which may block (it reads files, it computes), on the background runtime's threads
    /// for that, and returns its result. A caller that stops waiting does not stop it. Also after [`Tasks::close`]: it is a
    /// part of what runs, which is to come to its end.
    ///
    /// # Errors
    /// [`Failed`]: it panicked.
    pub async fn blocking<T, W>(&self, name: &'static str, work: W) -> Result<T, Failed>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let running = self.count(name);
        let ran = self.0.background.spawn_blocking(move || {
            catch_unwind(AssertUnwindSafe(work)).map_err(|panic| running.panicked(panic)).ok()
        });
        ran.await.ok().flatten().ok_or(Failed)
    }

    /// From now on nothing is started; what runs goes on.
    pub fn close(&self) {
        self.0.closed.store(true, SeqCst);
    }

    /// Whether [`Tasks::close`] has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.closed.load(SeqCst)
    }

    /// Resolves at a moment at which nothing runs. After [`Tasks::close`] nothing will run later either, but what
    /// [blocks](Tasks::blocking).
    pub async fn drained(&self) {
        let _waits = Waits::new(&self.0);
        loop {
            // Enabled before the look, so that an end between the look and the wait is not missed.
            let mut ended = pin!(self.0.ended.notified());
            ended.as_mut().enable();
            if self.0.quiet() {
                return;
            }
            ended.await;
        }
    }

    /// How many tasks run now, all names together.
    #[must_use]
    pub fn running(&self) -> u64 {
        self.0.counts.iter().map(Count::running).sum()
    }

    /// The names that have been used, with how many of each run now.
    #[must_use]
    pub fn running_by_name(&self) -> Vec<(&'static str, u64)> {
        let named = |count: &Count| count.name.get().map(|name| (*name, count.running()));
        self.0.counts.iter().filter_map(named).collect()
    }

    /// How many tasks have panicked since the start.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.0.panics.load(SeqCst)
    }

    /// Counts first and looks second, so that a drain which found "closed and quiet" stays right.
    fn begin(&self, name: &'static str) -> Result<Running, Closed> {
        let running = self.count(name);
        if self.is_closed() { Err(Closed) } else { Ok(running) }
    }

    fn count(&self, name: &'static str) -> Running {
        let slot = self.0.slot(name);
        self.0.counts[slot].started.fetch_add(1, SeqCst);
        Running { inner: self.0.clone(), slot }
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.running_by_name()).finish()
    }
}

impl Inner {
    /// The place of `name`, taken on its first use. A handful of names: a scan is quicker than a hash.
    fn slot(&self, name: &'static str) -> usize {
        let last = NAMES - 1;
        for (index, count) in self.counts[..last].iter().enumerate() {
            if *count.name.get_or_init(|| name) == name {
                return index;
            }
        }
        self.counts[last].name.get_or_init(|| "other");
        last
    }

    /// Whether there was a moment during this call at which nothing ran. `ended` never passes `started`
    /// and both only grow, so equal sums with `ended` read first leave no room for a task in between,
    /// even for one that starts another and ends while we look.
    fn quiet(&self) -> bool {
        let ended: u64 = self.counts.iter().map(|count| count.ended.load(SeqCst)).sum();
        let started: u64 = self.counts.iter().map(|count| count.started.load(SeqCst)).sum();
        started == ended
    }
}

impl Count {
    fn running(&self) -> u64 {
        let ended = self.ended.load(SeqCst);
        self.started.load(SeqCst) - ended
    }
}

/// One task, counted until this is dropped: at its end, or when its runtime drops it unfinished.
struct Running {
    inner: Arc<Inner>,
    slot: usize,
}

impl Running {
    #[allow(clippy::needless_pass_by_value, reason = "a caught panic ends here")]
    fn panicked(&self, panic: Box<dyn Any + Send>) {
        self.inner.panics.fetch_add(1, SeqCst);
        let name = self.inner.counts[self.slot].name.get().copied().unwrap_or_default();
        tracing::error!(task = name, panic = panic_text(&*panic), "a task panicked");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inner.counts[self.slot].ended.fetch_add(1, SeqCst);
        if self.inner.waiting.load(SeqCst) > 0 {
            self.inner.ended.notify_waiters();
        }
    }
}

/// Somebody waits in `drained`.
struct Waits<'a>(&'a Inner);

impl<'a> Waits<'a> {
    fn new(inner: &'a Inner) -> Self {
        inner.waiting.fetch_add(1, SeqCst);
        Self(inner)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
    }
}

/// What a panic said, where it was a text.
#[must_use]
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return text;
    }
    panic.downcast_ref::<String>().map_or("not a text", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::oneshot;

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    #[test]
    fn drained_waits_for_all_and_for_what_they_start() {
        let runtime = runtime();
        let tasks = Tasks::new(runtime.handle().clone());
        runtime.block_on(async {
            tasks.drained().await;
            let (tell, told) = oneshot::channel::<()>();
            let more = tasks.clone();
            tasks
                .spawn("first", async move {
                    told.await.unwrap();
                    more.spawn("second", async { tokio::task::yield_now().await }).unwrap();
                })
                .unwrap();
            assert_eq!(tasks.running_by_name(), [("first", 1)]);
            assert!(tasks.drained().now_or_never().is_none());
            tell.send(()).unwrap();
            tasks.drained().await;
            assert_eq!(tasks.running_by_name(), [("first", 0), ("second", 0)]);
        });
    }

    #[test]
    fn the_mortal_end_where_they_stand() {
        let runtime = runtime();
        let tasks = Tasks::mortal(runtime.handle().clone());
        runtime.block_on(async {
            for _ in 0..10 {
                tasks.spawn("waits", pending()).unwrap();
                tasks.spawn("ends", async {}).unwrap();
                tokio::task::yield_now().await;
            }
            assert_eq!(tasks.running(), 10);
            tasks.abort();
            tasks.drained().await;
            assert_eq!(tasks.spawn("late", async {}).map(|_| ()), Err(Closed));
        });
    }

    #[test]
    fn a_panic_stays_in_its_task_and_is_counted() {
        let runtime = runtime();
        let tasks = Tasks::new(runtime.handle().clone());
        runtime.block_on(async {
            let panics = tasks.spawn("bad", async { panic!("as the test wants") }).unwrap();
            panics.await.unwrap();
            assert_eq!(tasks.panics(), 1);
            let ran = tasks.blocking("bad file", || -> u8 { panic!("as the test wants") }).await;
            assert_eq!(ran, Err(Failed));
            assert_eq!((tasks.panics(), tasks.running()), (2, 0));
            tasks.drained().await;
        });
    }

    #[test]
    fn a_closed_one_starts_nothing() {
        let runtime = runtime();
        let tasks = Tasks::new(runtime.handle().clone());
        runtime.block_on(async {
            assert_eq!(tasks.blocking("sum", || 1 + 1).await, Ok(2));
            tasks.close();
            assert_eq!(tasks.spawn("late", async {}).err(), Some(Closed));
            assert_eq!(tasks.blocking("part of what runs", || 1).await, Ok(1));
            tasks.drained().await;
            assert_eq!(tasks.running(), 0);
        });
    }

    #[test]
    fn what_a_runtime_drops_is_counted_out() {
        let (first, second) = (runtime(), runtime());
        let tasks = Tasks::new(first.handle().clone());
        tasks.spawn("outside", pending()).unwrap();
        tasks.spawn_on(second.handle(), "elsewhere", pending()).unwrap();
        assert_eq!(tasks.running(), 2);
        drop(first);
        assert_eq!(tasks.running_by_name(), [("outside", 0), ("elsewhere", 1)]);
        drop(second);
        assert_eq!(tasks.running(), 0);
    }

    #[test]
    fn more_names_than_places_are_counted_together() {
        let runtime = runtime();
        let tasks = Tasks::new(runtime.handle().clone());
        for n in 0..NAMES + 10 {
            let name: &'static str = format!("task {n}").leak();
            tasks.spawn_background(name, pending()).unwrap();
        }
        let by_name = tasks.running_by_name();
        assert_eq!(by_name.len(), NAMES);
        assert_eq!(by_name[NAMES - 1], ("other", 11));
    }

    #[test]
    fn many_threads_start_and_end_while_a_drain_waits() {
        let runtime = runtime();
        let tasks = Tasks::new(runtime.handle().clone());
        let starters: Vec<_> = (0..4)
            .map(|_| {
                let tasks = tasks.clone();
                std::thread::spawn(move || {
                    for _ in 0..500 {
                        tasks.spawn("short", tokio::task::yield_now()).unwrap();
                    }
                })
            })
            .collect();
        while !starters.iter().all(std::thread::JoinHandle::is_finished) {
            runtime.block_on(tasks.drained());
        }
        tasks.close();
        runtime.block_on(tasks.drained());
        let started = tasks.0.counts[0].started.load(SeqCst);
        assert_eq!((tasks.running(), started), (0, 4 * 500));
    }
}
