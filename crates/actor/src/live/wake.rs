//! How an actor comes into memory, and what it owes from before: connections that ended with the process, alarms.

use super::Live;
use crate::book::{AlarmChange, Book};
use crate::call::{Call, Input, Job, Then};
use crate::host::Ring;
use crate::kind::{Actor, Function, Hook};
use bytes::Bytes;
use playhouse_core::actor::{ActorError, Chain};
use playhouse_core::clock::Moment;
use playhouse_core::store::{AlarmRow, Loaded, SeatRow, StoreError};
use playhouse_core::value::Value;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The pause before a failed alarm is tried again; doubled with each failure up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

impl<A: Actor> Live<A> {
    /// Begins to read the row.
    pub(super) fn read_row(&mut self) {
        let (store, id) = (self.place.host.store.clone(), self.place.record.id.clone());
        self.load = Some(Box::pin(async move { store.load(&id).await }));
    }

    pub(super) fn poll_load(&mut self, task: &mut Context<'_>) -> bool {
        let Some(load) = &mut self.load else { return false };
        let Poll::Ready(loaded) = load.as_mut().poll(task) else { return false };
        self.load = None;
        if let Err(error) = self.loaded(loaded) {
            self.give_up(&error);
        }
        true
    }

    fn loaded(&mut self, loaded: Result<Option<Loaded>, StoreError>) -> Result<(), ActorError> {
        let (host, actor) = (&self.place.host, &self.place.record.address);
        let loaded = loaded.map_err(|error| host.store_error(actor, error))?;
        let Some(loaded) = loaded else { return Err(self.gone()) };
        let first_time = self.losses == 0;
        let state = match &loaded.state {
            Some(row) => crate::form::decode_row::<A>(row),
            None => Ok(A::default()),
        };
        self.ledger.version = loaded.version;
        let state = match state {
            Ok(state) => state,
            Err(odd) => return self.unreadable(&odd),
        };
        let mut good = Vec::new();
        crate::form::encode(&state, &mut good)
            .map_err(|odd| host.fault(actor, "state", &format!("the state {odd}")))?;
        (self.good, self.state) = (Bytes::from(good), Some(Arc::new(state)));
        *self.place.book() = Book::of(loaded.alarms, self.clock.unix_ms());
        if !first_time {
            self.ring_again();
        }
        let is_new = loaded.state.is_none();
        if first_time {
            self.hook(Hook::Start, Vec::new(), None, Then::Started);
            self.end_remembered(loaded.seats);
        }
        if is_new {
            let input = loaded.input.and_then(|input| Value::from_json(&input).ok()).unwrap_or_default();
            if self.place.kind.definition.hook(Hook::Create).is_some() {
                self.hook(Hook::Create, vec![input], None, Then::Created);
            }
        }
        Ok(())
    }

    /// A state that can't be read is left as it is, unless somebody wants the actor to be removed.
    fn unreadable(&mut self, odd: &str) -> Result<(), ActorError> {
        let (host, actor) = (&self.place.host, &self.place.record.address);
        let error = host.fault(actor, "state", &format!("{odd}; it is left as it is"));
        self.take_mail();
        let is_removal = |job: &Job<A>| matches!(job, Job::Destroy(_));
        let removal = self.jobs.iter().position(is_removal).and_then(|nth| self.jobs.remove(nth));
        let Some(Job::Destroy(done)) = removal else { return Err(error) };
        self.unmake(error, Some(done));
        Ok(())
    }

    /// The disconnect hooks of connections that are no more, before anything else: their process has ended, or what the
    /// hook did could not be kept.
    fn end_remembered(&mut self, rows: Vec<SeatRow>) {
        for row in rows.into_iter().rev() {
            if self.place.seats().get(&row.id).is_some() {
                continue;
            }
            if !self.wants_row() {
                self.ledger.drop_seat(&row.id, true);
                continue;
            }
            match self.remembered(&row) {
                Ok(seat) => {
                    self.hook(Hook::Disconnect, Vec::new(), Some(seat.clone()), Then::Left(seat));
                }
                Err(odd) => {
                    let (actor, connection) = (&self.place.record.address, &row.id);
                    tracing::error!(
                        %actor, %connection,
                        "the connection's state can't be read: {odd}; its disconnect hook does not run"
                    );
                    self.ledger.drop_seat(&row.id, true);
                }
            }
        }
    }

    /// Alarms whose actions were undone ring once more; those that wait here still do.
    fn ring_again(&self) {
        let book = self.place.book();
        for row in book.rows().filter(|row| !row.given_up && !self.ringing.contains_key(&row.number)) {
            self.place.host.ring_later(&self.place.record.id, row.number, row.due);
        }
    }

    /// An alarm's time has come.
    pub(super) fn ring(&mut self, mut ring: Ring) {
        let number = ring.number();
        let row = self.place.book().get(number).cloned().filter(|row| !row.given_up);
        let Some(row) = row else { return ring.done() };
        ring.arrived();
        if row.due > self.clock.unix_ms() {
            // The date was set back.
            return ring.put_off(Some(row.due));
        }
        self.ringing.insert(number, ring);
        let Some(nth) = self.place.kind.action(&row.action) else {
            let text = format!("the actor has no action `{}` any more", row.action);
            self.tried(row, &text);
            self.ringing.remove(&number);
            return;
        };
        let args = match Value::from_json(&row.args) {
            Ok(Value::List(args)) => args,
            Ok(_) | Err(_) => Vec::new(),
        };
        let function = Function::Action(nth);
        let then = Then::Rung(number);
        let (input, chain) = (Input::Args(args), Chain::default());
        // Its time begins with it.
        let call = Call { function, input, seat: None, chain, until: Moment::NEVER, then, permit: None };
        self.jobs.push_back(Job::Call(call));
    }

    /// Whether an alarm is still to run.
    pub(super) fn is_due(&self, number: u64) -> bool {
        self.place.book().get(number).is_some_and(|row| !row.given_up)
    }

    /// An alarm's action has ended: well, then so has the alarm.
    pub(super) fn rung(&mut self, number: u64, outcome: Result<(), &ActorError>) {
        let Some(row) = self.place.book().get(number).cloned() else { return };
        match outcome {
            Ok(()) => self.change_alarm(AlarmChange::End(number)),
            Err(error) => self.tried(row, &error.to_string()),
        }
    }

    /// An alarm has failed: it is tried again after a pause, or kept to be seen.
    fn tried(&mut self, row: AlarmRow, why: &str) {
        let failures = row.failures + 1;
        let given_up = failures >= self.place.host.settings.alarm_attempts;
        let pause = PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
        let due = self.clock.unix_ms() + u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        if let Some(ring) = self.ringing.get_mut(&row.number) {
            ring.put_off((!given_up).then_some(due));
        }
        let (actor, action) = (&self.place.record.address, &row.action);
        tracing::warn!(%actor, %action, failures, given_up, "an alarm failed: {why}");
        self.change_alarm(AlarmChange::Put(AlarmRow {
            due,
            failures,
            given_up,
            error: Some(why.into()),
            ..row
        }));
    }

    fn change_alarm(&mut self, change: AlarmChange) {
        self.place.book().apply(&change);
        self.ledger.keep_alarm(change);
    }
}
