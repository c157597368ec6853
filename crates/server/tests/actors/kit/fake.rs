//! Actors in a few lines: no turns, no store, no lifecycle, but every answer that clients can get.

use playhouse_core::Later;
use playhouse_core::actor::{
    ActorError, ActorId, Actors, Address, Answer, Arrival, Ask, At, Call, Caller, Ear, Ending, Found, Frame,
    HttpAnswer, HttpAsk, Key, Listing, Purpose, Seat, Spoken, Told, Which,
};
use playhouse_core::codes::{self, RejectCode};
use playhouse_core::error::Reject;
use playhouse_core::store::Record;
use playhouse_core::value::Value;
use serde_json::json;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// The kinds of actors. `late` lets nobody sit down before [`Fake::admit`].
const NAMES: [&str; 3] = ["chatRoom", "counter", "late"];

/// All actors.
#[derive(Clone, Default)]
pub struct Fake(Arc<Inner>);

#[derive(Default)]
struct Inner {
    all: Mutex<Vec<One>>,
    seats: Mutex<Vec<Arc<Place>>>,
    /// Calls of `wait` that [`Fake::release`] answers.
    waiting: Mutex<Vec<(Arc<dyn Ear>, u64)>>,
    /// What happened, for tests to look at.
    log: Mutex<Vec<String>>,
}

struct One {
    record: Record,
    count: i64,
}

fn refused(code: &'static RejectCode) -> ActorError {
    ActorError::Refused(Reject::of(code, format!("refused: {}", code.name)))
}

fn arg(args: &[Value], at: usize) -> Value {
    args.get(at).cloned().unwrap_or_default()
}

impl Fake {
    /// What happened so far.
    pub fn log(&self) -> Vec<String> {
        self.0.log.lock().unwrap().clone()
    }

    /// Answers all calls of `wait`.
    pub fn release(&self) {
        let waiting = std::mem::take(&mut *self.0.waiting.lock().unwrap());
        for (ear, call) in waiting {
            ear.hear(Told::Reply { call, result: Ok(&Value::Bool(true)) });
        }
    }

    /// How many calls of `wait` there are.
    pub fn waiting(&self) -> usize {
        self.0.waiting.lock().unwrap().len()
    }

    /// Lets those sit down who came too early.
    pub fn admit(&self) {
        let seats = self.0.seats.lock().unwrap().clone();
        seats.iter().for_each(|place| place.begin());
    }

    /// Tells every connection something.
    pub fn end_all(&self, ending: &Ending) {
        let seats = std::mem::take(&mut *self.0.seats.lock().unwrap());
        seats.iter().for_each(|place| place.ear.hear(Told::Ended(ending)));
    }

    /// Says an event to all who hear it, of whichever actor.
    pub fn broadcast(&self, event: &str, args: Vec<Value>) -> Arc<Spoken> {
        let spoken = Spoken::new(event.into(), args);
        self.say(None, &spoken);
        spoken
    }

    fn say(&self, actor: Option<&ActorId>, spoken: &Arc<Spoken>) {
        let seats = self.0.seats.lock().unwrap().clone();
        for place in seats.iter().filter(|place| actor.is_none_or(|actor| place.actor == *actor)) {
            if place.hears.lock().unwrap().contains(&*spoken.event) {
                place.ear.hear(Told::Event(spoken));
            }
        }
    }

    fn note(&self, line: impl Into<String>) {
        self.0.log.lock().unwrap().push(line.into());
    }

    fn find(&self, which: Which) -> Result<Found, ActorError> {
        let mut all = self.0.all.lock().unwrap();
        let fits = |one: &One, address: &Address| {
            one.record.address.name == address.name
                && match (&one.record.address.at, &address.at) {
                    (At::Key(own), At::Key(key)) => own == key,
                    (At::Tags(own), At::Tags(tags)) => {
                        tags.iter().all(|(name, tag)| own.get(name) == Some(tag))
                    }
                    _ => false,
                }
        };
        let (address, input) = match which {
            Which::Id(id) => {
                let found = all.iter().find(|one| one.record.id == id).map(|one| one.record.clone());
                return found
                    .map(|record| Found { record, created: false })
                    .ok_or(refused(&codes::NO_SUCH_ACTOR));
            }
            Which::Find(address) => {
                let found = all.iter().find(|one| fits(one, &address)).map(|one| one.record.clone());
                return found
                    .map(|record| Found { record, created: false })
                    .ok_or(refused(&codes::NO_SUCH_ACTOR));
            }
            Which::FindOrCreate(address, input) => {
                if let Some(one) = all.iter().find(|one| fits(one, &address)) {
                    return Ok(Found { record: one.record.clone(), created: false });
                }
                (address, input)
            }
            Which::Create(address, input) => {
                if matches!(address.at, At::Key(_)) && all.iter().any(|one| fits(one, &address)) {
                    return Err(refused(&codes::ACTOR_EXISTS));
                }
                (address, input)
            }
        };
        if !NAMES.contains(&&*address.name) {
            return Err(refused(&codes::UNKNOWN_ACTOR));
        }
        let row = all.len() as u64 + 1;
        let id = ActorId::new(format!("ac7000000000000{row}"));
        let record = Record { id, address, created_at: 1_700_000_000_000, row };
        let start = input.as_ref().and_then(|input| input.get("start"));
        let count = if let Some(Value::Int(start)) = start { *start } else { 0 };
        all.push(One { record: record.clone(), count });
        Ok(Found { record, created: true })
    }

