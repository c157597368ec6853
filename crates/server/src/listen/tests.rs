//! A whole server and clients that misbehave on their sockets: who is given how long.

mod polls;

use crate::Server;
use crate::files::Folder;
use playhouse_core::Later;
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::config::Config;
use playhouse_core::engine::memory;
use playhouse_core::error::Result;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_node::action::{Action, Cx, Definition, Reply, Table};
use playhouse_node::hooks::ConnectionHooks;
use playhouse_node::{Kind, Node, Parts};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc as later, oneshot};

/// Bytes of a large answer: more than the buffers of both sockets hold.
const LARGE: usize = 16 << 20;

const SECOND: Duration = Duration::from_secs(1);

struct Large;

impl Action for Large {
    fn definition() -> Definition {
        Definition::new("large")
    }
    fn call(_: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async { Reply::of(&"x".repeat(LARGE)) })
    }
}

/// Tells the test that it runs, and waits until it may end.
struct Slow;

impl Action for Slow {
    fn definition() -> Definition {
        Definition::new("slow")
    }
    fn call(cx: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async move {
            let (tell, wait) = oneshot::channel();
            cx.state::<later::Sender<oneshot::Sender<()>>>()?.try_send(tell)?;
            wait.await?;
            Ok(Reply::nothing())
        })
    }
}

/// Not for websockets.
struct ForPages;

impl Action for ForPages {
    fn definition() -> Definition {
        Definition { blocked: &[Kind::Websocket], ..Definition::new("forPages") }
    }
    fn call(_: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async { Ok(Reply::nothing()) })
    }
}

/// Tells the test that it runs, and holds its worker until it may end.
struct Still;

impl Action for Still {
    fn definition() -> Definition {
        Definition::new("still")
    }
    fn call(cx: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async move {
            let (tell, wait) = mpsc::sync_channel::<()>(1);
            cx.state::<later::Sender<mpsc::SyncSender<()>>>()?.try_send(tell)?;
            let _ = wait.recv();
            Ok(Reply::nothing())
        })
    }
}

/// A server on a port of its own, with a clock that stands still.
struct House {
    address: SocketAddr,
    hand: Manual,
    waiting: later::Receiver<oneshot::Sender<()>>,
    still: later::Receiver<mpsc::SyncSender<()>>,
    stop: Option<oneshot::Sender<()>>,
    stopped: mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
    _folder: Folder,
}

impl House {
    fn new(change: impl FnOnce(&mut Config)) -> Self {
        let folder = Folder::new();
        folder.write("index.html", b"home");
        let mut config = Config::default();
        (config.host, config.port, config.workers) = ("127.0.0.1".to_owned(), 0, Some(1));
        config.files.folder = folder.path();
        change(&mut config);
        let server = Server::bind(&config).unwrap();
        let address = server.address();
        let (clock, hand) = Clock::manual();
        let ((tell, waiting), (tell_still, still)) = (later::channel(1), later::channel(1));
        let (stop, wanted) = oneshot::channel();
        let (over, stopped) = mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let tasks = Tasks::new(runtime.handle().clone());
            let mut state = TypeMap::default();
            state.set(tell);
            state.set(tell_still);
            let node = node(&server, config, clock, tasks, state);
            let wanted = async { drop(wanted.await) };
            server.run(&node, wanted).unwrap();
            over.send(()).unwrap();
        });
        let (stop, thread) = (Some(stop), Some(thread));
        Self { address, hand, waiting, still, stop, stopped, thread, _folder: folder }
    }

    fn client(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(20 * SECOND)).unwrap();
        stream
    }

    /// Waits until the server waits for something for so long.
    fn waits_for(&self, time: Duration) {
        let due = self.hand.now() + time;
        for _ in 0..500 {
            if self.hand.next_deadline() == Some(due) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not wait for {time:?}");
    }

    /// Stops, letting `at_most` pass on the clock; whether that was enough.
    fn stops_within(&mut self, at_most: Duration) -> bool {
        drop(self.stop.take());
        let end = self.hand.now() + at_most;
        for _ in 0..500 {
            if self.stopped.recv_timeout(Duration::from_millis(10)).is_ok() {
                return true;
            }
            if let Some(next) = self.hand.next_deadline().filter(|next| *next <= end) {
                self.hand.advance(next.since(self.hand.now()));
            }
        }
        false
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.stop.is_some() {
            self.stops_within(Duration::from_secs(3_600));
        }
        if let Some(thread) = self.thread.take().filter(JoinHandle::is_finished) {
            let _ = thread.join();
        }
    }
}

