//! Verbs at actors: what becomes of them, of what actors answer, and of seats whose connection goes.

mod kit;

use kit::{Hand, PLAIN, Setup, TAILED, World, settle};
use playhouse_core::Later;
use playhouse_core::actor::{
    ActorError, ActorId, Actors, Answer, Arrival, Call, Ear, Ending, Found, Frame, Listing, Purpose, Seat,
    Spoken, Told, Which,
};
use playhouse_core::codes;
use playhouse_core::config::Config;
use playhouse_core::error::Reject;
use playhouse_core::store::Record;
use playhouse_core::value::Value;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};

/// Actors that do nothing but note what they are asked; a test answers for them.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    asked: Vec<String>,
    ears: Vec<Arc<dyn Ear>>,
}

impl Fake {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().expect("no test panics in here")
    }

    fn note(&self, what: String) {
        self.noted().asked.push(what);
    }

    /// What was asked since the last look.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.noted().asked)
    }

    /// The `nth` who sat down, from 0, hears this.
    fn tell(&self, nth: usize, told: Told<'_>) {
        let ear = self.noted().ears[nth].clone();
        ear.hear(told);
    }

    fn seated(&self, nth: usize) {
        self.tell(nth, Told::Seated { actor: &ActorId::new("id"), connection: "c" });
    }

    fn reply(&self, nth: usize, call: u64, output: &Value) {
        self.tell(nth, Told::Reply { call, result: Ok(output) });
    }
}

impl Actors for Fake {
    fn names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }

    fn open(&self, _: Which) -> Later<'_, Result<Found, ActorError>> {
        unreachable!("nobody opens one")
    }

    fn list(&self, _: Listing) -> Later<'_, Result<Vec<Record>, ActorError>> {
        unreachable!("nobody lists them")
    }

    fn destroy(&self, _: &ActorId) -> Later<'_, Result<(), ActorError>> {
        unreachable!("nobody destroys one")
    }

    fn call(&self, _: Call) -> Later<'_, Result<Answer, ActorError>> {
        unreachable!("nobody calls one without a seat")
    }

    fn sit(&self, arrival: Arrival) -> Arc<dyn Seat> {
        let Which::FindOrCreate(address, None) = &arrival.which else { panic!("{:?}", arrival.which) };
        assert_eq!(arrival.purpose, Purpose::Actions);
        if &*address.name == "closed" {
            let refusal = ActorError::User(Reject::new("forbidden", "not you"));
            arrival.ear.hear(Told::Ended(&Ending::Refused(refusal)));
        }
        let mut noted = self.noted();
        noted.asked.push(format!("sit {address} {:?}", arrival.params));
        let nth = noted.ears.len();
        noted.ears.push(arrival.ear);
        Arc::new(Place { fake: self.clone(), nth })
    }
}

struct Place {
    fake: Fake,
    nth: usize,
}

impl Seat for Place {
    fn call(&self, number: u64, action: &str, args: Vec<Value>) {
        self.fake.note(format!("{} call {number} {action} {args:?}", self.nth));
        if action == "now" {
            self.fake.reply(self.nth, number, &Value::Bool(true));
        }
    }

    fn listen(&self, event: &str, on: bool) {
        self.fake.note(format!("{} listen {event} {on}", self.nth));
    }

    fn frame(&self, _: Frame) {}

    fn leave(&self) {
        self.fake.note(format!("{} leave", self.nth));
    }
}

async fn world(config: Config) -> (World, Fake) {
    let fake = Fake::default();
    let actors = Some(Arc::new(fake.clone()) as Arc<dyn Actors>);
    (World::new(Setup { config, actors, ..Setup::default() }).await, fake)
}

