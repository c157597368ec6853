//! Which job begins when. Turns run alone and in order; reads begin at once, unless their own connection has something
//! before them.

use super::ledger::Pending;
use super::runs::{Reading, Run, Running};
use super::{Live, Phase, TURNS};
use crate::args::Args;
use crate::call::{Call, Input, Job, Then};
use crate::courtesy;
use crate::cx::ActorCx;
use crate::kind::{Actor, Definition, Function, Hook, Run as ToRun};
use crate::seat::{Phase as SeatPhase, Seat};
use crate::staged::{Effect, Staged};
use playhouse_core::actor::{ActorError, Answer, Chain};
use playhouse_core::clock::Moment;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::value::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What has been looked at while a turn waits, so that nothing is looked at twice.
#[derive(Default)]
pub(super) struct Passed {
    /// Jobs that stay in the queue.
    jobs: usize,
    /// Connections that have something among them, or the turn: what else they ask for stays behind it.
    held: HashSet<usize>,
}

impl<A: Actor> Live<A> {
    /// Begins what can begin.
    pub(super) fn begin(&mut self, task: &mut Context<'_>) -> bool {
        let mut left = TURNS;
        let mut worked = false;
        while left > 0 && self.is_free() {
            let Some(job) = self.jobs.pop_front_if(|job| may_begin(job, self.phase, self.hooks_reading))
            else {
                break;
            };
            self.start(job, task);
            worked = true;
            left -= 1;
        }
        if self.running.is_some() && self.phase != Phase::Waking {
            worked |= self.begin_reads(task);
        }
        worked
    }

    fn is_free(&self) -> bool {
        let is_free = self.running.is_none() && self.load.is_none() && self.phase != Phase::Over;
        is_free && !courtesy::is_owed()
    }

    /// While a turn waits: what needs not wait for it.
    fn begin_reads(&mut self, task: &mut Context<'_>) -> bool {
        let mut worked = false;
        while self.passed.jobs < self.jobs.len() && !courtesy::is_owed() {
            let nth = self.passed.jobs;
            if may_pass(&self.jobs[nth], &mut self.passed.held, self.place.kind.definition) {
                let Some(job) = self.jobs.remove(nth) else { break };
                self.start(job, task);
                worked = true;
            } else {
                self.passed.jobs += 1;
            }
        }
        worked
    }

    /// The queue has another beginning: it is looked through anew.
    pub(super) fn look_again(&mut self) {
        self.passed.jobs = 0;
        self.passed.held.clear();
        if let Some(seat) = self.running.as_ref().and_then(|running| running.run.seat()) {
            self.passed.held.insert(seat.address());
        }
    }

    /// Puts a job before all others.
    pub(super) fn first(&mut self, job: Job<A>) {
        self.jobs.push_front(job);
        self.look_again();
    }

    fn start(&mut self, job: Job<A>, task: &mut Context<'_>) {
        match job {
            Job::Call(call) => self.start_call(call, task),
            Job::Arrive(seat) => self.arrive(seat),
            Job::Leave(seat) => self.leave(&seat),
            Job::Listen(seat, nth, on) => {
                if defer(&seat, || Job::Listen(seat.clone(), nth, on)) {
                    let listen = vec![Effect::Listen(seat, nth, on)];
                    let (then, outcome) = (Then::Nothing, Ok(nothing()));
                    self.ledger.leave(Pending { effects: listen, then, outcome, permit: None });
                    self.release();
                }
            }
            Job::Refuse(seat, number, error) => {
                if defer(&seat, || Job::Refuse(seat.clone(), number, error.clone())) {
                    seat.reply(number, Err(&error));
                }
            }
            Job::Update(change) => self.update(change),
            Job::Alarm(ring) => self.ring(ring),
            Job::Destroy(done) => self.destroy(Some(done)),
        }
    }

