//! An event on its way to the connection of its namespace: its packet, and where in that its parts stand.
//!
//! A packet is read when it comes, so that one which breaks a rule ends its session at once; the connection takes it in a
//! turn of its own, and does not read it again. Knows no meaning of an event.

use playhouse_proto::socketio::packet::{AckId, Args};
use smallvec::SmallVec;
use std::ops::Range;

/// An event that waits for its connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    packet: Box<str>,
    id: Option<Range<usize>>,
    name: Name,
    /// Of events whose ack is an answer: nearly all have one.
    args: SmallVec<[Range<usize>; 1]>,
}

#[derive(Debug, PartialEq, Eq)]
enum Name {
    Within(Range<usize>),
    /// It was written with escapes.
    Apart(Box<str>),
}

impl Event {
    /// Keeps what was read of a packet.
    pub(super) fn new(packet: &str, id: Option<AckId<'_>>, name: &str, args: &Args<'_>) -> Self {
        let at = place(packet, name);
        let is_within = packet.get(at.clone()) == Some(name);
        Self {
            packet: packet.into(),
            id: id.map(|id| place(packet, id.text)),
            name: if is_within { Name::Within(at) } else { Name::Apart(name.into()) },
            args: args.iter().map(|arg| place(packet, arg)).collect(),
        }
    }

    /// Bytes of its packet.
    pub(super) fn len(&self) -> usize {
        self.packet.len()
    }

    /// The id of the ack that is wanted, as it came.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_ref().map(|id| self.at(id))
    }

    pub(super) fn name(&self) -> &str {
        match &self.name {
            Name::Within(name) => self.at(name),
            Name::Apart(name) => name,
        }
    }

    pub(super) fn args(&self) -> Args<'_> {
        self.args.iter().map(|arg| self.at(arg)).collect()
    }

    fn at(&self, place: &Range<usize>) -> &str {
        self.packet.get(place.clone()).unwrap_or_default()
    }
}

/// Where in a text a part of it stands.
fn place(text: &str, part: &str) -> Range<usize> {
    let from = part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    from..from.wrapping_add(part.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_proto::socketio::{Body, Packet};

    #[test]
    fn its_parts_are_found_again() {
        for (packet, id, name, args) in [
            (r#"212["foo",{"a":[1]},"x"]"#, Some("12"), "foo", &[r#"{"a":[1]}"#, r#""x""#][..]),
            (r#"2/admin,["foo"]"#, None, "foo", &[]),
            (r#"2007["f\u006fo",1]"#, Some("007"), "foo", &["1"]),
            (r#"2[7,null]"#, None, "7", &["null"]),
        ] {
            let read = Packet::read(packet, 10).unwrap();
            let Body::Event { id: read_id, name: read_name, args: read_args } = &read.body else {
                panic!("{packet} is an event")
            };
            let event = Event::new(packet, *read_id, read_name, read_args);
            assert_eq!((event.id(), event.name(), &event.args()[..]), (id, name, args), "{packet}");
            assert_eq!(event.len(), packet.len());
        }
    }
}
