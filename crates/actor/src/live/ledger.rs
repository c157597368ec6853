//! What has changed and is not durable yet, and what leaves when it is.
//!
//! Changes are counted. At most one commit is on its way; what changes meanwhile gathers into the next. What a call did
//! waits in `pending` for the change that it saw last, in the order of the calls.

use super::{Live, Phase};
use crate::book::AlarmChange;
use crate::call::{Call, Job, Then};
use crate::kind::{Actor, Hook};
use crate::mailbox::Permit;
use crate::seat::Seat;
use crate::staged::{ConnChange, Effect, Staged};
use bytes::Bytes;
use playhouse_core::Later;
use playhouse_core::actor::{ActorError, Answer, Ending};
use playhouse_core::store::{AlarmRow, Commit, SeatRow, StateRow, StoreError};
use playhouse_core::value::{Value, to_value};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};

/// Something that leaves when what was changed before it is durable.
pub(super) struct Pending<A: Actor> {
    pub(super) effects: Vec<Effect<A>>,
    pub(super) then: Then<A>,
    pub(super) outcome: Result<Answer, ActorError>,
    /// Whose answer it is counts as a call that waits until it leaves.
    pub(super) permit: Option<Permit<A>>,
}

/// What the next commit will hold.
#[derive(Default)]
struct Gathered {
    state: bool,
    alarms: BTreeMap<u64, Option<AlarmRow>>,
    seats: HashMap<Arc<str>, Option<SeatRow>>,
    destroys: bool,
}

/// A commit on its way.
struct Writing {
    commit: Later<'static, Result<(), StoreError>>,
    /// The newest change in it.
    upto: u64,
    alarms: Vec<(u64, u64)>,
}

pub(super) struct Ledger<A: Actor> {
    /// The row's version after the last commit that was confirmed.
    pub(super) version: u64,
    changes: u64,
    durable: u64,
    gathered: Gathered,
    writing: Option<Writing>,
    /// With the number of the last change before each.
    pending: VecDeque<(u64, Pending<A>)>,
    /// The same of new states of connections.
    conns: VecDeque<(u64, ConnChange<A>)>,
}

impl<A: Actor> Ledger<A> {
    pub(super) fn new() -> Self {
        let (gathered, pending, conns) = (Gathered::default(), VecDeque::new(), VecDeque::new());
        Self { version: 0, changes: 0, durable: 0, gathered, writing: None, pending, conns }
    }

    /// Whether all is written and told.
    pub(super) fn is_quiet(&self) -> bool {
        self.changes == self.durable && self.writing.is_none() && self.pending.is_empty()
    }

    /// The state has changed.
    pub(super) fn state_changed(&mut self) {
        self.gathered.state = true;
        self.changes += 1;
    }

    /// What a call staged is to be kept.
    pub(super) fn keep_alarm(&mut self, change: AlarmChange) {
        let (number, row) = match change {
            AlarmChange::Put(row) => (row.number, Some(row)),
            AlarmChange::End(number) => (number, None),
        };
        self.gathered.alarms.insert(number, row);
        self.changes += 1;
    }

    /// A connection's row is new or has changed.
    pub(super) fn keep_seat(&mut self, row: SeatRow) {
        self.gathered.seats.insert(row.id.clone(), Some(row));
        self.changes += 1;
    }

    /// A connection has this state once all that was changed before is durable.
    pub(super) fn keep_conn(&mut self, seat: Arc<Seat<A>>, conn: Arc<A::Conn>) {
        self.conns.push_back((self.changes, (seat, conn)));
        self.settle_conns();
    }

    fn settle_conns(&mut self) {
        let durable = self.durable;
        while let Some((_, (seat, conn))) = self.conns.pop_front_if(|(after, _)| *after <= durable) {
            seat.inner().kept = Some(conn);
        }
    }

    /// A connection's row is not needed any more; one that was never written need not be.
    pub(super) fn drop_seat(&mut self, id: &Arc<str>, has_row: bool) {
        // One without a row was never gathered: a row is noted as soon as it is to be written.
        if has_row {
            self.gathered.seats.insert(id.clone(), None);
            self.changes += 1;
        }
    }

