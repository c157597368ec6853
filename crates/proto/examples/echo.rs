//! An echo server over blocking sockets, one thread per link: what the conformance cases are run against.
//!
//! `cargo run -p playhouse-proto --example echo -- [--deflate] [address]` prints the address it listens on.
//! Without an address the system chooses the port on the loopback interface.
//!
//! It shows how the pieces fit: handshake, decoder, encoder. It must not be taken for a server: there is
//! no deadline and no bound on links.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use playhouse_proto::ws::deflate::{self, Agreed};
use playhouse_proto::ws::{Decoder, Item, Limits, Opcode, Role, Violation, encode, handshake};

/// The cases send messages of 16 MiB, and one of 4 MiB in 65,536 fragments.
const LIMITS: Limits = Limits { frame: 32 << 20, message: 32 << 20, fragments: 1 << 17 };

/// Bytes that a request may have.
const REQUEST_MAX: usize = 16 * 1024;

/// How long a peer may take to close its side after ours.
const LINGER: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let mut address = String::from("127.0.0.1:0");
    let mut compress = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--deflate" => compress = true,
            other => other.clone_into(&mut address),
        }
    }
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            // A peer that vanishes is no news; the cases do it on purpose.
            let _ = serve(stream, compress);
        });
    }
    Ok(())
}

fn serve(mut stream: TcpStream, compress: bool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let Some(body) = read_request(&mut stream, &mut request)? else { return Ok(()) };
    let early = request.split_off(body);
    let (answer, agreed) = match answer(&request, compress) {
        Ok(answer) => answer,
        Err(refusal) => return refuse(&mut stream, refusal),
    };
    stream.write_all(&answer)?;
    echo(&mut stream, &early, agreed)?;
    finish(&mut stream)
}

/// Reads until the headers have ended; the result is where.
fn read_request(stream: &mut TcpStream, request: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut buffer = [0; 2048];
    loop {
        let read = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..read]);
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(Some(end + 4));
        }
        if read == 0 || request.len() > REQUEST_MAX {
            return Ok(None);
        }
    }
}

/// The answer to an upgrade, and what was agreed about compression.
fn answer(request: &[u8], compress: bool) -> Result<(Vec<u8>, Option<Agreed>), handshake::Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(request).map_err(|_| handshake::Refusal::HttpVersion)?;
    let (method, minor) = (parsed.method.unwrap_or(""), parsed.version.unwrap_or(0));
    let headers = &*parsed.headers;
    let values = |wanted: &'static str| {
        let named = headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(wanted));
        named.filter_map(|header| std::str::from_utf8(header.value).ok())
    };
    let accept = handshake::check(method, (1, minor), values)?;
    let agreed = deflate::negotiate(values("sec-websocket-extensions")).filter(|_| compress);
    let mut out = Vec::new();
    let extensions = agreed.map(|agreed| agreed.answer());
    handshake::write_answer(&mut out, &accept, extensions.as_deref(), None);
    Ok((out, agreed))
}

fn refuse(stream: &mut TcpStream, refusal: handshake::Refusal) -> io::Result<()> {
    let body = refusal.to_string();
    write!(stream, "HTTP/1.1 {} Refused\r\nContent-Length: {}\r\n", refusal.status(), body.len())?;
    for (name, value) in refusal.headers() {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "\r\n{body}")?;
    finish(stream)
}

/// Echoes until the link ends. `early` came together with the request.
fn echo(stream: &mut TcpStream, early: &[u8], agreed: Option<Agreed>) -> io::Result<()> {
    let mut decoder = Decoder::new(Role::Server, LIMITS, agreed);
    let (mut buffer, mut out) = (vec![0; 64 * 1024], Vec::new());
    let mut read = early.len();
    buffer[..read].copy_from_slice(early);
    loop {
        let ended = take_all(&mut decoder, &mut buffer[..read], agreed, &mut out);
        stream.write_all(&out)?;
        out.clear();
        if ended {
            return Ok(());
        }
        read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
    }
}

/// Decodes what was read and puts the answers into `out`. Says whether the link has ended.
fn take_all(decoder: &mut Decoder, bytes: &mut [u8], agreed: Option<Agreed>, out: &mut Vec<u8>) -> bool {
    let mut pos = 0;
    while pos < bytes.len() {
        let step = match decoder.next(&mut bytes[pos..]) {
            Ok(step) => step,
            Err(violation) => {
                fail(out, violation);
                return true;
            }
        };
        pos += step.used;
        match step.item {
            Some(Item::Text(text)) => reply(out, Opcode::Text, text.as_bytes(), agreed),
            Some(Item::Binary(bytes)) => reply(out, Opcode::Binary, &bytes, agreed),
            Some(Item::Ping(payload)) => encode::pong(out, &payload),
            Some(Item::Pong(_)) | None => {}
            Some(Item::Close(said)) => {
                encode::close(out, said.as_ref().map(|(code, reason)| (*code, reason.as_ref())));
                return true;
            }
        }
    }
    false
}

fn reply(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], agreed: Option<Agreed>) {
    match agreed {
        // Everything, also what does not get smaller: the cases take any other answer for an error of theirs.
        Some(agreed) => {
            let packed = deflate::pack(payload, agreed);
            out.extend_from_slice(&encode::packed_header(opcode, packed.len()));
            out.extend_from_slice(&packed);
        }
        None => encode::whole(out, opcode, payload),
    }
}

fn fail(out: &mut Vec<u8>, violation: Violation) {
    encode::close(out, Some((violation.code(), &violation.to_string())));
}

/// Ends our side, then takes what still comes: to drop a socket with unread bytes resets the connection, and
/// the reset may overtake the close frame.
fn finish(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGER))?;
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}
