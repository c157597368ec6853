//! Queries of real clients, and every row of the table of refusals.

use playhouse_proto::engineio::Protocol;
use playhouse_proto::engineio::query::{Known, Query, Refusal, Transport, Transports, looks_like};

const POLLING: Transports = Transports { polling: true, websocket: false };
const WEBSOCKET: Transports = Transports { polling: false, websocket: true };

/// What a request is made with.
#[derive(Clone, Copy, Debug)]
enum By {
    Get,
    Post,
    Upgrade,
}
use By::{Get, Post, Upgrade};

/// Goes down the table as a caller does. The only sessions are `poll` and `ws`, both of protocol 4.
fn ask(query: &str, by: By, allowed: Transports) -> Result<(), Refusal> {
    let query = Query::read(query, matches!(by, Upgrade), !matches!(by, Post), allowed)?;
    let open = |transport| Known { protocol: Protocol::V4, transport };
    match query.sid.as_deref() {
        Some("poll") => query.with_session(Some(open(Transport::Polling))),
        Some("ws") => query.with_session(Some(open(Transport::Websocket))),
        Some(_) => query.with_session(None),
        None => query.without_session(),
    }
}

fn check(table: &[(&str, By, Result<(), Refusal>)]) {
    for (query, by, expected) in table {
        assert_eq!(ask(query, *by, Transports::ALL), *expected, "{by:?} {query}");
    }
}

#[test]
fn what_real_clients_ask_for() {
    check(&[
        ("_primuscb=Q7z&EIO=4&transport=polling&t=3qo&b64=1", Get, Ok(())),
        ("EIO=3&transport=polling&t=PTk", Get, Ok(())),
        ("EIO=4&transport=websocket", Upgrade, Ok(())),
        ("EIO=4&transport=polling&t=1&sid=poll", Get, Ok(())),
        ("EIO=4&transport=polling&t=1&sid=poll", Post, Ok(())),
        ("EIO=4&transport=websocket&sid=poll", Upgrade, Ok(())),
        ("EIO=4&transport=websocket&sid=ws", Upgrade, Ok(())),
        ("EIO=4&transport=%70olling&&sid=p%6Fll&=&x", Get, Ok(())),
    ]);
}

