//! The task of a connection: one hand-written poll that serves its link, its verbs in order, its running
//! actions, its outbox and its timers.
//!
//! Why by hand: a `select!` over five futures polls and re-registers all of them for every byte, and a task
//! for each direction costs a wake between the two for every reply. Here one turn reads, works and writes.
//! Cancel-safety: the task is never dropped half-way but at the end of its runtime.

use super::Connection;
use super::calls::Calls;
use super::intake::{Intake, is_enough};
use super::verbs::Verbs;
use crate::link::{Gone, Link};
use crate::outbox::AGES;
use crate::recovery::{Recoverable, Return};
use playhouse_core::Later;
use playhouse_core::clock::{Moment, Timer};
use playhouse_core::codes::{self, Close};
use playhouse_core::event::ServerEvent;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Serves one connection from its hooks to its leaving.
///
/// In this order in memory: what every turn touches comes first.
#[repr(C)]
pub(crate) struct Task {
    connection: Connection,
    link: Option<Box<dyn Link>>,
    calls: Calls,
    phase: Phase,
    timer: Timer,
    paused: bool,
    /// And the link knows that, as it is the connection that is busy.
    is_busy: bool,
    /// The last reading ended because it was enough. What is written in the same turn may change that, and nobody else would
    /// wake this task for what the link still has.
    had_enough: bool,
    /// What is kept for a client that comes back is to be looked over. Here, so that the turns of all others need not look
    /// at the connection for it.
    ages: bool,
    /// When it is looked over next.
    age_at: Option<Moment>,
    verbs: Verbs,
    /// Until when the connection waits for another link; set while it has none.
    resume_until: Option<Moment>,
}

enum Phase {
    /// The hooks on create run; nothing is read yet, so that frames which came early wait in order.
    Creating(Later<'static, Result<(), &'static Close>>),
    Open,
    /// Rooms are left and hooks on destroy run (until `None`), while the link is being ended; actions run on
    /// to their end.
    Ending(&'static Close, Option<Later<'static, ()>>),
}

enum Step {
    Again,
    Wait,
    Over,
}

impl Task {
    /// A task for a connection that begins with a link. `creating` runs before anything is read.
    pub(crate) fn new(
        connection: Connection,
        link: Box<dyn Link>,
        creating: Later<'static, Result<(), &'static Close>>,
    ) -> Self {
        Self {
            timer: connection.node().clock().timer(),
            ages: connection.recoverable().is_some(),
            connection,
            phase: Phase::Creating(creating),
            link: Some(link),
            resume_until: None,
            age_at: None,
            paused: false,
            is_busy: false,
            had_enough: false,
            verbs: Verbs::default(),
            calls: Calls::default(),
        }
    }

    fn create(&mut self, cx: &mut Context<'_>) -> Step {
        let Phase::Creating(creating) = &mut self.phase else { return Step::Again };
        match creating.as_mut().poll(cx) {
            Poll::Pending => {
                // What a link says by itself when it opens does not wait for hooks.
                if let Poll::Ready(Err(gone)) = self.write(cx) {
                    return self.lost(gone);
                }
                if let Some(Poll::Ready(gone)) = self.link.as_mut().map(|link| link.poll_news(cx)) {
                    return self.lost(gone);
                }
                let outbox = self.connection.outbox();
                // A link that arrives now is taken by the first turn.
                let is_told = !outbox.register(cx.waker()) && outbox.take_nudge();
                match outbox.closing() {
                    Some(close) => self.end(close),
                    None if is_told => Step::Again,
                    None => Step::Wait,
                }
            }
            Poll::Ready(Ok(())) => {
                if let Some(text) = self.connection.node().texts().welcome() {
                    self.connection.tell(&ServerEvent::Welcome(text));
                }
                self.phase = Phase::Open;
                if self.connection.recoverable().is_some() {
                    // A turn looks for a link that has come only where it is told, and this was told to an earlier one.
                    self.connection.outbox().wake();
                }
                Step::Again
            }
            Poll::Ready(Err(close)) => self.end(close),
        }
    }

