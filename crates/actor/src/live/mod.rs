//! An awake actor: one task that takes up what waits at its place.
//!
//! It is polled by hand, so that a hundred calls that came together are a hundred turns of one poll and one commit. In a
//! round it reads its mail, begins what can begin, looks after what waits, and writes what has changed; it rests when a
//! round found nothing to do. Owns the state; the place outlives it.

mod begin;
mod ledger;
mod runs;
mod seats;
mod settle;
mod turn;
mod wake;

use crate::call::{Job, Then};
use crate::courtesy;
use crate::host::Ring;
use crate::kind::{Actor, Hook};
use crate::mailbox::Life;
use crate::place::Place;
use crate::seat::Seat;
use begin::{Passed, hook_job};
use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use ledger::{Ledger, Pending};
use playhouse_core::Later;
use playhouse_core::actor::ActorError;
use playhouse_core::clock::{Clock, Timer};
use playhouse_core::store::{Fence, Loaded, StoreError};
use playhouse_core::tasks::panic_text;
use runs::{Reading, Running};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Rounds of one poll, so that an actor that is never idle lets others run.
const ROUNDS: usize = 16;

/// Turns of one round: what came together is written together, but nobody waits for a whole mailbox.
const TURNS: usize = 256;

/// An actor that is awake, or waking.
pub(crate) struct Live<A: Actor> {
    place: Arc<Place<A>>,
    clock: Clock,
    fence: Fence,
    /// Its row, while it is read.
    load: Option<Later<'static, Result<Option<Loaded>, StoreError>>>,
    jobs: VecDeque<Job<A>>,
    /// The newest state; a turn that runs has taken it.
    state: Option<Arc<A>>,
    /// The newest state as bytes: what a failed turn goes back to, and what readers see while a turn waits.
    good: Bytes,
    snapshot: Option<Arc<A>>,
    running: Option<Running<A>>,
    reads: FuturesUnordered<Reading<A>>,
    ledger: Ledger<A>,
    passed: Passed,
    /// Alarms whose actions wait or run.
    ringing: HashMap<u64, Ring>,
    phase: Phase,
    idle: Timer,
    scratch: Vec<u8>,
    /// Why it ends, where that is not that somebody wanted it to.
    doom: Option<ActorError>,
    /// How often its state was lost because it could not be written, and why it was the last time: reads of a lost state
    /// have no answer.
    losses: u64,
    loss: Option<ActorError>,
    /// Reads that are hooks which others wait for: all but those that decide about newcomers.
    hooks_reading: usize,
    /// Connections whose disconnect hook has to run again, as what it did was lost.
    owed: Vec<Arc<Seat<A>>>,
    /// What the turn that ends the actor did.
    farewell: Option<Pending<A>>,
    /// Connections that end with the actor.
    doomed: Vec<Arc<Seat<A>>>,
    /// When the first of the calls that wait is too late.
    late: Timer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// What comes before everything else runs: the create hook, disconnect hooks that are owed, the start hook.
    Waking,
    Awake,
    /// The sleep hook runs, or has run.
    Drowsy,
    /// It is being destroyed: the hooks run, nothing new begins.
    Ending,
    /// It is over: the task ends.
    Over,
}

impl<A: Actor> Live<A> {
    pub(crate) fn new(place: Arc<Place<A>>) -> Self {
        let clock = place.host.clock.clone();
        let mut live = Self {
            fence: place.host.next_fence(),
            load: None,
            jobs: VecDeque::new(),
            state: None,
            good: Bytes::new(),
            snapshot: None,
            running: None,
            reads: FuturesUnordered::new(),
            ledger: Ledger::new(),
            passed: Passed::default(),
            ringing: HashMap::new(),
            phase: Phase::Waking,
            idle: clock.timer(),
            late: clock.timer(),
            scratch: Vec::new(),
            doom: None,
            losses: 0,
            loss: None,
            hooks_reading: 0,
            owed: Vec::new(),
            farewell: None,
            doomed: Vec::new(),
            clock,
            place,
        };
        live.read_row();
        live
    }

