//! Waking many tasks of other threads at once.
//!
//! To wake a task of another worker is a system call, so a message to a room would be one for each member that lives
//! there. Each worker has a bell: who has many to wake leaves their wakers at it and rings once, and the worker
//! wakes them itself, which is a push onto its own queue. Knows nothing of what the tasks do.

use futures_util::task::AtomicWaker;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

/// Wakers that may lie at a bell. A task has one there, seldom two; what comes above that is woken one by one.
const WAKERS_MAX: usize = 64 * 1024;

thread_local! {
    static HERE: RefCell<Option<Bell>> = const { RefCell::new(None) };
}

/// The bell of one worker. A clone is the same bell.
#[derive(Clone)]
pub struct Bell(Arc<Inner>);

struct Inner {
    /// `None` once nobody attends it any more.
    wakers: Mutex<Option<Vec<Waker>>>,
    attendant: AtomicWaker,
}

impl Bell {
    /// The bell of this thread, if it is a worker.
    #[must_use]
    pub fn here() -> Option<Self> {
        HERE.with_borrow(Clone::clone)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Waker>>> {
        self.0.wakers.lock().expect("nothing panics while it holds a bell")
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn ring(&self, wakers: Vec<Waker>) {
        let mut lying = self.lock();
        match &mut *lying {
            Some(lying) if lying.len() + wakers.len() <= WAKERS_MAX => lying.extend(wakers),
            Some(_) | None => {
                drop(lying);
                return wakers.into_iter().for_each(Waker::wake);
            }
        }
        drop(lying);
        // Costs nothing where it was rung already.
        self.0.attendant.wake();
    }

    fn wake_all(&self) {
        let wakers = self.lock().as_mut().map(std::mem::take).unwrap_or_default();
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Does a worker's `work` on this thread and attends its bell meanwhile.
pub async fn attended<W: Future>(work: W) -> W::Output {
    let bell = Bell(Arc::new(Inner { wakers: Mutex::new(Some(Vec::new())), attendant: AtomicWaker::new() }));
    HERE.set(Some(bell.clone()));
    let _leaves = Leaves(bell.clone());
    let mut work = pin!(work);
    poll_fn(|cx| {
        bell.0.attendant.register(cx.waker());
        bell.wake_all();
        work.as_mut().poll(cx)
    })
    .await
}

/// The end of attending: who lies there is woken, who comes later wakes without the bell.
struct Leaves(Bell);

impl Drop for Leaves {
    fn drop(&mut self) {
        HERE.set(None);
        let wakers = self.0.lock().take().unwrap_or_default();
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// One walk over many who are to be woken; when it is dropped it rings, each bell once.
pub struct Round {
    here: Option<Bell>,
    away: SmallVec<[(Bell, Vec<Waker>); 4]>,
}

impl Round {
    /// A round of this thread.
    #[must_use]
    pub fn begin() -> Self {
        Self { here: Bell::here(), away: SmallVec::new() }
    }

    /// Wakes a task that lives where `bell` is: at once if that is here or nowhere, else with the others there.
    pub fn wake(&mut self, waker: Waker, bell: Option<&Bell>) {
        let is_here = |bell: &Bell| self.here.as_ref().is_some_and(|here| here.is(bell));
        match bell.filter(|bell| !is_here(bell)) {
            None => waker.wake(),
            Some(bell) => match self.away.iter_mut().find(|(other, _)| other.is(bell)) {
                Some((_, wakers)) => wakers.push(waker),
                None => self.away.push((bell.clone(), vec![waker])),
            },
        }
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        self.away.drain(..).for_each(|(bell, wakers)| bell.ring(wakers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::task::Wake;
    use std::thread;
    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    #[derive(Default)]
    struct Count(AtomicUsize, Mutex<Option<thread::ThreadId>>);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
            *self.1.lock().unwrap() = Some(thread::current().id());
        }
    }

    /// A worker that attends its bell until it is told to stop.
    fn worker() -> (Bell, oneshot::Sender<()>, thread::JoinHandle<()>) {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let worker = thread::spawn(move || {
            Builder::new_current_thread().build().unwrap().block_on(attended(async {
                tell.send(Bell::here().unwrap()).unwrap();
                stopped.await.unwrap();
            }));
        });
        (told.recv().unwrap(), stop, worker)
    }

    #[test]
    fn those_of_another_worker_are_woken_there_and_all_others_at_once() {
        let (bell, stop, worker) = worker();
        let (away, here) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut round = Round::begin();
        for _ in 0..100 {
            round.wake(away.clone().into(), Some(&bell));
        }
        round.wake(here.clone().into(), None);
        assert_eq!((away.0.load(SeqCst), here.0.load(SeqCst)), (0, 1));
        drop(round);
        while away.0.load(SeqCst) < 100 {
            thread::yield_now();
        }
        assert_eq!(*away.1.lock().unwrap(), Some(worker.thread().id()));
        stop.send(()).unwrap();
        worker.join().unwrap();
    }

    #[test]
    fn those_of_this_worker_are_woken_at_once() {
        let count = Arc::new(Count::default());
        let work = async {
            let mut round = Round::begin();
            round.wake(count.clone().into(), Bell::here().as_ref());
            count.0.load(SeqCst)
        };
        assert_eq!(Builder::new_current_thread().build().unwrap().block_on(attended(work)), 1);
        assert!(Bell::here().is_none());
    }

    #[test]
    fn a_bell_that_is_full_or_not_attended_any_more_loses_nobody() {
        let (bell, stop, worker) = worker();
        stop.send(()).unwrap();
        worker.join().unwrap();
        let count = Arc::new(Count::default());
        bell.ring(vec![count.clone().into()]);
        assert_eq!(count.0.load(SeqCst), 1);
        *bell.lock() = Some(Vec::new());
        bell.ring(vec![count.clone().into(); WAKERS_MAX]);
        assert_eq!(count.0.load(SeqCst), 1);
        bell.ring(vec![count.clone().into()]);
        assert_eq!(count.0.load(SeqCst), 2);
        bell.wake_all();
        assert_eq!(count.0.load(SeqCst), 2 + WAKERS_MAX);
    }
}
