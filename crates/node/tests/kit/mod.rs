//! A node on the memory engine with a clock that tests advance, and links that tests hold in their hands.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

pub mod engine;
pub mod gate;

use engine::Access;
use playhouse_core::actor::{Actors, WrittenForm};
use playhouse_core::broker::Broker;
use playhouse_core::clock::{Clock, Manual, Moment};
use playhouse_core::codes::Close;
use playhouse_core::config::Config;
use playhouse_core::encoder::Encoder;
use playhouse_core::engine::memory;
use playhouse_core::error::Result;
use playhouse_core::event::{ActorVerb, Ask, ClientEvent, FileContent, Name, ServerEvent, Tag, Verb};
use playhouse_core::head::Head;
use playhouse_core::presence::Presence;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_core::wire::{Dialect, Framing, Parser, Tail, WireForm};
use playhouse_core::{Later, json};
use playhouse_node::action::{Action, Cx, Definition, Reply, Table};
use playhouse_node::files::{Files, NoFile};
use playhouse_node::hooks::ConnectionHooks;
use playhouse_node::link::{Flow, Gone, Link, Sink};
use playhouse_node::outbox::Outbox;
use playhouse_node::room::RoomHooks;
use playhouse_node::{Connection, Kind, Node, Opening, Parts, Peer, Port, Window};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub const PLAIN: WireForm =
    WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing: Framing::Websocket };
/// A form whose messages carry a number of the connection's own.
pub const TAILED: WireForm = WireForm { framing: Framing::Http, ..PLAIN };

/// A form whose client counts what it is sent, and may come back for what it missed.
pub const COUNTED: WireForm = WireForm { framing: Framing::EngineIo { is_base64: false }, ..PLAIN };

/// Writes events as lines, and counts how often it was asked to write what is said in rooms.
#[derive(Default)]
pub struct Lines {
    pub said: AtomicUsize,
    /// And what actors tell all who hear an event.
    pub heard: AtomicUsize,
}

impl Encoder for Lines {
    fn encode(&self, form: WireForm, event: &ServerEvent<'_>, out: &mut Vec<u8>) {
        let line = match event {
            ServerEvent::Welcome(text) => format!("welcome {text}"),
            ServerEvent::Reply { tag, result: Ok(raw) } => format!("{} ok {raw}", tag.id),
            ServerEvent::Reply { tag, result: Err(reject) } => format!("{} no {reject}", tag.id),
            ServerEvent::Done { tag, result: Ok(data) } => format!("{} done {}", tag.id, data.unwrap_or("-")),
            ServerEvent::Done { tag, result: Err(reject) } => format!("{} refused {reject}", tag.id),
            ServerEvent::SeatRefused { tag, reject, retry } => {
                format!("{} refused {reject}{}", tag.id, if *retry { ", try again" } else { "" })
            }
            ServerEvent::File { tag, result: Ok(file) } => format!("{} file {}", tag.id, file.text),
            ServerEvent::File { tag, result: Err(reject) } => format!("{} no file {reject}", tag.id),
            ServerEvent::Push(raw) => format!("push {raw}"),
            ServerEvent::Said(envelope) => {
                self.said.fetch_add(1, Ordering::SeqCst);
                format!("said {}", envelope.json())
            }
            ServerEvent::Heard { seat: Some(seat), spoken } => {
                format!("{} {:?} {seat}", spoken.event, spoken.args)
            }
            ServerEvent::Heard { seat: None, spoken } => {
                self.heard.fetch_add(1, Ordering::SeqCst);
                return out.extend_from_slice(format!("{} {:?}", spoken.event, spoken.args).as_bytes());
            }
            ServerEvent::SeatEnded { seat, code, reason, retry } => {
                format!("seat {seat} ended {code} {reason} {retry}")
            }
            ServerEvent::Closing(close) => format!("closing {}", close.name),
        };
        out.extend_from_slice(line.as_bytes());
        let has_tail = form == TAILED && matches!(event, ServerEvent::Said(_));
        if !(has_tail || self.is_numbered(form, event)) {
            out.push(b'\n');
        }
    }