    pub(super) fn destroys(&mut self) {
        self.gathered.destroys = true;
        self.changes += 1;
    }

    /// Puts what a call did behind all that was done before it.
    pub(super) fn leave(&mut self, pending: Pending<A>) {
        self.pending.push_back((self.changes, pending));
    }

    /// The next that may leave.
    pub(super) fn next(&mut self) -> Option<Pending<A>> {
        let durable = self.durable;
        self.pending.pop_front_if(|(after, _)| *after <= durable).map(|(_, pending)| pending)
    }

    /// Forgets what is not durable, and returns those who waited for it.
    pub(super) fn lose(&mut self) -> impl Iterator<Item = Pending<A>> + use<A> {
        self.changes = self.durable;
        self.gathered = Gathered::default();
        self.writing = None;
        self.conns.clear();
        std::mem::take(&mut self.pending).into_iter().map(|(_, pending)| pending)
    }
}

impl<A: Actor> Live<A> {
    /// Applies what a call staged, and notes what of it has to be written.
    pub(super) fn keep(&mut self, staged: &mut Staged<A>) {
        for change in staged.alarms.drain(..) {
            self.place.book().apply(&change);
            self.ledger.keep_alarm(change);
        }
        for (seat, conn) in staged.settled.drain(..) {
            let has_row = {
                let mut inner = seat.inner();
                inner.conn = Some(conn.clone());
                inner.has_row
            };
            if has_row {
                let row = self.seat_row(&seat, &conn);
                self.ledger.keep_seat(row);
            }
            self.ledger.keep_conn(seat, conn);
        }
    }

    /// What the store keeps of a connection.
    pub(super) fn seat_row(&self, seat: &Seat<A>, conn: &A::Conn) -> SeatRow {
        let conn = to_value(conn).unwrap_or_default();
        let bytes = Value::List(vec![seat.params.clone(), conn]).to_json();
        SeatRow { id: seat.id.clone(), epoch: self.fence.epoch, bytes: Bytes::from(bytes) }
    }

    /// Lets leave what may, in order.
    pub(super) fn release(&mut self) {
        while let Some(pending) = self.ledger.next() {
            self.let_go(pending);
        }
    }

    /// Begins a commit if there is something to write, and looks after the one that is on its way.
    pub(super) fn poll_commit(&mut self, task: &mut Context<'_>) -> bool {
        if self.ledger.writing.is_none() && self.ledger.changes > self.ledger.durable {
            self.begin_commit();
        }
        let Some(writing) = &mut self.ledger.writing else { return false };
        let Poll::Ready(written) = writing.commit.as_mut().poll(task) else { return false };
        let Some(writing) = self.ledger.writing.take() else { return false };
        match written {
            Ok(()) => self.committed(writing),
            Err(error) => self.not_committed(error),
        }
        true
    }

    fn begin_commit(&mut self) {
        let Gathered { state, alarms, seats, destroys } = std::mem::take(&mut self.ledger.gathered);
        let (put, ended): (Vec<_>, Vec<_>) = alarms.into_iter().partition(|(_, row)| row.is_some());
        let (sat, left): (Vec<_>, Vec<_>) = seats.into_iter().partition(|(_, row)| row.is_some());
        let alarms: Vec<AlarmRow> = put.into_iter().filter_map(|(_, row)| row).collect();
        let rings = alarms.iter().filter(|row| !row.given_up).map(|row| (row.due, row.number)).collect();
        let form = A::definition().form;
        let commit = Commit {
            id: self.place.record.id.clone(),
            row: self.place.record.row,
            fence: self.fence,
            version: self.ledger.version,
            state: state.then(|| StateRow { form, bytes: self.good.clone() }),
            alarms,
            alarms_ended: ended.into_iter().map(|(number, _)| number).collect(),
            seats: sat.into_iter().filter_map(|(_, row)| row).collect(),
            seats_ended: left.into_iter().map(|(id, _)| id).collect(),
            destroys,
        };
        let store = self.place.host.store.clone();
        let commit: Later<'static, _> = Box::pin(async move { store.commit(commit).await });
        let upto = self.ledger.changes;
        self.ledger.writing = Some(Writing { commit, upto, alarms: rings });
    }

