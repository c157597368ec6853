//! An actor that does what it is told, written by hand as `#[actor]` writes one.

use playhouse_actor::{
    ActionDefinition, Actor, ActorCx, Args, Definition, Event, Failed, Function, Handled, Hook,
    HookDefinition, Ran, Reach, Run, Scheduled, Shape, Tells,
};
use playhouse_core::Later;
use playhouse_core::error::{Error, Fault, Reject, Result};
use playhouse_core::value::Value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) count: i64,
    pub(crate) log: Vec<String>,
    #[serde(default)]
    pub(crate) weight: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Who {
    name: String,
    #[serde(default)]
    refuse: Option<String>,
    #[serde(default)]
    wait: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    name: String,
    mood: String,
    weight: Option<f64>,
}

/// What it says.
pub(crate) struct Said(pub(crate) String);

impl Event for Said {
    const NAME: &'static str = "said";
    const SHAPES: &'static [Shape] = &[anything];

    fn args(&self) -> Result<Vec<Value>> {
        Ok(vec![Value::text(&self.0)])
    }
}

impl Tells<Said> for Probe {
    const NTH: u8 = 1;
}

/// One step of what it is told: a word and its operand.
type Step = (String, Value);

/// The form of what has none.
fn anything(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::Schema::default()
}

const fn action(name: &'static str, turn: bool, internal: bool) -> ActionDefinition {
    ActionDefinition {
        name,
        description: "",
        arguments: &[],
        output: anything,
        turn,
        internal,
        timeout: None,
    }
}

const fn hook(hook: Hook, turn: bool) -> HookDefinition {
    HookDefinition { hook, turn }
}

static DEFINITION: Definition = Definition {
    name: "probe",
    description: "",
    actions: &[
        action("turn", true, false),
        action("read", false, false),
        action("get", false, false),
        action("secret", true, true),
        action("log", false, false),
        ActionDefinition { timeout: Some(Duration::from_secs(600)), ..action("long", true, false) },
    ],
    params: None,
    events: &["other", "said"],
    told: &[&[], Said::SHAPES],
    hooks: &[
        hook(Hook::Create, true),
        hook(Hook::Start, true),
        hook(Hook::Sleep, true),
        hook(Hook::BeforeConnect, false),
        hook(Hook::Connect, true),
        hook(Hook::Disconnect, true),
        hook(Hook::Destroy, true),
    ],
    http: None,
    websocket: false,
    form: 1,
    upgrade: None,
};

impl Actor for Probe {
    type Params = Value;
    type Conn = Member;

    fn definition() -> &'static Definition {
        &DEFINITION
    }

    fn run(run: Run<Self>) -> Later<'static, Ran<Self>> {
        let Run { function, mut me, cx, mut args } = run;
        Box::pin(async move {
            let output = match function {
                Function::Action(0 | 3 | 5) => match steps(&mut args) {
                    Ok(steps) => Arc::make_mut(&mut me).turn(&cx, steps).await,
                    Err(reject) => return (me, Err(Failed::Args(reject))),
                },
                Function::Action(1) => match steps(&mut args) {
                    Ok(steps) => me.read(&cx, steps).await,
                    Err(reject) => return (me, Err(Failed::Args(reject))),
                },
                Function::Action(2) => Ok(Value::Int(me.count)),
                Function::Action(_) => Ok(Value::text(&me.log.join(" "))),
                Function::Http | Function::Websocket => unreachable!("it has none"),
                Function::Hook(hook) => Self::hook(hook, &mut me, &cx, &mut args).await,
            };
            (me, output.map_err(Failed::Own))
        })
    }

    fn first_conn() -> Option<Member> {
        None
    }
}

impl Handled for Probe {
    type Handle = Reach;
    type Later = Scheduled<Self>;
}

fn steps(args: &mut Args) -> Result<Vec<Step>, Reject> {
    let steps = args.or("steps", Vec::new)?;
    args.finish()?;
    Ok(steps)
}

