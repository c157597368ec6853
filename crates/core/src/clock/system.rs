//! The system's time: monotonic and calendar, and the thread that turns the wheels. The only file that
//! calls `Instant::now` and `SystemTime::now`.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Moment;
use super::wheel::{Key, Wheel};

/// Microseconds of a tick. Timers of links are heartbeats and deadlines of seconds; 8 ms keep the thread
/// at 125 rounds a second at most.
const TICK: u64 = 8_000;

/// Wheels with a lock each, so that workers do not wait for each other. Threads choose theirs in turn.
const SHARDS: usize = 8;

/// The lower bits of a key name the entry, the upper ones the shard.
const SHARD_SHIFT: u32 = 29;

/// How many wakers are taken under one lock: a worker that wants the lock waits microseconds, even when
/// 100,000 timers are due at once.
const PORTION: usize = 512;

/// The system's time. Made by [`super::Clock::system`].
pub struct System {
    wheels: Arc<Wheels>,
}

struct Wheels {
    began: Instant,
    shards: [Mutex<Wheel>; SHARDS],
    /// The tick the thread will next get up for; whoever registers an earlier one wakes it.
    rise: AtomicU64,
    stop: AtomicBool,
    bed: Mutex<()>,
    bell: Condvar,
}

impl System {
    pub(super) fn start() -> Arc<Self> {
        let wheels = Arc::new(Wheels {
            began: Instant::now(),
            shards: std::array::from_fn(|_| Mutex::new(Wheel::new())),
            rise: AtomicU64::new(u64::MAX),
            stop: AtomicBool::new(false),
            bed: Mutex::new(()),
            bell: Condvar::new(),
        });
        let turned = wheels.clone();
        thread::Builder::new()
            .name("playhouse-clock".into())
            .spawn(move || turned.turn())
            .expect("the operating system gives a thread for the clock");
        Arc::new(Self { wheels })
    }

    pub(super) fn now(&self) -> Moment {
        self.wheels.now()
    }

    /// Alive as long as this clock or its thread is.
    #[cfg(test)]
    pub(super) fn wheels_for_test(&self) -> std::sync::Weak<impl Sized + use<>> {
        Arc::downgrade(&self.wheels)
    }

    pub(super) fn insert(&self, at: Moment, waker: Waker) -> Key {
        let shard = shard_of_thread();
        let (entry, tick) = self.wheels.shard(shard).insert(tick_after(at), waker);
        self.wheels.ring_for(tick);
        assert!(entry >> SHARD_SHIFT == 0, "fewer than 2^29 timers in one shard");
        entry | u32::try_from(shard).expect("eight shards") << SHARD_SHIFT
    }

    pub(super) fn renew(&self, key: Key, at: Moment, waker: &Waker) {
        let (shard, entry) = parts(key);
        let moved = self.wheels.shard(shard).renew(entry, tick_after(at), waker);
        self.wheels.ring_if(moved);
    }

    pub(super) fn hasten(&self, key: Key, at: Moment) {
        let (shard, entry) = parts(key);
        let moved = self.wheels.shard(shard).hasten(entry, tick_after(at));
        self.wheels.ring_if(moved);
    }

    pub(super) fn release(&self, key: Key) {
        let (shard, entry) = parts(key);
        // The guard is gone at the end of this statement; dropping a waker may run other people's code.
        let waker = self.wheels.shard(shard).release(entry);
        drop(waker);
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.wheels.stop.store(true, Ordering::SeqCst);
        self.wheels.ring();
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl Wheels {
    fn now(&self) -> Moment {
        Moment::START + self.began.elapsed()
    }

    /// A poisoned wheel goes on: its code does not panic half-way, and time must not stop.
    fn shard(&self, index: usize) -> MutexGuard<'_, Wheel> {
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread's life: wake who is due, sleep until the next tick at which somebody may be.
    fn turn(&self) {
        let mut due = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            // Reset before looking. Who registers from here on either is seen by the look, which takes
            // the same lock, or sees this value or a later one and rings.
            self.rise.store(u64::MAX, Ordering::SeqCst);
            let now = tick_before(self.now());
            let mut next = u64::MAX;
            for shard in 0..SHARDS {
                next = next.min(self.wake_due(shard, now, &mut due));
            }
            self.rise.fetch_min(next, Ordering::SeqCst);
            self.sleep();
        }
    }

    /// Wakes what is due in one shard, outside its lock; returns the next tick to look at.
    fn wake_due(&self, shard: usize, now: u64, due: &mut Vec<Waker>) -> u64 {
        loop {
            let mut wheel = self.shard(shard);
            let all = wheel.collect(now, due, PORTION);
            let next = wheel.next().unwrap_or(u64::MAX);
            drop(wheel);
            due.drain(..).for_each(wake);
            if all {
                return next;
            }
        }
    }

    fn sleep(&self) {
        let mut bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.stop.load(Ordering::SeqCst) {
            let rise = self.rise.load(Ordering::SeqCst);
            if rise == u64::MAX {
                bed = self.bell.wait(bed).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let left = Moment::from_micros(rise.saturating_mul(TICK)).since(self.now());
            if left.is_zero() {
                return;
            }
            bed = self.bell.wait_timeout(bed, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn ring_if(&self, moved: Option<u64>) {
        if let Some(tick) = moved {
            self.ring_for(tick);
        }
    }

    fn ring_for(&self, tick: u64) {
        // Most timers are later than the next one: for them this is one load of a shared line.
        if tick < self.rise.load(Ordering::SeqCst) && tick < self.rise.fetch_min(tick, Ordering::SeqCst) {
            self.ring();
        }
    }

    fn ring(&self) {
        // Taking the lock puts this after the thread's last look at `rise`, or before it.
        drop(self.bed.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.notify_one();
    }
}

/// A waker that panics must not end everybody's time.
fn wake(waker: Waker) {
    if catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err() {
        tracing::error!("a waker panicked on the clock's thread");
    }
}

/// The first tick that lies at or after `at`: nothing fires early.
fn tick_after(at: Moment) -> u64 {
    at.as_micros().div_ceil(TICK)
}

/// The last tick that has been reached at `now`.
fn tick_before(now: Moment) -> u64 {
    now.as_micros() / TICK
}

fn parts(key: Key) -> (usize, Key) {
    ((key >> SHARD_SHIFT) as usize, key & ((1 << SHARD_SHIFT) - 1))
}

fn shard_of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
    }
    // A timer that is set while its thread ends may use any shard.
    MINE.try_with(Cell::get).unwrap_or(0)
}

/// Milliseconds since 1970-01-01 UTC; zero on a machine whose date lies before.
pub(super) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

// The shard must fit above the entry's bits.
const _: () = assert!(SHARDS <= 1 << (Key::BITS - SHARD_SHIFT));