    /// Runs an action. `None` is answered later, or never.
    fn act(
        &self,
        actor: &ActorId,
        place: Option<&Place>,
        name: &str,
        args: &[Value],
    ) -> Option<Result<Value, ActorError>> {
        Some(match name {
            "increment" => {
                let by = if let Value::Int(by) = arg(args, 0) { by } else { 1 };
                let mut all = self.0.all.lock().unwrap();
                let one = all.iter_mut().find(|one| one.record.id == *actor).expect("it was found");
                one.count += by;
                let count = Value::Int(one.count);
                drop(all);
                self.say(Some(actor), &Spoken::new("newCount".into(), vec![count.clone()]));
                Ok(count)
            }
            "getCount" => {
                let all = self.0.all.lock().unwrap();
                Ok(Value::Int(all.iter().find(|one| one.record.id == *actor).expect("it was found").count))
            }
            "echo" => Ok(arg(args, 0)),
            "nothing" => Ok(Value::Null),
            "blob" => {
                let Value::Int(n) = arg(args, 0) else { return Some(Err(refused(&codes::INVALID_PARAM))) };
                Ok(Value::Text("x".repeat(usize::try_from(n).unwrap()).into()))
            }
            "fail" => Err(match arg(args, 0).as_text() {
                Some("user") => {
                    let reject = Reject::new("insufficient_funds", "insufficient funds");
                    ActorError::User(
                        reject.metadata(&Value::map([("needed", 5.into()), ("have", 2.into())])).unwrap(),
                    )
                }
                _ => ActorError::Fault("secret detail 8271".into()),
            }),
            "slow" => Err(refused(&codes::TIMEOUT)),
            "whoami" => Ok(place.map_or(Value::Null, |place| Value::text(&place.id))),
            "leaveMe" => {
                let reason = arg(args, 0).as_text().unwrap_or_default().into();
                place?.ear.hear(Told::Ended(&Ending::Disconnected(reason)));
                return None;
            }
            "direct" => {
                place?.ear.hear(Told::Event(&Spoken::new("directMessage".into(), args.to_vec())));
                Ok(Value::Int(1))
            }
            _ => Err(refused(&codes::UNKNOWN_ACTION)),
        })
    }

    fn page(&self, actor: &ActorId, ask: &HttpAsk) -> HttpAnswer {
        let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
        match path {
            "/count" => {
                let count = self.act(actor, None, "getCount", &[]).unwrap().unwrap();
                let body = json!({ "count": count }).to_string().into();
                HttpAnswer {
                    status: 200,
                    headers: vec![("content-type".into(), "application/json".into())],
                    body,
                }
            }
            "/echo" => HttpAnswer {
                status: 201,
                headers: vec![("x-demo".into(), query.into()), ("x-method".into(), ask.method.clone())],
                body: ask.body.clone(),
            },
            _ => HttpAnswer { status: 404, ..HttpAnswer::default() },
        }
    }
}

/// Who may come in: to a chat room, who knows the word.
fn admitted(name: &str, params: &Value) -> Result<(), ActorError> {
    if name != "chatRoom" || params.get("token").and_then(Value::as_text) == Some("letmein") {
        return Ok(());
    }
    let username = params.get("username").cloned().unwrap_or_default();
    let reject = Reject::new("invalid_token", "bad token").metadata(&Value::map([("username", username)]));
    Err(ActorError::User(reject.unwrap()))
}

/// One connection's seat.
struct Place {
    fake: Fake,
    id: String,
    actor: ActorId,
    ear: Arc<dyn Ear>,
    purpose: Purpose,
    hears: Mutex<HashSet<String>>,
    /// What was asked before it began; `None` since.
    early: Mutex<Option<Vec<Job>>>,
}

enum Job {
    Call(u64, String, Vec<Value>),
    Listen(String, bool),
    Frame(Frame),
}

impl Place {
    fn begin(&self) {
        let jobs = self.early.lock().unwrap().take();
        let Some(jobs) = jobs else { return };
        self.ear.hear(Told::Seated { actor: &self.actor, connection: &self.id });
        jobs.into_iter().for_each(|job| self.work(job));
    }

    fn take(&self, job: Job) {
        if let Some(early) = &mut *self.early.lock().unwrap() {
            return early.push(job);
        }
        self.work(job);
    }