    /// One round; whether there was something to do.
    fn round(&mut self, task: &mut Context<'_>) -> bool {
        let mut worked = self.take_mail();
        if self.load.is_some() {
            worked |= self.poll_load(task);
            return worked | self.poll_late(task);
        }
        let steps: [fn(&mut Self, &mut Context<'_>) -> bool; 3] =
            [Self::poll_running, Self::poll_reads, Self::begin];
        for step in steps {
            if !courtesy::is_owed() {
                worked |= step(self, task);
            }
        }
        worked |= self.poll_late(task);
        worked |= self.poll_commit(task);
        worked
    }

    /// Takes over what has arrived.
    fn take_mail(&mut self) -> bool {
        let mut mailbox = self.place.mailbox();
        if mailbox.jobs.is_empty() {
            return false;
        }
        if self.phase == Phase::Drowsy {
            // It was to sleep, and has to begin anew before these.
            self.phase = Phase::Waking;
            self.jobs.push_back(hook_job(Hook::Start, Vec::new(), None, Then::Started));
        }
        if let Some(first) = mailbox.jobs.iter().filter_map(Job::until).min()
            && self.late.deadline().is_none_or(|late| first < late)
        {
            self.late.set(first);
        }
        if self.jobs.is_empty() {
            std::mem::swap(&mut self.jobs, &mut mailbox.jobs);
        } else {
            self.jobs.append(&mut mailbox.jobs);
        }
        true
    }

    /// Answers calls whose time is over while they wait behind a turn, or for the actor to be read.
    fn poll_late(&mut self, task: &mut Context<'_>) -> bool {
        if (self.running.is_none() && self.load.is_none()) || self.late.poll(task).is_pending() {
            return false;
        }
        let now = self.clock.now();
        let (late, wait): (VecDeque<_>, _) = std::mem::take(&mut self.jobs)
            .into_iter()
            .partition(|job| job.until().is_some_and(|until| until <= now));
        self.jobs = wait;
        match self.jobs.iter().filter_map(Job::until).min() {
            Some(next) => self.late.set(next),
            None => self.late.clear(),
        }
        self.look_again();
        for job in late {
            self.too_late(job);
        }
        true
    }

    /// Whether there are functions to begin or to poll.
    fn has_more(&self) -> bool {
        self.running.is_some() || !self.reads.is_empty() || !self.jobs.is_empty()
    }

    /// Whether nothing waits or runs here.
    fn is_quiet(&self) -> bool {
        self.load.is_none() && !self.has_more() && self.ledger.is_quiet()
    }

    /// Waits for mail, if there is none; `false` if there is.
    fn rest(&mut self, task: &Context<'_>) -> bool {
        let mut mailbox = self.place.mailbox();
        if !mailbox.jobs.is_empty() {
            return false;
        }
        if let Life::Awake(waker) = &mut mailbox.life
            && !waker.as_ref().is_some_and(|waker| waker.will_wake(task.waker()))
        {
            *waker = Some(task.waker().clone());
        }
        true
    }

    /// Looks whether it has been idle for so long that it should sleep; `true` if that began something.
    fn doze(&mut self, task: &mut Context<'_>) -> bool {
        if !self.is_quiet() {
            return false;
        }
        match self.phase {
            Phase::Awake => {}
            // The sleep hook has run and what came of it is kept.
            Phase::Drowsy => return self.fall_asleep(),
            Phase::Waking | Phase::Ending | Phase::Over => return false,
        }
        if self.idle.deadline().is_none() {
            self.idle.set(self.clock.now() + self.place.host.settings.sleep_after);
        }
        if !self.place.host.is_stopping() && self.idle.poll(task).is_pending() {
            return false;
        }
        self.phase = Phase::Drowsy;
        self.hook(Hook::Sleep, Vec::new(), None, Then::Slept);
        true
    }

    /// Leaves memory, unless somebody came meanwhile.
    fn fall_asleep(&mut self) -> bool {
        let mut mailbox = self.place.mailbox();
        if !mailbox.jobs.is_empty() {
            return true;
        }
        let given_up = self.place.seats().is_empty();
        mailbox.life = if given_up { Life::Gone } else { Life::Asleep };
        drop(mailbox);
        *self.place.book() = crate::book::Book::default();
        if given_up {
            self.place.host.forget(&self.place.record);
        }
        self.phase = Phase::Over;
        true
    }

    /// Ends with an error for all who wait: the actor can't be read, or is no more. It may be tried again by whoever comes
    /// next.
    fn give_up(&mut self, error: &ActorError) {
        self.phase = Phase::Over;
        self.lose(error);
        self.hooks_reading = 0;
        for reading in std::mem::take(&mut self.reads) {
            if let Some(then) = reading.given_up() {
                self.failed(then, error.clone());
            }
        }
        loop {
            self.take_mail();
            while let Some(job) = self.jobs.pop_front() {
                self.refuse(job, error);
            }
            self.end_seats(error);
            let mut mailbox = self.place.mailbox();
            if mailbox.jobs.is_empty() {
                mailbox.life = Life::Gone;
                break;
            }
        }
        *self.place.book() = crate::book::Book::default();
        self.place.host.forget(&self.place.record);
    }
}

impl<A: Actor> Live<A> {
    fn rounds(&mut self, task: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS {
            let worked = self.round(task);
            let dozes = !worked && self.doze(task);
            // From here on another one may be awake.
            if self.phase == Phase::Over {
                return Poll::Ready(());
            }
            if worked {
                self.idle.clear();
            }
            if courtesy::is_owed() && self.has_more() {
                break;
            }
            if !worked && !dozes && self.rest(task) {
                return Poll::Pending;
            }
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<A: Actor> Future for Live<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let live = self.get_mut();
        let _polling = live.place.host.watch.begin(&live.place.record.address);
        courtesy::begin(&*live.place);
        // Functions keep their panics to themselves. What is left is the application's reading and writing of its state.
        catch_unwind(AssertUnwindSafe(|| live.rounds(task))).unwrap_or_else(|panic| {
            let text = format!("panicked: {}", panic_text(&*panic));
            let error = live.place.host.fault(&live.place.record.address, "state", &text);
            live.give_up(&error);
            Poll::Ready(())
        })
    }
}

/// A node that ends drops its actors: who waits is told that it is stopping, by the answer that never comes.
impl<A: Actor> Drop for Live<A> {
    fn drop(&mut self) {
        if self.phase != Phase::Over {
            let mut mailbox = self.place.mailbox();
            mailbox.life = Life::Gone;
            let jobs = std::mem::take(&mut mailbox.jobs);
            drop(mailbox);
            drop(jobs);
            self.place.host.forget(&self.place.record);
        }
    }
}

/// Everything in it is boxed or owned by nobody's address.
impl<A: Actor> Unpin for Live<A> {}
