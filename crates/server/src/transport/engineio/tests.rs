//! A client that does as engine.io's do, over connections that deliver when they like, break and are cut off.
//!
//! Whatever happens: each answer comes once and in order, or the session is over.

use super::*;
use crate::dialect::Encoders;
use crate::files::{Folder, PublicFolder};
use crate::link::HalfRead;
use playhouse_core::clock::Clock;
use playhouse_core::config::Config;
use playhouse_core::engine::memory;
use playhouse_core::head::Head;
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_node::action::Table;
use playhouse_node::{Kind, Node, Parts, Port};
use playhouse_proto::engineio::payload::Reader;
use playhouse_proto::engineio::{Data, Form, Packet, Transports, packet};
use playhouse_proto::primus::beat as primus;
use playhouse_proto::ws::{Decoder, Item, Role};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::runtime::Handle;

/// Messages that the client asks.
const ASKED: u32 = 60;

impl Socket for DuplexStream {
    fn has_news(&self) -> bool {
        true
    }

    fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>> {
        Ok(self)
    }
}

fn engine(folder: &Folder) -> Arc<Engine> {
    let mut config = Config::default();
    config.files.folder = folder.path();
    let clock = Clock::system();
    let encoder: Arc<Encoders> = Arc::new(Encoders::new(None));
    let node = Node::new(Parts {
        files: Arc::new(PublicFolder::open(&config).unwrap()),
        config,
        rng: Rng::seeded(7),
        tasks: Tasks::new(Handle::current()),
        actors: None,
        health: Arc::new(Health::new(clock.clone())),
        broker: Arc::new(memory::Broker::new()),
        presence: Arc::new(memory::Presence::new()),
        cache: Arc::new(memory::Cache::new(clock.clone(), 1 << 20)),
        clock,
        encoder: encoder.clone(),
        actions: Table::default(),
        connection_hooks: Default::default(),
        room_hooks: Default::default(),
        state: Default::default(),
        actor_forms: Arc::new(|_, _| Vec::new()),
        rooms: Vec::new(),
    });
    let shared = Arc::new(Shared {
        half_read: HalfRead::new(1 << 20),
        encoder,
        beat: primus::Limits { every: 0, silence: 0 },
        close_wait: Duration::from_secs(1),
        node,
    });
    Arc::new(Engine::new(&shared, &Crowd::new(10), Rider::Frames))
}

type Flight<T> = Pin<Box<dyn Future<Output = T>>>;

/// Where the client's change to a websocket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upgrade {
    Not,
    Probing,
    /// The probe was answered: it stops polling, and waits for what is on its way.
    Pausing,
    Done,
}

struct Client {
    protocol: Protocol,
    engine: Arc<Engine>,
    sid: String,
    get: Option<Flight<Option<(Polled, Unsure)>>>,
    post: Option<Flight<Option<Taken>>>,
    socket: Option<(DuplexStream, Decoder)>,
    upgrade: Upgrade,
    asked: u32,
    answers: Vec<u32>,
    is_over: bool,
}

impl Client {
    fn desk(&self) -> Option<Arc<Desk>> {
        self.engine.find(&self.sid).filter(|desk| desk.known().is_some())
    }

    fn ask(&mut self) -> String {
        self.asked += 1;
        format!("4{{\"event\":\"detailsView\",\"messageId\":{}}}", self.asked)
    }

    fn begin_get(&mut self) {
        if self.get.is_some() || !matches!(self.upgrade, Upgrade::Not | Upgrade::Probing) {
            return;
        }
        match self.desk().map(|desk| desk.get()) {
            Some(Ok(get)) => self.get = Some(Box::pin(get.answer())),
            Some(Err(_)) | None => self.is_over = true,
        }
    }

    fn begin_post(&mut self, rng: &Rng) {
        let may = matches!(self.upgrade, Upgrade::Not | Upgrade::Probing) && self.post.is_none();
        if !may || self.asked == ASKED {
            return;
        }
        let Some(Ok(post)) = self.desk().map(|desk| desk.post()) else {
            self.is_over = true;
            return;
        };
        let mut body = String::new();
        for _ in 0..=rng.below(3).min(u64::from(ASKED - self.asked) - 1) {
            let packet = self.ask();
            match self.protocol {
                Protocol::V3 => body.push_str(&format!("{}:{packet}", packet.len())),
                Protocol::V4 if body.is_empty() => body = packet,
                Protocol::V4 => body.push_str(&format!("\u{1e}{packet}")),
            }
        }
        self.post = Some(Box::pin(post.body(body.into(), Form::Text)));
    }

