//! Says back what clients of engine.io and socket.io say, below all dialects: what those protocols' own suites of tests
//! ask of a server, and how bytes are seen to travel both ways.
//!
//! Exists for tests alone. Knows no action, no room and no frame of ours; sessions, namespaces and connections are those of
//! every server, and a node that is not [told](Echo) to echo does as if this were not here.

use crate::transport::engineio::EngineIo;
use crate::transport::{Message, Transport as _};
use playhouse_core::clock::Moment;
use playhouse_core::codes::Close;
use playhouse_core::wire::Framing;
use playhouse_node::link::{Flow, Gone, Link, Sink};
use playhouse_node::outbox::Outbox;
use playhouse_node::{Connection, Node};
use playhouse_proto::engineio::{Data, Form, Kind, Packet, Protocol};
use playhouse_proto::socketio::binary::{self, Extracted};
use playhouse_proto::socketio::write;
use playhouse_proto::ws::{Opcode, encode};
use std::task::{Context, Poll};
use std::time::Duration;

/// What makes a node echo, as a value of its state. Then `mounts.engineio` says every message back as it came, and on
/// `mounts.socketio` each connection
///
/// - hears `auth`, with what its client showed to be let in, `{}` where that was nothing;
/// - gets its `message` as `message-back`, and its `message-with-ack` as the acknowledgement, with the same arguments.
///
/// All other mounts are as ever.
#[derive(Clone, Copy, Debug)]
pub struct Echo;

/// How long after the answer to its connect a client is greeted. socket.io's suite begins to listen for the second packet
/// when it has the first, and misses it if both come at once.
const GREETING_AFTER: Duration = Duration::from_millis(10);

/// Whether a node is to echo.
pub(crate) fn is_wanted(node: &Node) -> bool {
    node.state::<Echo>().is_ok()
}

/// How bytes go to one client.
#[derive(Clone, Copy)]
struct Manner {
    protocol: Protocol,
    base64: bool,
}

impl Manner {
    /// Appends a message of engine.io in its frame.
    fn message(self, out: &mut Vec<u8>, data: Data<'_>) {
        let mark = encode::begin(out);
        let opcode = match (Packet { kind: Kind::Message, data }).write(self.protocol, self.base64, out) {
            Form::Text => Opcode::Text,
            Form::Binary => Opcode::Binary,
        };
        encode::end(out, mark, opcode);
    }
}

/// A session of engine.io that hears what it says.
pub(crate) fn messages(transport: EngineIo, protocol: Protocol, base64: bool) -> Box<dyn Link> {
    Box::new(Messages { transport, manner: Manner { protocol, base64 } })
}

struct Messages {
    transport: EngineIo,
    manner: Manner,
}

impl Link for Messages {
    fn poll_read(&mut self, cx: &mut Context<'_>, outbox: &Outbox, _: &mut dyn Sink) -> Poll<Gone> {
        let manner = self.manner;
        self.transport.poll_read(cx, outbox, |message| {
            let data = match message {
                Message::Text(text) => Data::Text(text),
                Message::Binary(bytes) => Data::Binary(bytes.into()),
                Message::Sign => return Flow::More,
            };
            outbox.append(|out| manner.message(out, data));
            Flow::More
        })
    }

    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        self.transport.poll_news(cx)
    }

    fn may_read(&self) -> bool {
        self.transport.may_read()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        self.transport.poll_write(cx, outbox)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        self.transport.poll_close(cx, outbox, close, |_| {})
    }

    fn deadline(&self) -> Option<Moment> {
        self.transport.deadline()
    }

    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close> {
        self.transport.on_deadline(now, outbox)
    }

    fn set_paused(&mut self, paused: bool, now: Moment) {
        self.transport.set_paused(paused, now);
    }
}

/// Tells a connection of socket.io, if its node echoes, what its client showed to be let in.
pub(crate) fn greet(connection: &Connection, namespace: &str, auth: Option<&str>) {
    let node = connection.node().clone();
    if !is_wanted(&node) {
        return;
    }
    let (connection, namespace) = (connection.clone(), namespace.to_owned());
    let auth = auth.unwrap_or("{}").to_owned();
    let greeting = async move {
        connection.node().clock().sleep(GREETING_AFTER).await;
        emit(&connection, &namespace, "auth", &auth);
    };
    // Refused only by a node that has stopped.
    let _ = node.tasks().spawn("greeting", greeting);
}

/// Answers an event of socket.io; bytes are inside of its arguments.
pub(crate) fn event(connection: &Connection, namespace: &str, id: Option<&str>, name: &str, args: &[&str]) {
    let args = args.join(",");
    match (name, id) {
        ("message", _) => emit(connection, namespace, "message-back", &args),
        ("message-with-ack", Some(id)) => say(connection, &args, |out, attachments, args| {
            write::ack(out, attachments, namespace, id);
            out.extend_from_slice(args.as_bytes());
        }),
        _ => {}
    }
}

fn emit(connection: &Connection, namespace: &str, name: &str, args: &str) {
    say(connection, args, |out, attachments, args| {
        write::event(out, attachments, namespace, None, name);
        if !args.is_empty() {
            write::argument(out, args);
        }
    });
}

/// Queues a packet of socket.io, and the bytes that are in its arguments behind it. `head` writes all of it but its end.
fn say(connection: &Connection, args: &str, head: impl FnOnce(&mut Vec<u8>, usize, &str)) {
    let most = connection.node().config().socketio.attachments;
    let taken_out = binary::extract(args, most);
    let (args, attachments) = match &taken_out {
        Some(Extracted { text, attachments }) => (text.as_str(), attachments.as_slice()),
        None => (args, &[][..]),
    };
    let manner = manner(connection);
    connection.outbox().append(|out| {
        let mark = encode::begin(out);
        out.push(Kind::Message.digit());
        head(out, attachments.len(), args);
        write::end(out);
        encode::end(out, mark, Opcode::Text);
        attachments.iter().for_each(|bytes| manner.message(out, Data::Binary(bytes.into())));
    });
}

/// What a client of socket.io can take.
fn manner(connection: &Connection) -> Manner {
    let base64 = matches!(connection.form().framing, Framing::EngineIo { is_base64: true });
    Manner { protocol: Protocol::V4, base64 }
}
