//! What an actor tells a seat of a connection becomes messages in that connection's outbox.
//!
//! Called on the actors' threads, also while an actor holds its list of connections: takes it up and returns, and asks
//! nothing of a seat. Keeps no connection alive.

use super::seats::Gone;
use super::{Connection, WeakConnection};
use bytes::Bytes;
use playhouse_core::actor::{ActorError, Ear, Ending, Spoken, Told};
use playhouse_core::codes::{self, RejectCode};
use playhouse_core::error::Reject;
use playhouse_core::event::{ServerEvent, Tag};
use playhouse_core::value::Value;
use playhouse_core::wire::Frames;

/// Hears for one seat.
pub(super) struct Hearing {
    connection: WeakConnection,
    seat: u32,
}

impl Hearing {
    pub(super) fn new(connection: &Connection, seat: u32) -> Self {
        Self { connection: connection.downgrade(), seat }
    }

    fn ended(&self, connection: &Connection, ending: &Ending) {
        let Some(mut gone) = connection.seats().remove(self.seat) else { return };
        // The actor's side has seen to its end; to leave here could wait for a lock that it holds.
        drop(gone.seat.take());
        let Some(tag) = gone.arriving.take() else {
            let (code, reason, retry) = why(ending);
            connection.tell_gone(&gone, &reason);
            let (code, reason) = (&*code, &*reason);
            return connection.tell(&ServerEvent::SeatEnded { seat: self.seat, code, reason, retry });
        };
        let (reject, retry) = match ending {
            Ending::Refused(error) | Ending::Failed(error) => (error.clone().reject(), passes(error)),
            Ending::Disconnected(_) | Ending::Closed(..) | Ending::Destroyed => {
                let text = format!("the actor took the seat back: {}", why(ending).1);
                (Reject::of(&codes::NO_SUCH_SEAT, text), false)
            }
        };
        connection.tell(&ServerEvent::SeatRefused { tag: &tag, reject: &reject, retry });
        // What was asked before the seat was there was never begun.
        gone.calls.iter().for_each(|tag| connection.answer_call(tag, Err(&reject)));
    }
}

impl Ear for Hearing {
    fn hear(&self, told: Told<'_>) {
        let Some(connection) = self.connection.upgrade() else { return };
        match told {
            Told::Seated { .. } => {
                if let Some(tag) = connection.seats().arrived(self.seat) {
                    let taken = format!("{{\"seat\":{}}}", self.seat);
                    connection.tell(&ServerEvent::Done { tag: &tag, result: Ok(Some(&taken)) });
                }
            }
            Told::Reply { call, result } => {
                if let Some(tag) = connection.seats().answered(call) {
                    connection.tell_reply(&tag, result);
                }
            }
            Told::Event(spoken) => connection.tell_event(self.seat, spoken),
            Told::Ended(ending) => self.ended(&connection, ending),
            // Only those have frames who sit down for a websocket.
            Told::Frame(_) => {}
        }
    }
}

/// Whether another attempt may succeed. What an actor itself refuses is final, whatever its code is.
fn passes(error: &ActorError) -> bool {
    const PASSING: [RejectCode; 6] = [
        codes::ACTOR_STOPPING,
        codes::ENGINE_AWAY,
        codes::OVERLOADED,
        codes::SHUTTING_DOWN,
        codes::TIMEOUT,
        codes::UNWRITABLE,
    ];
    match error {
        ActorError::User(_) => false,
        ActorError::Refused(reject) => PASSING.iter().any(|code| code.name == reject.code),
        ActorError::Fault(_) => true,
    }
}

/// Why a seat is over: for programs, for people, and whether it is worth it to come back.
fn why(ending: &Ending) -> (String, String, bool) {
    let (code, reason, retry) = match ending {
        Ending::Disconnected(reason) => ("disconnected", reason.to_string(), false),
        Ending::Closed(_, reason) => ("closed", reason.to_string(), false),
        Ending::Destroyed => ("destroyed", "the actor was destroyed".to_owned(), false),
        Ending::Refused(error) | Ending::Failed(error) => {
            let reject = error.clone().reject();
            let retry = matches!(ending, Ending::Failed(_));
            return (reject.code.into_owned(), reject.message.into_owned(), retry);
        }
    };
    (code.to_owned(), reason, retry)
}

impl Connection {
    /// Answers the calls of a seat that is no more.
    pub(super) fn tell_gone(&self, gone: &Gone, why: &str) {
        if gone.calls.is_empty() {
            return;
        }
        let text = format!(
            "the seat at the actor ended before the call was answered ({why}): it may have been done or not"
        );
        let reject = Reject::of(&codes::SEAT_ENDED, text);
        gone.calls.iter().for_each(|tag| self.answer_call(tag, Err(&reject)));
    }

    fn tell_reply(&self, tag: &Tag, result: Result<&Value, &ActorError>) {
        let limit = self.node().config().actors.message_size;
        match result.map(Value::to_json) {
            Ok(json) if json.len() > limit => {
                let len = json.len();
                let text =
                    format!("the output has {len} bytes, which is more than `actors.message_size` allows");
                self.answer_call(tag, Err(&Reject::of(&codes::PAYLOAD_TOO_LARGE, text)));
            }
            Ok(json) => {
                let json = std::str::from_utf8(&json).expect("JSON is a text");
                self.answer_call(tag, Ok(Some(json)));
            }
            Err(error) => self.answer_call(tag, Err(&error.clone().reject())),
        }
    }

    /// Answers a call of an actor. Each is answered once.
    fn answer_call(&self, tag: &Tag, result: Result<Option<&str>, &Reject>) {
        self.node().running().end();
        self.tell(&ServerEvent::Done { tag, result });
    }

    fn tell_event(&self, seat: u32, spoken: &Spoken) {
        let (node, form) = (self.node(), self.form());
        let write = |seat| {
            let mut out = Vec::new();
            node.encoder().encode(form, &ServerEvent::Heard { seat, spoken }, &mut out);
            if out.len() > node.config().actors.message_size {
                let (event, len) = (&*spoken.event, out.len());
                tracing::warn!(event, len, "an event is over `actors.message_size`: nobody hears it");
                out.clear();
            }
            Bytes::from(out)
        };
        let frames = match node.encoder().place(form) {
            Some(place) => {
                let body = spoken.written(place, |_| write(None));
                Frames::tailed(body, node.encoder().seat_tail(form, seat))
            }
            None => Frames::shared(write(Some(seat))),
        };
        if node.encoder().is_numbered(form, &ServerEvent::Heard { seat: Some(seat), spoken }) {
            self.tell_numbered(frames.body);
        } else if !frames.body.is_empty() {
            self.outbox().put(frames);
        }
    }

    /// Gives up all seats: the actors hear of it at once.
    pub(crate) fn leave_seats(&self) {
        let (seats, unanswered) = self.seats().clear();
        seats.iter().for_each(|seat| seat.leave());
        (0..unanswered).for_each(|_| self.node().running().end());
    }
}
