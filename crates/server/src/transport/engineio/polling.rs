//! The turns of a session that requests carry: POSTs are read, GETs answered, a websocket that is to take over is heard.

use super::candidate::{Candidate, Said};
use super::desk::{Desk, Polled, Posted, State, Taken};
use super::packets::Packets;
use super::{Engine, Place};
use crate::link::reading;
use crate::transport::Message;
use crate::worker;
use playhouse_core::clock::Moment;
use playhouse_core::codes::Close;
use playhouse_node::link::Flow;
use playhouse_node::outbox::{Entry, Outbox};
use playhouse_proto::engineio::packet::Form;
use playhouse_proto::engineio::payload;
use playhouse_proto::engineio::session::{Do, Told};
use std::task::{Context, Poll};

/// One answer has no more than this, but at least one message.
const ANSWER_MAX: usize = 1024 * 1024;

/// How many packets of a POST are read before other tasks get their turn.
const PACKETS_PER_TURN: usize = 512;

/// The packet that releases a GET.
pub(super) const NOOP: &str = "6";

/// The packet that says that this transport is over.
pub(super) const CLOSE: &str = "1";

/// What the task keeps of a session that requests carry.
pub(super) struct Polling {
    posting: Option<Posting>,
    candidate: Option<Box<Candidate>>,
    _place: Place,
}

/// A POST that is being read.
struct Posting {
    posted: Posted,
    reader: payload::Reader,
}

/// What hearing a websocket that is to take over came to.
pub(super) enum Change {
    /// It goes on, or nobody is there.
    None,
    /// It takes over.
    Switch(Box<Candidate>),
    /// It said so, and has gone: the session ends.
    End,
}

impl Polling {
    pub(super) fn new(place: Place) -> Self {
        Self { posting: None, candidate: None, _place: place }
    }

    /// Whether reading could come to anything.
    pub(super) fn may_read(&self) -> bool {
        self.posting.is_some() || self.candidate.is_some()
    }

    /// When the websocket that is to take over is given up.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.candidate.as_ref().and_then(|candidate| candidate.until)
    }

    /// Takes in what has come.
    pub(super) fn arrive(&mut self, state: &mut State, desk: &Desk, engine: &Engine) {
        if let Some(posted) = state.posted.take() {
            let reader = match posted.form {
                Form::Text => payload::Reader::text(desk.protocol()),
                Form::Binary => payload::Reader::binary(),
            };
            self.posting = Some(Posting { posted, reader });
        }
        if let Some(arrived) = state.socket.take() {
            let until = engine.shared.node.clock().now() + engine.upgrade_timeout;
            match Candidate::new(arrived, Some(until)) {
                Ok(candidate) => self.candidate = Some(Box::new(candidate)),
                Err(_) => {
                    let _ = state.turns.step(Told::SocketLost);
                }
            }
        }
    }

    /// Reads on in the POST that has come, as far as somebody wants to hear it, but no longer than a turn.
    ///
    /// # Errors
    /// The session is over.
    pub(super) fn read(
        &mut self,
        cx: &mut Context<'_>,
        desk: &Desk,
        packets: &mut Packets<'_>,
        mut hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Result<(), &'static Close> {
        let Some(posting) = &mut self.posting else { return Ok(()) };
        for _ in 0..PACKETS_PER_TURN {
            let Some(packet) = posting.reader.next(&posting.posted.body) else {
                self.posted(desk, Taken::All);
                return Ok(());
            };
            match packets.take(packet, &mut hear)? {
                Flow::More => {}
                Flow::Pause => return Ok(()),
            }
        }
        reading::serve_others(cx);
        Ok(())
    }

    /// Answers the POST that has come, if one has.
    pub(super) fn posted(&mut self, desk: &Desk, how: Taken) {
        let Some(Posting { posted, .. }) = self.posting.take() else { return };
        // The websocket that waits for this goes on by itself: it is heard after POSTs are read.
        let _ = desk.state().turns.step(Told::PostDone);
        // Its client may have gone.
        let _ = posted.taken.send(how);
    }

    /// Hears the websocket that is to take over.
    pub(super) fn hear(&mut self, cx: &mut Context<'_>, desk: &Desk) -> Change {
        loop {
            let Some(candidate) = &mut self.candidate else { return Change::None };
            let turns = desk.state().turns;
            if !turns.is_polling() {
                return self.switch();
            }
            if turns.holds() {
                return Change::None;
            }
            let Poll::Ready(said) = candidate.poll(cx) else { return Change::None };
            let told = match said {
                Said::Probe => Told::Probe,
                Said::Upgrade => Told::Upgrade,
                Said::Odd => Told::SocketOdd,
                Said::Gone => Told::SocketLost,
            };
            let what = desk.state().turns.step(told);
            match what {
                Do::AnswerProbe => candidate.answer_probe(),
                // It goes on when the POST is read.
                Do::Hold => return Change::None,
                Do::Switch => return self.switch(),
                Do::CloseSocket => self.candidate = None,
                Do::End => return Change::End,
                Do::Go | Do::Refuse | Do::Clash | Do::Nothing => return Change::None,
            }
        }
    }

    fn switch(&mut self) -> Change {
        match self.candidate.take() {
            Some(candidate) if !candidate.is_stuck() => Change::Switch(candidate),
            Some(_) | None => Change::End,
        }
    }

    /// Gives up the websocket that is to take over, unless it is about to.
    pub(super) fn give_up_candidate(&mut self, desk: &Desk) {
        let what = desk.state().turns.step(Told::SocketOdd);
        match &mut self.candidate {
            Some(_) if what == Do::CloseSocket => self.candidate = None,
            // It has taken over but for a POST, which has a time of its own.
            Some(candidate) => candidate.until = None,
            None => {}
        }
    }
}