    /// One turn of an open connection: read, work, write.
    fn turn(&mut self, cx: &mut Context<'_>) -> Step {
        self.take_arriving();
        self.verbs.poll(cx, &self.connection);
        self.calls.poll(cx, &self.connection);
        if let Poll::Ready(gone) = self.read(cx) {
            return self.lost(gone);
        }
        self.watch(cx);
        let blocked = match self.write(cx) {
            Poll::Ready(Err(gone)) => return self.lost(gone),
            Poll::Ready(Ok(())) => false,
            Poll::Pending => true,
        };
        if self.connection.outbox().budget().is_exceeded() {
            self.connection.node().shed_if_over_budget();
        }
        if let Some(close) = self.connection.outbox().closing() {
            return self.end(close);
        }
        self.sleep(cx, blocked)
    }

    fn take_arriving(&mut self) {
        if !self.connection.outbox().take_nudge() {
            return;
        }
        let come = self.connection.recoverable().and_then(Recoverable::take_arriving);
        let Some(Return { link, from, first }) = come else { return };
        // Gives back what it had taken and not written, and has no say any more.
        self.link = None;
        if let Some(recoverable) = self.connection.recoverable() {
            recoverable.accept_others();
        }
        let finish = |nth, body| self.connection.finished(nth, body);
        if !self.connection.outbox().replay(from, first, finish) {
            // More was said than is kept since it was looked at, a moment ago.
            return self.connection.close(&codes::SLOW);
        }
        self.link = Some(link);
        self.resume_until = None;
        self.paused = false;
        self.is_busy = false;
        self.had_enough = false;
        self.note_back();
    }

    /// It has its link again, or needs none any more.
    fn note_back(&self) {
        if let Some(recoverable) = self.connection.recoverable()
            && recoverable.set_absent(false)
        {
            self.connection.node().recovery().meet();
        }
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        if let Some(link) = &mut self.link
            && let Poll::Ready(gone) = link.poll_news(cx)
        {
            return Poll::Ready(gone);
        }
        let Some(link) = self.link.as_mut() else { return Poll::Pending };
        if !link.may_read() {
            // What it had is gone, or taken: there is nothing to go on with when there is room again.
            (self.paused, self.had_enough) = (false, false);
            if std::mem::take(&mut self.is_busy) {
                link.set_paused(false, self.connection.node().clock().now());
            }
            return Poll::Pending;
        }
        let full = is_enough(&self.verbs, &self.connection);
        self.paused = full;
        // While we don't read because we are busy, silence is not death. While we don't read because the client does not,
        // it is: its pongs would be heard if it took what waits for it. The one may become the other meanwhile.
        let busy = full && self.verbs.is_full(&self.connection);
        if busy != self.is_busy {
            self.is_busy = busy;
            link.set_paused(busy, self.connection.node().clock().now());
        }
        if full {
            return Poll::Pending;
        }
        let mut intake = Intake {
            connection: &self.connection,
            verbs: &mut self.verbs,
            calls: &mut self.calls,
            waker: cx.waker(),
        };
        let read = link.poll_read(cx, self.connection.outbox(), &mut intake);
        self.had_enough = is_enough(&self.verbs, &self.connection);
        read
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        match &mut self.link {
            Some(link) => link.poll_write(cx, self.connection.outbox()),
            None => Poll::Pending,
        }
    }

    /// Does what is due and waits for what is due next.
    fn watch(&mut self, cx: &mut Context<'_>) {
        loop {
            let due = match &self.link {
                Some(link) => link.deadline(),
                None => self.resume_until,
            };
            self.plan_ageing();
            match due.into_iter().chain(self.age_at).min() {
                Some(at) => self.timer.set(at),
                None => self.timer.clear(),
            }
            if self.timer.poll(cx).is_pending() {
                return;
            }
            let now = self.connection.node().clock().now();
            if self.age_at.is_some_and(|at| at <= now) {
                self.age_at = None;
                self.connection.outbox().age();
            }
            if due.is_none_or(|due| due > now) {
                continue;
            }
            let close = match &mut self.link {
                Some(link) => link.on_deadline(now, self.connection.outbox()),
                None => Some(&codes::SILENT),
            };
            if let Some(close) = close {
                self.connection.close(close);
                return;
            }
        }
    }

