//! What a session's client says, packet by packet, on whichever way it comes.

use super::Engine;
use crate::transport::Message;
use playhouse_core::codes::{self, Close};
use playhouse_node::link::Flow;
use playhouse_node::outbox::Outbox;
use playhouse_proto::engineio::beat::{Beat, Told};
use playhouse_proto::engineio::{Data, Kind, Malformed, Packet, Protocol};
use playhouse_proto::ws::{Opcode, encode};

/// Takes the packets of one turn.
pub(super) struct Packets<'t> {
    pub(super) engine: &'t Engine,
    pub(super) protocol: Protocol,
    pub(super) beat: &'t mut Beat,
    pub(super) outbox: &'t Outbox,
}

impl Packets<'_> {
    /// Takes a packet, or what could not be one.
    ///
    /// # Errors
    /// The session is over.
    pub(super) fn take(
        &mut self,
        packet: Result<Packet<'_>, Malformed>,
        hear: &mut impl FnMut(Message<'_>) -> Flow,
    ) -> Result<Flow, &'static Close> {
        let packet = packet.map_err(|malformed| {
            tracing::debug!(%malformed, "a session of engine.io ends: parse error");
            &codes::PROTOCOL
        })?;
        match (packet.kind, self.protocol) {
            (Kind::Pong, Protocol::V4) => self.told(Told::Pong),
            (Kind::Ping, Protocol::V4) => return Err(&codes::PROTOCOL),
            (Kind::Ping, Protocol::V3) => {
                self.told_packet();
                self.pong(&packet.data);
            }
            (Kind::Close, _) => return Err(&codes::LEFT),
            (Kind::Message, _) => {
                self.told_packet();
                return Ok(match &packet.data {
                    Data::Text(text) => hear(Message::Text(text)),
                    Data::Binary(bytes) => hear(Message::Binary(bytes)),
                });
            }
            // They mean nothing from a client here, and do no harm.
            (Kind::Open | Kind::Upgrade | Kind::Noop, _) | (Kind::Pong, Protocol::V3) => self.told_packet(),
        }
        Ok(Flow::More)
    }

    fn pong(&self, data: &Data<'_>) {
        let Data::Text(text) = data else { return };
        self.outbox.append(|out| {
            let mark = encode::begin(out);
            out.push(Kind::Pong.digit());
            out.extend_from_slice(text.as_bytes());
            encode::end(out, mark, Opcode::Text);
        });
    }

    /// Any packet counts while one is awaited; while none is, nobody looks at the clock.
    fn told_packet(&mut self) {
        if !matches!(self.beat, Beat::Alive { .. } | Beat::Off) {
            self.told(Told::Packet);
        }
    }

    fn told(&mut self, told: Told) {
        let now = self.engine.shared.node.clock().now().as_millis();
        // A sign of life asks for nothing.
        let _ = self.beat.step(now, told, &self.engine.beat);
    }
}