/// Answers a GET that waits with what the outbox holds, or releases it where that is to be. Whether nothing is left.
pub(super) fn answer(cx: &mut Context<'_>, desk: &Desk, outbox: &Outbox) -> bool {
    let mut state = desk.state();
    if state.turns.has_get() && state.get.is_some() {
        let mut batch = worker::take_batch();
        outbox.next(0, ANSWER_MAX, &mut batch, cx.waker());
        let written = batch.iter().map(Entry::len).sum();
        if !batch.is_empty() {
            reply(&mut state, desk, batch.iter(), &[], None);
        } else if state.turns.releases() {
            reply(&mut state, desk, batch.iter(), &[], Some(NOOP));
        }
        batch.clear();
        worker::give_batch(batch);
        outbox.written(written);
    }
    drop(state);
    outbox.is_empty()
}

/// Answers a GET that waits with what is left, `last` and a close packet behind it. Whether that was all.
pub(super) fn answer_last(desk: &Desk, outbox: &Outbox, last: &[u8]) -> bool {
    let mut state = desk.state();
    if state.get.is_none() {
        return false;
    }
    let mut batch = worker::take_batch();
    let mut size = 0;
    while size < ANSWER_MAX
        && let Some(entry) = outbox.take()
    {
        size += entry.len();
        batch.push_back(entry);
    }
    let is_all = outbox.is_empty();
    if is_all {
        reply(&mut state, desk, batch.iter(), last, Some(CLOSE));
    } else {
        reply(&mut state, desk, batch.iter(), &[], None);
    }
    batch.clear();
    worker::give_batch(batch);
    outbox.written(size);
    is_all
}

/// Answers a GET that waits, if one does, with one packet.
pub(super) fn answer_with(desk: &Desk, packet: &'static str) {
    reply(&mut desk.state(), desk, std::iter::empty(), &[], Some(packet));
}

fn reply<'e>(
    state: &mut State,
    desk: &Desk,
    entries: impl Iterator<Item = &'e Entry>,
    frames: &[u8],
    packet: Option<&'static str>,
) {
    let Some(get) = state.get.take() else { return };
    let _ = state.turns.step(Told::GetAnswered);
    let writer = payload::Writer { protocol: desk.protocol(), base64: desk.base64() };
    let whole: Vec<_> = entries.map(Entry::whole).collect();
    let carries = !whole.is_empty() || !frames.is_empty();
    let mut builder = writer.begin();
    whole.iter().for_each(|frames| builder.push_frames(frames));
    builder.push_frames(frames);
    if let Some(packet) = packet {
        builder.push_text(packet);
    }
    let mut body = Vec::new();
    let form = builder.finish(&mut body);
    // Its client may have gone, which the GET itself tells.
    let _ = get.send(Polled { body: body.into(), form, carries });
}