impl Probe {
    async fn turn(&mut self, cx: &ActorCx<Self>, steps: Vec<Step>) -> Result<Value> {
        for (word, operand) in steps {
            let n = number(&operand);
            match word.as_str() {
                "add" => self.count += n,
                "log" => self.log.push(string(&operand)),
                "weigh" => self.weight = Some(n as f64 / 0.0),
                "grow" => self.log.push("x".repeat(usize::try_from(n).unwrap())),
                _ => self.step(cx, &word, operand).await?,
            }
        }
        Ok(Value::Int(self.count))
    }

    async fn read(&self, cx: &ActorCx<Self>, steps: Vec<Step>) -> Result<Value> {
        for (word, operand) in steps {
            let n = number(&operand);
            match word.as_str() {
                "update" => {
                    cx.update(move |me| {
                        me.count += n;
                        if n < 0 { Err(Reject::new("negative", "no").into()) } else { Ok(()) }
                    })
                    .await?;
                }
                _ => self.step(cx, &word, operand).await?,
            }
        }
        Ok(Value::Int(self.count))
    }

    /// What both can.
    async fn step(&self, cx: &ActorCx<Self>, word: &str, operand: Value) -> Result<()> {
        let n = number(&operand);
        match word {
            "say" => cx.broadcast(Said(string(&operand))),
            "whisper" => cx.conn()?.send(Said(string(&operand))),
            "sleep" => cx.clock().sleep(Duration::from_millis(n.unsigned_abs())).await,
            "fail" => return Err(Reject::new(string(&operand), "as it was told").into()),
            "break" => return Err(Error::Fault(Fault::new("as it was told"))),
            "panic" => panic!("as it was told"),
            "after" => {
                let args = Ok(vec![operand]);
                let _ = cx.after(Duration::from_millis(100)).call("secret", args);
            }
            "after nan" => {
                let args = Ok(vec![Value::List(vec![Value::Float(f64::NAN)])]);
                let _ = cx.after(Duration::from_millis(100)).call("secret", args);
            }
            "cancel" => {
                for alarm in cx.alarms() {
                    assert!(cx.cancel(alarm.id));
                }
            }
            "mood" => {
                let mood = string(&operand);
                cx.conn()?.update(move |member| member.mood = mood);
            }
            "push" => {
                let more = string(&operand);
                cx.conn()?.update(move |member| member.mood.push_str(&more));
            }
            "slow push" => {
                let (mut conn, more) = (cx.conn()?, string(&operand));
                cx.clock().sleep(Duration::from_millis(100)).await;
                conn.update(move |member| member.mood.push_str(&more));
            }
            "push twice" => {
                let (mut one, mut other, more) = (cx.conn()?, cx.conn()?, string(&operand));
                let again = more.clone();
                one.update(move |member| member.mood.push_str(&more));
                other.update(move |member| member.mood.push_str(&again));
                assert_eq!(other.mood, cx.conn()?.mood);
            }
            "push first" => cx.conn()?.update(|member| {
                assert_eq!(member.mood, "", "it is the first");
                member.mood.push('1');
            }),
            "weigh me" => cx.conn()?.update(|member| member.weight = Some(f64::NAN)),
            "kick" => {
                for conn in cx.connections() {
                    if conn.name == string(&operand) {
                        conn.disconnect("out");
                    }
                }
            }
            "names" => {
                let all: Vec<String> =
                    cx.connections().iter().map(|conn| format!("{}/{}", conn.name, conn.mood)).collect();
                cx.broadcast(Said(all.join(",")));
            }
            "me" => cx.broadcast(Said(cx.conn()?.mood.clone())),
            "alarms" => cx.broadcast(Said(format!("{}", cx.alarms().len()))),
            "destroy" => cx.destroy(),
            "other" | "ask" => {
                let Value::List(parts) = operand else { panic!("key and steps") };
                let [key, steps] = <[Value; 2]>::try_from(parts).unwrap();
                let other: Reach = cx.actor::<Self>(string(&key).as_str());
                let action = if word == "ask" { "read" } else { "turn" };
                other.call::<Value>(action, Ok(vec![steps])).await?;
            }
            word => panic!("it does not know `{word}`"),
        }
        Ok(())
    }

