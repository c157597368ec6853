//! What clients of engine.io send is read, what is written for them is what they read, and what they ask for is
//! checked in the order of the document (engineio.md, 2, 4, 5, 10).

mod bodies;
mod properties;
mod queries;

use playhouse_proto::engineio::payload::{Reader, Writer};
use playhouse_proto::engineio::{Data, Form, Kind, Malformed, Packet, Protocol};
use playhouse_proto::ws::encode;

/// All packets of a body up to the first bad one, and what is wrong with that.
fn read(mut reader: Reader, body: &[u8]) -> (Vec<Packet<'_>>, Option<Malformed>) {
    let mut packets = Vec::new();
    while let Some(next) = reader.next(body) {
        match next {
            Ok(packet) => packets.push(packet),
            Err(malformed) => {
                assert_eq!(reader.next(body), None, "nothing comes after an error");
                return (packets, Some(malformed));
            }
        }
    }
    (packets, None)
}

fn reader(protocol: Protocol, form: Form) -> Reader {
    match form {
        Form::Text => Reader::text(protocol),
        Form::Binary => Reader::binary(),
    }
}

fn text(kind: Kind, text: &str) -> Packet<'_> {
    Packet { kind, data: Data::Text(text) }
}

fn message(data: &str) -> Packet<'_> {
    text(Kind::Message, data)
}

fn bytes(bytes: &[u8]) -> Packet<'_> {
    Packet { kind: Kind::Message, data: Data::Binary(bytes.into()) }
}

/// Packets as they wait in a queue: each in the frame of a websocket.
fn queued(protocol: Protocol, base64: bool, packets: &[Packet<'_>]) -> Vec<Vec<u8>> {
    let frame = |packet: &Packet<'_>| {
        let (mut payload, mut frame) = (Vec::new(), Vec::new());
        match packet.write(protocol, base64, &mut payload) {
            Form::Text => encode::text(&mut frame, &payload),
            Form::Binary => encode::binary(&mut frame, &payload),
        }
        frame
    };
    packets.iter().map(frame).collect()
}

/// The body that these packets become, and its form.
fn written(writer: Writer, packets: &[Packet<'_>]) -> (Vec<u8>, Form) {
    let (frames, mut body) = (queued(writer.protocol, writer.base64, packets), Vec::new());
    let form = writer.write(frames.iter().map(Vec::as_slice), &mut body);
    (body, form)
}
