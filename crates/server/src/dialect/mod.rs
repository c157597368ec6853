//! Dialects: what messages mean. Packets become client events, server events become packets.
//!
//! A dialect knows no socket and keeps no state but what its link hands it.

pub(crate) mod actionhero;
pub(crate) mod actors;
pub(crate) mod socketio;

use playhouse_core::actor::WrittenForm;
use playhouse_core::config::Config;
use playhouse_core::encoder::Encoder;
use playhouse_core::event::ServerEvent;
use playhouse_core::wire::{Dialect, Framing, Tail, WireForm};

/// All dialects' ways of writing, as the hub and connections use them.
pub(crate) struct Encoders {
    actionhero: actionhero::Writer,
    socketio: socketio::Writer,
}

impl Encoders {
    /// Encoders; `goodbye` is the last message before an end on purpose, where one is configured.
    #[must_use]
    pub(crate) fn new(goodbye: Option<String>) -> Self {
        Self {
            socketio: socketio::Writer::new(&[], goodbye.clone()),
            actionhero: actionhero::Writer::new(goodbye),
        }
    }

    /// Encoders with the goodbye of a configuration.
    #[must_use]
    pub(crate) fn of(config: &Config) -> Self {
        let goodbye = Some(config.texts.goodbye_message.replace("{app}", &config.app.name));
        let goodbye = goodbye.filter(|text| !text.is_empty());
        let socketio = socketio::Writer::new(&config.socketio.namespaces, goodbye.clone());
        Self { socketio, ..Self::new(goodbye) }
    }
}

impl Encoder for Encoders {
    fn encode(&self, form: WireForm, event: &ServerEvent<'_>, out: &mut Vec<u8>) {
        match form.dialect {
            Dialect::ActionHero => self.actionhero.write(form.framing, event, out),
            Dialect::SocketIo { namespace, is_counted } => {
                let is_base64 = form.framing == Framing::EngineIo { is_base64: true };
                self.socketio.write(socketio::Form { namespace, is_counted, is_base64 }, event, out);
            }
        }
    }

    fn is_numbered(&self, form: WireForm, event: &ServerEvent<'_>) -> bool {
        match form.dialect {
            Dialect::ActionHero => false,
            Dialect::SocketIo { is_counted, .. } => is_counted && socketio::is_event(event),
        }
    }

    fn tail_at(&self, form: WireForm, encoded: &[u8]) -> usize {
        match form.dialect {
            Dialect::SocketIo { is_counted: true, .. } => socketio::tail_at(encoded),
            Dialect::ActionHero | Dialect::SocketIo { is_counted: false, .. } => encoded.len(),
        }
    }

    fn tail(&self, form: WireForm, nth: u64) -> Tail {
        match form.dialect {
            Dialect::SocketIo { is_counted: true, .. } => self.socketio.tail(nth),
            Dialect::ActionHero | Dialect::SocketIo { is_counted: false, .. } => Tail::new(),
        }
    }

    fn place(&self, form: WireForm) -> Option<WrittenForm> {
        match form.dialect {
            Dialect::ActionHero => actionhero::Writer::place(form.framing),
            Dialect::SocketIo { .. } => None,
        }
    }

    fn seat_tail(&self, form: WireForm, seat: u32) -> Tail {
        match form.dialect {
            Dialect::ActionHero => actionhero::Writer::seat_tail(seat),
            Dialect::SocketIo { .. } => Tail::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actors::{Family, Form, Framing as Way};
    use playhouse_core::wire::Parser;
    use playhouse_proto::actors::Encoding;
    use std::collections::HashSet;

    #[test]
    fn every_form_of_every_dialect_has_a_place_of_its_own() {
        let form = |family, encoding, framing| Form { family, encoding, framing }.place();
        let mut places: Vec<_> =
            Encoding::ALL.map(|encoding| form(Family::Rivet, encoding, Way::Websocket)).to_vec();
        places.push(form(Family::Rivet23, Encoding::Bare, Way::Websocket));
        for encoding in [Encoding::Json, Encoding::Cbor] {
            places.extend([Way::Websocket, Way::Stream].map(|way| form(Family::Core, encoding, way)));
        }
        let (dialect, encoders) = (Dialect::ActionHero, Encoders::new(None));
        places.extend(encoders.place(WireForm {
            dialect,
            parser: Parser::Json,
            framing: Framing::Websocket,
        }));
        assert_eq!(places.len(), WrittenForm::ALL.len());
        assert_eq!(places.into_iter().collect::<HashSet<_>>(), WrittenForm::ALL.into());
    }
}