    fn start_call(&mut self, mut call: Call<A>, task: &mut Context<'_>) {
        let is_hook = matches!(call.function, Function::Hook(_));
        if let Function::Hook(hook) = call.function {
            if self.place.kind.definition.hook(hook).is_none() {
                return self.came(call.then, Ok(nothing()), Staged::default(), None);
            }
            if hook == Hook::Connect && call.seat.as_ref().is_some_and(|seat| seat.phase() == SeatPhase::Gone)
            {
                // That it may come was lost with a commit.
                return self.refuse(Job::Call(call), &crate::host::stopping());
            }
            // Its time begins with it: what stood before it is not its fault.
            call.until = self.clock.now() + self.place.host.settings.timeout;
        }
        if let Then::Rung(_) = call.then {
            call.until = self.place.until(call.function);
        }
        if let Some(doom) = self.doom.clone() {
            return self.refuse(Job::Call(call), &doom);
        }
        if let Then::Rung(number) = call.then
            && !self.is_due(number)
        {
            // It was cancelled while it waited.
            if let Some(ring) = self.ringing.remove(&number) {
                ring.done();
            }
            return;
        }
        if let Some(seat) = call.seat.clone().filter(|_| !is_hook) {
            let mut inner = seat.inner();
            match inner.phase {
                SeatPhase::Arriving | SeatPhase::Connecting => {
                    return inner.backlog.push_back(Job::Call(call));
                }
                SeatPhase::Gone => {
                    let why = inner.refusal.clone().unwrap_or_else(crate::host::stopping);
                    drop(inner);
                    return self.refuse(Job::Call(call), &why);
                }
                SeatPhase::Seated => {}
            }
        }
        if self.phase == Phase::Ending && !is_hook {
            let gone = self.gone();
            return self.refuse(Job::Call(call), &gone);
        }
        if call.until != Moment::NEVER && self.clock.now() >= call.until {
            return self.too_late(Job::Call(call));
        }
        self.run(call, task);
    }

    /// Answers a call that waited for too long. Its connection may have been made for it alone.
    pub(super) fn too_late(&mut self, job: Job<A>) {
        let Job::Call(call) = job else { return };
        let error = self.timed_out(call.function);
        self.came(call.then, Err(error), Staged::default(), call.permit);
    }

    /// Runs a function; one that is ready at once ends here.
    fn run(&mut self, call: Call<A>, task: &mut Context<'_>) {
        let Call { function, input, seat, chain, until, then, permit } = call;
        let turn = self.place.kind.definition.is_turn(function);
        let (args, input) = match input {
            Input::Args(args) => (args, None),
            other @ (Input::Request(_) | Input::Socket(_)) => (Vec::new(), Some(other)),
        };
        let cx = ActorCx::new(&self.place, seat, chain, turn, input);
        let Some(me) = self.state_for(turn) else {
            let error = self.place.host.fault(&self.place.record.address, "state", "no state to run on");
            return self.came(then, Err(error), Staged::default(), permit);
        };
        let future = A::run(ToRun { function, me, cx: cx.clone(), args: Args::from(args) });
        let mut run = Run::new(function, cx, then, permit, until, future, self.losses);
        match (run.poll(task), turn) {
            (Poll::Ready(ended), true) => self.finish_turn(run, ended),
            (Poll::Ready(ended), false) => self.finish_read(run, ended),
            (Poll::Pending, true) => {
                self.running = Some(Running::new(run, self));
                self.look_again();
            }
            (Poll::Pending, false) => {
                self.hooks_reading += usize::from(holds_up(function));
                let reading = Reading::new(run, self);
                self.reads.push(reading);
                // It was polled with this task's waker; from now on it has one of its own.
                self.poll_reads(task);
            }
        }
    }

    /// The state for a function: a turn takes it, a read shares it; while a turn has it, its last good form.
    fn state_for(&mut self, turn: bool) -> Option<Arc<A>> {
        if turn {
            return self.state.take();
        }
        if let Some(state) = &self.state {
            return Some(state.clone());
        }
        if self.snapshot.is_none() {
            self.snapshot = crate::form::decode(&self.good).ok().map(Arc::new);
        }
        self.snapshot.clone()
    }

    /// Puts a hook's run before all other jobs; one that the actor does not have ends well when its turn has come.
    pub(super) fn hook(&mut self, hook: Hook, args: Vec<Value>, seat: Option<Arc<Seat<A>>>, then: Then<A>) {
        self.first(hook_job(hook, args, seat, then));
    }