    fn tail(&self, form: WireForm, nth: u64) -> Tail {
        if form != PLAIN { format!(" {nth}\n").bytes().collect() } else { Tail::new() }
    }

    fn is_numbered(&self, form: WireForm, event: &ServerEvent<'_>) -> bool {
        form == COUNTED && is_counted(event)
    }

    fn place(&self, form: WireForm) -> Option<WrittenForm> {
        (form == PLAIN).then_some(WrittenForm::Page)
    }

    fn seat_tail(&self, _: WireForm, seat: u32) -> Tail {
        format!(" {seat}\n").bytes().collect()
    }
}

/// Answers are counted by nobody.
fn is_counted(event: &ServerEvent<'_>) -> bool {
    matches!(event, ServerEvent::Welcome(_) | ServerEvent::Push(_) | ServerEvent::Said(_))
}

struct OneFile;

impl Files for OneFile {
    fn read(&self, path: &str) -> Later<'_, Result<FileContent, NoFile>> {
        let content = (path == "hello.txt").then(|| FileContent {
            text: "hello".to_owned(),
            mime: "text/plain".to_owned(),
            length: 5,
            modified_ms: 0,
        });
        Box::pin(std::future::ready(content.ok_or(NoFile::NotFound)))
    }
}

/// What a test hands to a link, and what the link has written.
#[derive(Default)]
struct Wire {
    incoming: VecDeque<(String, String)>,
    gone: Option<Gone>,
    written: String,
    blocked: bool,
    /// There is nothing to be read, whatever was asked.
    withheld: bool,
    /// It was told that its client's silence is not death.
    paused: bool,
    waker: Option<Waker>,
}

/// The test's end of a link.
#[derive(Clone, Default)]
pub struct Hand(Arc<Mutex<Wire>>);

impl Hand {
    /// Lets the client ask: `"1 roomAdd lobby"`, `"2 call echo {..}"`.
    pub fn ask(&self, line: &str) {
        let (id, ask) = line.split_once(' ').expect("an id and what is asked");
        self.change(|wire| wire.incoming.push_back((id.to_owned(), ask.to_owned())));
    }

    pub fn cut(&self) {
        self.change(|wire| wire.gone = Some(Gone::Lost));
    }

    pub fn end(&self) {
        self.change(|wire| wire.gone = Some(Gone::Closed));
    }

    pub fn block(&self, blocked: bool) {
        self.change(|wire| wire.blocked = blocked);
    }

    /// Lets what was asked be gone, or come again.
    pub fn withhold(&self, withheld: bool) {
        self.change(|wire| wire.withheld = withheld);
    }

    pub fn is_paused(&self) -> bool {
        self.0.lock().expect("no test panics in here").paused
    }

    fn change(&self, change: impl FnOnce(&mut Wire)) {
        let mut wire = self.0.lock().expect("no test panics in here");
        change(&mut wire);
        let waker = wire.waker.take();
        drop(wire);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What was written since the last look, after everything that can run has run.
    pub async fn read(&self) -> Vec<String> {
        settle().await;
        let text = std::mem::take(&mut self.0.lock().expect("no test panics in here").written);
        text.lines().map(str::to_owned).collect()
    }
}

impl Link for Hand {
    fn poll_read(&mut self, cx: &mut Context<'_>, _: &Outbox, sink: &mut dyn Sink) -> Poll<Gone> {
        loop {
            let mut wire = self.0.lock().expect("no test panics in here");
            let Some((id, ask)) = wire.incoming.pop_front() else {
                wire.waker = Some(cx.waker().clone());
                return wire.gone.map_or(Poll::Pending, Poll::Ready);
            };
            drop(wire);
            let (verb, rest) = ask.split_once(' ').unwrap_or((&ask, ""));
            let room = (!rest.is_empty()).then(|| rest.into());
            let ask = match verb {
                "call" => {
                    let (name, params) = rest.split_once(' ').unwrap_or((rest, "{}"));
                    Ask::Call { name: Name::Given(name.into()), params }
                }
                "say" => {
                    let (room, message) = rest.split_once(' ').unwrap_or((rest, ""));
                    let message = json::to_text(message).expect("a text is JSON");
                    Ask::Verb(Verb::Say { room: Some(room.into()), message: Some(message.into()) })
                }
                "roomAdd" => Ask::Verb(Verb::RoomAdd(room)),
                "roomLeave" => Ask::Verb(Verb::RoomLeave(room)),
                "roomView" => Ask::Verb(Verb::RoomView(room)),
                "file" => Ask::Verb(Verb::File(room)),
                "details" => Ask::Verb(Verb::DetailsView),
                "quit" => Ask::Verb(Verb::Quit),
                "actorConnect" | "actorCall" | "actorOn" | "actorOff" | "actorLeave" => at_actor(verb, rest),
                other => unreachable!("no test asks for {other}"),
            };
            if sink.take(ClientEvent { ask, tag: Tag::new(&id) }) == Flow::Pause {
                return Poll::Pending;
            }
        }
    }