    fn work(&self, job: Job) {
        match job {
            Job::Call(call, name, _) if name == "wait" => {
                self.fake.0.waiting.lock().unwrap().push((self.ear.clone(), call));
            }
            Job::Call(call, name, args) => {
                if let Some(result) = self.fake.act(&self.actor, Some(self), &name, &args) {
                    self.ear.hear(Told::Reply { call, result: result.as_ref() });
                }
            }
            Job::Listen(event, true) => drop(self.hears.lock().unwrap().insert(event)),
            Job::Listen(event, false) => drop(self.hears.lock().unwrap().remove(&event)),
            Job::Frame(Frame::Text(text)) if &*text == "bye" => {
                self.ear.hear(Told::Ended(&Ending::Closed(4001, "bye".into())));
            }
            Job::Frame(Frame::Text(text)) => {
                self.ear.hear(Told::Frame(&Frame::Text(format!("echo:{text}").into())));
            }
            Job::Frame(frame) => self.ear.hear(Told::Frame(&frame)),
        }
    }
}

/// What a client holds of a seat.
struct Held(Option<Arc<Place>>);

impl Seat for Held {
    fn call(&self, number: u64, action: &str, args: Vec<Value>) {
        self.0.iter().for_each(|place| place.take(Job::Call(number, action.to_owned(), args.clone())));
    }

    fn listen(&self, event: &str, on: bool) {
        self.0.iter().for_each(|place| place.take(Job::Listen(event.to_owned(), on)));
    }

    fn frame(&self, frame: Frame) {
        self.0.iter().for_each(|place| place.take(Job::Frame(frame.clone())));
    }

    fn leave(&self) {
        let Some(place) = &self.0 else { return };
        place.fake.0.seats.lock().unwrap().retain(|other| other.id != place.id);
        place.fake.note(format!("left {}", place.purpose_name()));
    }
}

impl Place {
    fn purpose_name(&self) -> String {
        match &self.purpose {
            Purpose::Actions => "actions".into(),
            Purpose::Websocket(path) => format!("websocket {path}"),
        }
    }
}

impl Actors for Fake {
    fn names(&self) -> Vec<Arc<str>> {
        NAMES.map(Arc::from).into()
    }

    fn open(&self, open: Which) -> Later<'_, Result<Found, ActorError>> {
        let found = self.find(open);
        Box::pin(async move { found })
    }

    fn list(&self, listing: Listing) -> Later<'_, Result<Vec<Record>, ActorError>> {
        let all = self.0.all.lock().unwrap();
        let fits = |record: &&Record| {
            listing.name.as_ref().is_none_or(|name| record.address.name == *name)
                && record.row > listing.after
        };
        let found = all.iter().map(|one| &one.record).filter(fits).take(listing.limit).cloned().collect();
        Box::pin(async move { Ok(found) })
    }

    fn destroy(&self, id: &ActorId) -> Later<'_, Result<(), ActorError>> {
        let done = self.find(Which::Id(id.clone())).map(|_| {
            self.0.all.lock().unwrap().retain(|one| one.record.id != *id);
            self.end_all(&Ending::Destroyed);
        });
        Box::pin(async move { done })
    }

    fn call(&self, call: Call) -> Later<'_, Result<Answer, ActorError>> {
        Box::pin(async move {
            let record = self.find(call.which)?.record;
            if let Caller::Client(params) = &call.caller {
                self.note(format!("params {}", String::from_utf8(params.to_json()).unwrap()));
                admitted(&record.address.name, params)?;
            }
            match call.ask {
                Ask::Action { name, args } => {
                    let done = self.act(&record.id, None, &name, &args);
                    done.unwrap_or(Ok(Value::Null)).map(Answer::Value)
                }
                Ask::Http(_) if &*record.address.name == "chatRoom" => Err(refused(&codes::NO_HTTP)),
                Ask::Http(ask) => Ok(Answer::Http(self.page(&record.id, &ask))),
            }
        })
    }

    fn sit(&self, arrival: Arrival) -> Arc<dyn Seat> {
        let Arrival { which, params, ear, purpose } = arrival;
        let found = self.find(which).and_then(|found| {
            let name = &*found.record.address.name;
            if name == "chatRoom" && purpose != Purpose::Actions {
                return Err(refused(&codes::NO_WEBSOCKET));
            }
            admitted(name, &params).map(|()| found.record)
        });
        let record = match found {
            Ok(record) => record,
            Err(error) => {
                ear.hear(Told::Ended(&Ending::Refused(error)));
                return Arc::new(Held(None));
            }
        };
        let mut seats = self.0.seats.lock().unwrap();
        let number = self.log().len() + seats.len() + 1;
        self.note(format!("sits with {}", String::from_utf8(params.to_json()).unwrap()));
        let place = Arc::new(Place {
            fake: self.clone(),
            id: format!("00000000-0000-4000-8000-{number:012}"),
            actor: record.id,
            ear,
            purpose,
            hears: Mutex::default(),
            early: Mutex::new(Some(Vec::new())),
        });
        seats.push(place.clone());
        drop(seats);
        if &*record.address.name != "late" {
            place.begin();
        }
        Arc::new(Held(Some(place)))
    }
}

/// The id of a counter with this key, made now if need be.
pub fn counter(fake: &Fake, key: &str) -> String {
    named(fake, "counter", key)
}

/// The id of any actor with this key, made now if need be.
pub fn named(fake: &Fake, name: &str, key: &str) -> String {
    let address = Address::keyed(name, Key::from(key));
    fake.find(Which::FindOrCreate(address, None)).unwrap().record.id.to_string()
}