/// Takes a seat, the `nth` from 0 of all; its number.
async fn sit(hand: &Hand, fake: &Fake, nth: usize) -> u32 {
    hand.ask(r#"0 actorConnect ["counter","a"]"#);
    assert!(hand.read().await.is_empty(), "the actor has not said yes");
    fake.seated(nth);
    let said = hand.read().await;
    fake.asked();
    number(&said[0])
}

/// The seat's number in an answer.
fn number(said: &str) -> u32 {
    let (_, rest) = said.split_once("done {\"seat\":").expect("a seat");
    rest.trim_end_matches('}').parse().expect("a number")
}

#[tokio::test]
async fn calls_begin_in_order_and_are_answered_when_the_actor_does() {
    let (world, fake) = world(Config::default()).await;
    let (connection, ann) = world.connect().await;
    ann.ask(r#"1 actorConnect ["counter",["a","b/c"]] {"name":"ann"}"#);
    ann.ask("2 roomAdd lobby");
    assert_eq!(ann.read().await, ["2 done true"], "who waits for an actor holds up nobody");
    assert_eq!(fake.asked(), [r#"sit counter[a/b\\/c] Map([(Text("name"), Text("ann"))])"#]);
    fake.seated(0);
    let seat = number(&ann.read().await[0]);
    ann.ask(&format!("3 actorOn {seat} \"news\""));
    ann.ask(&format!("4 actorCall {seat} \"add\" [1]"));
    ann.ask(&format!("5 actorCall {seat} \"add\""));
    ann.ask(&format!("6 actorOff {seat} \"news\""));
    assert_eq!(ann.read().await, ["3 done true", "6 done true"]);
    let asked = ["0 listen news true", "0 call 1 add [Int(1)]", "0 call 2 add []", "0 listen news false"];
    assert_eq!(fake.asked(), asked);
    assert_eq!(world.node.running_actions(), 2, "a node that stops waits for them");
    fake.reply(0, 2, &Value::Int(2));
    fake.reply(0, 2, &Value::Int(9));
    let reject = Reject::new("too_much", "no more");
    fake.tell(0, Told::Reply { call: 1, result: Err(&ActorError::User(reject)) });
    assert_eq!(ann.read().await, ["5 done 2", "4 refused no more"]);
    ann.ask(&format!("7 actorCall {seat} \"now\""));
    assert_eq!(ann.read().await, ["7 done true"]);
    assert_eq!((world.node.running_actions(), connection.pending_actions()), (0, 0));
}

#[tokio::test]
async fn each_argument_is_read_by_itself_and_a_key_is_only_texts() {
    let (world, fake) = world(Config::default()).await;
    let (_, ann) = world.connect().await;
    for (actor, wanted) in [
        (r#"["counter",["$team","a"]]"#, "counter[$team/a]"),
        (r#"["counter",["$BigInt","12"]]"#, "counter[$BigInt/12]"),
        (r#"["$counter","a"]"#, "$counter[a]"),
    ] {
        ann.ask(&format!("1 actorConnect {actor}"));
        assert!(ann.read().await.is_empty());
        assert_eq!(fake.asked(), [format!("sit {wanted} Null")]);
    }
    let seat = sit(&ann, &fake, 3).await;
    for (args, wanted) in [
        (r#"["$bob","hi"]"#, r#"[Text("$bob"), Text("hi")]"#),
        (r#"["$$bob","hi"]"#, r#"[Text("$$bob"), Text("hi")]"#),
        (r#"["$Undefined",1]"#, r#"[Text("$Undefined"), Int(1)]"#),
        (r#"[["$Uint8Array","AP8="],["$$x",1]]"#, r#"[Bytes([0, 255]), List([Text("$x"), Int(1)])]"#),
    ] {
        ann.ask(&format!("1 actorCall {seat} \"say\" {args}"));
        assert!(ann.read().await.is_empty());
        let asked = fake.asked().remove(0);
        assert!(asked.ends_with(wanted), "{args}: {asked}");
    }
    ann.ask(&format!("1 actorCall {seat} \"say\" [[\"$x\",1]]"));
    assert!(ann.read().await[0].contains("`args` can't be read: `$x` is no kind of value"));
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let config = Config::default();
    let (world, fake) = world(config).await;
    let (_, ann) = world.connect().await;
    let refused = async |line: &str| {
        ann.ask(&format!("1 {line}"));
        ann.read().await.join("|")
    };
    for line in ["actorConnect", "actorConnect null", "actorCall", "actorOn", "actorLeave"] {
        let said = refused(line).await;
        assert!(said.ends_with("is required for this verb"), "{line}: {said}");
    }
    let wanted = "must be a list of the actor's name and its key, such as [\"counter\", \"a\"]";
    for actor in ["5", "[]", "[1]", "[\"a\",1]", "[\"a\",[1]]", "[\"a\",\"b\",\"c\"]", "{\"a\":1}"] {
        let said = refused(&format!("actorConnect {actor}")).await;
        assert!(said.ends_with(wanted), "{actor}: {said}");
    }
    let none = "1 refused this connection has no seat 1: take one with `actorConnect`";
    for line in ["actorCall 1 \"x\"", "actorOn 1 \"x\"", "actorOff 1 \"x\"", "actorLeave 1"] {
        assert_eq!(refused(line).await, none);
    }
    for seat in ["-1", "1.5", "\"1\"", "99999999999999999999999999999999"] {
        assert!(refused(&format!("actorLeave {seat}")).await.contains("has no seat"), "{seat}");
    }
    assert_eq!(fake.asked(), [""; 0]);
    let seat = sit(&ann, &fake, 0).await;
    let said = refused(&format!("actorCall {seat} \"x\" 5")).await;
    assert_eq!(
        said,
        "1 refused `args` can't be read: invalid type: integer `5`, expected a list at line 1 column 1"
    );
    assert!(refused(&format!("actorCall {seat}")).await.ends_with("`name` is required for this verb"));
    assert!(
        refused(&format!("actorCall {seat} 5"))
            .await
            .contains("`name` is something else, and must be a text")
    );
    let deep = format!("actorCall {seat} \"x\" {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(refused(&deep).await.contains("`args` can't be read"));
    assert_eq!(fake.asked(), [""; 0]);
}

#[tokio::test]
async fn a_node_without_actors_says_so() {
    let world = World::plain().await;
    let (_, ann) = world.connect().await;
    ann.ask(r#"1 actorConnect ["counter"]"#);
    assert!(ann.read().await[0].starts_with("1 refused this node offers no actors"));
}

#[tokio::test]
async fn the_actors_refusal_is_the_answer() {
    let (world, fake) = world(Config::default()).await;
    let (_, ann) = world.connect().await;
    ann.ask(r#"1 actorConnect ["closed"]"#);
    assert_eq!(ann.read().await, ["1 refused not you"]);
    assert_eq!(fake.asked(), ["sit closed[/] Null", "0 leave"]);
    ann.ask("2 actorLeave 1");
    assert!(ann.read().await[0].contains("has no seat 1"));
}

#[tokio::test]
async fn a_refusal_says_whether_to_come_back_and_an_actors_own_is_final() {
    let (world, fake) = world(Config::default()).await;
    let (_, ann) = world.connect().await;
    let refusal = |code: &'static str| Reject::new(code, "no");
    let rows = [
        (ActorError::Refused(refusal("actor_stopping")), "1 refused no, try again"),
        (ActorError::Refused(refusal("overloaded")), "1 refused no, try again"),
        (ActorError::Refused(refusal("unknown_actor")), "1 refused no"),
        (ActorError::User(refusal("overloaded")), "1 refused no"),
        (ActorError::User(refusal("connection_limit")), "1 refused no"),
        (ActorError::Fault("7".into()), "1 refused internal error (id 7), try again"),
    ];
    for (nth, (error, wanted)) in rows.into_iter().enumerate() {
        ann.ask(r#"1 actorConnect ["counter"]"#);
        assert!(ann.read().await.is_empty());
        fake.tell(nth, Told::Ended(&Ending::Refused(error)));
        assert_eq!(ann.read().await, [wanted]);
    }
}

#[tokio::test]
async fn seats_and_waiting_calls_are_limited() {
    let mut config = Config::default();
    (config.actors.seats_per_connection, config.actors.pending_calls) = (2, 2);
    (config.actors.message_size) = 1_024;
    let (world, fake) = world(config).await;
    let (_, ann) = world.connect().await;
    let (one, two) = (sit(&ann, &fake, 0).await, sit(&ann, &fake, 1).await);
    ann.ask(r#"1 actorConnect ["counter"]"#);
    assert!(ann.read().await[0].contains("`actors.seats_per_connection`"));
    for (id, seat) in [(2, one), (3, two), (4, one)] {
        ann.ask(&format!("{id} actorCall {seat} \"x\""));
    }
    let said = ann.read().await;
    assert!(
        said.len() == 1 && said[0].starts_with("4 refused") && said[0].contains("`actors.pending_calls`")
    );
    fake.reply(1, 2, &Value::text(&"x".repeat(2_000)));
    assert!(ann.read().await[0].starts_with("3 refused the output has 2002 bytes"));
    ann.ask(&format!("5 actorLeave {two}"));
    ann.ask(r#"6 actorConnect ["counter"]"#);
    ann.ask(&format!("7 actorCall {one} \"x\" [\"{}\"]", "x".repeat(2_000)));
    let said = ann.read().await;
    assert!(said[0] == "5 done true" && said[1].starts_with("7 refused `args` has 2004 bytes"), "{said:?}");
    fake.seated(2);
    let three = number(&ann.read().await[0]);
    assert!(three != one && three != two, "numbers are not given twice");
}

#[tokio::test]
async fn parameters_have_a_size_and_a_depth() {
    let mut config = Config::default();
    config.actors.params_size = 1_024;
    let (world, fake) = world(config).await;
    let (_, ann) = world.connect().await;
    let long = "x".repeat(1_023);
    ann.ask(&format!("1 actorConnect [\"counter\"] \"{long}\""));
    let said = ann.read().await.join("|");
    assert_eq!(said, "1 refused `params` has 1025 bytes; 1024 are the most (`actors.params_size`)");
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    ann.ask(&format!("2 actorConnect [\"counter\"] {}", nested(65)));
    let said = ann.read().await.join("|");
    assert!(said.starts_with("2 refused `params` can't be read: deeper than 64 lists and maps"), "{said}");
    assert_eq!(fake.asked(), [""; 0]);
    ann.ask(&format!("3 actorConnect [\"counter\"] {}", nested(64)));
    assert!(ann.read().await.is_empty());
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn an_event_is_written_once_for_all_who_share_a_form() {
    let (world, fake) = world(Config::default()).await;
    let mut hands = Vec::new();
    for nth in 0..3 {
        let (_, hand) = world.connect().await;
        let seat = sit(&hand, &fake, nth).await;
        hands.push((hand, format!("news [Int(1)] {seat}")));
    }
    let (_, other) = world.open(TAILED, None);
    other.read().await;
    let last = sit(&other, &fake, 3).await;
    let more = sit(&hands[0].0, &fake, 4).await;
    let spoken = Spoken::new("news".into(), vec![Value::Int(1)]);
    (0..5).for_each(|nth| fake.tell(nth, Told::Event(&spoken)));
    assert_eq!(hands[0].0.read().await, [hands[0].1.clone(), format!("news [Int(1)] {more}")]);
    assert_eq!(hands[1].0.read().await, [hands[1].1.clone()]);
    assert_eq!(other.read().await, [format!("news [Int(1)] {last}")]);
    assert_eq!(world.lines.heard.load(Ordering::SeqCst), 1);
    assert_ne!(PLAIN, TAILED);
}

#[tokio::test]
async fn an_end_is_told_and_answers_what_waited() {
    let (world, fake) = world(Config::default()).await;
    let (_, ann) = world.connect().await;
    let refusal = ActorError::Refused(Reject::of(&codes::ACTOR_STOPPING, "it stops"));
    for (nth, ending, said) in [
        (0, Ending::Disconnected("enough".into()), "ended disconnected enough false"),
        (1, Ending::Destroyed, "ended destroyed the actor was destroyed false"),
        (2, Ending::Failed(refusal), "ended actor_stopping it stops true"),
    ] {
        let seat = sit(&ann, &fake, nth).await;
        ann.ask(&format!("1 actorCall {seat} \"x\""));
        assert!(ann.read().await.is_empty());
        fake.tell(nth, Told::Ended(&ending));
        let told = ann.read().await;
        assert!(told[0].starts_with("1 refused the seat at the actor ended before the call was answered"));
        assert_eq!(told[1..], [format!("seat {seat} {said}")]);
        assert_eq!(world.node.running_actions(), 0);
    }
}

#[tokio::test]
async fn who_leaves_hears_no_answer_but_that() {
    let (world, fake) = world(Config::default()).await;
    let (_, ann) = world.connect().await;
    let seat = sit(&ann, &fake, 0).await;
    ann.ask(&format!("1 actorCall {seat} \"x\""));
    ann.ask(&format!("2 actorLeave {seat}"));
    let told = ann.read().await;
    assert!(told[0].contains("(you left): it may have been done or not"), "{told:?}");
    assert_eq!(told[1], "2 done true");
    fake.reply(0, 1, &Value::Null);
    assert!(ann.read().await.is_empty());
    assert_eq!((fake.asked().pop().as_deref(), world.node.running_actions()), (Some("0 leave"), 0));
}

#[tokio::test]
async fn a_stopping_node_begins_nothing() {
    let (world, fake) = world(Config::default()).await;
    let (_, ann) = world.connect().await;
    let seat = sit(&ann, &fake, 0).await;
    ann.ask(&format!("1 actorCall {seat} \"x\""));
    settle().await;
    world.node.drain();
    ann.ask(&format!("2 actorCall {seat} \"x\""));
    ann.ask(r#"3 actorConnect ["counter","b"]"#);
    ann.ask(&format!("4 actorOn {seat} \"news\""));
    let stopping = world.node.texts().server_shutting_down().clone();
    let said = ann.read().await;
    assert_eq!(said[..2], [format!("2 refused {stopping}"), format!("3 refused {stopping}")]);
    assert_eq!(said[2], "4 done true", "what runs still hears");
    fake.reply(0, 1, &Value::Int(1));
    assert_eq!(ann.read().await, ["1 done 1"]);
    assert_eq!(fake.asked(), ["0 call 1 x []", "0 listen news true"]);
    assert_eq!(world.node.running_actions(), 0);
}

#[tokio::test]
async fn who_has_a_seat_gets_answers_as_large_as_they_may_be() {
    let mut config = Config::default();
    (config.limits.outbox, config.actors.message_size) = (4_096, 65_536);
    let (world, fake) = world(config).await;
    let (_, ann) = world.connect().await;
    let seat = sit(&ann, &fake, 0).await;
    ann.ask(&format!("1 actorCall {seat} \"x\""));
    ann.ask(&format!("2 actorCall {seat} \"x\""));
    settle().await;
    let long = Value::text(&"x".repeat(30_000));
    fake.reply(0, 1, &long);
    fake.reply(0, 2, &long);
    assert_eq!(ann.read().await.len(), 2, "both, one behind the other");
}

#[tokio::test]
async fn seats_leave_with_their_connection_once() {
    let (world, fake) = world(Config::default()).await;
    let (connection, ann) = world.connect().await;
    let seat = sit(&ann, &fake, 0).await;
    sit(&ann, &fake, 1).await;
    ann.ask(&format!("1 actorCall {seat} \"x\""));
    settle().await;
    ann.cut();
    settle().await;
    let mut asked = fake.asked();
    asked.sort();
    assert_eq!(asked, ["0 call 1 x []", "0 leave", "1 leave"]);
    assert_eq!(world.node.running_actions(), 0);
    let spoken = Spoken::new("news".into(), Vec::new());
    fake.tell(0, Told::Event(&spoken));
    fake.tell(0, Told::Ended(&Ending::Destroyed));
    drop(connection);
    settle().await;
    fake.tell(1, Told::Event(&spoken));
}