fn node(server: &Server, config: Config, clock: Clock, tasks: Tasks, state: TypeMap) -> Node {
    let mut actions = Table::default();
    actions.add::<Large>();
    actions.add::<Slow>();
    actions.add::<Still>();
    actions.add::<ForPages>();
    actions.seal().unwrap();
    Node::new(Parts {
        config,
        rng: Rng::seeded(7),
        tasks,
        actors: None,
        health: Arc::new(playhouse_core::health::Health::new(clock.clone())),
        broker: Arc::new(memory::Broker::new()),
        presence: Arc::new(memory::Presence::new()),
        cache: Arc::new(memory::Cache::new(clock.clone(), 1 << 20)),
        clock,
        encoder: server.encoder(),
        files: server.files(),
        actions,
        connection_hooks: ConnectionHooks::default(),
        room_hooks: Default::default(),
        state,
        actor_forms: Arc::new(|_, _| Vec::new()),
        rooms: Vec::new(),
    })
}

/// Reads until `end` has come.
fn read_until(client: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// All that comes until the server closes or resets.
fn rest(client: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let _ = client.read_to_end(&mut read);
    String::from_utf8_lossy(&read).into_owned()
}

/// Sends a request on a connection of its own, and reads until the server closes.
fn asked(house: &House, sent: &str) -> String {
    let mut client = house.client();
    // The server may have answered and closed before it has read all.
    let _ = client.write_all(sent.as_bytes());
    let read = read_until(&mut client, "\r\n\r\n");
    read + &rest(&mut client)
}

#[test]
fn a_body_that_comes_later_is_no_late_head() {
    let mut house = House::new(|config| config.actions.timeout = 3_600 * SECOND);
    let mut client = house.client();
    client
        .write_all(
            b"POST /api/slow HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\
              Content-Type: text/plain\r\n\r\n",
        )
        .unwrap();
    assert!(read_until(&mut client, "\r\n\r\n").starts_with("HTTP/1.1 100"));
    client.write_all(b"ab").unwrap();
    house.hand.advance(20 * SECOND);
    client.write_all(b"cd").unwrap();
    let done = house.waiting.blocking_recv().unwrap();
    for _ in 0..10 {
        house.hand.advance(20 * SECOND);
    }
    done.send(()).unwrap();
    assert!(read_until(&mut client, "\r\n\r\n").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_large_answer_may_be_read_slowly_while_the_next_request_waits() {
    let house = House::new(|_| {});
    let mut client = house.client();
    client.write_all(b"GET /api/large HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    read_until(&mut client, "\r\n\r\n");
    client.write_all(b"G").unwrap();
    let mut read = vec![0; LARGE / 8];
    for _ in 0..3 {
        client.read_exact(&mut read).unwrap();
        house.hand.advance(12 * SECOND);
    }
    client.write_all(b"ET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    let read = rest(&mut client);
    let (large, next) = read.split_once("HTTP/1.1 200 OK").expect("both are answered");
    assert!(large.len() > LARGE / 8 * 5 && next.ends_with("\r\n\r\nhome"));
}

/// Whether the server closes a connection on which `drop` comes twice a second.
fn is_closed(house: &House, mut client: TcpStream, drop: &[u8]) -> bool {
    client.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    (0..10_000).any(|_| {
        house.hand.advance(SECOND / 2);
        // It fails once the server has closed, which the next line finds.
        let _ = client.write_all(drop);
        match client.read(&mut [0; 64]) {
            Ok(read) => read == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    })
}

#[test]
fn a_head_in_drops_is_not_waited_for() {
    let house = House::new(|config| config.http.keep_alive = 24 * 3_600 * SECOND);
    assert!(is_closed(&house, house.client(), b"G"));
    assert!(is_closed(&house, house.client(), b""));
    let mut client = house.client();
    client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    read_until(&mut client, "home");
    assert!(is_closed(&house, client, b"G"));
}

#[test]
fn a_connection_waits_for_its_next_request_but_not_for_ever() {
    let house = House::new(|config| config.http.keep_alive = 60 * SECOND);
    let mut client = house.client();
    for _ in 0..3 {
        client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        read_until(&mut client, "home");
        house.hand.advance(59 * SECOND);
    }
    assert!(is_closed(&house, client, b""));
}

#[test]
fn who_never_reads_an_answer_loses_its_place() {
    let house = House::new(|config| config.limits.connections = 1);
    let mut client = house.client();
    client.write_all(b"GET /api/large HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    read_until(&mut client, "\r\n\r\n");
    let is_free = (0..10_000).any(|_| {
        house.hand.advance(10 * SECOND);
        asked(&house, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").ends_with("home")
    });
    assert!(is_free);
}

#[test]
fn heads_are_bounded() {
    let house = House::new(|_| {});
    let with = |lines: &str| {
        let head = format!("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{lines}\r\n");
        asked(&house, &head)[9..12].to_owned()
    };
    assert_eq!(with(&format!("x: {}\r\n", "x".repeat(60_000))), "200");
    assert_eq!(with(&format!("x: {}\r\n", "x".repeat(66_000))), "431");
    assert_eq!(with(&format!("x: {}\r\n", "x".repeat(100_000))), "431");
    assert_eq!(with(&format!("x: {}", "x".repeat(2_000_000))), "431");
    assert_eq!(with(&"x: y\r\n".repeat(90)), "200");
    assert_eq!(with(&"x: y\r\n".repeat(300)), "431");
    let upgrade = format!("Upgrade: websocket\r\nx: {}\r\n", "x".repeat(66_000));
    assert_eq!(with(&upgrade), "431");
    assert_eq!(&asked(&house, "GET / HTTP/1.1\r\n\r\n")[9..12], "400");
    assert_eq!(&asked(&house, "GET / HTTP/1.0\r\n\r\n")[9..12], "200");
}

#[test]
fn an_idle_connection_does_not_delay_a_drain() {
    let mut house = House::new(|config| config.websocket.server.close_timeout = 60 * SECOND);
    let mut client = house.client();
    client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    read_until(&mut client, "home");
    assert!(house.stops_within(SECOND));
}

/// A server whose one worker stands still: it sees nothing of what comes, and accepts nobody.
struct Stilled {
    house: House,
    asked: TcpStream,
    _go_on: mpsc::SyncSender<()>,
}

impl Stilled {
    /// So long a house waits for who may have asked.
    const WAIT: Duration = Duration::from_secs(3);

    fn house() -> House {
        House::new(|config| config.drain.actions = Self::WAIT)
    }

    fn new(mut house: House) -> Self {
        let mut asked = house.client();
        asked.write_all(b"GET /api/still HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        let _go_on = house.still.blocking_recv().unwrap();
        Self { house, asked, _go_on }
    }

    /// Is told to stop, and goes on when it knows; its answer to who had it stand still.
    fn stops(mut self) -> (House, TcpStream) {
        drop(self.house.stop.take());
        self.house.waits_for(Self::WAIT);
        (self.house, self.asked)
    }
}

#[test]
fn who_has_asked_before_a_stop_is_answered() {
    let house = Stilled::house();
    let served = |_| {
        let mut client = house.client();
        client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        read_until(&mut client, "home");
        client
    };
    let mut clients: Vec<_> = (0..20).map(served).collect();
    let still = Stilled::new(house);
    // More than a listener accepts in one turn.
    clients.extend((0..200).map(|_| still.house.client()));
    for (nth, client) in clients.iter_mut().enumerate() {
        let lines = ["HTTP/1.1\r\nHost: h", "HTTP/1.0\r\nConnection: keep-alive"];
        client.write_all(format!("GET / {}\r\n\r\n", lines[nth % 2]).as_bytes()).unwrap();
    }
    let mut half = still.house.client();
    half.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    let (mut house, asked) = still.stops();
    clients.push(asked);
    for (nth, mut client) in clients.into_iter().enumerate() {
        let read = rest(&mut client);
        assert_eq!(read.get(8..15), Some(" 200 OK"), "{nth} {read}");
        assert!(read.contains("\r\nconnection: close\r\n"), "{nth} {read}");
    }
    half.write_all(b"st: h\r\n\r\n").unwrap();
    assert!(rest(&mut half).ends_with("home"));
    drop(half);
    assert!(house.stops_within(SECOND));
}
