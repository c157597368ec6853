//! The verbs of a connection: one runs, the others wait in order of arrival.

use super::{Connection, at_actor};
use crate::recovery::Known;
use crate::room::Room;
use bytes::Bytes;
use playhouse_core::Later;
use playhouse_core::broker::Publishing;
use playhouse_core::codes;
use playhouse_core::error::{Error, Reject};
use playhouse_core::event::{ActorVerb, FileContent, ServerEvent, Tag, Verb};
use std::collections::VecDeque;
use std::task::{Context, Poll};

/// What is to be answered in its place in the order.
enum Next {
    Verb(Verb<'static>),
    AtActor(Box<ActorVerb<'static>>),
    /// It is known what.
    Answer(Result<Option<String>, Reject>),
}

/// What a verb came to.
enum Outcome {
    Done(Result<Option<String>, Reject>),
    File(Result<FileContent, Reject>),
    /// A message has its place; whether it was taken is still to come.
    Said(Publishing),
    /// No answer: the connection ends.
    Silent,
}

/// The verbs of one connection that are not answered.
#[derive(Default)]
pub(super) struct Verbs {
    waiting: VecDeque<(Tag, Next)>,
    running: Option<(Tag, Later<'static, Outcome>)>,
    /// Done but for the answer of an engine to a message, or to one before. With an engine far away a speaker would
    /// otherwise say one message in each round trip.
    unanswered: VecDeque<(Tag, Outcome)>,
    /// The client has asked to be closed: nothing that it sends after that counts.
    quitting: bool,
}

impl Verbs {
    /// Whether as many wait as may.
    pub(super) fn is_full(&self, connection: &Connection) -> bool {
        self.waiting.len() + self.unanswered.len() >= connection.node().config().limits.verbs_waiting
    }

    pub(super) fn is_quitting(&self) -> bool {
        self.quitting
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_none() && self.unanswered.is_empty()
    }

    pub(super) fn take(
        &mut self,
        cx: &mut Context<'_>,
        connection: &Connection,
        verb: Verb<'_>,
        mut tag: Tag,
    ) {
        self.quitting |= verb == Verb::Quit;
        match known(connection, &tag) {
            Known::New => self.next(cx, connection, tag, Next::Verb(verb.into_owned())),
            Known::Running => {}
            Known::Crowded => {
                let text = connection.node().texts().too_many_pending_actions();
                let reject = Reject::of(&codes::TOO_MANY_PENDING, text);
                tag.again = None;
                self.next(cx, connection, tag, Next::Answer(Err(reject)));
            }
            Known::Answered(result) => {
                tag.again = None;
                let result = result.map(|data| Some(data.into()).filter(|data: &String| !data.is_empty()));
                self.next(cx, connection, tag, Next::Answer(result));
            }
        }
    }

    /// One at an actor begins in its place in the order; its answer may come from there later.
    pub(super) fn at_actor(
        &mut self,
        cx: &mut Context<'_>,
        connection: &Connection,
        verb: ActorVerb<'_>,
        tag: Tag,
    ) {
        if self.running.is_some() {
            self.waiting.push_back((tag, Next::AtActor(Box::new(verb.into_owned()))));
        } else {
            self.ask_actor(cx, connection, verb, tag);
        }
    }

    fn ask_actor(&mut self, cx: &mut Context<'_>, connection: &Connection, verb: ActorVerb<'_>, tag: Tag) {
        if let Some((tag, done)) = at_actor::ask(connection, verb, tag) {
            self.done(cx, connection, tag, Outcome::Done(done));
        }
    }

    pub(super) fn refuse(&mut self, cx: &mut Context<'_>, connection: &Connection, reject: Reject, tag: Tag) {
        self.next(cx, connection, tag, Next::Answer(Err(reject)));
    }

    fn next(&mut self, cx: &mut Context<'_>, connection: &Connection, tag: Tag, next: Next) {
        if self.running.is_some() {
            self.waiting.push_back((tag, next));
        } else {
            self.start(cx, connection, tag, next);
        }
    }

    fn start(&mut self, cx: &mut Context<'_>, connection: &Connection, tag: Tag, next: Next) {
        let verb = match next {
            Next::Answer(result) => return self.done(cx, connection, tag, Outcome::Done(result)),
            Next::AtActor(verb) => return self.ask_actor(cx, connection, *verb, tag),
            Next::Verb(verb) => verb,
        };
        let mut future: Later<'static, Outcome> = Box::pin(run(connection.clone(), verb));
        match future.as_mut().poll(cx) {
            Poll::Ready(outcome) => self.done(cx, connection, tag, outcome),
            Poll::Pending => self.running = Some((tag, future)),
        }
    }

    /// Answers in its place in the order: at once, unless an answer before it is still to come.
    fn done(&mut self, cx: &mut Context<'_>, connection: &Connection, tag: Tag, outcome: Outcome) {
        let outcome = outcome.settled(cx, connection);
        if outcome.is_settled() && self.unanswered.is_empty() {
            answer(connection, &tag, &outcome);
        } else {
            self.unanswered.push_back((tag, outcome));
        }
    }

    fn answer_all(&mut self, cx: &mut Context<'_>, connection: &Connection) {
        while let Some((tag, outcome)) = self.unanswered.pop_front() {
            let outcome = outcome.settled(cx, connection);
            if !outcome.is_settled() {
                return self.unanswered.push_front((tag, outcome));
            }
            answer(connection, &tag, &outcome);
        }
    }

    /// Answers what is done and starts what waits.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, connection: &Connection) {
        self.answer_all(cx, connection);
        while let Some((_, future)) = &mut self.running {
            let Poll::Ready(outcome) = future.as_mut().poll(cx) else { return };
            let Some((tag, _)) = self.running.take() else { return };
            self.done(cx, connection, tag, outcome);
            if connection.outbox().closing().is_some() {
                return self.abandon();
            }
            while self.running.is_none() {
                let Some((tag, next)) = self.waiting.pop_front() else { return };
                self.start(cx, connection, tag, next);
            }
        }
    }

    /// Forgets what waits; the one that runs is let finish, so that it does not stop half-way.
    pub(super) fn abandon(&mut self) {
        self.waiting.clear();
    }
}

impl Outcome {
    fn is_settled(&self) -> bool {
        !matches!(self, Self::Said(_))
    }

    /// With the engine's answer, if it has come.
    fn settled(self, cx: &mut Context<'_>, connection: &Connection) -> Self {
        let Self::Said(mut publishing) = self else { return self };
        let Poll::Ready(published) = publishing.as_mut().poll(cx) else { return Self::Said(publishing) };
        let node = connection.node();
        node.shed_if_over_budget();
        let said = published.map(|_| None);
        Self::Done(said.map_err(|error| node.rejected("a message was not said", error.into())))
    }
}

/// What is known of a verb that may have been asked before.
fn known(connection: &Connection, tag: &Tag) -> Known {
    connection.marked(tag).map_or(Known::New, |(answers, mark)| answers.ask(mark, tag))
}

fn answer(connection: &Connection, tag: &Tag, outcome: &Outcome) {
    match outcome {
        Outcome::Done(result) => {
            let result = result.as_ref().map(|data| data.as_deref());
            connection.tell(&ServerEvent::Done { tag, result });
            let Some((answers, mark)) = connection.marked(tag) else { return };
            for tag in &answers.settle(mark, &result.map(Option::unwrap_or_default)) {
                connection.tell(&ServerEvent::Done { tag, result });
            }
        }
        Outcome::File(result) => connection.tell(&ServerEvent::File { tag, result: result.as_ref() }),
        Outcome::Said(_) | Outcome::Silent => {}
    }
}

async fn run(connection: Connection, verb: Verb<'static>) -> Outcome {
    let node = connection.node().clone();
    let result = match verb {
        Verb::File(path) => return Outcome::File(node.file(path.as_deref()).await),
        Verb::Quit => {
            connection.destroy();
            return Outcome::Silent;
        }
        Verb::DetailsView => Ok(Some(connection.details())),
        Verb::RoomAdd(room) => join(&connection, room.as_deref()).await,
        Verb::RoomLeave(room) => match member_of(&connection, room.as_deref()) {
            Ok(room) => room.leave(&connection).await.map(|()| Some("true".to_owned())),
            Err(reject) => Err(reject.into()),
        },
        Verb::RoomView(room) => match member_of(&connection, room.as_deref()) {
            Ok(room) => room.view().await.map(Some),
            Err(reject) => Err(reject.into()),
        },
        Verb::Say { room, message } => match say(&connection, room.as_deref(), message.as_deref()).await {
            Ok(publishing) => return Outcome::Said(publishing),
            Err(error) => Err(error),
        },
    };
    Outcome::Done(result.map_err(|error| connection.node().rejected("a verb failed", error)))
}

async fn join(connection: &Connection, room: Option<&str>) -> Result<Option<String>, Error> {
    let node = connection.node();
    let Some(room) = room.filter(|room| !room.is_empty()) else {
        return Err(Reject::of(&codes::NO_SUCH_ROOM, node.texts().connection_room_not_exist()).into());
    };
    node.room(room).join(connection).await?;
    Ok(Some("true".to_owned()))
}

/// The room, if the connection is in it.
fn member_of(connection: &Connection, room: Option<&str>) -> Result<Room, Reject> {
    match room {
        Some(room) if connection.membership().contains(room) => Ok(connection.node().room(room)),
        Some(_) | None => {
            let name = room.unwrap_or("undefined");
            let text = connection.node().texts().connection_not_in_room(name);
            Err(Reject::of(&codes::NOT_IN_ROOM, text))
        }
    }
}

async fn say(
    connection: &Connection,
    room: Option<&str>,
    message: Option<&str>,
) -> Result<Publishing, Error> {
    let said = message.filter(|message| !matches!(*message, "\"\"" | "null"));
    let (Some(room), Some(message)) = (room.filter(|room| !room.is_empty()), said) else {
        let text = connection.node().texts().connection_room_and_message();
        return Err(Reject::of(&codes::ROOM_AND_MESSAGE_REQUIRED, text).into());
    };
    let room = member_of(connection, Some(room))?;
    room.say_of(connection, Bytes::copy_from_slice(message.as_bytes())).await
}
