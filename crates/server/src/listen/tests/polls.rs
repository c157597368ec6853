//! Polls that wait for their answers beside hyper, and what comes behind them.

use super::*;
use socket2::SockRef;

const HOME: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

const ASKS: &str = r#"{"event":"detailsView","messageId":"m"}"#;

/// A session that is welcome.
struct Session {
    /// The line of a poll, but for the version.
    poll: String,
    /// The line and the body of a request that says something, whose answer comes by a poll.
    say: (String, String),
    /// What that is answered with.
    taken: &'static str,
    /// The same when the session is over.
    gone: &'static str,
    /// How the answer ends that comes by a poll.
    end: String,
}

const MAKERS: [fn(&House, usize) -> Session; 2] = [engineio, sockjs];

fn engineio(house: &House, _: usize) -> Session {
    let at = "/engine.io/?EIO=4&transport=polling";
    let answer = asked(house, &format!("GET {at} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    let (_, rest) = answer.split_once("\"sid\":\"").expect("it is told its id");
    let at = format!("{at}&sid={}", rest.split('"').next().unwrap());
    let say = (format!("POST {at}"), format!("4{ASKS}"));
    Session {
        poll: format!("GET {at}"),
        say,
        taken: "200",
        gone: "400",
        end: r#""messageId":"m"}"#.to_owned(),
    }
}

fn sockjs(house: &House, nth: usize) -> Session {
    let at = format!("POST /sockjs/000/session-{nth}/xhr");
    let head = format!("{at} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert!(asked(house, &head).ends_with("\r\n\r\no\n"));
    assert!(asked(house, &head).contains("welcome"));
    let say = (format!("{at}_send"), format!("[{ASKS:?}]"));
    Session { poll: at, say, taken: "204", gone: "404", end: r#"\"messageId\":\"m\"}"]"#.to_owned() + "\n" }
}

impl Session {
    /// Polls on a connection, with `behind` in one piece with it.
    fn poll(&self, client: &mut TcpStream, (version, connection): (&str, &str), behind: &[u8]) {
        let head = format!("{} {version}\r\nHost: h\r\nConnection: {connection}\r\n", self.poll);
        let length = if self.poll.starts_with("POST") { "Content-Length: 0\r\n" } else { "" };
        client.write_all(&[format!("{head}{length}\r\n").as_bytes(), behind].concat()).unwrap();
    }

    /// A client whose poll waits.
    fn polls(&self, house: &House, how: (&str, &str), behind: impl AsRef<[u8]>) -> TcpStream {
        let mut client = house.client();
        self.poll(&mut client, how, behind.as_ref());
        pass(house);
        client
    }

    /// Says what is answered to the poll; the status.
    fn asks(&self, house: &House) -> String {
        self.says(house, &self.say.1)
    }

    /// Says it with this body; the status.
    fn says(&self, house: &House, body: &str) -> String {
        asked(house, &self.saying("close", body))[9..12].to_owned()
    }

    /// A request that says it with this body.
    fn saying(&self, connection: &str, body: &str) -> String {
        let (line, length) = (&self.say.0, body.len());
        format!(
            "{line} HTTP/1.1\r\nHost: h\r\nConnection: {connection}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    /// The body that carries a message.
    fn body(&self, message: &str) -> String {
        if self.poll.starts_with("GET") { format!("4{message}") } else { format!("[{message:?}]") }
    }

    /// The body that asks for what is answered to the poll, but so long.
    fn padded(&self, length: usize) -> String {
        let pad = " ".repeat(length);
        self.say.1.replacen('{', &format!("{{{pad}"), 1)
    }
}

/// Lets the server take what it was sent: it has one worker, which answers a client that came later.
fn pass(house: &House) {
    assert!(asked(house, HOME).ends_with("home"));
}

#[test]
fn a_poll_waits_and_what_follows_it_too() {
    let house = House::new(|_| {});
    let mut nth = 0;
    for make in MAKERS {
        for (version, connection, stays) in [
            ("HTTP/1.1", "keep-alive", true),
            ("HTTP/1.1", "close", false),
            ("HTTP/1.0", "keep-alive", true),
            ("HTTP/1.0", "x", false),
        ] {
            for (at_once, later) in [(HOME, ""), ("", HOME), (&HOME[..7], &HOME[7..])] {
                nth += 1;
                let session = make(&house, nth);
                let mut client = session.polls(&house, (version, connection), at_once);
                client.write_all(later.as_bytes()).unwrap();
                pass(&house);
                assert_eq!(session.asks(&house), session.taken);
                let read = rest(&mut client);
                assert!(read.starts_with(&format!("{version} 200 OK\r\n")), "{read}");
                assert!(read.to_lowercase().contains("; charset=utf-8\r\n"), "{read}");
                assert!(read.contains(&session.end), "{read}");
                assert_eq!(read.ends_with("\r\n\r\nhome"), stays, "{version} {connection} {read}");
            }
        }
    }
}

/// A websocket's opening request, and a frame for each of so many questions of a KiB, whose ids are their numbers.
fn websocket(questions: usize) -> Vec<u8> {
    let head = "GET /sockjs/websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let frames = (0..questions).map(|nth| {
        let text = format!(r#"{{"event":"detailsView","messageId":"{nth}","pad":"{}"}}"#, "x".repeat(1_000));
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        // A mask of zeros, so that all of it is text.
        let head = [0x81, 0xfe, length[0], length[1], 0, 0, 0, 0];
        head.iter().copied().chain(text.into_bytes()).collect::<Vec<u8>>()
    });
    [head.as_bytes().to_vec()].into_iter().chain(frames).flatten().collect()
}

#[test]
fn a_websocket_that_follows_a_poll_loses_nothing() {
    let house = House::new(|_| {});
    let mut nth = 0;
    for make in MAKERS {
        // Less than is read while a poll waits, and more; hyper reads more at once where it had to before.
        for (questions, before) in [(0, 0), (1, 0), (4, 0), (13, 0), (4, 400_000), (13, 400_000)] {
            nth += 1;
            let session = make(&house, nth);
            let mut client = house.client();
            if before > 0 {
                let saying = session.saying("keep-alive", &session.padded(before));
                client.write_all(saying.as_bytes()).unwrap();
                read_until(&mut client, "\r\n\r\n");
                assert!(rest(&mut session.polls(&house, ("HTTP/1.1", "close"), "")).ends_with(&session.end));
            }
            session.poll(&mut client, ("HTTP/1.1", "keep-alive"), &websocket(questions));
            pass(&house);
            assert_eq!(session.asks(&house), session.taken);
            read_until(&mut client, &session.end);
            assert!(read_until(&mut client, "\r\n\r\n").starts_with("HTTP/1.1 101"));
            for question in 0..questions {
                read_until(&mut client, &format!(r#""messageId":"{question}"}}"#));
            }
        }
    }
}

#[test]
fn who_polls_is_a_websocket_to_actions() {
    let house = House::new(|_| {});
    for make in MAKERS {
        let session = make(&house, 1);
        let call = r#"{"event":"action","params":{"action":"forPages"},"messageId":"m"}"#;
        assert_eq!(session.says(&house, &session.body(call)), session.taken);
        let read = rest(&mut session.polls(&house, ("HTTP/1.1", "close"), ""));
        assert!(read.contains("this action does not support the websocket connection type"), "{read}");
    }
    let read = asked(&house, "GET /api/forPages HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(read.starts_with("HTTP/1.1 200"), "{read}");
}

#[test]
fn a_connection_polls_again_and_again() {
    let house = House::new(|_| {});
    for make in MAKERS {
        let session = make(&house, 1);
        let mut client = session.polls(&house, ("HTTP/1.1", "keep-alive"), "");
        for _ in 0..3 {
            assert_eq!(session.asks(&house), session.taken);
            assert!(read_until(&mut client, "\r\n\r\n").starts_with("HTTP/1.1 200"));
            read_until(&mut client, &session.end);
            session.poll(&mut client, ("HTTP/1.1", "keep-alive"), b"");
            pass(&house);
        }
    }
}

#[test]
fn who_leaves_while_a_poll_waits_has_left_its_session() {
    let house = House::new(|_| {});
    let mut nth = 0;
    for make in MAKERS {
        for (at_once, later) in [("", ""), (HOME, ""), (&HOME[..7], ""), ("", HOME), (&HOME[..7], &HOME[7..])]
        {
            nth += 1;
            let session = make(&house, nth);
            let mut client = session.polls(&house, ("HTTP/1.1", "keep-alive"), at_once);
            client.write_all(later.as_bytes()).unwrap();
            pass(&house);
            drop(client);
            pass(&house);
            assert_eq!(session.asks(&house), session.gone, "{at_once:?} {later:?}");
        }
    }
}

#[test]
fn no_more_than_a_little_is_read_while_a_poll_waits() {
    let house = House::new(|_| {});
    for make in MAKERS {
        let session = make(&house, 1);
        let mut client = session.polls(&house, ("HTTP/1.1", "keep-alive"), "");
        client.set_nonblocking(true).unwrap();
        // Until the sockets are full: the server has read less than that.
        let junk = [b'x'; 1 << 16];
        let mut sent = 0;
        loop {
            match client.write(&junk) {
                Ok(written) => sent += written,
                Err(full) => break assert_eq!(full.kind(), ErrorKind::WouldBlock),
            }
            assert!(sent < 64 << 20, "the server reads all that comes");
        }
        assert_eq!(session.asks(&house), session.taken);
    }
}

#[test]
fn a_poll_begins_when_its_body_has_come() {
    let house = House::new(|_| {});
    let session = engineio(&house, 1);
    let head =
        format!("{} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", session.poll);
    let mut client = house.client();
    client.write_all(format!("{head}abc").as_bytes()).unwrap();
    pass(&house);
    assert_eq!(session.asks(&house), session.taken);
    // It is not its turn yet.
    let read = asked(&house, &format!("{head}abcde"));
    assert!(read.starts_with("HTTP/1.1 200") && read.contains(&session.end), "{read}");
    client.write_all(b"de").unwrap();
    pass(&house);
    assert_eq!(session.asks(&house), session.taken);
    let read = rest(&mut client);
    assert!(read.starts_with("HTTP/1.1 200") && read.contains(&session.end), "{read}");
}

#[test]
fn who_leaves_before_the_body_of_a_poll_has_come_has_left_its_session() {
    let house = House::new(|_| {});
    for rest in
        ["Content-Length: 5\r\n\r\n", "Content-Length: 5\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n"]
    {
        let session = engineio(&house, 1);
        let mut client = house.client();
        client.write_all(format!("{} HTTP/1.1\r\nHost: h\r\n{rest}", session.poll).as_bytes()).unwrap();
        pass(&house);
        drop(client);
        pass(&house);
        assert_eq!(session.asks(&house), session.gone, "{rest}");
    }
}

#[test]
fn a_poll_whose_body_does_not_come_is_refused() {
    let house = House::new(|config| config.engineio.request_timeout = SECOND);
    let session = engineio(&house, 1);
    let long = format!("{} HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", session.poll);
    assert!(asked(&house, &long).starts_with("HTTP/1.1 413"));
    assert_eq!(session.asks(&house), session.taken);
    let mut client = house.client();
    let head = format!("{} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", session.poll);
    client.write_all(head.as_bytes()).unwrap();
    pass(&house);
    house.hand.advance(SECOND);
    assert!(rest(&mut client).starts_with("HTTP/1.1 400"));
    assert_eq!(session.asks(&house), session.gone);
}

#[test]
fn a_poll_that_waits_is_answered_when_the_server_stops() {
    for make in MAKERS {
        let mut house = House::new(|_| {});
        let session = make(&house, 1);
        let mut client = session.polls(&house, ("HTTP/1.1", "keep-alive"), "");
        assert!(house.stops_within(60 * SECOND));
        let read = rest(&mut client);
        assert!(read.starts_with("HTTP/1.1 200") && read.contains("connection: close"), "{read}");
    }
}

#[test]
fn a_session_between_two_polls_does_not_delay_a_stop() {
    for make in MAKERS {
        let mut house = House::new(|_| {});
        make(&house, 1);
        assert!(house.stops_within(SECOND));
    }
}

#[test]
fn a_poll_that_nobody_has_seen_is_answered_when_the_server_stops() {
    for make in MAKERS {
        let house = Stilled::house();
        let session = make(&house, 1);
        let still = Stilled::new(house);
        let mut client = still.house.client();
        session.poll(&mut client, ("HTTP/1.1", "keep-alive"), b"");
        let (mut house, _) = still.stops();
        let read = rest(&mut client);
        let is_told =
            ["\r\n\r\n1", "\r\n\r\nc[1001,\"Going away\"]\n"].iter().any(|told| read.ends_with(told));
        assert!(read.starts_with("HTTP/1.1 200") && is_told, "{read}");
        drop(client);
        assert!(house.stops_within(SECOND));
    }
}

#[test]
fn who_leaves_before_an_answer_is_sent_has_left_its_session() {
    let house = House::new(|config| config.limits.outbox = 2 * LARGE);
    for make in MAKERS {
        for reads in [false, true] {
            let session = make(&house, usize::from(reads));
            let mut client = session.polls(&house, ("HTTP/1.1", "keep-alive"), "");
            let large = r#"{"event":"action","params":{"action":"large"},"messageId":"m"}"#;
            assert_eq!(session.says(&house, &session.body(large)), session.taken);
            // It has begun, and is more than the sockets hold.
            assert!(read_until(&mut client, "\r\n\r\n").starts_with("HTTP/1.1 200"));
            if reads {
                let mut whole = vec![0; LARGE];
                client.read_exact(&mut whole).unwrap();
                read_until(&mut client, &session.end);
            }
            SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
            drop(client);
            pass(&house);
            assert_eq!(session.asks(&house), if reads { session.taken } else { session.gone });
        }
    }
}