    fn committed(&mut self, writing: Writing) {
        self.ledger.version += 1;
        self.ledger.durable = writing.upto;
        self.ledger.settle_conns();
        for (due, number) in writing.alarms {
            self.place.host.alarms.add(due, &self.place.record.id, number);
        }
        self.release();
        // The store takes changes again.
        for seat in std::mem::take(&mut self.owed) {
            self.hook(Hook::Disconnect, Vec::new(), Some(seat.clone()), Then::Left(seat));
        }
    }

    /// Nothing of it happened, as far as anybody is told: the actor is read anew.
    fn not_committed(&mut self, error: StoreError) {
        let actor = &self.place.record.address;
        tracing::warn!(%actor, %error, "what turns changed could not be written; it is undone");
        let outdated = error == StoreError::Outdated;
        let refusal = match outdated {
            true => crate::host::stopping(),
            false => self.place.host.store_error(actor, error),
        };
        if outdated {
            return self.give_up(&refusal);
        }
        let has_not_begun = self.lose(&refusal);
        if has_not_begun || self.doom.is_some() {
            return self.give_up(&refusal);
        }
        if self.phase == Phase::Ending {
            self.stay(&refusal);
        }
        self.read_row();
    }

    /// It was to be removed, and can't be: it goes on, without the connections that were told nothing yet.
    fn stay(&mut self, why: &ActorError) {
        self.phase = Phase::Awake;
        let is_removal = |job: &Job<A>| matches!(job, Job::Call(Call { then: Then::Removed(_), .. }));
        if let Some(nth) = self.jobs.iter().position(is_removal)
            && let Some(job) = self.jobs.remove(nth)
        {
            self.refuse(job, why);
        }
        for seat in std::mem::take(&mut self.doomed) {
            seat.end(&Ending::Failed(why.clone()));
        }
    }

    /// Fails all who saw what was not kept; whether its create or start hook was among that.
    pub(super) fn lose(&mut self, error: &ActorError) -> bool {
        self.losses += 1;
        self.loss = Some(error.clone());
        let mut has_not_begun = false;
        for pending in self.ledger.lose().chain(self.farewell.take()) {
            for effect in pending.effects {
                // What a connection listens to is no change of the actor.
                if let Effect::Listen(seat, nth, on) = effect {
                    seat.listen(nth, on);
                }
            }
            has_not_begun |= self.lost(pending.then, error);
        }
        if let Some(running) = self.running.take() {
            // Nobody else will: its connection was made for this call.
            if let (Then::Brief(seat, _), false) = (&running.run.then, self.phase == Phase::Over) {
                self.leave(&seat.clone());
            }
            has_not_begun |= self.lost(running.run.then, error);
        }
        (self.state, self.snapshot) = (None, None);
        for seat in self.place.seats().iter() {
            let mut inner = seat.inner();
            if let Some(kept) = inner.kept.clone() {
                inner.conn = Some(kept);
            }
        }
        has_not_begun
    }

    /// What a function did is undone although it had ended, or was about to; whether that was the actor's begin.
    fn lost(&mut self, then: Then<A>, error: &ActorError) -> bool {
        if let Then::Left(seat) = &then {
            // Its row is there still: the hook runs when the store takes changes again, or at the next start.
            if seat.inner().has_row {
                self.owed.push(seat.clone());
            }
            return false;
        }
        if let Then::Allowed(seat) | Then::Connected(seat) = &then {
            // It was never there, so that no hook has to know of its end.
            self.unseat(seat);
        }
        let is_begin = matches!(then, Then::Created | Then::Started);
        self.failed(then, error.clone());
        is_begin
    }

    /// Whether an end of this connection has to be known even after a crash.
    pub(super) fn wants_row(&self) -> bool {
        self.place.kind.definition.hook(Hook::Disconnect).is_some()
    }
}
