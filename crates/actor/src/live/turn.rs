//! The end of a function: what stands of it, what is undone, and who is told.

use super::begin::nothing;
use super::ledger::Pending;
use super::runs::{Broken, Ended, Run};
use super::{Live, Phase};
use crate::call::{Change, Done, Job, Then};
use crate::courtesy;
use crate::kind::{Actor, Failed, Function};
use crate::mailbox::Permit;
use crate::seat::Seat;
use crate::staged::{Effect, Staged};
use bytes::Bytes;
use playhouse_core::actor::{ActorError, Answer, Ending};
use playhouse_core::tasks::panic_text;
use playhouse_core::value::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

impl<A: Actor> Live<A> {
    /// A turn has ended: its state stands as a whole, or is as it was before.
    pub(super) fn finish_turn(&mut self, run: Run<A>, ended: Ended<A>) {
        let Run { function, cx, then, permit, .. } = run;
        let mut staged = cx.take_staged();
        let outcome = match self.ran(function, ended, &mut staged) {
            Ok((state, value)) => self.stand(state).map(|()| answer(value, &mut staged)),
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            self.roll_back();
            staged = Staged::default();
        }
        self.came(then, outcome, staged, permit);
    }

    /// A read has ended.
    pub(super) fn finish_read(&mut self, run: Run<A>, ended: Ended<A>) {
        let Run { function, cx, then, permit, losses, .. } = run;
        let mut staged = cx.take_staged();
        let outcome = match &self.loss {
            // It may have seen what was undone since.
            Some(loss) if losses != self.losses => Err(loss.clone()),
            Some(_) | None => {
                self.ran(function, ended, &mut staged).map(|(_, value)| answer(value, &mut staged))
            }
        };
        if outcome.is_err() {
            staged = Staged::default();
        }
        self.came(then, outcome, staged, permit);
    }

    /// What a function gave, with what it staged taken into account.
    fn ran(
        &self,
        function: Function,
        ended: Ended<A>,
        staged: &mut Staged<A>,
    ) -> Result<(Arc<A>, Value), ActorError> {
        let (host, actor) = (&self.place.host, &self.place.record.address);
        let name = self.place.kind.definition.name_of(function);
        let (state, result) = match ended {
            Ok(ran) => ran,
            Err(Broken::TimedOut) => return Err(self.timed_out(function)),
            Err(Broken::Panicked(text)) => return Err(host.fault(actor, name, &format!("panicked: {text}"))),
        };
        if let Some(trouble) = staged.trouble.take() {
            return Err(host.own(actor, name, trouble));
        }
        match result {
            Ok(value) => {
                self.settle(staged)?;
                Ok((state, value))
            }
            Err(Failed::Args(reject)) => Err(ActorError::Refused(reject)),
            Err(Failed::Own(error)) => Err(host.own(actor, name, error)),
        }
    }

    /// The state that a turn left becomes the newest, if it may.
    fn stand(&mut self, state: Arc<A>) -> Result<(), ActorError> {
        self.scratch.clear();
        let actor = &self.place.record.address;
        crate::form::encode(&*state, &mut self.scratch)
            .map_err(|odd| self.place.host.fault(actor, "state", &format!("the state {odd}")))?;
        self.fits(self.scratch.len(), || "the state".to_owned())?;
        if self.scratch[..] != self.good[..] {
            self.good = Bytes::copy_from_slice(&self.scratch);
            self.ledger.state_changed();
        }
        self.state = Some(state);
        Ok(())
    }

    /// The state is what it was after the last turn that stood.
    fn roll_back(&mut self) {
        match crate::form::decode(&self.good) {
            Ok(state) => self.state = Some(Arc::new(state)),
            Err(odd) => {
                // It was written by this very type a moment ago.
                let error = self.place.host.fault(&self.place.record.address, "state", &odd);
                self.give_up(&error);
            }
        }
    }

    /// A short turn of a read.
    pub(super) fn update(&mut self, change: Change<A>) {
        let Some(mut state) = self.state.take() else { return };
        let changed = catch_unwind(AssertUnwindSafe(|| change(Arc::make_mut(&mut state))));
        let (stands, notify) = match changed {
            Ok(changed) => changed,
            Err(panic) => {
                let actor = &self.place.record.address;
                self.place.host.fault(actor, "update", &format!("panicked: {}", panic_text(&*panic)));
                return self.roll_back();
            }
        };
        let outcome = if stands { self.stand(state).map(|()| nothing()) } else { Ok(nothing()) };
        if !stands || outcome.is_err() {
            self.roll_back();
        }
        self.came(Then::Notify(notify), outcome, Staged::default(), None);
    }

