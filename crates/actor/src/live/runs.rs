//! Functions while they wait: the one turn, and the reads beside it. Keeps a panic inside its call, and gives each its time.

use super::Live;
use super::begin::holds_up;
use crate::call::Then;
use crate::courtesy;
use crate::cx::ActorCx;
use crate::kind::{Actor, Function, Ran};
use crate::mailbox::Permit;
use crate::seat::Seat;
use futures_util::Stream;
use playhouse_core::Later;
use playhouse_core::clock::{Moment, Timer};
use playhouse_core::tasks::panic_text;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Why a function has no end of its own.
pub(super) enum Broken {
    Panicked(String),
    TimedOut,
}

pub(super) type Ended<A> = Result<Ran<A>, Broken>;

/// A function that was begun.
pub(super) struct Run<A: Actor> {
    pub(super) function: Function,
    pub(super) cx: ActorCx<A>,
    pub(super) then: Then<A>,
    pub(super) permit: Option<Permit<A>>,
    /// [`Live::losses`] as it began.
    pub(super) losses: u64,
    until: Moment,
    future: Later<'static, Ran<A>>,
}

impl<A: Actor> Run<A> {
    pub(super) fn new(
        function: Function,
        cx: ActorCx<A>,
        then: Then<A>,
        permit: Option<Permit<A>>,
        until: Moment,
        future: Later<'static, Ran<A>>,
        losses: u64,
    ) -> Self {
        Self { function, cx, then, permit, losses, until, future }
    }

    pub(super) fn seat(&self) -> Option<Arc<Seat<A>>> {
        self.cx.seat().cloned()
    }

    pub(super) fn poll(&mut self, task: &mut Context<'_>) -> Poll<Ended<A>> {
        if courtesy::is_owed() {
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        let place = self.cx.place();
        place.host.watch.runs(place.kind.definition.name_of(self.function));
        let polled = catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(task)));
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(Broken::Panicked(panic_text(&*panic).to_owned()))),
        }
    }
}

/// The turn that waits.
pub(super) struct Running<A: Actor> {
    pub(super) run: Run<A>,
    timer: Timer,
    began: Moment,
    named: bool,
}

impl<A: Actor> Running<A> {
    pub(super) fn new(run: Run<A>, live: &Live<A>) -> Self {
        let began = live.clock.now();
        let mut timer = live.clock.timer();
        timer.set((began + live.place.host.settings.slow_turn).min(run.until));
        Self { run, timer, began, named: false }
    }

    fn poll(&mut self, live: &Live<A>, task: &mut Context<'_>) -> Poll<Ended<A>> {
        if let Poll::Ready(ended) = self.run.poll(task) {
            return Poll::Ready(ended);
        }
        while self.timer.poll(task).is_ready() {
            if live.clock.now() >= self.run.until {
                return Poll::Ready(Err(Broken::TimedOut));
            }
            if !self.named {
                self.named = true;
                live.name_slow(self.run.function, self.began);
            }
            self.timer.set(self.run.until);
        }
        Poll::Pending
    }
}

/// A read that waits.
pub(super) struct Reading<A: Actor> {
    run: Option<Run<A>>,
    timer: Timer,
}

impl<A: Actor> Reading<A> {
    pub(super) fn new(run: Run<A>, live: &Live<A>) -> Self {
        let mut timer = live.clock.timer();
        timer.set(run.until);
        Self { run: Some(run), timer }
    }

    /// What was to come of it, where it is not to go on.
    pub(super) fn given_up(self) -> Option<Then<A>> {
        self.run.map(|run| run.then)
    }
}

impl<A: Actor> Unpin for Reading<A> {}

impl<A: Actor> Future for Reading<A> {
    type Output = (Run<A>, Ended<A>);

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let reading = &mut *self;
        let Some(run) = &mut reading.run else { return Poll::Pending };
        let ended = match run.poll(task) {
            Poll::Ready(ended) => ended,
            Poll::Pending if reading.timer.poll(task).is_ready() => Err(Broken::TimedOut),
            Poll::Pending => return Poll::Pending,
        };
        match reading.run.take() {
            Some(run) => Poll::Ready((run, ended)),
            None => Poll::Pending,
        }
    }
}

impl<A: Actor> Live<A> {
    /// Looks after the turn that waits.
    pub(super) fn poll_running(&mut self, task: &mut Context<'_>) -> bool {
        let Some(mut running) = self.running.take() else { return false };
        match running.poll(self, task) {
            Poll::Ready(ended) => {
                self.snapshot = None;
                self.finish_turn(running.run, ended);
                true
            }
            Poll::Pending => {
                self.running = Some(running);
                false
            }
        }
    }

    /// Looks after the reads that wait.
    pub(super) fn poll_reads(&mut self, task: &mut Context<'_>) -> bool {
        let mut worked = false;
        while let Poll::Ready(Some((run, ended))) = Pin::new(&mut self.reads).poll_next(task) {
            self.hooks_reading -= usize::from(holds_up(run.function));
            self.finish_read(run, ended);
            worked = true;
        }
        worked
    }

    fn name_slow(&self, function: Function, began: Moment) {
        let (actor, action) = (&self.place.record.address, self.place.kind.definition.name_of(function));
        let waits_ms = self.clock.now().since(began).as_millis();
        tracing::warn!(
            %actor, action, waits_ms,
            "a turn waits for long, and all other changes of this actor with it; \
             what it waits for may belong into a `&self` method with `cx.update`"
        );
    }
}
