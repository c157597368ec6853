//! Both clocks through what users hold: timers, sleeps and timeouts.

use std::future::{Ready, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::runtime::Builder;

use super::*;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn run<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Writes its name into a list when it is woken.
struct Named(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Wake for Named {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn seen(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counter() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (count.clone(), Waker::from(count))
}

fn poll(timer: &mut Timer, waker: &Waker) -> Poll<()> {
    timer.poll(&mut Context::from_waker(waker))
}

#[test]
fn a_timer_is_small_and_can_go_to_other_threads() {
    fn moves<T: Send + Sync>() {}
    moves::<(Clock, Timer, Sleep, Timeout<Ready<()>>)>();
    assert!(size_of::<Timer>() <= 32, "{}", size_of::<Timer>());
}

#[test]
fn a_hand_moved_clock_wakes_in_the_order_of_deadlines() {
    let (clock, hand) = Clock::manual();
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut timers = Vec::new();
    for (name, after) in [("c", 30), ("a", 10), ("b1", 20), ("b2", 20), ("late", 99)] {
        let mut timer = clock.timer();
        timer.set(clock.now() + ms(after));
        let waker = Waker::from(Arc::new(Named(name, woken.clone())));
        assert_eq!(poll(&mut timer, &waker), Poll::Pending);
        timers.push(timer);
    }
    assert_eq!(hand.next_deadline(), Some(Moment::START + ms(10)));
    hand.advance(ms(9));
    assert_eq!(*woken.lock().unwrap(), [""; 0]);
    hand.advance(ms(21));
    assert_eq!(*woken.lock().unwrap(), ["a", "b1", "b2", "c"]);
    assert_eq!(hand.next_deadline(), Some(Moment::START + ms(99)));
    assert_eq!(clock.now(), Moment::START + ms(30));
    drop(timers);
    assert_eq!(hand.next_deadline(), None, "dropped timers wait for nothing");
}

#[test]
fn a_hand_moved_clock_moves_the_date_too() {
    let (clock, hand) = Clock::manual();
    let before = clock.unix_ms();
    hand.advance(ms(1_500));
    assert_eq!(clock.unix_ms() - before, 1_500);
    hand.advance_to(Moment::START);
    assert_eq!(clock.now(), Moment::START + ms(1_500), "never back");
}

#[test]
fn an_unset_timer_is_pending_for_ever() {
    let (clock, hand) = Clock::manual();
    let (count, waker) = counter();
    let mut timer = clock.timer();
    assert_eq!((poll(&mut timer, &waker), timer.deadline()), (Poll::Pending, None));
    timer.set(clock.now() + ms(5));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    timer.clear();
    hand.advance(ms(1_000));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    assert!(count.seen() <= 1, "one look at the old deadline at most");
    hand.advance(ms(1_000_000));
    assert!(count.seen() <= 1);
}

#[test]
fn a_timer_stays_ready_until_it_is_set_again() {
    let (clock, hand) = Clock::manual();
    let (count, waker) = counter();
    let mut timer = clock.timer();
    timer.set(clock.now() + ms(5));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    hand.advance(ms(5));
    assert_eq!(count.seen(), 1);
    assert_eq!(poll(&mut timer, &waker), Poll::Ready(()));
    assert_eq!(poll(&mut timer, &waker), Poll::Ready(()));
    timer.set(clock.now() + ms(5));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    hand.advance(ms(5));
    assert_eq!((count.seen(), poll(&mut timer, &waker)), (2, Poll::Ready(())));
}

#[test]
fn moving_a_deadline_later_costs_one_wake_at_the_old_one() {
    let (clock, hand) = Clock::manual();
    let (count, waker) = counter();
    let mut timer = clock.timer();
    timer.set(clock.now() + ms(30));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    for _ in 0..29 {
        hand.advance(ms(1));
        timer.set(clock.now() + ms(30));
        assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    }
    assert_eq!(count.seen(), 0);
    hand.advance(ms(1));
    assert_eq!((count.seen(), poll(&mut timer, &waker)), (1, Poll::Pending));
    hand.advance(ms(28));
    assert_eq!(count.seen(), 1);
    hand.advance(ms(1));
    assert_eq!((count.seen(), poll(&mut timer, &waker)), (2, Poll::Ready(())));
}

#[test]
fn moving_a_deadline_earlier_needs_no_poll() {
    let (clock, hand) = Clock::manual();
    let (count, waker) = counter();
    let mut timer = clock.timer();
    timer.set(clock.now() + ms(1_000));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    timer.set(clock.now() + ms(10));
    hand.advance(ms(10));
    assert_eq!((count.seen(), poll(&mut timer, &waker)), (1, Poll::Ready(())));
}

#[test]
fn the_latest_waker_is_the_one_that_is_woken() {
    let (clock, hand) = Clock::manual();
    let ((first, old), (second, new)) = (counter(), counter());
    let mut timer = clock.timer();
    timer.set(clock.now() + ms(10));
    assert_eq!(poll(&mut timer, &old), Poll::Pending);
    assert_eq!(poll(&mut timer, &new), Poll::Pending);
    hand.advance(ms(10));
    assert_eq!((first.seen(), second.seen()), (0, 1));
}

#[test]
fn sleeps_and_timeouts_on_a_hand_moved_clock() {
    let (clock, hand) = Clock::manual();
    let (_, waker) = counter();
    let mut cx = Context::from_waker(&waker);
    let mut sleep = clock.sleep(ms(10));
    let mut in_time = clock.timeout(ms(10), ready(7));
    let mut too_long = pin!(clock.timeout(ms(10), pending::<()>()));
    assert!(Pin::new(&mut sleep).poll(&mut cx).is_pending());
    assert_eq!(Pin::new(&mut in_time).poll(&mut cx), Poll::Ready(Ok(7)));
    assert!(too_long.as_mut().poll(&mut cx).is_pending());
    hand.advance(ms(10));
    assert!(Pin::new(&mut sleep).poll(&mut cx).is_ready());
    assert_eq!(too_long.as_mut().poll(&mut cx), Poll::Ready(Err(Elapsed)));
    let mut last_moment = clock.timeout(Duration::ZERO, ready(7));
    assert_eq!(Pin::new(&mut last_moment).poll(&mut cx), Poll::Ready(Ok(7)), "ready wins");
}

#[test]
fn the_system_is_never_early() {
    let clock = Clock::system();
    run(async {
        for wait in [0, 1, 7, 8, 9, 40] {
            let began = clock.now();
            clock.sleep(ms(wait)).await;
            assert!(clock.now() - began >= ms(wait), "{wait} ms");
        }
        assert_eq!(clock.timeout(ms(5), pending::<()>()).await, Err(Elapsed));
        assert_eq!(clock.timeout(ms(60_000), ready(1)).await, Ok(1));
    });
}

#[test]
fn the_system_notices_an_earlier_deadline() {
    let clock = Clock::system();
    run(async {
        let mut far = clock.timer();
        far.set(clock.now() + ms(3_600_000));
        let mut first = true;
        // The thread sleeps for an hour when the deadline is brought forward.
        poll_fn(|cx| {
            let ready = far.poll(cx);
            if std::mem::take(&mut first) {
                far.set(clock.now() + ms(20));
            }
            ready
        })
        .await;
        let mut slow = pin!(clock.sleep(ms(3_600_000)));
        assert_eq!(clock.timeout(ms(20), slow.as_mut()).await, Err(Elapsed));
    });
}

#[test]
fn dropped_timers_leave_nothing_behind() {
    let clock = Clock::system();
    let (count, waker) = counter();
    let set = |_| {
        let mut timer = clock.timer();
        timer.set(clock.now() + ms(3_600_000));
        assert_eq!(poll(&mut timer, &waker), Poll::Pending);
        timer
    };
    let timers: Vec<Timer> = (0..1_000).map(set).collect();
    assert_eq!(Arc::strong_count(&count), 1_002);
    drop(timers);
    assert_eq!(Arc::strong_count(&count), 2, "left are ours and the waker's");
}

/// Counts wakes, and those that came before their time.
struct Checked {
    clock: Clock,
    due: Moment,
    early: Arc<AtomicUsize>,
    all: Arc<AtomicUsize>,
}

impl Wake for Checked {
    fn wake(self: Arc<Self>) {
        if self.clock.now() < self.due {
            self.early.fetch_add(1, Ordering::SeqCst);
        }
        self.all.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_hundred_thousand_timers_from_four_threads() {
    const EACH: u64 = 25_000;
    let clock = Clock::system();
    let (early, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (clock, early, all) = (clock.clone(), early.clone(), all.clone());
            std::thread::spawn(move || {
                let set = |n: u64| {
                    let due = clock.now() + ms(20 + n % 400);
                    let (clock, early, all) = (clock.clone(), early.clone(), all.clone());
                    let mut timer = clock.timer();
                    timer.set(due);
                    let waker = Waker::from(Arc::new(Checked { clock, due, early, all: all.clone() }));
                    if poll(&mut timer, &waker).is_ready() {
                        // This thread was away for so long that the deadline passed: nobody waits for it.
                        assert!(timer.clock().now() >= due);
                        all.fetch_add(1, Ordering::SeqCst);
                    }
                    timer
                };
                (0..EACH).map(set).collect::<Vec<_>>()
            })
        })
        .collect();
    let timers: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let last = timers.iter().filter_map(Timer::deadline).max().unwrap();
    run(async {
        Sleep::until(&clock, last).await;
        // All are due; the thread may still be calling the last of them.
        while all.load(Ordering::SeqCst) < timers.len() {
            clock.sleep(ms(10)).await;
        }
    });
    assert_eq!((early.load(Ordering::SeqCst), all.load(Ordering::SeqCst)), (0, timers.len()));
}

#[test]
fn the_thread_ends_with_the_last_timer() {
    let clock = Clock::system();
    let Clock::System(system) = &clock else { return };
    let wheels = system.wheels_for_test();
    let mut timer = clock.timer();
    let (_, waker) = counter();
    timer.set(clock.now() + ms(3_600_000));
    assert_eq!(poll(&mut timer, &waker), Poll::Pending);
    drop(clock);
    assert!(wheels.strong_count() > 1, "the timer keeps its clock going");
    drop(timer);
    let other = Clock::system();
    run(async {
        while wheels.strong_count() > 0 {
            other.sleep(ms(1)).await;
        }
    });
}
