//! What the two demo actors do not have: every attribute, every hook, and names that are in no way of each other.

use super::ground::{Ground, settle};
use playhouse::actor::{Actor, AlarmId, Event, Value};
use playhouse::prelude::{ActorCx, Duration, Error, Reject, Result, actor, data, event};
use std::collections::HashMap;

/// A result of the application's own, with an error of its own.
type OwnResult<T> = std::result::Result<T, std::num::ParseIntError>;

#[data]
#[derive(Default, PartialEq)]
struct Odd {
    log: Vec<String>,
}

#[event(name = "gone")]
struct Over;

#[event]
struct Moved(i64, #[allow(dead_code)] Option<String>);

/// One of everything.
#[actor(name = "odd", events(Over, Moved), version = 3, upgrade = from_old)]
impl Odd {
    const LONGEST: usize = 5;

    #[hook]
    async fn create(&mut self, cx: &ActorCx<Self>, #[default("nothing")] input: String) -> Result<()> {
        self.log.push(format!("create {input} {}", cx.address()));
        Ok(())
    }

    #[hook]
    async fn start(&mut self) -> Result<()> {
        self.log.push("start".into());
        Ok(())
    }

    #[hook]
    async fn sleep(&mut self) -> Result<()> {
        self.log.push("sleep".into());
        Ok(())
    }

    #[hook]
    async fn destroy(&self, cx: &ActorCx<Self>) -> Result<()> {
        cx.actor::<Self>("grave").bury(cx.address().to_string()).await
    }

    async fn bury(&mut self, cx: &ActorCx<Self>, name: String) -> Result<()> {
        cx.broadcast(Over);
        self.log.push(name);
        Ok(())
    }

    /// The first line.
    ///
    /// And more.
    #[name("all")]
    async fn get_all(&self) -> Result<Vec<String>> {
        Ok(self.log.clone())
    }

    /// A hook's name without its mark is an action's.
    async fn connect(&mut self, text: String, cx: &ActorCx<Self>, #[default] r#type: u8) -> Result<String> {
        cx.broadcast(Moved(i64::from(r#type), None));
        Ok(text.chars().take(Self::LONGEST).collect())
    }

    #[internal]
    #[timeout("100ms")]
    async fn wait(&mut self, cx: &ActorCx<Self>) -> Result<()> {
        self.log.push("waited".into());
        cx.clock().sleep(Duration::from_secs(10)).await;
        Ok(())
    }

    async fn number(&self, text: String) -> OwnResult<i64> {
        text.parse()
    }

    async fn label(&self) -> Result<&'static str> {
        Ok("odd")
    }

    async fn any(
        &self,
        mut me: HashMap<String, u8>,
        run: Option<Self>,
    ) -> Result<impl serde::Serialize + use<>> {
        me.insert("run".into(), u8::from(run.is_some()));
        Ok(me)
    }

    async fn ring(&mut self, cx: &ActorCx<Self>, args: u64) -> Result<AlarmId> {
        Ok(cx.after(Duration::from_millis(args)).connect("later".into(), 7))
    }

    async fn silence(&mut self, cx: &ActorCx<Self>, id: AlarmId) -> Result<bool> {
        Ok(cx.cancel(id))
    }
}

/// What serde can't write.
struct Unwritable;

impl serde::Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
}

fn from_old(version: u32, old: playhouse::Value) -> Result<playhouse::Value> {
    if version == 0 { Err(Reject::new("too_old", "too old").into()) } else { Ok(old) }
}

#[tokio::test]
async fn every_setting_has_its_effect() {
    let definition = Odd::definition();
    assert_eq!((definition.name, definition.description), ("odd", "One of everything."));
    assert_eq!((definition.form, definition.upgrade.is_some()), (3, true));
    assert_eq!(definition.events, ["gone", "moved"]);
    let names: Vec<_> = definition.actions.iter().map(|action| action.name).collect();
    assert_eq!(names, ["bury", "all", "connect", "wait", "number", "label", "any", "ring", "silence"]);
    assert_eq!(definition.actions[1].description, "The first line.\n\nAnd more.");
    assert_eq!(Moved(1, Some("x".into())).args().unwrap(), [Value::Int(1), Value::text("x")]);
}

#[tokio::test]
async fn hooks_run_in_their_order() {
    let g = Ground::<Odd>::new().await;
    let odd = g.actor("k");
    assert_eq!(odd.get_all().await.unwrap(), ["create nothing odd[k]", "start"]);
    g.advance(Duration::from_secs(40)).await;
    assert_eq!(odd.get_all().await.unwrap(), ["create nothing odd[k]", "start", "sleep", "start"]);
    let made = g.actor("m").with_input("x").get_all().await.unwrap();
    assert_eq!(made[0], "create x odd[m]");
    // What can't be a value fails the call and not the program.
    assert!(g.actor("n").with_input(Unwritable).get_all().await.is_err());
}

#[tokio::test]
async fn arguments_and_outputs_of_many_types() {
    let g = Ground::<Odd>::new().await;
    let odd = g.actor("a");
    assert_eq!(odd.connect("abcdefg".into(), 3).await.unwrap(), "abcde");
    assert_eq!(odd.label().await.unwrap(), "odd");
    assert_eq!(odd.number("5".into()).await.unwrap(), 5);
    assert!(matches!(odd.number("x".into()).await, Err(Error::Reject(_))), "a fault is told by its id");
    let any = odd.any(HashMap::new(), Some(Odd::default())).await.unwrap();
    assert_eq!(any, Value::map([("run", Value::Int(1))]));
}

#[tokio::test]
async fn internal_actions_and_timeouts() {
    let g = Ground::<Odd>::new().await;
    let refused = g.web("null", "wait", "[]").await;
    assert_eq!(refused, Err("unknown_action: the actor `odd` has no action `wait`".into()));
    let waiting = tokio::spawn(g.actor("a").wait());
    g.advance(Duration::from_millis(101)).await;
    let Err(Error::Reject(reject)) = waiting.await.unwrap() else { panic!("it takes 10 s") };
    assert_eq!(reject.code, "timeout");
}

#[tokio::test]
async fn alarms_are_known_by_their_ids() {
    let g = Ground::<Odd>::new().await;
    let client = g.sit("null").await;
    client.hears().await;
    let odd = g.actor("a");
    let first = odd.ring(50).await.unwrap();
    odd.ring(60).await.unwrap();
    assert!(odd.silence(first).await.unwrap());
    g.advance(Duration::from_millis(55)).await;
    assert!(client.hears().await.is_empty());
    g.advance(Duration::from_millis(10)).await;
    assert_eq!(client.hears().await, ["moved [7,null]"]);
    odd.destroy().await.unwrap();
    settle().await;
    assert_eq!(client.hears().await, ["destroyed"]);
    assert_eq!(g.actor("grave").get_all().await.unwrap().last().unwrap(), "odd[a]");
}