    /// What is kept for a client that comes back is looked over now and then, as long as something is.
    fn plan_ageing(&mut self) {
        if !self.ages || self.age_at.is_some() {
            return;
        }
        let Some(recoverable) = self.connection.recoverable() else { return };
        if self.connection.outbox().keeps() {
            let every = recoverable.window.time / u32::try_from(AGES).unwrap_or(1);
            self.age_at = Some(self.connection.node().clock().now() + every);
        }
    }

    /// The link is over: wait for another one where the dialect can resume, else leave.
    fn lost(&mut self, gone: Gone) -> Step {
        self.link = None;
        let ended = self.connection.outbox().closing().is_some();
        let window = self.connection.recoverable().map(|recoverable| recoverable.window.time);
        if let (Gone::Lost, Some(window), false) = (gone, window, ended)
            && self.count_missed()
        {
            self.connection.outbox().detach();
            self.resume_until = Some(self.connection.node().clock().now() + window);
            return Step::Again;
        }
        self.end(&codes::ENDED)
    }

    /// Counts it among those who are absent, unless there are as many as may be.
    fn count_missed(&self) -> bool {
        let node = self.connection.node();
        let Some(recoverable) = self.connection.recoverable() else { return false };
        let is_missed = node.recovery().miss(node.config().limits.absent);
        if is_missed && !recoverable.set_absent(true) {
            // It was counted already.
            node.recovery().meet();
        }
        is_missed
    }

    fn sleep(&mut self, cx: &mut Context<'_>, blocked: bool) -> Step {
        let outbox = self.connection.outbox();
        if blocked {
            let waits = outbox.register(cx.waker()) && outbox.closing().is_none();
            return if waits { Step::Wait } else { Step::Again };
        }
        let reading_goes_on = (self.paused || self.had_enough) && !is_enough(&self.verbs, &self.connection);
        if reading_goes_on || !outbox.sleep(cx.waker()) { Step::Again } else { Step::Wait }
    }

    /// Begins the end. Rooms are left at once: how long a client takes to answer a close frame, or to read
    /// what it was sent, is nothing that the others should see.
    fn end(&mut self, close: &'static Close) -> Step {
        self.verbs.abandon();
        self.note_back();
        if let Some(recoverable) = self.connection.recoverable() {
            recoverable.refuse_returns();
        }
        let connection = self.connection.clone();
        connection.close(close);
        let leaving = Box::pin(async move { connection.node().clone().forget(&connection).await });
        self.phase = Phase::Ending(close, Some(leaving));
        Step::Again
    }

    /// A caller's departure cancels nothing: the verb that runs is let finish, so that it does not stop
    /// half-way; actions run to their end or their deadline, and their replies are dropped.
    fn finish(&mut self, cx: &mut Context<'_>) -> Step {
        // What a link is told of while it ends, such as a request that takes what is left, wakes this task too.
        let _ = self.connection.outbox().take_nudge();
        self.verbs.poll(cx, &self.connection);
        self.calls.poll(cx, &self.connection);
        self.end_link(cx);
        let verbs_done = self.verbs.is_empty();
        let Phase::Ending(_, leaving) = &mut self.phase else { return Step::Again };
        if verbs_done && leaving.as_mut().is_some_and(|future| future.as_mut().poll(cx).is_ready()) {
            *leaving = None;
        }
        if leaving.is_none() && self.link.is_none() && self.calls.is_empty() {
            Step::Over
        } else if self.connection.outbox().register(cx.waker()) {
            Step::Wait
        } else {
            Step::Again
        }
    }

    fn end_link(&mut self, cx: &mut Context<'_>) {
        let (Phase::Ending(close, _), Some(link)) = (&self.phase, &mut self.link) else { return };
        if link.poll_close(cx, self.connection.outbox(), close).is_ready() {
            self.link = None;
            return self.timer.clear();
        }
        match link.deadline() {
            Some(at) => self.timer.set(at),
            None => self.timer.clear(),
        }
        if self.timer.poll(cx).is_ready() {
            self.link = None;
        }
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let task = &mut *self;
        task.connection.outbox().awake();
        loop {
            let step = match task.phase {
                Phase::Creating(_) => task.create(cx),
                Phase::Open => task.turn(cx),
                Phase::Ending(..) => task.finish(cx),
            };
            match step {
                Step::Again => {}
                Step::Wait => return Poll::Pending,
                Step::Over => return Poll::Ready(()),
            }
        }
    }
}
