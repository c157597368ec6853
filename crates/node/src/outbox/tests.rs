//! What an outbox promises: order, limits, accounts and wakes.

use super::*;
use bytes::Bytes;
use std::sync::atomic::AtomicUsize;
use std::task::Wake;

struct Count(AtomicUsize);
impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn outbox(limit: usize) -> (Outbox, Arc<Budget>) {
    let budget = Arc::new(Budget::new(1000));
    (Outbox::new(limit, budget.clone()), budget)
}

fn frames_of(len: usize) -> Frames {
    Frames::shared(Bytes::from(vec![b'x'; len]))
}

#[test]
fn keeps_the_order_of_shared_and_own() {
    let (outbox, _) = outbox(100);
    outbox.append(|out| out.extend_from_slice(b"a"));
    outbox.append(|out| out.extend_from_slice(b"b"));
    outbox.push(|_| Frames::shared(Bytes::from_static(b"c")));
    outbox.append(|out| out.extend_from_slice(b"d"));
    assert_eq!(drained(&outbox), (b"abcd".to_vec(), 1));
}

fn drained(outbox: &Outbox) -> (Vec<u8>, usize) {
    let mut taken = VecDeque::new();
    outbox.lock().take_up_to(usize::MAX, &mut taken);
    let mut bytes = Vec::new();
    for entry in &taken {
        entry.slices().into_iter().for_each(|slice| bytes.extend_from_slice(slice));
    }
    (bytes, taken.len())
}

#[test]
fn one_message_stays_shared_small_ones_are_copied_together_and_large_ones_are_not() {
    let (outbox, _) = outbox(usize::MAX);
    let body = Bytes::from(vec![b'x'; 10]);
    outbox.push(|_| Frames::shared(body.clone()));
    let Some(Entry::Shared(frames)) = outbox.take() else { panic!("the first is written as it is") };
    assert_eq!(frames.as_ptr(), body.as_ptr());
    for _ in 0..10 {
        outbox.push(|_| Frames::tailed(body.clone(), b"t".iter().copied().collect()));
    }
    outbox.push(|_| frames_of(COPY_MAX + 1));
    outbox.push(|_| frames_of(1));
    let (bytes, entries) = drained(&outbox);
    assert_eq!((bytes.len(), entries), (110 + COPY_MAX + 2, 3));
    assert_eq!(&bytes[..11], b"xxxxxxxxxxt");
}

