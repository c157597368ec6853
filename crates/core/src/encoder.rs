//! The port by which `node` has events written for a wire form; fulfilled by `server`.

use crate::actor::WrittenForm;
use crate::event::ServerEvent;
use crate::wire::{Tail, WireForm};

/// Writes server events as complete frames.
pub trait Encoder: Send + Sync + 'static {
    /// Appends the frames that carry `event` in `form` to `out`; appends nothing where the form has no way
    /// to say it.
    fn encode(&self, form: WireForm, event: &ServerEvent<'_>, out: &mut Vec<u8>);

    /// What follows the shared body of a room's message on one connection; `nth` counts the messages that
    /// this connection got, from 1. Empty for wire forms without tails.
    fn tail(&self, form: WireForm, nth: u64) -> Tail {
        let _ = (form, nth);
        Tail::new()
    }

    /// Behind how many bytes of an event the tail has its place: all, unless frames follow to which it does not belong.
    fn tail_at(&self, form: WireForm, encoded: &[u8]) -> usize {
        let _ = form;
        encoded.len()
    }

    /// Whether a client counts this event, so that its [`tail`](Self::tail) follows what is encoded of it, and it is kept for
    /// one who may come back.
    fn is_numbered(&self, form: WireForm, event: &ServerEvent<'_>) -> bool {
        let _ = (form, event);
        false
    }

    /// Where an actor's event as it is written for all seats of a form is kept ([`Spoken::written`]); `None` where it is
    /// written for each seat.
    ///
    /// [`Spoken::written`]: crate::actor::Spoken::written
    fn place(&self, form: WireForm) -> Option<WrittenForm> {
        let _ = form;
        None
    }

    /// What follows the shared part of an actor's event, to say for which seat of a connection it is.
    fn seat_tail(&self, form: WireForm, seat: u32) -> Tail {
        let _ = (form, seat);
        Tail::new()
    }
}
