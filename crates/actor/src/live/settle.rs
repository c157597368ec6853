//! What a call staged, before it is kept: whether it may be, and what it comes to on top of what others have done meanwhile.

use super::Live;
use crate::book::AlarmChange;
use crate::kind::Actor;
use crate::staged::{Changed, Staged};
use playhouse_core::actor::ActorError;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::tasks::panic_text;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

impl<A: Actor> Live<A> {
    /// Makes of what a call staged what can be kept. From here to there nothing else is done at the actor.
    pub(super) fn settle(&self, staged: &mut Staged<A>) -> Result<(), ActorError> {
        self.check_alarms(staged)?;
        let mut json = Vec::new();
        for (_, changed) in staged.conns.drain() {
            let seat = changed.seat.clone();
            let name = || format!("the state of the connection {}", seat.id);
            let conn = self.change(changed)?;
            json.clear();
            crate::form::encode(&*conn, &mut json).map_err(|odd| {
                let cause = format!("{} {odd}", name());
                self.place.host.fault(&self.place.record.address, "state", &cause)
            })?;
            self.fits(json.len(), name)?;
            staged.settled.push((seat, conn));
        }
        Ok(())
    }

    /// A connection's state as the call leaves it: where others have changed it meanwhile, what the call did to it is done
    /// to that.
    fn change(&self, changed: Changed<A>) -> Result<Arc<A::Conn>, ActorError> {
        let Changed { seat, found, state, steps } = changed;
        let (Some(mut now), Some(found)) = (seat.conn(), found) else { return Ok(state) };
        if Arc::ptr_eq(&now, &found) {
            return Ok(state);
        }
        let conn = Arc::make_mut(&mut now);
        let done = catch_unwind(AssertUnwindSafe(|| steps.into_iter().for_each(|step| step(conn))));
        done.map(|()| now).map_err(|panic| {
            let cause = format!("a change of a connection panicked: {}", panic_text(&*panic));
            self.place.host.fault(&self.place.record.address, "state", &cause)
        })
    }

    fn check_alarms(&self, staged: &Staged<A>) -> Result<(), ActorError> {
        let mut more = 0;
        for change in &staged.alarms {
            if let AlarmChange::Put(row) = change {
                self.fits(row.args.len(), || format!("the arguments of the alarm for `{}`", row.action))?;
                more += 1;
            }
        }
        let limit = self.place.host.settings.alarms;
        if more == 0 || self.place.book().len() + more <= limit {
            return Ok(());
        }
        let text =
            format!("the actor would have more than {limit} alarms (`actors.alarms`); nothing was changed");
        Err(ActorError::Refused(Reject::of(&codes::TOO_MANY_ALARMS, text)))
    }

    /// Whether something that is kept has no more bytes than the state may have.
    pub(super) fn fits(&self, size: usize, what: impl FnOnce() -> String) -> Result<(), ActorError> {
        let limit = self.place.host.settings.state_size;
        if size <= limit {
            return Ok(());
        }
        let what = what();
        let text = format!("{what} would have {size} bytes; {limit} are the most (`actors.state_size`)");
        Err(ActorError::Refused(Reject::of(&codes::STATE_TOO_LARGE, text)))
    }
}
