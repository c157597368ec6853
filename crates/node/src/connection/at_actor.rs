//! What a connection asks of actors: operands become calls of a seat.
//!
//! What an actor answers comes by the ear, not here: nothing waits, and nothing behind it is held up.

use super::Connection;
use super::hearing::Hearing;
use super::seats::Unfit;
use playhouse_core::actor::{Actors, Address, Arrival, Key, Purpose, Seat, Which};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::event::{ActorVerb, Tag};
use playhouse_core::json::unquote;
use playhouse_core::value::{BadJson, DEPTH, Limits, PARAMS_DEPTH, Value};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// An answer that can be given now.
pub(super) type Now = (Tag, Result<Option<String>, Reject>);

type Operand<'a> = Option<Cow<'a, str>>;

/// Asks; `None` where the actor answers later, or has answered already.
pub(super) fn ask(connection: &Connection, verb: ActorVerb<'_>, tag: Tag) -> Option<Now> {
    let done = match verb {
        // As of an action: a node that stops begins nothing.
        ActorVerb::Connect { .. } | ActorVerb::Call { .. } if connection.node().is_draining() => {
            Err(shutting_down(connection))
        }
        ActorVerb::Connect { actor, params } => match Wish::read(connection, &actor, &params) {
            Ok(wish) => return wish.sit(connection, tag),
            Err(reject) => Err(reject),
        },
        ActorVerb::Call { seat, name, args } => match Call::read(connection, &seat, &name, &args) {
            Ok(call) => return call.begin(connection, tag),
            Err(reject) => Err(reject),
        },
        ActorVerb::Listen { seat, name, on } => listen(connection, &seat, &name, on),
        ActorVerb::Leave { seat } => leave(connection, &seat),
    };
    Some((tag, done.map(|()| Some("true".to_owned()))))
}

/// A seat that somebody wants.
struct Wish {
    actors: Arc<dyn Actors>,
    address: Address,
    params: Value,
}

impl Wish {
    fn read(connection: &Connection, actor: &Operand<'_>, params: &Operand<'_>) -> Result<Self, Reject> {
        let actors = connection.node().actors().cloned().ok_or_else(no_actors)?;
        let params = params.as_deref().map_or(Ok(Value::Null), |raw| wished(connection, raw))?;
        Ok(Self { actors, address: address(given(actor, "actor")?)?, params })
    }

    fn sit(self, connection: &Connection, tag: Tag) -> Option<Now> {
        let node = connection.node();
        let limit = node.config().actors.seats_per_connection;
        let number = match connection.seats().reserve(limit, || node.next_seat(), tag) {
            Ok(number) => number,
            Err(tag) => {
                let text = format!(
                    "this connection has {limit} seats at actors, and no more are allowed \
                     (`actors.seats_per_connection`): leave one with `actorLeave`"
                );
                return Some((tag, Err(Reject::of(&codes::TOO_MANY_SEATS, text))));
            }
        };
        // As for actors' own clients: its calls run side by side, and how large their answers are nobody knows before.
        connection
            .outbox()
            .widen(node.config().limits.outbox.saturating_add(node.config().actors.message_size));
        let Self { actors, address, params } = self;
        let ear = Arc::new(Hearing::new(connection, number));
        let which = Which::FindOrCreate(address, None);
        let seat = actors.sit(Arrival { which, params, ear, purpose: Purpose::Actions });
        if let Some(over) = connection.seats().keep(number, seat) {
            over.leave();
        }
        None
    }
}

/// A call that somebody wants.
struct Call<'a> {
    number: u32,
    seat: Arc<dyn Seat>,
    name: Cow<'a, str>,
    args: Vec<Value>,
}

impl<'a> Call<'a> {
    fn read(
        connection: &Connection,
        seat: &Operand<'_>,
        name: &'a Operand<'_>,
        args: &Operand<'_>,
    ) -> Result<Self, Reject> {
        let (number, seat) = find(connection, seat)?;
        let name = text(given(name, "name")?, "name")?;
        let config = &connection.node().config().actors;
        let limit = config.message_size;
        let args = match args.as_deref() {
            None | Some("null") => Vec::new(),
            Some(raw) if raw.len() > limit => {
                let len = raw.len();
                let text = format!("`args` has {len} bytes; {limit} are the most (`actors.message_size`)");
                return Err(Reject::of(&codes::PAYLOAD_TOO_LARGE, text).field("args"));
            }
            // Each by itself: the list is no value, and two arguments of which the first is a text with `$` are no spelling.
            Some(raw) => {
                let limits = Limits { values: config.message_values, depth: DEPTH };
                Value::list_from_json_within(raw.as_bytes(), limits)
                    .map_err(|odd| unreadable(&odd, "args"))?
            }
        };
        Ok(Self { number, seat, name, args })
    }

