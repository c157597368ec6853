//! Connections that come and go: the hooks around them, in order, each once.

use super::Live;
use crate::call::{Call, Input, Job, Then};
use crate::kind::{Actor, Function, Hook};
use crate::seat::{Phase, Seat};
use playhouse_core::actor::{ActorError, Chain, Ending};
use playhouse_core::clock::Moment;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::store::SeatRow;
use playhouse_core::value::{Value, from_value};
use std::sync::Arc;

impl<A: Actor> Live<A> {
    /// Somebody wants a seat: its parameters are read, and the actor decides.
    pub(super) fn arrive(&mut self, seat: Arc<Seat<A>>) {
        if seat.phase() != Phase::Arriving {
            return;
        }
        if self.phase == super::Phase::Ending {
            let gone = self.gone();
            return self.send_away(&seat, &gone);
        }
        if let Err(odd) = from_value::<A::Params>(seat.params.clone()) {
            let text = format!("the connection's parameters can't be read: {odd}");
            let reject = Reject::of(&codes::INVALID_PARAM, text).field("params");
            return self.send_away(&seat, &ActorError::Refused(reject));
        }
        let args = vec![seat.params.clone()];
        self.hook(Hook::BeforeConnect, args, Some(seat.clone()), Then::Allowed(seat));
    }

    /// The actor wants it: it is in the map from now on.
    pub(super) fn allowed(&mut self, seat: &Arc<Seat<A>>) {
        let made = {
            let mut inner = seat.inner();
            if inner.phase != Phase::Arriving {
                return;
            }
            inner.conn = inner.conn.take().or_else(|| A::first_conn().map(Arc::new));
            inner.phase = Phase::Connecting;
            inner.conn.is_some()
        };
        if !made {
            let actor = &self.place.record.address;
            let cause =
                "there is a type `Conn` without a default, and no `before_connect` hook that makes one";
            let error = self.place.host.fault(actor, "before_connect", cause);
            return self.send_away(seat, &error);
        }
        self.place.seats().add(seat);
        self.hook(Hook::Connect, Vec::new(), Some(seat.clone()), Then::Connected(seat.clone()));
    }

    /// Its connect hook has run: from now on its end has to be known.
    pub(super) fn connected(&mut self, seat: &Arc<Seat<A>>) {
        if !self.wants_row() {
            return;
        }
        let Some(conn) = seat.conn() else { return };
        let row = self.seat_row(seat, &conn);
        seat.inner().has_row = true;
        self.ledger.keep_seat(row);
        self.ledger.keep_conn(seat.clone(), conn);
    }

    /// What it did is durable: it is told, and what it asked meanwhile begins.
    pub(super) fn seated(&mut self, seat: &Arc<Seat<A>>) {
        let backlog = {
            let mut inner = seat.inner();
            if inner.phase != Phase::Connecting {
                return;
            }
            inner.phase = Phase::Seated;
            if inner.kept.is_none() {
                inner.kept = inner.conn.clone();
            }
            std::mem::take(&mut inner.backlog)
        };
        seat.seated();
        if let Some(socket) = seat.take_socket() {
            let (function, then) = (Function::Websocket, Then::Spoke(seat.clone()));
            let (input, seat, chain, until) =
                (Input::Socket(socket), Some(seat.clone()), Chain::default(), Moment::NEVER);
            self.first(Job::Call(Call { function, input, seat, chain, until, then, permit: None }));
        }
        for job in backlog.into_iter().rev() {
            self.first(job);
        }
    }

    /// It gets no seat: it is told why, and so is what it asked meanwhile. If it was in the map already, its disconnect
    /// hook runs.
    pub(super) fn send_away(&mut self, seat: &Arc<Seat<A>>, error: &ActorError) {
        let (was, backlog) = {
            let mut inner = seat.inner();
            let was = std::mem::replace(&mut inner.phase, Phase::Gone);
            inner.refusal = Some(error.clone());
            (was, std::mem::take(&mut inner.backlog))
        };
        seat.end(&Ending::Refused(error.clone()));
        for job in backlog {
            self.refuse(job, error);
        }
        if was == Phase::Connecting {
            self.place.seats().remove(seat);
            self.hook(Hook::Disconnect, Vec::new(), Some(seat.clone()), Then::Left(seat.clone()));
        }
    }

    /// It has gone: out of the map at once, then its hook. Only the first end counts.
    pub(super) fn leave(&mut self, seat: &Arc<Seat<A>>) {
        let was = {
            let mut inner = seat.inner();
            if inner.phase == Phase::Arriving {
                // Its before_connect hook may run still; what comes of it is not wanted any more, nor what it asked.
                inner.phase = Phase::Gone;
                let backlog = std::mem::take(&mut inner.backlog);
                drop(inner);
                let why = crate::host::stopping();
                return backlog.into_iter().for_each(|job| self.refuse(job, &why));
            }
            if inner.phase == Phase::Connecting {
                // Its connect hook runs, or is about to be durable; it leaves after that.
                inner.backlog.push_back(Job::Leave(seat.clone()));
                return;
            }
            std::mem::replace(&mut inner.phase, Phase::Gone)
        };
        if was == Phase::Gone {
            return;
        }
        self.place.seats().remove(seat);
        self.hook(Hook::Disconnect, Vec::new(), Some(seat.clone()), Then::Left(seat.clone()));
    }

    /// Its disconnect hook has run; whether well or not, it does not run again.
    pub(super) fn forget_row(&mut self, seat: &Arc<Seat<A>>) {
        if !self.wants_row() {
            return;
        }
        let has_row = seat.inner().has_row;
        self.ledger.drop_seat(&seat.id, has_row);
    }

    /// Takes it out of the map, without a hook: its actor can't be read, or it was never kept that it came.
    pub(super) fn unseat(&mut self, seat: &Arc<Seat<A>>) {
        seat.inner().phase = Phase::Gone;
        self.place.seats().remove(seat);
    }

    /// Ends all connections: the actor can't go on.
    pub(super) fn end_seats(&mut self, error: &ActorError) {
        let seats = self.place.seats().all();
        for seat in seats {
            let backlog = std::mem::take(&mut seat.inner().backlog);
            seat.end(&Ending::Failed(error.clone()));
            for job in backlog {
                self.refuse(job, error);
            }
            self.unseat(&seat);
        }
    }

    /// A connection that was open when the process ended, as far as it is remembered.
    ///
    /// # Errors
    /// It was written in another form.
    pub(super) fn remembered(&self, row: &SeatRow) -> Result<Arc<Seat<A>>, String> {
        let parts = match Value::from_json(&row.bytes) {
            Ok(Value::List(parts)) => parts,
            Ok(_) | Err(_) => Vec::new(),
        };
        let [params, conn] = <[Value; 2]>::try_from(parts).map_err(|_| "no list of two".to_owned())?;
        let conn = Arc::new(from_value::<A::Conn>(conn).map_err(|odd| odd.to_string())?);
        let seat = Seat::new(&self.place, row.id.clone(), params, None);
        {
            let mut inner = seat.inner();
            (inner.conn, inner.phase, inner.has_row) = (Some(conn), Phase::Gone, true);
        }
        Ok(Arc::new(seat))
    }
}
