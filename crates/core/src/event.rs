//! The closed sets of what a client may ask of a connection and of what a connection tells its client.
//!
//! A dialect turns packets into [`ClientEvent`]s and [`ServerEvent`]s into packets; nothing else crosses.

use crate::actor::Spoken;
use crate::codes::Close;
use crate::envelope::Envelope;
use crate::error::Reject;
use compact_str::CompactString;
use std::borrow::Cow;

/// What a dialect needs to answer a call. Opaque to `node`: it travels with the call and comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// The call's own mark, such as a messageId as the raw JSON it came in.
    pub id: CompactString,
    /// The how-manieth data frame of its link this is, where the dialect answers with it; else 0.
    pub number: u32,
    /// Whether a refusal is told with its code and fields, where the dialect leaves that to the client.
    pub with_code: bool,
    /// By which the same call is known when its client asks it again. Rare, hence boxed.
    pub again: Option<Box<str>>,
    /// What else the dialect wants back, such as the operands of a refused verb. Rare, hence boxed.
    pub rest: Option<Box<str>>,
}

impl Tag {
    /// A tag that is nothing but an id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: CompactString::new(id), ..Self::default() }
    }
}

/// One thing a client asks for.
#[derive(Clone, Debug)]
pub struct ClientEvent<'a> {
    /// What is asked.
    pub ask: Ask<'a>,
    /// What the answer needs.
    pub tag: Tag,
}

/// What a client may ask.
#[derive(Clone, Debug)]
pub enum Ask<'a> {
    /// Run an action. `params` is raw JSON of any type.
    Call {
        /// Where the action's name stands.
        name: Name<'a>,
        /// The parameters, as the client wrote them.
        params: &'a str,
    },
    /// Something a connection does itself, in order of arrival.
    Verb(Verb<'a>),
    /// The same, at an actor; boxed, as the others are smaller and more.
    AtActor(Box<ActorVerb<'a>>),
    /// The dialect found that this is no request; the refusal is answered in its place in the order.
    Refuse(Reject),
}

/// Where a call names its action.
#[derive(Clone, Debug)]
pub enum Name<'a> {
    /// The wire carries it beside the parameters.
    Given(Cow<'a, str>),
    /// It is the parameter `action`.
    InParams,
}

/// What a connection may do beside running actions. Operands that the client left out are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb<'a> {
    /// Says a message in a room.
    Say {
        /// The room's name.
        room: Option<Cow<'a, str>>,
        /// What is said, as raw JSON.
        message: Option<Cow<'a, str>>,
    },
    /// Joins a room.
    RoomAdd(Option<Cow<'a, str>>),
    /// Leaves a room.
    RoomLeave(Option<Cow<'a, str>>),
    /// Asks who is in a room.
    RoomView(Option<Cow<'a, str>>),
    /// Asks for the connection's own details.
    DetailsView,
    /// Asks for a file of the public folder, by its path there.
    File(Option<Cow<'a, str>>),
    /// Asks to be closed.
    Quit,
}

impl Verb<'_> {
    /// The same verb with operands of its own, for one that has to wait its turn.
    #[must_use]
    pub fn into_owned(self) -> Verb<'static> {
        match self {
            Verb::Say { room, message } => Verb::Say { room: own(room), message: own(message) },
            Verb::RoomAdd(room) => Verb::RoomAdd(own(room)),
            Verb::RoomLeave(room) => Verb::RoomLeave(own(room)),
            Verb::RoomView(room) => Verb::RoomView(own(room)),
            Verb::DetailsView => Verb::DetailsView,
            Verb::File(path) => Verb::File(own(path)),
            Verb::Quit => Verb::Quit,
        }
    }
}

/// What a connection may do at actors. All operands are raw JSON; those that the client left out are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorVerb<'a> {
    /// Takes a seat.
    Connect {
        /// The actor's name and key, in a list.
        actor: Option<Cow<'a, str>>,
        /// What the client says of itself.
        params: Option<Cow<'a, str>>,
    },
    /// Runs an action from a seat.
    Call {
        /// The seat's number.
        seat: Option<Cow<'a, str>>,
        /// The action's name.
        name: Option<Cow<'a, str>>,
        /// A list of arguments.
        args: Option<Cow<'a, str>>,
    },
    /// Hears an event on a seat from now on, or not any more.
    Listen {
        /// The seat's number.
        seat: Option<Cow<'a, str>>,
        /// The event's name.
        name: Option<Cow<'a, str>>,
        /// Whether to hear it.
        on: bool,
    },
    /// Gives a seat up.
    Leave {
        /// The seat's number.
        seat: Option<Cow<'a, str>>,
    },
}

impl ActorVerb<'_> {
    /// The same with operands of its own, for one that has to wait its turn.
    #[must_use]
    pub fn into_owned(self) -> ActorVerb<'static> {
        match self {
            ActorVerb::Connect { actor, params } => {
                ActorVerb::Connect { actor: own(actor), params: own(params) }
            }
            ActorVerb::Call { seat, name, args } => {
                ActorVerb::Call { seat: own(seat), name: own(name), args: own(args) }
            }
            ActorVerb::Listen { seat, name, on } => {
                ActorVerb::Listen { seat: own(seat), name: own(name), on }
            }
            ActorVerb::Leave { seat } => ActorVerb::Leave { seat: own(seat) },
        }
    }
}

fn own(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

/// One thing a connection tells its client; a dialect writes it for its wire form.
#[derive(Clone, Copy, Debug)]
pub enum ServerEvent<'a> {
    /// The first message of a connection.
    Welcome(&'a str),
    /// An action's answer.
    Reply {
        /// The tag of the call.
        tag: &'a Tag,
        /// The result as raw JSON, or why there is none.
        result: Result<&'a str, &'a Reject>,
    },
    /// A verb's answer; `None` where the verb has no result.
    Done {
        /// The tag of the verb.
        tag: &'a Tag,
        /// The result as raw JSON, or why there is none.
        result: Result<Option<&'a str>, &'a Reject>,
    },
    /// There is no seat at an actor.
    SeatRefused {
        /// The tag of the verb that asked for it.
        tag: &'a Tag,
        /// Why.
        reject: &'a Reject,
        /// Whether another attempt is worth it; not where the actor itself refused.
        retry: bool,
    },
    /// A file's content.
    File {
        /// The tag of the request.
        tag: &'a Tag,
        /// The file, or why there is none.
        result: Result<&'a FileContent, &'a Reject>,
    },
    /// What the application sends to this connection alone: a raw JSON object.
    Push(&'a str),
    /// A message said in a room.
    Said(&'a Envelope),
    /// An event of an actor, for a seat of this connection. Without a seat it is what many share: for each the encoder's
    /// [`seat_tail`](crate::encoder::Encoder::seat_tail) follows.
    Heard {
        /// The seat's number.
        seat: Option<u32>,
        /// The event.
        spoken: &'a Spoken,
    },
    /// A seat is over by its actor's side.
    SeatEnded {
        /// The seat's number.
        seat: u32,
        /// Why, for programs.
        code: &'a str,
        /// Why, for people.
        reason: &'a str,
        /// Whether it is worth it to take a new one.
        retry: bool,
    },
    /// The last message before a link ends.
    Closing(&'a Close),
}

/// A file of the public folder as a message carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContent {
    /// The content as text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// The media type.
    pub mime: String,
    /// Size in bytes, before the conversion to text.
    pub length: u64,
    /// Last change, in milliseconds since 1970.
    pub modified_ms: u64,
}