    fn begin(self, connection: &Connection, tag: Tag) -> Option<Now> {
        let limit = connection.node().config().actors.pending_calls;
        // A node that stops waits for its answer, as for an action's. Counted first: the seat's end may answer it at once.
        connection.node().running().begin();
        let unfit = match connection.seats().begin(self.number, limit, tag) {
            Ok(call) => {
                self.seat.call(call, &self.name, self.args);
                return None;
            }
            Err(unfit) => unfit,
        };
        connection.node().running().end();
        match unfit {
            Unfit::NoSeat(tag) => Some((tag, Err(no_seat(&self.number.to_string())))),
            Unfit::TooMany(tag) => {
                let text = format!("{limit} calls of this connection wait already (`actors.pending_calls`)");
                Some((tag, Err(Reject::of(&codes::TOO_MANY_PENDING, text))))
            }
        }
    }
}

fn listen(connection: &Connection, seat: &Operand<'_>, name: &Operand<'_>, on: bool) -> Result<(), Reject> {
    let (_, seat) = find(connection, seat)?;
    seat.listen(&text(given(name, "name")?, "name")?, on);
    Ok(())
}

fn leave(connection: &Connection, seat: &Operand<'_>) -> Result<(), Reject> {
    let (number, seat) = find(connection, seat)?;
    seat.leave();
    if let Some(gone) = connection.seats().remove(number) {
        connection.tell_gone(&gone, "you left");
    }
    Ok(())
}

/// A seat of this connection, and its number.
fn find(connection: &Connection, seat: &Operand<'_>) -> Result<(u32, Arc<dyn Seat>), Reject> {
    let raw = given(seat, "seat")?;
    let found = raw.parse().ok().and_then(|number| Some((number, connection.seats().find(number)?)));
    found.ok_or_else(|| no_seat(raw))
}

fn no_seat(raw: &str) -> Reject {
    let shown: String = raw.chars().take(SHOWN).collect();
    let text = format!("this connection has no seat {shown}: take one with `actorConnect`");
    Reject::of(&codes::NO_SUCH_SEAT, text).field("seat")
}

/// Characters of an operand that a refusal shows.
const SHOWN: usize = 20;

fn given<'a>(operand: &'a Operand<'_>, field: &'static str) -> Result<&'a str, Reject> {
    operand.as_deref().filter(|raw| *raw != "null").ok_or_else(|| {
        Reject::of(&codes::MISSING_PARAM, format!("`{field}` is required for this verb")).field(field)
    })
}

fn text<'a>(raw: &'a str, field: &'static str) -> Result<Cow<'a, str>, Reject> {
    unquote(raw).ok_or_else(|| invalid(field, "something else", "a text"))
}

/// What a seat is asked for with.
fn wished(connection: &Connection, raw: &str) -> Result<Value, Reject> {
    let config = &connection.node().config().actors;
    let (len, max) = (raw.len(), config.params_size);
    if len > max {
        let text = format!("`params` has {len} bytes; {max} are the most (`actors.params_size`)");
        return Err(Reject::of(&codes::PAYLOAD_TOO_LARGE, text).field("params"));
    }
    let limits = Limits { values: config.message_values, depth: PARAMS_DEPTH };
    Value::from_json_within(raw.as_bytes(), limits).map_err(|odd| unreadable(&odd, "params"))
}

fn unreadable(odd: &BadJson, field: &'static str) -> Reject {
    let code = match odd {
        BadJson::TooMany(_) => &codes::PAYLOAD_TOO_LARGE,
        BadJson::Malformed(_) => &codes::INVALID_PARAM,
    };
    Reject::of(code, format!("`{field}` can't be read: {odd}")).field(field)
}

/// What stands in the list that names an actor: plain JSON, in which no text has a meaning of its own.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    Texts(Vec<String>),
}

/// `["counter"]`, `["counter", "a"]` or `["counter", ["a", "b"]]`.
fn address(raw: &str) -> Result<Address, Reject> {
    const WANTED: &str = "a list of the actor's name and its key, such as [\"counter\", \"a\"]";
    let odd = || invalid("actor", "something else", WANTED);
    let parts: Vec<Part> = serde_json::from_str(raw).map_err(|_| odd())?;
    let (name, key) = match &parts[..] {
        [Part::Text(name)] => (name, Key::of([""; 0])),
        [Part::Text(name), Part::Text(key)] => (name, Key::from(key.as_str())),
        [Part::Text(name), Part::Texts(key)] => (name, Key::of(key)),
        _ => return Err(odd()),
    };
    Ok(Address::keyed(name.as_str(), key))
}

fn invalid(field: &'static str, got: &str, wanted: &str) -> Reject {
    Reject::of(&codes::INVALID_PARAM, format!("`{field}` is {got}, and must be {wanted}")).field(field)
}

fn shutting_down(connection: &Connection) -> Reject {
    Reject::of(&codes::SHUTTING_DOWN, connection.node().texts().server_shutting_down())
}

fn no_actors() -> Reject {
    Reject::of(
        &codes::NOT_OFFERED,
        "this node offers no actors: add them with `App::actor`, and use `engine = \"embedded\"`",
    )
}
