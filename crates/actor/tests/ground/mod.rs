//! What the tests stand on: a host on a store that can be made to fail, a clock that stands still, ears that note what
//! they hear, and an actor that does what it is told (see `probe`).

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

pub(crate) mod probe;
pub(crate) mod store;

use playhouse_actor::{Host, Kinds, Parts, Settings};
use playhouse_core::actor::{
    ActorError, Actors, Address, Answer, Arrival, Ask, Call, Caller, Chain, Ear, Ending, Purpose, Seat, Told,
    Which,
};
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_core::value::Value;
use probe::Probe;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Moody;
use tokio::runtime::Handle;

/// A node with actors.
pub(crate) struct Ground {
    pub(crate) host: Host,
    pub(crate) store: Arc<Moody>,
    pub(crate) hand: Manual,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
}

pub(crate) fn settings() -> Settings {
    Settings {
        mailbox: 50,
        pending_calls: 20,
        state_size: 4_000,
        alarms: 5,
        alarm_attempts: 3,
        ..Settings::default()
    }
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let (clock, hand) = Clock::manual();
        Self::on(Arc::default(), clock, hand).await
    }

    /// Another process on the same store.
    pub(crate) async fn on(store: Arc<Moody>, clock: Clock, hand: Manual) -> Self {
        let mut kinds = Kinds::default();
        kinds.add::<Probe>();
        kinds.add::<probe::Bare>();
        Self::of(kinds, store, clock, hand).await
    }

    /// Another program on the same store.
    pub(crate) async fn of(kinds: Kinds, store: Arc<Moody>, clock: Clock, hand: Manual) -> Self {
        let tasks = Tasks::mortal(Handle::current());
        let parts = Parts {
            store: store.clone(),
            clock: clock.clone(),
            rng: Rng::seeded(7),
            tasks: tasks.clone(),
            state: TypeMap::default(),
            settings: settings(),
        };
        let host = Host::new(kinds, parts);
        host.start().await.unwrap();
        Self { host, store, hand, clock, tasks }
    }

    /// The process ends without a word, and another begins.
    pub(crate) async fn crash(self) -> Self {
        self.tasks.abort();
        settle().await;
        Self::on(self.store, self.clock, self.hand).await
    }

    pub(crate) async fn advance(&self, time: Duration) {
        settle().await;
        let end = self.hand.now() + time;
        while let Some(due) = self.hand.next_deadline().filter(|due| *due < end) {
            self.hand.advance_to(due);
            settle().await;
        }
        self.hand.advance_to(end);
        settle().await;
    }

    /// The application itself calls.
    pub(crate) async fn call(&self, key: &str, action: &str, args: &str) -> Result<String, String> {
        self.ask(key, action, args, Caller::Server(Chain::default())).await
    }

    /// A client calls over HTTP.
    pub(crate) async fn web(
        &self,
        key: &str,
        params: &str,
        action: &str,
        args: &str,
    ) -> Result<String, String> {
        self.ask(key, action, args, Caller::Client(json(params))).await
    }

    pub(crate) async fn ask(
        &self,
        key: &str,
        action: &str,
        args: &str,
        caller: Caller,
    ) -> Result<String, String> {
        let Value::List(args) = json(args) else { panic!("arguments are a list") };
        let ask = Ask::Action { name: action.into(), args };
        match self.host.call(Call { which: which(key), ask, caller }).await {
            Ok(Answer::Value(value)) => Ok(text(&value)),
            Ok(Answer::Http(_)) => panic!("no HTTP was asked"),
            Err(error) => Err(said(&error)),
        }
    }

    /// The same without waiting for it.
    pub(crate) fn start(
        &self,
        key: &str,
        action: &str,
        args: &str,
    ) -> tokio::task::JoinHandle<Result<String, String>> {
        let Value::List(args) = json(args) else { panic!("arguments are a list") };
        let ask = Ask::Action { name: action.into(), args };
        let call = Call { which: which(key), ask, caller: Caller::Server(Chain::default()) };
        let host = self.host.clone();
        tokio::spawn(async move {
            match host.call(call).await {
                Ok(Answer::Value(value)) => Ok(text(&value)),
                Ok(Answer::Http(_)) => panic!("no HTTP was asked"),
                Err(error) => Err(said(&error)),
            }
        })
    }

    /// A client connects.
    pub(crate) fn sit(&self, key: &str, params: &str) -> Client {
        let ear = Arc::new(Notes::default());
        let arrival =
            Arrival { which: which(key), params: json(params), ear: ear.clone(), purpose: Purpose::Actions };
        Client { seat: self.host.sit(arrival), ear }
    }

    /// The same, seated.
    pub(crate) async fn seated(&self, key: &str, params: &str) -> Client {
        let client = self.sit(key, params);
        settle().await;
        let heard = client.heard();
        assert!(heard[0].starts_with("seated"), "{heard:?}");
        client
    }
}

pub(crate) fn which(key: &str) -> Which {
    Which::FindOrCreate(Address::keyed("probe", key), None)
}

pub(crate) fn json(text: &str) -> Value {
    Value::from_json(text.as_bytes()).unwrap_or_else(|odd| panic!("{odd}: {text}"))
}

pub(crate) fn text(value: &Value) -> String {
    String::from_utf8(value.to_json()).unwrap()
}

/// An error as tests compare it: whose it is, and its code.
pub(crate) fn said(error: &ActorError) -> String {
    match error {
        ActorError::User(reject) => format!("user {}", reject.code),
        ActorError::Refused(reject) => format!("refused {}", reject.code),
        ActorError::Fault(_) => "fault".into(),
    }
}

/// A client with one seat.
pub(crate) struct Client {
    pub(crate) seat: Arc<dyn Seat>,
    ear: Arc<Notes>,
}

impl Client {
    pub(crate) fn call(&self, number: u64, action: &str, args: &str) {
        let Value::List(args) = json(args) else { panic!("arguments are a list") };
        self.seat.call(number, action, args);
    }

    /// All that it has heard since it was last asked.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.ear.0.lock().unwrap())
    }

    pub(crate) async fn hears(&self) -> Vec<String> {
        settle().await;
        self.heard()
    }
}

/// Notes what it hears.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Ear for Notes {
    fn hear(&self, told: Told<'_>) {
        let line = match told {
            Told::Seated { .. } => "seated".to_owned(),
            Told::Reply { call, result: Ok(value) } => format!("{call}: {}", text(value)),
            Told::Reply { call, result: Err(error) } => format!("{call}: {}", said(error)),
            Told::Event(spoken) => format!("{} {}", spoken.event, text(&Value::List(spoken.args.clone()))),
            Told::Frame(frame) => format!("{frame:?}"),
            Told::Ended(Ending::Refused(error)) => format!("away: {}", said(error)),
            Told::Ended(Ending::Failed(error)) => format!("failed: {}", said(error)),
            Told::Ended(Ending::Disconnected(reason)) => format!("ended: {reason}"),
            Told::Ended(Ending::Closed(code, reason)) => format!("closed: {code} {reason}"),
            Told::Ended(Ending::Destroyed) => "destroyed".into(),
        };
        self.0.lock().unwrap().push(line);
    }
}

/// Lets everything go on that waits for nothing but its turn.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