    fn may_read(&self) -> bool {
        !self.0.lock().expect("no test panics in here").withheld
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        let mut wire = self.0.lock().expect("no test panics in here");
        if wire.blocked {
            wire.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        while let Some(entry) = outbox.take() {
            outbox.written(entry.len());
            let bytes = entry.slices().concat();
            wire.written.push_str(std::str::from_utf8(&bytes).expect("lines are texts"));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        if self.poll_write(cx, outbox).is_pending() {
            return Poll::Pending;
        }
        self.0.lock().expect("no test panics in here").written.push_str(&format!("closing {}\n", close.name));
        Poll::Ready(Gone::Closed)
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }

    fn on_deadline(&mut self, _: Moment, _: &Outbox) -> Option<&'static Close> {
        None
    }

    fn set_paused(&mut self, paused: bool, _: Moment) {
        self.0.lock().expect("no test panics in here").paused = paused;
    }
}

/// Operands are JSON, with a blank between each two.
fn at_actor<'a>(verb: &str, rest: &'a str) -> Ask<'a> {
    let mut operands = rest.split(' ').filter(|operand| !operand.is_empty()).map(Cow::Borrowed);
    let mut next = || operands.next();
    Ask::AtActor(Box::new(match verb {
        "actorConnect" => ActorVerb::Connect { actor: next(), params: next() },
        "actorCall" => ActorVerb::Call { seat: next(), name: next(), args: next() },
        "actorLeave" => ActorVerb::Leave { seat: next() },
        verb => ActorVerb::Listen { seat: next(), name: next(), on: verb == "actorOn" },
    }))
}

/// Lets everything run that can.
pub async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Answers with its parameter `p`.
pub struct Echo;

impl Action for Echo {
    fn definition() -> Definition {
        Definition::new("echo")
    }
    fn call(cx: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async move {
            let p = cx.params().text("p").unwrap_or_default().into_owned();
            Ok(Reply::json(format!("{{\"p\":{}}}", json::to_text(&p)?)))
        })
    }
}

/// Sleeps for `ms`.
pub struct Sleep;

impl Action for Sleep {
    fn definition() -> Definition {
        Definition { timeout: Some(Duration::from_secs(10)), ..Definition::new("sleep") }
    }
    fn call(cx: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async move {
            let ms = if cx.params().get("ms").is_some() { 100 } else { 60_000 };
            cx.node().clock().sleep(Duration::from_millis(ms)).await;
            cx.state::<AtomicUsize>()?.fetch_add(1, Ordering::SeqCst);
            Ok(Reply::nothing())
        })
    }
}

/// Fails in its own ways.
pub struct Fail;

impl Action for Fail {
    fn definition() -> Definition {
        Definition::new("fail")
    }
    fn call(cx: Cx) -> Later<'static, Result<Reply>> {
        Box::pin(async move {
            if cx.params().get("panic").is_some() {
                panic!("as asked");
            }
            let _last = Panics(cx.params().get("drop").is_some());
            if cx.params().get("wait").is_some() {
                cx.node().clock().sleep(Duration::MAX).await;
            }
            "x".parse::<u8>()?;
            Ok(Reply::nothing())
        })
    }
}