    /// Why nothing begins any more.
    pub(super) fn gone(&self) -> ActorError {
        if let Some(doom) = &self.doom {
            return doom.clone();
        }
        let text = format!("the actor {} was destroyed", self.place.record.address);
        ActorError::Refused(Reject::of(&codes::NO_SUCH_ACTOR, text))
    }

    pub(super) fn timed_out(&self, function: Function) -> ActorError {
        let definition = self.place.kind.definition;
        let own = match function {
            Function::Action(nth) => definition.actions[nth].timeout,
            Function::Hook(_) | Function::Http | Function::Websocket => None,
        };
        let limit = own.unwrap_or(self.place.host.settings.timeout);
        let name = definition.name_of(function);
        let text = format!("`{name}` did not end within {limit:?}; what it changed is undone");
        ActorError::Refused(Reject::of(&codes::TIMEOUT, text))
    }

    /// Answers a job that will not be done.
    pub(super) fn refuse(&mut self, job: Job<A>, error: &ActorError) {
        match job {
            Job::Call(call) => self.failed(call.then, error.clone()),
            Job::Arrive(seat) => self.send_away(&seat, error),
            Job::Leave(seat) => self.unseat(&seat),
            Job::Refuse(seat, number, error) => seat.reply(number, Err(&error)),
            // It rings again.
            Job::Alarm(ring) => drop(ring),
            Job::Destroy(done) => {
                // Who asked may have gone.
                let _ = done.send(Err(error.clone()));
            }
            // Who waits for an update is told by its being dropped.
            Job::Listen(..) | Job::Update(_) => {}
        }
    }
}

/// A hook's run. Its time is counted from its begin.
pub(super) fn hook_job<A: Actor>(
    hook: Hook,
    args: Vec<Value>,
    seat: Option<Arc<Seat<A>>>,
    then: Then<A>,
) -> Job<A> {
    let (function, input, chain) = (Function::Hook(hook), Input::Args(args), Chain::default());
    Job::Call(Call { function, input, seat, chain, until: Moment::NEVER, then, permit: None })
}

/// Whether a job may begin at all: before the start hook has ended only hooks do, one after the other; and what an actor
/// does before its end is done before its end.
fn may_begin<A: Actor>(job: &Job<A>, phase: Phase, hooks_reading: usize) -> bool {
    let Job::Call(Call { function: Function::Hook(hook), .. }) = job else { return phase != Phase::Waking };
    hooks_reading == 0 || (phase != Phase::Waking && *hook != Hook::Destroy)
}

/// Whether a function is a hook that others wait for.
pub(super) fn holds_up(function: Function) -> bool {
    matches!(function, Function::Hook(hook) if hook != Hook::BeforeConnect)
}

/// The output of what has none.
pub(super) fn nothing() -> Answer {
    Answer::Value(Value::Null)
}

/// Whether a job of a connection can be done now; if it is not seated yet, the job is kept for then.
fn defer<A: Actor>(seat: &Arc<Seat<A>>, job: impl FnOnce() -> Job<A>) -> bool {
    let mut inner = seat.inner();
    match inner.phase {
        SeatPhase::Arriving | SeatPhase::Connecting => {
            inner.backlog.push_back(job());
            false
        }
        SeatPhase::Gone => false,
        SeatPhase::Seated => true,
    }
}

/// Whether a job may begin while a turn waits. If not, what its connection asks for next may not either.
fn may_pass<A: Actor>(job: &Job<A>, held: &mut HashSet<usize>, definition: &Definition) -> bool {
    let (seat, may) = match job {
        Job::Arrive(_) => return true,
        Job::Call(call) => {
            let is_read = !definition.is_turn(call.function);
            match call.function {
                Function::Hook(hook) if is_read && hook != Hook::Destroy => return true,
                Function::Hook(_) => (call.seat.as_ref(), false),
                Function::Action(_) | Function::Http | Function::Websocket => (call.seat.as_ref(), is_read),
            }
        }
        Job::Leave(seat) | Job::Listen(seat, ..) | Job::Refuse(seat, ..) => (Some(seat), false),
        Job::Update(_) | Job::Alarm(_) | Job::Destroy(_) => (None, false),
    };
    let Some(seat) = seat else { return may };
    if may && !held.contains(&seat.address()) {
        return true;
    }
    held.insert(seat.address());
    false
}