#[test]
fn each_row() {
    let long = format!("EIO=4&transport=polling&sid={}", "x".repeat(10_000));
    check(&[
        ("", Get, Err(Refusal::Protocol)),
        ("transport=polling", Get, Err(Refusal::Protocol)),
        ("EIO=&transport=polling", Get, Err(Refusal::Protocol)),
        ("EIO=2&transport=polling", Get, Err(Refusal::Protocol)),
        ("EIO=44&transport=polling", Get, Err(Refusal::Protocol)),
        ("EIO=%&transport=polling", Get, Err(Refusal::Protocol)),
        ("eio=4&transport=polling", Get, Err(Refusal::Protocol)),
        ("EIO=4", Get, Err(Refusal::Transport)),
        ("EIO=4&transport", Get, Err(Refusal::Transport)),
        ("EIO=4&transport=flashsocket", Get, Err(Refusal::Transport)),
        ("EIO=4&transport=%FF", Get, Err(Refusal::Transport)),
        ("EIO=4&transport=Polling", Get, Err(Refusal::Transport)),
        ("EIO=4&transport=polling&sid=gone", Get, Err(Refusal::Sid)),
        ("EIO=4&transport=polling&sid=", Get, Err(Refusal::Sid)),
        ("EIO=4&transport=polling&sid=__proto__", Post, Err(Refusal::Sid)),
        ("EIO=4&transport=polling&sid=%FF%FE", Get, Err(Refusal::Sid)),
        ("EIO=4&transport=polling&sid=poll%", Get, Err(Refusal::Sid)),
        ("EIO=4&transport=websocket&sid=gone", Upgrade, Err(Refusal::Sid)),
        (&long, Get, Err(Refusal::Sid)),
        ("EIO=3&transport=polling&sid=poll", Get, Err(Refusal::BadRequest)),
        ("EIO=3&transport=websocket&sid=poll", Upgrade, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling&sid=ws", Get, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling&sid=ws", Post, Err(Refusal::BadRequest)),
        ("EIO=4&transport=websocket&sid=poll", Get, Err(Refusal::BadRequest)),
        ("EIO=4&transport=websocket&sid=ws", Get, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling", Post, Err(Refusal::Method)),
        ("EIO=4&transport=websocket", Get, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling", Upgrade, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling&sid=poll", Upgrade, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling&j=0", Get, Err(Refusal::BadRequest)),
        ("EIO=4&transport=polling&j&sid=poll", Get, Err(Refusal::BadRequest)),
    ]);
    for (query, by, allowed) in
        [("EIO=4&transport=websocket", Upgrade, POLLING), ("EIO=4&transport=polling", Get, WEBSOCKET)]
    {
        assert_eq!(ask(query, by, allowed), Err(Refusal::Transport));
    }
}

#[test]
fn of_several_rows_the_first_answers() {
    check(&[
        ("EIO=5&transport=x&sid=gone&j=1", Post, Err(Refusal::Protocol)),
        ("EIO=4&transport=x&sid=gone&j=1", Post, Err(Refusal::Transport)),
        ("EIO=3&transport=websocket&sid=gone&j=1", Post, Err(Refusal::Sid)),
        ("EIO=4&transport=websocket&j=1", Post, Err(Refusal::Method)),
        ("EIO=4&transport=polling&sid=gone", Upgrade, Err(Refusal::Sid)),
    ]);
}

#[test]
fn of_duplicates_the_first_counts() {
    check(&[
        ("EIO=4&EIO=5&transport=polling&transport=x&sid=poll&sid=gone", Get, Ok(())),
        ("EIO=5&EIO=4&transport=polling", Get, Err(Refusal::Protocol)),
        ("EIO=4&transport=x&transport=polling", Get, Err(Refusal::Transport)),
        ("EIO=4&transport=polling&sid=gone&sid=poll", Get, Err(Refusal::Sid)),
    ]);
}

#[test]
fn what_is_read() {
    let read = |query| Query::read(query, false, true, Transports::ALL).expect("sound");
    let query = read("EIO=3&b64&transport=polling&sid=a%2Bb+c");
    assert_eq!(query.protocol, Protocol::V3);
    assert_eq!(query.transport, Transport::Polling);
    assert_eq!((query.sid.as_deref(), query.b64), (Some("a+b c"), true));
    let query = read("EIO=4&transport=polling&B64=1");
    assert_eq!((query.protocol, query.sid, query.b64), (Protocol::V4, None, false));
}

#[test]
fn refusals_on_the_wire() {
    let hook = |text: &str| Refusal::Forbidden(Some(text.into()));
    for (refusal, status, json) in [
        (Refusal::Forbidden(None), 403, r#"{"code":4,"message":"Forbidden"}"#),
        (hook("no \"guests\"\n"), 403, r#"{"code":4,"message":"no \"guests\"\u000a"}"#),
        (Refusal::Protocol, 400, r#"{"code":5,"message":"Unsupported protocol version"}"#),
        (Refusal::Transport, 400, r#"{"code":0,"message":"Transport unknown"}"#),
        (Refusal::Sid, 400, r#"{"code":1,"message":"Session ID unknown"}"#),
        (Refusal::BadRequest, 400, r#"{"code":3,"message":"Bad request"}"#),
        (Refusal::Method, 400, r#"{"code":2,"message":"Bad handshake method"}"#),
    ] {
        assert_eq!((refusal.status(), refusal.json().as_str()), (status, json));
        assert!(json.contains(&format!("\"code\":{},", refusal.code())));
        assert_eq!(refusal.to_string(), refusal.message());
    }
}

#[test]
fn whose_query_it_is() {
    for (query, expected) in [
        ("_primuscb=Q7z&EIO=4&transport=polling&t=3qo&b64=1", true),
        ("EIO&transport", true),
        ("transport=x&EIO=9", true),
        ("_primuscb=Q7z", false),
        ("transport=x", false),
        ("EIO=4", false),
        ("eio=4&transport=polling", false),
        ("xEIO=4&transport=polling", false),
        ("a=EIO&b=transport", false),
        ("", false),
    ] {
        assert_eq!(looks_like(query), expected, "{query}");
    }
}
