//! A packet that is passed on as it is asks for no memory: codecs give places in what was read, and write behind what is
//! there already.
//!
//! Of this thread alone, as tests run beside each other.
#![allow(unsafe_code)]

use playhouse_proto::engineio::Protocol;
use playhouse_proto::engineio::packet;
use playhouse_proto::engineio::payload::{Form, Reader, Writer};
use playhouse_proto::socketio::{Packet, binary, write};
use playhouse_proto::sockjs::{Messages, frame};
use playhouse_proto::ws::{Opcode, encode};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

/// Counts, and leaves the work to the system.
// SAFETY: each call is passed on as it came, and what the system promises is what is promised here. The counter is a
// constant's cell without a destructor, so that looking at it asks for no memory and never fails.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the caller keeps the rules, which are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as above; it came from the system.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often memory is asked for.
fn asked(work: impl FnOnce()) -> u64 {
    let before = ASKED.get();
    work();
    ASKED.get() - before
}

/// How often it is asked for by work that may look up once what does not change.
fn warm(mut work: impl FnMut()) -> u64 {
    work();
    asked(work)
}

#[test]
fn the_counter_counts() {
    assert_eq!(asked(|| drop(black_box(vec![1]))), 1);
}

const EVENT: &str = r#"2/chat,12["say",{"room":"lobby","message":"h\u00e9llo"},[1,2,3]]"#;

/// Frames as they wait in an outbox.
fn frames(texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    texts.iter().for_each(|text| encode::whole(&mut out, Opcode::Text, text.as_bytes()));
    out
}

#[test]
fn packets_of_engine_io_are_read_in_place() {
    let message = format!("4{EVENT}");
    let body = [&*message, "2", &message, "bAQID"].join("\x1e");
    for protocol in [Protocol::V3, Protocol::V4] {
        assert_eq!(asked(|| drop(black_box(packet::read_text(protocol, &message)))), 0);
    }
    assert_eq!(asked(|| drop(black_box(packet::read_binary(Protocol::V4, &[1, 2, 3])))), 0);
    let read = |packets| {
        let mut reader = Reader::text(Protocol::V4);
        for _ in 0..packets {
            assert!(reader.next(black_box(body.as_bytes())).is_some_and(|packet| packet.is_ok()));
        }
    };
    assert_eq!(asked(|| read(3)), 0);
    assert_eq!(asked(|| read(4)), 1, "base64 is no packet as it is");
}

#[test]
fn payloads_of_engine_io_are_written_from_frames() {
    let frames = frames(&["4one", "4two", "2"]);
    let mut out = Vec::with_capacity(1_000);
    for protocol in [Protocol::V3, Protocol::V4] {
        let writer = Writer { protocol, base64: false };
        assert_eq!(asked(|| assert_eq!(writer.write([&*frames], &mut out), Form::Text)), 0);
    }
}

#[test]
fn messages_of_sockjs_are_read_in_place_and_merged_from_frames() {
    let body = br#"["one","two"]"#;
    let read = || {
        let mut messages = Messages::body(&body[..]).unwrap();
        assert_eq!(messages.next().as_deref(), Some("one"));
        assert_eq!(messages.next().as_deref(), Some("two"));
    };
    assert_eq!(asked(read), 0);
    let framed = frames(&[r#"a["one"]"#, r#"a["two"]"#]);
    let mut out = Vec::with_capacity(1_000);
    assert_eq!(asked(|| assert!(frame::merge([&*framed], &mut out) > 0)), 0);
    assert_eq!(out, br#"a["one","two"]"#);
}

#[test]
fn packets_of_socket_io_are_read_in_place_and_written_behind_each_other() {
    assert_eq!(asked(|| assert!(Packet::read(black_box(EVENT), 10).is_ok())), 0);
    let mut out = Vec::with_capacity(1_000);
    let pass_on = || {
        write::event(&mut out, 0, "/chat", None, "say");
        write::argument(&mut out, r#"{"message":"hello"}"#);
        write::end(&mut out);
    };
    assert_eq!(asked(pass_on), 0);
    let mut scan = || drop(black_box(binary::extract(black_box(EVENT), 10)));
    assert_eq!(warm(&mut scan), 0, "without bytes nothing is taken out");
}