    /// Looks whether an answer has come. Now and then it is lost on its way.
    fn look(&mut self, rng: &Rng, cx: &mut Context<'_>) {
        if let Some(get) = &mut self.get
            && let Poll::Ready(answered) = get.as_mut().poll(cx)
        {
            self.get = None;
            match answered {
                Some(_) if rng.below(1_200) == 0 => self.is_over = true,
                Some((polled, mut unsure)) => {
                    unsure.arrived();
                    self.payload(&polled.body);
                }
                None => self.is_over = true,
            }
        }
        if let Some(post) = &mut self.post
            && let Poll::Ready(taken) = post.as_mut().poll(cx)
        {
            self.post = None;
            self.is_over |= taken != Some(Taken::All);
        }
    }

    fn payload(&mut self, body: &[u8]) {
        let mut reader = Reader::text(self.protocol);
        while let Some(packet) = reader.next(body) {
            self.packet(&packet.unwrap());
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) {
        let Data::Text(text) = &packet.data else { panic!("nobody sends bytes") };
        match packet.kind {
            packet::Kind::Message => {
                if let Some((_, id)) = text.rsplit_once("\"messageId\":") {
                    self.answers.push(id.trim_end_matches('}').parse().unwrap());
                }
            }
            packet::Kind::Pong => self.upgrade = Upgrade::Pausing,
            packet::Kind::Close => self.is_over = true,
            packet::Kind::Open | packet::Kind::Noop => {}
            packet::Kind::Ping | packet::Kind::Upgrade => panic!("{packet:?} from a server"),
        }
    }

    fn begin_upgrade(&mut self) {
        if self.upgrade != Upgrade::Not {
            return;
        }
        let Some(Ok(candidacy)) = self.desk().map(|desk| desk.candidate()) else { return };
        let (near, far) = tokio::io::duplex(1 << 16);
        candidacy.arrive(Box::new(far), Vec::new());
        let limits = ws::Limits { frame: 1 << 20, message: 1 << 20, fragments: 1 };
        self.socket = Some((near, Decoder::new(Role::Client, limits, None)));
        self.upgrade = Upgrade::Probing;
        self.write("2probe");
    }

    fn write(&mut self, text: &str) {
        self.write_bytes(&frame(text));
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        let Some((socket, _)) = &mut self.socket else { return };
        let mut cx = Context::from_waker(Waker::noop());
        // Nobody fills 64 KiB here.
        let _ = Pin::new(socket).poll_write(&mut cx, bytes);
    }

    /// Whether its websocket ends, and nothing else does.
    async fn is_refused(&mut self) -> bool {
        let Some((mut socket, _)) = self.socket.take() else { return false };
        self.upgrade = Upgrade::Not;
        for _ in 0..1_000 {
            let mut buffer = [0; 64];
            let mut read = ReadBuf::new(&mut buffer);
            let mut cx = Context::from_waker(Waker::noop());
            match Pin::new(&mut socket).poll_read(&mut cx, &mut read) {
                Poll::Ready(_) if read.filled().is_empty() => return self.desk().is_some(),
                Poll::Ready(_) | Poll::Pending => tokio::task::yield_now().await,
            }
        }
        false
    }

    fn read(&mut self) {
        let Some((socket, mut decoder)) = self.socket.take() else { return };
        let mut socket = socket;
        let (mut buffer, mut texts) = (vec![0; 4096], VecDeque::new());
        let mut read = ReadBuf::new(&mut buffer);
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(Ok(())) = Pin::new(&mut socket).poll_read(&mut cx, &mut read) {
            if read.filled().is_empty() {
                self.is_over |= self.upgrade == Upgrade::Done;
            }
            let mut bytes = read.filled_mut();
            while !bytes.is_empty() {
                let step = decoder.next(bytes).unwrap();
                match step.item {
                    Some(Item::Text(text)) => texts.push_back(text.into_owned()),
                    Some(Item::Close(_)) => self.is_over |= self.upgrade == Upgrade::Done,
                    Some(Item::Binary(_) | Item::Ping(_) | Item::Pong(_)) | None => {}
                }
                let used = step.used;
                bytes = &mut bytes[used..];
            }
        }
        self.socket = Some((socket, decoder));
        for text in texts {
            self.packet(&packet::read_text(self.protocol, &text).unwrap());
        }
    }

    /// Goes over to the websocket once nothing comes any other way. What it has posted may overtake nobody, whether it
    /// waits for that to be taken, as engine.io's client does, or not.
    fn go_on(&mut self, rng: &Rng) {
        let is_posted = self.post.is_none() || rng.below(4) == 0;
        if self.upgrade == Upgrade::Pausing && self.get.is_none() && is_posted {
            self.write("5");
            self.upgrade = Upgrade::Done;
        }
        if self.upgrade == Upgrade::Done && self.asked < ASKED {
            let packet = self.ask();
            self.write(&packet);
        }
    }

    /// Breaks the websocket. As long as it carries nothing, the session goes on without.
    fn cut(&mut self) {
        match self.upgrade {
            Upgrade::Not | Upgrade::Pausing => {}
            Upgrade::Probing => {
                self.socket = None;
                self.upgrade = Upgrade::Not;
            }
            Upgrade::Done => {
                self.socket = None;
                self.is_over = true;
            }
        }
    }
}

fn frame(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    encode::masked(&mut out, Opcode::Text, text.as_bytes(), [1, 2, 3, 4]);
    out
}

fn peer() -> Peer {
    let ip = "127.0.0.1".parse().unwrap();
    let head = Head::new("GET", "/engine.io/", []);
    Peer { kind: Kind::Websocket, ip, port: Port::Number(1), head, fingerprint: None }
}

async fn connect(engine: &Arc<Engine>, protocol: Protocol) -> Client {
    let query = format!("EIO={}&transport=polling", protocol.number());
    let query = Query::read(&query, false, true, Transports::ALL).unwrap();
    let (polled, mut unsure) =
        engine.open_polling(&query, peer(), engine.place().unwrap()).answer().await.unwrap();
    unsure.arrived();
    let text = std::str::from_utf8(&polled.body).unwrap();
    let sid = text.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    Client {
        protocol,
        engine: engine.clone(),
        sid,
        get: None,
        post: None,
        socket: None,
        upgrade: Upgrade::Not,
        asked: 0,
        answers: Vec::new(),
        is_over: false,
    }
}

/// One client's life. Whether all was answered.
async fn live(engine: &Arc<Engine>, protocol: Protocol, rng: &Rng) -> bool {
    let mut client = connect(engine, protocol).await;
    for _ in 0..5_000 {
        match rng.below(14) {
            0 | 1 => client.begin_get(),
            2 | 3 => client.begin_post(rng),
            4 if rng.below(8) == 0 => client.begin_upgrade(),
            5 if rng.below(120) == 0 => client.cut(),
            6 if rng.below(1_200) == 0 && client.get.take().is_some() => client.is_over = true,
            7 | 8 => client.read(),
            9 => client.go_on(rng),
            10 | 11 => {
                poll_fn(|cx| {
                    client.look(rng, cx);
                    Poll::Ready(())
                })
                .await;
            }
            _ => tokio::task::yield_now().await,
        }
        let count = u32::try_from(client.answers.len()).unwrap();
        assert!(client.answers.iter().copied().eq(1..=count), "{:?}", client.answers);
        if count == ASKED {
            return true;
        }
        if client.is_over {
            break;
        }
    }
    assert!(client.is_over, "{:?} hangs after {:?}", client.upgrade, client.answers.last());
    client.socket = None;
    (client.get, client.post) = (None, None);
    for _ in 0..1_000 {
        if client.desk().is_none() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    panic!("the session goes on");
}

#[tokio::test]
async fn each_answer_comes_once_and_in_order_or_the_session_is_over() {
    let folder = Folder::new();
    let engine = engine(&folder);
    let (mut whole, mut over) = (0, 0);
    for seed in 0..300 {
        let rng = Rng::seeded(seed);
        let protocol = if seed % 2 == 0 { Protocol::V4 } else { Protocol::V3 };
        match live(&engine, protocol, &rng).await {
            true => whole += 1,
            false => over += 1,
        }
    }
    assert!(whole > 100 && over > 20, "{whole} whole, {over} over: both should be seen");
}

#[tokio::test]
async fn a_websocket_has_no_large_message_before_it_takes_over() {
    let folder = Folder::new();
    let mut client = connect(&engine(&folder), Protocol::V4).await;
    for begun in [frame(&"2".repeat(126)), frame(&"2".repeat(66_000))] {
        client.begin_upgrade();
        // The head is enough.
        client.write_bytes(&begun[..14]);
        assert!(client.is_refused().await, "{:?}", &begun[..4]);
    }
    client.begin_upgrade();
    // Pieces of one message count together.
    for piece in [[0x01, 0x80 | 100], [0x00, 0x80 | 26]] {
        client.write_bytes(&piece);
        client.write_bytes(&vec![0; 4 + usize::from(piece[1] & 0x7f)]);
    }
    assert!(client.is_refused().await);
}

#[tokio::test]
async fn a_large_message_may_begin_right_behind_the_word_that_takes_over() {
    let folder = Folder::new();
    let engine = engine(&folder);
    let large =
        frame(&format!("4{{\"event\":\"detailsView\",\"pad\":\"{}\",\"messageId\":1}}", "x".repeat(30_000)));
    for cut in [1, 3, 8, 20_000, large.len()] {
        let mut client = connect(&engine, Protocol::V4).await;
        client.begin_upgrade();
        client.write_bytes(&[&frame("5"), &large[..cut]].concat());
        while client.desk().is_some_and(|desk| desk.state().turns.is_polling()) {
            tokio::task::yield_now().await;
        }
        client.write_bytes(&large[cut..]);
        for _ in 0..1_000 {
            client.read();
            tokio::task::yield_now().await;
        }
        assert_eq!(client.answers, [1], "cut after {cut}");
    }
}
