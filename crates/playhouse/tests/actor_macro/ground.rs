//! A node with actors for tests: a store in memory, a clock that tests advance, clients that note what they hear.

use playhouse::actor::{Address, Handled, Key, Value};
use playhouse_actor::{Host, Kinds, Parts, Reach, Settings};
use playhouse_core::actor::{
    ActorError, Actors, Answer, Arrival, Ask, Call, Caller, Ear, Ending, Purpose, Seat, Told, Which,
};
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::engine::memory::Store;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A node with one kind of actors.
pub(crate) struct Ground<A> {
    host: Host,
    hand: Manual,
    kind: PhantomData<A>,
}

impl<A: Handled> Ground<A> {
    pub(crate) async fn new() -> Self {
        let (clock, hand) = Clock::manual();
        let mut kinds = Kinds::default();
        kinds.add::<A>();
        let parts = Parts {
            store: Arc::new(Store::new()),
            clock,
            rng: Rng::seeded(7),
            tasks: Tasks::mortal(tokio::runtime::Handle::current()),
            state: TypeMap::default(),
            settings: Settings::default(),
        };
        let host = Host::new(kinds, parts);
        host.start().await.unwrap();
        Self { host, hand, kind: PhantomData }
    }

    fn address(key: impl Into<Key>) -> Which {
        Which::FindOrCreate(Address::keyed(A::definition().name, key), None)
    }

    /// The way of the application's own code.
    pub(crate) fn actor(&self, key: &str) -> A::Handle {
        Reach::new(Arc::new(self.host.clone()), Self::address(key)).into()
    }

    /// A client calls over HTTP.
    pub(crate) async fn web(&self, params: &str, action: &str, args: &str) -> Result<String, String> {
        self.ask(Caller::Client(json(params)), action, list(args)).await.map(|value| text(&value))
    }

    /// A client calls over HTTP with arguments that JSON has not.
    pub(crate) async fn echo(&self, value: Value) -> Result<Value, String> {
        self.ask(Caller::Client(Value::Null), "echo", vec![value]).await
    }

    async fn ask(&self, caller: Caller, action: &str, args: Vec<Value>) -> Result<Value, String> {
        let ask = Ask::Action { name: action.into(), args };
        match self.host.call(Call { which: Self::address("a"), ask, caller }).await {
            Ok(Answer::Value(value)) => Ok(value),
            Ok(Answer::Http(_)) => panic!("no HTTP was asked"),
            Err(error) => Err(said(&error)),
        }
    }

    /// A client connects.
    pub(crate) async fn sit(&self, params: &str) -> Client {
        let ear = Arc::new(Notes::default());
        let (which, purpose) = (Self::address("a"), Purpose::Actions);
        let seat = self.host.sit(Arrival { which, params: json(params), ear: ear.clone(), purpose });
        for event in A::definition().events {
            seat.listen(event, true);
        }
        settle().await;
        Client { seat, ear }
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
}

fn json(text: &str) -> Value {
    Value::from_json(text.as_bytes()).unwrap_or_else(|odd| panic!("{odd}: {text}"))
}

fn list(text: &str) -> Vec<Value> {
    let Value::List(args) = json(text) else { panic!("arguments are a list") };
    args
}

fn text(value: &Value) -> String {
    String::from_utf8(value.to_json()).unwrap()
}

/// An error as a client's program gets it.
fn said(error: &ActorError) -> String {
    match error {
        ActorError::User(reject) | ActorError::Refused(reject) => {
            let metadata = reject.metadata.as_deref().map(text).unwrap_or_default();
            format!("{}: {} {metadata}", reject.code, reject.message).trim_end().to_owned()
        }
        ActorError::Fault(_) => "fault".into(),
    }
}

/// A client with a seat, which listens to every event.
pub(crate) struct Client {
    pub(crate) seat: Arc<dyn Seat>,
    ear: Arc<Notes>,
}

impl Client {
    /// Calls, and gives what it heard then.
    pub(crate) async fn call(&self, action: &str, args: &str) -> Vec<String> {
        self.seat.call(1, action, list(args));
        self.hears().await
    }

    /// All that it has heard since it was last asked.
    pub(crate) async fn hears(&self) -> Vec<String> {
        settle().await;
        std::mem::take(&mut self.ear.0.lock().unwrap())
    }
}

/// Notes what it hears.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Ear for Notes {
    fn hear(&self, told: Told<'_>) {
        let line = match told {
            Told::Seated { .. } => "seated".to_owned(),
            Told::Reply { result: Ok(value), .. } => format!("= {}", text(value)),
            Told::Reply { result: Err(error), .. } => format!("! {}", said(error)),
            Told::Event(spoken) => format!("{} {}", spoken.event, text(&Value::List(spoken.args.clone()))),
            Told::Frame(frame) => format!("{frame:?}"),
            Told::Ended(Ending::Refused(error) | Ending::Failed(error)) => format!("away {}", said(error)),
            Told::Ended(Ending::Disconnected(reason)) => format!("ended {reason}"),
            Told::Ended(Ending::Closed(code, _)) => format!("closed {code}"),
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
