//! What an actor tells one client goes into that client's outbox, written in its wire form.
//!
//! Called on the actors' threads; never waits. Knows no socket.

use super::stream::Lines;
use crate::dialect::actors::{Failure, Form, Message, Said, TooLong, codes as kinds};
use bytes::Bytes;
use playhouse_core::actor::{ActorError, Ear, Ending, Frame, Spoken, Told};
use playhouse_core::codes;
use playhouse_core::value::Value;
use playhouse_core::wire::Frames;
use playhouse_node::guest::Guest;
use playhouse_proto::ws::encode;
use std::sync::{Arc, OnceLock};

/// How a client is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In messages of this form.
    Messages(Form),
    /// As the actor itself likes: frames pass unread.
    Raw,
}

/// The code and reason of a close frame; without a code it is empty.
pub(super) type Farewell = (Option<u16>, String);

/// Hears for one client.
pub(crate) struct Hearer {
    pub(super) guest: Arc<Guest>,
    way: Way,
    /// Of a client that turned out to be a newer one by what it wrote.
    newer: OnceLock<Form>,
    /// The longest message, in bytes.
    limit: usize,
    /// What actor-core's clients prove themselves with.
    token: Box<str>,
    /// Of an event stream, for which messages come in other requests.
    lines: Option<Lines>,
    /// How the actor's side ended it.
    farewell: OnceLock<Farewell>,
}

impl Hearer {
    pub(super) fn new(
        guest: Arc<Guest>,
        way: Way,
        limit: usize,
        token: Box<str>,
        lines: Option<Lines>,
    ) -> Self {
        Self { guest, way, newer: OnceLock::new(), limit, token, lines, farewell: OnceLock::new() }
    }

    /// How the client is spoken to from now on.
    pub(super) fn way(&self) -> Way {
        self.newer.get().map_or(self.way, |form| Way::Messages(*form))
    }

    /// The form in which a message of the client is to be read, and others to be written from now on.
    pub(super) fn form_of(&self, form: Form, message: Message<'_>) -> Form {
        let spoken = form.of(message);
        if spoken != form {
            // Clients do not change their version.
            let _ = self.newer.set(spoken);
        }
        spoken
    }

    /// How the actor's side ended it, if it did.
    pub(super) fn farewell(&self) -> Option<&Farewell> {
        self.farewell.get()
    }

    /// Tells a client why its call is not done.
    pub(super) fn refuse_call(&self, id: u64, failure: &Failure<'_>) {
        if let Way::Messages(form) = self.way() {
            self.fail(form, failure, Some(id));
        }
    }

    fn tell(&self, form: Form, said: &Said<'_>) -> Result<(), TooLong> {
        let mut told = Ok(());
        self.guest.outbox().append(|out| told = form.write(out, said, self.limit));
        told
    }

    fn fail(&self, form: Form, failure: &Failure<'_>, id: Option<u64>) {
        if self.tell(form, &Said::Error { failure, id }).is_err() {
            let failure = too_long("what there is to say of an error");
            // It is a few words long.
            let _ = self.tell(form, &Said::Error { failure: &failure, id });
        }
    }

    fn reply(&self, form: Form, id: u64, result: Result<&Value, &ActorError>) {
        match result {
            Ok(output) => {
                if let Err(TooLong(len)) = self.tell(form, &Said::Response { id, output }) {
                    let failure = too_long(&format!("the output has {len} bytes, which"));
                    self.fail(form, &failure, Some(id));
                }
            }
            Err(error) => self.fail(form, &Failure::of(error), Some(id)),
        }
    }

    fn event(&self, form: Form, spoken: &Spoken) {
        let bytes = spoken.written(form.place(), |spoken| {
            let (mut out, name, args) = (Vec::new(), &*spoken.event, &*spoken.args);
            if let Err(TooLong(len)) = form.write(&mut out, &Said::Event { name, args }, self.limit) {
                tracing::warn!(event = name, len, "an event is over `actors.message_size`: nobody hears it");
            }
            Bytes::from(out)
        });
        self.guest.outbox().push(|_| Frames::shared(bytes));
    }

    fn ended(&self, ending: &Ending) {
        if let (Ending::Refused(error), Way::Messages(form)) = (ending, self.way)
            && form.explains_refusals()
        {
            self.fail(form, &Failure::of(error), None);
        }
        // It comes once.
        let _ = self.farewell.set(farewell(self.way, ending));
        self.guest.outbox().close(&codes::ENDED);
    }
}

fn too_long(what: &str) -> Failure<'static> {
    Failure::new(&kinds::OUTGOING, format!("{what} is more than `actors.message_size` allows"))
}

/// The close that a failure ends with.
pub(super) fn closes(way: Way, failure: &Failure<'_>) -> Farewell {
    match way {
        Way::Messages(form) => form.closes(failure),
        Way::Raw => (Some(1011), failure.reason()),
    }
}

/// What a stopping node says (actors.md, section 6.7).
pub(super) fn going_away() -> Farewell {
    (Some(1001), "going away".to_owned())
}

fn farewell(way: Way, ending: &Ending) -> Farewell {
    match ending {
        Ending::Disconnected(reason) => (Some(1000), reason.to_string()),
        Ending::Closed(code, reason) => (Some(*code), reason.to_string()),
        Ending::Destroyed => closes(way, &Failure::new(&kinds::DESTROYED, "")),
        Ending::Refused(error) => closes(way, &Failure::of(error)),
        Ending::Failed(error) => match Failure::of(error) {
            failure if failure.is(&kinds::STOPPING) => going_away(),
            failure => closes(way, &failure),
        },
    }
}

impl Ear for Hearer {
    fn hear(&self, told: Told<'_>) {
        if let Told::Reply { .. } = told {
            self.guest.end_call();
        }
        match (told, self.way()) {
            (Told::Seated { actor, connection }, Way::Messages(form)) => {
                if let Some(lines) = &self.lines {
                    lines.are_of(connection);
                }
                let (actor, token) = (actor.as_str(), &*self.token);
                // Ids are a few dozen letters long.
                let _ = self.tell(form, &Said::Init { actor, connection, token });
            }
            (Told::Reply { call, result }, Way::Messages(form)) => self.reply(form, call, result),
            (Told::Event(spoken), Way::Messages(form)) => self.event(form, spoken),
            (Told::Frame(frame), Way::Raw) => self.guest.outbox().append(|out| match frame {
                Frame::Text(text) => encode::text(out, text.as_bytes()),
                Frame::Binary(bytes) => encode::binary(out, bytes),
            }),
            (Told::Ended(ending), _) => self.ended(ending),
            // Nobody calls here, or hears events; and who speaks in messages has no frames.
            (Told::Seated { .. } | Told::Reply { .. } | Told::Event(_), Way::Raw)
            | (Told::Frame(_), Way::Messages(_)) => {}
        }
    }
}