    /// What came of a function, or of one that was not begun: what follows at once, and what when it is durable.
    pub(super) fn came(
        &mut self,
        then: Then<A>,
        outcome: Result<Answer, ActorError>,
        mut staged: Staged<A>,
        permit: Option<Permit<A>>,
    ) {
        let mut effects = std::mem::take(&mut staged.effects);
        self.keep(&mut staged);
        let (then, outcome) = match (then, outcome) {
            (Then::Created, Err(error)) => return self.unmake(error, None),
            (Then::Started, Err(error)) => return self.give_up(&error),
            // An end that was wanted is not kept up by its hook.
            (then @ Then::Removed(_), Err(error)) => {
                self.hook_failed("destroy", &error);
                (then, Ok(nothing()))
            }
            other => other,
        };
        if let Then::Removed(_) = then {
            effects.extend(self.doomed.iter().cloned().map(Effect::Destroyed));
        }
        self.follow(&then, outcome.as_ref().map(|_| ()));
        if staged.destroys && self.phase != Phase::Ending {
            // It is done when the actor is no more.
            let effects = effects.into_iter().flat_map(|effect| self.addressed(effect)).collect();
            self.farewell = Some(Pending { effects, then, outcome, permit });
            return self.destroy(None);
        }
        self.ledger.leave(Pending { effects, then, outcome, permit });
        self.release();
    }

    /// It is to be as if it had never been, and its address is free again: its create hook has failed. Who waits is told
    /// why, and nothing of it runs any more.
    pub(super) fn unmake(&mut self, error: ActorError, done: Option<Done>) {
        self.phase = Phase::Ending;
        self.doom = Some(error);
        self.ledger.destroys();
        let (effects, then, outcome) = (Vec::new(), Then::Removed(done), Ok(nothing()));
        self.ledger.leave(Pending { effects, then, outcome, permit: None });
    }

    /// What follows a function at once.
    fn follow(&mut self, then: &Then<A>, outcome: Result<(), &ActorError>) {
        let well = outcome.is_ok();
        match then {
            Then::Created => self.ledger.state_changed(),
            Then::Started => self.phase = Phase::Awake,
            Then::Rung(number) => self.rung(*number, outcome),
            Then::Brief(seat, _) => {
                let seat = seat.clone();
                self.leave(&seat);
            }
            Then::Allowed(seat) if well => self.allowed(&seat.clone()),
            Then::Connected(seat) if well => self.connected(&seat.clone()),
            Then::Left(seat) => self.forget_row(&seat.clone()),
            Then::Removed(_) => {
                self.ledger.destroys();
                self.farewell.take().into_iter().for_each(|farewell| self.ledger.leave(farewell));
            }
            Then::Allowed(_)
            | Then::Connected(_)
            | Then::Spoke(_)
            | Then::Tell(..)
            | Then::Answer(_)
            | Then::Nothing
            | Then::Slept
            | Then::Notify(_) => {}
        }
    }

    /// Lets what a function did leave: effects first, in order, then its answer.
    pub(super) fn let_go(&mut self, pending: Pending<A>) {
        let Pending { effects, then, outcome, permit } = pending;
        // Nothing is told to a connection before it is told that it is one.
        if let (Then::Connected(seat), Ok(_)) = (&then, &outcome) {
            self.seated(&seat.clone());
        }
        for effect in effects {
            self.send(effect);
        }
        match outcome {
            Ok(output) => self.answer(then, output),
            Err(error) => self.failed(then, error),
        }
        drop(permit);
    }

    /// A broadcast to those who would hear it now: they will have left.
    fn addressed(&self, effect: Effect<A>) -> Vec<Effect<A>> {
        let Effect::Broadcast(nth, spoken) = effect else { return vec![effect] };
        let seats = self.place.seats();
        let hear = seats.iter().filter(|seat| seat.hears(nth));
        hear.map(|seat| Effect::Send(seat.clone(), spoken.clone())).collect()
    }