/// Panics when it is dropped, if it is to.
pub struct Panics(pub bool);

impl Drop for Panics {
    fn drop(&mut self) {
        assert!(!self.0, "as asked");
    }
}

/// What a test may change about its node.
#[derive(Default)]
pub struct Setup {
    pub config: Config,
    pub connection_hooks: ConnectionHooks,
    pub room_hooks: RoomHooks,
    pub layers: Option<fn(&mut Table)>,
    pub actors: Option<Arc<dyn Actors>>,
    /// In place of the memory engine's.
    pub presence: Option<Arc<dyn Presence>>,
    /// To an engine that it shares with other nodes. It joins them, and has no rooms of its own to begin with.
    pub access: Option<Arc<Access>>,
}

/// A node and what the test holds of it.
pub struct World {
    pub node: Node,
    pub hand: Manual,
    pub lines: Arc<Lines>,
    /// How many sleeps have come to their end.
    pub slept: Arc<AtomicUsize>,
}

impl World {
    pub async fn new(setup: Setup) -> Self {
        let access = setup.access;
        let hand = access.as_ref().map_or_else(|| Clock::manual().1, |access| access.hand());
        let clock = Clock::Manual(hand.clone());
        let lines = Arc::new(Lines::default());
        let mut actions = Table::default();
        actions.add::<Echo>();
        actions.add::<Sleep>();
        actions.add::<Fail>();
        if let Some(layers) = setup.layers {
            layers(&mut actions);
        }
        actions.seal().expect("the actions are sound");
        let mut state = TypeMap::default();
        state.set(AtomicUsize::new(0));
        let slept = state.get().expect("it was just set");
        let node = Node::new(Parts {
            config: setup.config,
            clock: clock.clone(),
            // Ids come from it.
            rng: Rng::seeded(1 + access.as_ref().map_or(0, |access| access.nth() as u64)),
            tasks: Tasks::new(tokio::runtime::Handle::current()),
            health: Arc::new(playhouse_core::health::Health::new(clock.clone())),
            actors: setup.actors,
            broker: match &access {
                Some(access) => access.clone() as Arc<dyn Broker>,
                None => Arc::new(memory::Broker::new()),
            },
            presence: match (&access, setup.presence) {
                (Some(access), _) => access.clone() as Arc<dyn Presence>,
                (None, Some(presence)) => presence,
                (None, None) => Arc::new(memory::Presence::new()),
            },
            cache: Arc::new(memory::Cache::new(clock, 1 << 20)),
            encoder: lines.clone(),
            files: Arc::new(OneFile),
            actions,
            connection_hooks: setup.connection_hooks,
            room_hooks: setup.room_hooks,
            state,
            actor_forms: Arc::new(|_, _| Vec::new()),
            rooms: Vec::new(),
        });
        if access.is_some() {
            node.join_cluster().await.expect("the engine is there");
        } else {
            for room in ["lobby", "attic"] {
                node.room(room).add().await.expect("rooms can be made");
            }
        }
        Self { node, hand, lines, slept }
    }

    pub async fn plain() -> Self {
        Self::new(Setup::default()).await
    }

    /// Connects; the welcome is read.
    /// Says something in the lobby.
    pub async fn say(&self, text: &str) {
        self.node.room("lobby").say(text).await.expect("the room exists");
    }

    pub async fn connect(&self) -> (Connection, Hand) {
        let (connection, hand) = self.open(PLAIN, None);
        assert_eq!(hand.read().await, ["welcome Welcome to the playhouse api"]);
        (connection, hand)
    }

    pub fn open(&self, form: WireForm, window: Option<Window>) -> (Connection, Hand) {
        let hand = Hand::default();
        let peer = Peer {
            kind: Kind::Websocket,
            ip: "127.0.0.1".parse().expect("an address"),
            port: Port::Number(5),
            head: Head::new("GET", "/primus", []),
            fingerprint: None,
        };
        let link = hand.clone();
        let connection = self.node.open(Opening { peer, form, window }, move |_| Box::new(link));
        (connection, hand)
    }
}