#[test]
fn a_thousand_pushes_are_one_wake() {
    let (outbox, _) = outbox(1_000_000);
    let count = Arc::new(Count(AtomicUsize::new(0)));
    assert!(outbox.sleep(&Waker::from(count.clone())));
    for _ in 0..1000 {
        outbox.push(|_| frames_of(1));
    }
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_turn_under_way_needs_no_wake_and_sees_what_came() {
    let (outbox, _) = outbox(100);
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(count.clone());
    assert!(outbox.sleep(&waker));
    outbox.awake();
    outbox.push(|_| frames_of(1));
    assert!(!outbox.sleep(&waker));
    let mut taken = VecDeque::new();
    outbox.next(0, 100, &mut taken, &waker);
    assert_eq!((taken.len(), outbox.bytes(), count.0.load(Ordering::SeqCst)), (1, 1, 0));
    outbox.next(1, 100, &mut taken, &waker);
    assert_eq!((taken.len(), outbox.bytes(), outbox.sleep(&waker)), (1, 0, true));
    outbox.push(|_| frames_of(1));
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

#[test]
fn who_is_nudged_looks_before_it_sleeps() {
    let (outbox, _) = outbox(100);
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(count.clone());
    outbox.wake();
    assert!(!outbox.sleep(&waker) && !outbox.register(&waker));
    assert!(outbox.take_nudge() && !outbox.take_nudge());
    assert!(outbox.sleep(&waker) && outbox.register(&waker));
    outbox.wake();
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_burst_is_one_entry_and_what_stands_between_keeps_its_place() {
    let (outbox, budget) = outbox(100);
    let mut burst = Burst::new(Bytes::from_static(b"a"));
    let mut say = |text: &[u8]| {
        burst = burst.followed_by(text);
        budget.count(outbox.push_newest(&burst, (|_| Tail::new(), 0), &mut Round::begin()));
    };
    say(b"b");
    say(b"c");
    say(b"d");
    assert_eq!(drained(&outbox), (b"bcd".to_vec(), 1));
    say(b"e");
    say(b"f");
    outbox.append(|out| out.extend_from_slice(b"-"));
    say(b"g");
    say(b"h");
    assert_eq!((outbox.bytes(), budget.used()), (8, 8));
    assert_eq!(drained(&outbox), (b"ef-gh".to_vec(), 2));
}

#[test]
fn what_waits_behind_something_else_keeps_no_run_in_memory() {
    let (behind, free) = (outbox(usize::MAX).0, outbox(usize::MAX).0);
    behind.push(|_| frames_of(COPY_MAX + 1));
    let burst = Burst::new(Bytes::from_static(b"a")).followed_by(&[b'b'; COPY_MAX + 1]);
    for outbox in [&behind, &free] {
        outbox.push_newest(&burst, (|_| Tail::new(), 0), &mut Round::begin());
    }
    behind.take();
    let [alone, in_run] = [&behind, &free].map(|outbox| outbox.take().expect("was pushed"));
    assert_eq!(alone.slices(), in_run.slices());
    assert_eq!(in_run.slices()[0].as_ptr(), burst.newest().as_ptr());
    assert_ne!(alone.slices()[0].as_ptr(), burst.newest().as_ptr());
}

#[test]
fn a_message_with_a_tail_is_no_burst() {
    let (outbox, _) = outbox(usize::MAX);
    let first = Burst::new(Bytes::from_static(b"a"));
    let second = first.followed_by(b"b");
    let third = second.followed_by(&[b'c'; COPY_MAX]);
    for burst in [&first, &second, &third] {
        outbox.push_newest(
            burst,
            (|nth: u64| nth.to_string().into_bytes().into(), usize::MAX),
            &mut Round::begin(),
        );
    }
    let (bytes, entries) = drained(&outbox);
    assert_eq!((&bytes[..5], bytes.len(), entries), (&b"a1b2c"[..], 5 + COPY_MAX, 2));
    assert_eq!(bytes.last(), Some(&b'3'));
}

#[test]
fn a_full_outbox_closes_slow_and_frees_what_waited() {
    let (outbox, budget) = outbox(10);
    outbox.push(|_| frames_of(6));
    assert_eq!((outbox.closing(), budget.used()), (None, 6));
    outbox.push(|_| frames_of(6));
    assert_eq!((outbox.closing(), budget.used()), (Some(&codes::SLOW), 0));
    outbox.push(|_| unreachable!("nothing is made for a closing outbox"));
}

#[test]
fn a_single_larger_message_passes_when_it_is_empty() {
    let (outbox, _) = outbox(10);
    outbox.push(|_| frames_of(50));
    assert_eq!(outbox.closing(), None);
}

#[test]
fn a_single_larger_message_does_not_count_against_what_follows() {
    let (outbox, _) = outbox(10);
    outbox.push(|_| frames_of(50));
    outbox.push(|_| frames_of(8));
    assert_eq!(outbox.closing(), None);
    outbox.push(|_| frames_of(8));
    assert_eq!(outbox.closing(), Some(&codes::SLOW));
}

#[test]
fn what_may_wait_can_become_more() {
    let (outbox, _) = outbox(20);
    outbox.push(|_| frames_of(15));
    outbox.widen(40);
    outbox.widen(30);
    assert!(!outbox.is_half_full());
    outbox.push(|_| frames_of(20));
    assert!(outbox.is_half_full() && outbox.closing().is_none());
    outbox.push(|_| frames_of(20));
    assert_eq!(outbox.closing(), Some(&codes::SLOW));
}

#[test]
fn what_a_slow_one_still_holds_is_not_asked_of_others() {
    let budget = Arc::new(Budget::new(100));
    let outbox = Outbox::new(1000, budget.clone());
    outbox.push(|_| frames_of(150));
    let entry = outbox.take().expect("was pushed");
    assert!(budget.is_exceeded());
    outbox.close(&codes::SLOW);
    assert!(!budget.is_exceeded());
    outbox.written(entry.len());
    assert_eq!((budget.used(), budget.going()), (0, 0));
}

#[test]
fn counts_until_written_and_gives_back_on_drop() {
    let (outbox, budget) = outbox(100);
    outbox.push(|_| frames_of(20));
    let entry = outbox.take().expect("was pushed");
    assert_eq!(budget.used(), entry.len());
    outbox.written(5);
    assert_eq!(budget.used(), 15);
    drop(outbox);
    assert_eq!(budget.used(), 0);
}

#[test]
fn the_first_reason_stands_and_what_waits_is_still_written() {
    let (outbox, _) = outbox(100);
    outbox.push(|_| frames_of(1));
    outbox.close(&codes::ENDED);
    outbox.close(&codes::DRAINING);
    assert_eq!(outbox.closing(), Some(&codes::ENDED));
    assert!(!outbox.is_empty());
}

#[test]
fn tells_the_number_of_the_message_for_tails() {
    let (outbox, _) = outbox(100);
    let mut numbers = Vec::new();
    for _ in 0..3 {
        outbox.push(|nth| {
            numbers.push(nth);
            frames_of(1)
        });
    }
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn one_that_is_being_closed_takes_nothing_over() {
    let budget = Arc::new(Budget::new(usize::MAX));
    let (from, to) = (Outbox::new(1000, budget.clone()), Outbox::new(100, budget.clone()));
    from.put(frames_of(60));
    assert!(to.take_over(&from, 50, Waker::noop()));
    assert_eq!((from.bytes(), to.bytes()), (0, 60));
    to.close(&codes::LEFT);
    from.put(frames_of(10));
    assert!(!to.take_over(&from, 1000, Waker::noop()));
    assert_eq!(from.bytes(), 10);
    drop((from, to));
    assert_eq!(budget.used(), 0);
}