    fn send(&mut self, effect: Effect<A>) {
        match effect {
            Effect::Broadcast(nth, spoken) => {
                let seats = self.place.seats();
                seats.iter().filter(|seat| seat.hears(nth)).for_each(|seat| seat.event(&spoken));
            }
            Effect::Send(seat, spoken) => seat.event(&spoken),
            Effect::Listen(seat, nth, on) => seat.listen(nth, on),
            Effect::Disconnect(seat, reason) => {
                seat.end(&Ending::Disconnected(reason));
                self.first(Job::Leave(seat));
            }
            Effect::Destroyed(seat) => seat.end(&Ending::Destroyed),
        }
    }

    fn answer(&mut self, then: Then<A>, output: Answer) {
        match then {
            Then::Tell(seat, number) => match output {
                Answer::Value(value) => seat.reply(number, Ok(&value)),
                Answer::Http(_) => seat.reply(number, Ok(&Value::Null)),
            },
            Then::Answer(done) | Then::Brief(_, done) => {
                courtesy::wakes_somebody();
                // The caller may have stopped waiting.
                let _ = done.send(Ok(output));
            }
            Then::Spoke(seat) => self.spoke(&seat, &Ending::Closed(NORMAL, "".into())),
            Then::Notify(notify) => notify(Ok(())),
            Then::Removed(done) => self.removed(done),
            Then::Rung(number) => {
                if let Some(ring) = self.ringing.remove(&number) {
                    ring.done();
                }
            }
            Then::Nothing
            | Then::Created
            | Then::Started
            | Then::Slept
            | Then::Allowed(_)
            | Then::Connected(_)
            | Then::Left(_) => {}
        }
    }

    /// Tells who waits that there is no output.
    pub(super) fn failed(&mut self, then: Then<A>, error: ActorError) {
        match then {
            Then::Tell(seat, number) => seat.reply(number, Err(&error)),
            Then::Answer(done) | Then::Brief(_, done) => {
                courtesy::wakes_somebody();
                let _ = done.send(Err(error));
            }
            Then::Notify(notify) => notify(Err(error)),
            Then::Spoke(seat) => self.spoke(&seat, &Ending::Failed(error)),
            Then::Removed(Some(done)) => {
                let _ = done.send(Err(error));
            }
            Then::Allowed(seat) | Then::Connected(seat) => self.send_away(&seat, &error),
            // Otherwise it runs at the next start.
            Then::Left(_) if self.phase != Phase::Over => self.hook_failed("disconnect", &error),
            Then::Slept => self.hook_failed("sleep", &error),
            // It rings again, in time.
            Then::Rung(number) => {
                if let Some(mut ring) = self.ringing.remove(&number)
                    && self.phase == Phase::Over
                {
                    ring.undone();
                }
            }
            Then::Left(_) | Then::Removed(None) | Then::Nothing | Then::Created | Then::Started => {}
        }
    }

    /// The end of a `#[websocket]` function is that of its connection.
    fn spoke(&mut self, seat: &Arc<Seat<A>>, ending: &Ending) {
        seat.end(ending);
        self.first(Job::Leave(seat.clone()));
    }

    fn hook_failed(&self, hook: &str, error: &ActorError) {
        let actor = &self.place.record.address;
        tracing::warn!(%actor, hook, %error, "a hook failed; it is not run again");
    }

    /// Ends the actor: the hooks of its connections first, then its own, then all that it kept; then they are told.
    pub(super) fn destroy(&mut self, done: Option<Done>) {
        if self.phase == Phase::Ending {
            if let Some(done) = done {
                let _ = done.send(Err(self.gone()));
            }
            return;
        }
        self.phase = Phase::Ending;
        self.hook(crate::kind::Hook::Destroy, Vec::new(), None, Then::Removed(done));
        self.doomed = self.place.seats().all();
        for seat in self.doomed.clone().into_iter().rev() {
            self.first(Job::Leave(seat));
        }
    }

    fn removed(&mut self, done: Option<Done>) {
        if let Some(done) = done {
            let _ = done.send(Ok(()));
        }
        let gone = self.gone();
        self.give_up(&gone);
    }
}

/// What a function's caller gets: the response of an `#[http]` function, else its output.
fn answer<A: Actor>(value: Value, staged: &mut Staged<A>) -> Answer {
    staged.response.take().map_or(Answer::Value(value), Answer::Http)
}

/// The code of a websocket's ordinary end.
const NORMAL: u16 = 1000;
