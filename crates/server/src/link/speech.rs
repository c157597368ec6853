//! What is spoken over a transport's messages: ActionHero's frames, with Primus' own traffic around them on its mount.

use super::Shared;
use crate::dialect::actionhero::{Frame, read, wants_codes};
use crate::framing::frame;
use crate::transport::Message;
use playhouse_core::clock::Moment;
use playhouse_core::codes::{Again, Close};
use playhouse_core::event::ServerEvent;
use playhouse_core::wire::WireForm;
use playhouse_node::link::{Flow, Sink};
use playhouse_node::outbox::Outbox;
use playhouse_node::{Connection, Node};
use playhouse_proto::primus::beat::{Beat, Do, Told};
use playhouse_proto::primus::control::{self, Control};
use std::sync::Arc;

/// Which layer is between the transport's messages and the dialect's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// None.
    Bare,
    /// Primus'.
    Primus,
}

/// What is spoken with one client.
///
/// In this order in memory: what a turn touches that only writes comes first.
#[repr(C)]
pub(crate) struct Speech {
    /// Off where there is no layer.
    beat: Beat,
    shared: Arc<Shared>,
    connection: Connection,
    /// What clients of Primus are told is their spark's id, where that is not the connection's. Boxed twice: most have
    /// none, and each has the place for it.
    spark: Option<Box<Arc<str>>>,
    data_frames: u32,
    with_code: bool,
    layer: Layer,
}

impl Speech {
    pub(crate) fn new(shared: Arc<Shared>, connection: &Connection, layer: Layer) -> Self {
        let beat = match layer {
            Layer::Bare => Beat::Off,
            Layer::Primus => Beat::open(millis(&shared.node), &shared.beat),
        };
        Self {
            beat,
            layer,
            connection: connection.clone(),
            spark: None,
            data_frames: 0,
            with_code: wants_codes(connection.request()),
            shared,
        }
    }

    /// The same, whose client is told this id of its spark.
    pub(crate) fn known_as(mut self, spark: Arc<str>) -> Self {
        self.spark = Some(Box::new(spark));
        self
    }

    fn form(&self) -> WireForm {
        self.connection.form()
    }

    /// Takes a message: what is the layer's own it answers, the rest goes to the connection.
    pub(super) fn hear(&mut self, message: &Message<'_>, outbox: &Outbox, sink: &mut dyn Sink) -> Flow {
        match message {
            Message::Text(text) => match self.control(text) {
                Some(control) => self.answer(control, outbox),
                None => return self.read(text, sink),
            },
            Message::Sign => self.told(Told::Sign),
            // With a text parser there are no binary messages.
            Message::Binary(_) => {}
        }
        Flow::More
    }

    fn control<'t>(&self, text: &'t str) -> Option<Control<'t>> {
        match self.layer {
            Layer::Bare => None,
            Layer::Primus => control::parse(text),
        }
    }

    fn answer(&mut self, control: Control<'_>, outbox: &Outbox) {
        match control {
            Control::Pong(_) => self.told(Told::Sign),
            Control::Ping(number) => {
                self.told(Told::ClientPing);
                self.control_frame(outbox, |out| control::pong(out, number));
            }
            Control::IdRequest => {
                let id = self.spark.as_ref().map_or(self.connection.id().as_str(), |spark| spark);
                self.control_frame(outbox, |out| control::id(out, id));
            }
        }
    }

    fn told(&mut self, told: Told) {
        // A sign of life asks for nothing.
        let _ = self.beat.step(millis(&self.shared.node), told, &self.shared.beat);
    }

    fn read(&mut self, text: &str, sink: &mut dyn Sink) -> Flow {
        let node = &self.shared.node;
        // Where nobody looks, nothing is asked.
        let seen =
            if node.has_incoming() { node.incoming(&self.connection, text) } else { Some(text.into()) };
        let Some(text) = &seen else { return Flow::More };
        let number = self.data_frames.saturating_add(1);
        let frame = Frame { text, number, with_code: self.with_code };
        let Some(event) = read(&frame, node.rng(), node.texts()) else { return Flow::More };
        self.data_frames = frame.number;
        sink.take(event)
    }

    /// Control strings are small and rare, so they go uncompressed on every link.
    fn control_frame(&self, outbox: &Outbox, write: impl FnOnce(&mut Vec<u8>)) {
        outbox.append(|out| frame(self.form().framing.uncompressed(), out, write));
    }

    /// Appends the last messages.
    pub(super) fn last_words(&self, close: &Close, out: &mut Vec<u8>) {
        self.shared.encoder.encode(self.form(), &ServerEvent::Closing(close), out);
        match (self.layer, close.again) {
            (Layer::Primus, Again::Never) => {
                frame(self.form().framing, out, |out| out.extend_from_slice(control::CLOSE.as_bytes()));
            }
            (Layer::Primus, Again::Now | Again::AfterBackoff) | (Layer::Bare, _) => {}
        }
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.beat.due().map(|ms| Moment::from_micros(ms.saturating_mul(1000)))
    }

    pub(super) fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close> {
        match self.beat.step(now.as_millis(), Told::Clock, &self.shared.beat) {
            Do::Nothing => None,
            Do::GiveUp => Some(&playhouse_core::codes::SILENT),
            Do::Ping => {
                let unix_ms = self.shared.node.clock().unix_ms();
                self.control_frame(outbox, |out| control::ping(out, unix_ms));
                None
            }
        }
    }

    pub(super) fn set_paused(&mut self, paused: bool, now: Moment) {
        let told = if paused { Told::Paused } else { Told::Resumed };
        // Pausing asks for nothing.
        let _ = self.beat.step(now.as_millis(), told, &self.shared.beat);
    }
}

fn millis(node: &Node) -> u64 {
    node.clock().now().as_millis()
}