    async fn hook(hook: Hook, me: &mut Arc<Self>, cx: &ActorCx<Self>, args: &mut Args) -> Result<Value> {
        match hook {
            Hook::BeforeConnect => {
                let who: Who = args.required("params")?;
                if who.wait > 0 {
                    cx.clock().sleep(Duration::from_millis(who.wait)).await;
                }
                match who.refuse.as_deref() {
                    Some("panic") => panic!("as it was told"),
                    Some(code) if !["connect", "quietly"].contains(&code) => {
                        return Err(Reject::new(code.to_owned(), "as it was told").into());
                    }
                    Some(_) | None => {}
                }
                let mood = who.refuse.unwrap_or_default();
                cx.made(Member { name: who.name, mood, weight: None });
            }
            Hook::Connect => {
                let conn = cx.conn()?;
                Arc::make_mut(me).log.push(format!("+{}", conn.name));
                if ["connect", "quietly"].contains(&&*conn.mood) {
                    return Err(Reject::new(conn.mood.clone(), "as it was told").into());
                }
                cx.broadcast(Said(format!("hello {}", conn.name)));
            }
            Hook::Disconnect => {
                let conn = cx.conn()?;
                if conn.mood != "quietly" {
                    Arc::make_mut(me).log.push(format!("-{}{}", conn.name, conn.mood));
                }
                cx.broadcast(Said(format!("bye {}, {} left", conn.name, cx.connections().len())));
            }
            Hook::Create => {
                let input: Value = args.or("input", Value::default)?;
                if number(&input) < 0 {
                    return Err(Reject::new("negative", "as it was told").into());
                }
                if number(&input) >= 1_000 {
                    cx.clock().sleep(Duration::from_millis(number(&input).unsigned_abs())).await;
                }
                let me = Arc::make_mut(me);
                me.log.push("create".into());
                me.count = number(&input);
            }
            Hook::Destroy if me.count < 0 => return Err(Reject::new("negative", "as it was told").into()),
            Hook::Start | Hook::Sleep | Hook::Destroy => Arc::make_mut(me).log.push(hook.name().into()),
        }
        Ok(Value::Null)
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Int(n) => *n,
        _ => 0,
    }
}

fn string(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

/// An actor with nothing but a state: no hooks, no connections' state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Bare {
    pub(crate) count: i64,
    pub(crate) added: Option<u8>,
}

/// Panics on a state of its first form.
fn upgrade(_: u32, _: serde_json::Value) -> Result<serde_json::Value> {
    panic!("as it was told")
}

static BARE: Definition = Definition {
    name: "bare",
    description: "",
    actions: &[action("add", true, false), action("get", false, false), action("end", true, false)],
    params: None,
    events: &[],
    told: &[],
    hooks: &[],
    http: None,
    websocket: false,
    form: 2,
    upgrade: Some(upgrade),
};

impl Actor for Bare {
    type Params = Value;
    type Conn = ();

    fn definition() -> &'static Definition {
        &BARE
    }

    fn run(run: Run<Self>) -> Later<'static, Ran<Self>> {
        let Run { function, mut me, mut args, cx } = run;
        Box::pin(async move {
            if function == Function::Action(2) {
                cx.destroy();
            }
            if function == Function::Action(0) {
                match args.required::<i64>("by") {
                    Ok(by) => Arc::make_mut(&mut me).count += by,
                    Err(reject) => return (me, Err(Failed::Args(reject))),
                }
            }
            let count = me.count;
            (me, Ok(Value::Int(count)))
        })
    }

    fn first_conn() -> Option<()> {
        Some(())
    }
}
