//! Clerks, each with visitors of its own. One sleeps as soon as its visitors are silent, and one may be told to compute
//! without ever awaiting, which no actor should. The tests look what becomes of all others.
//!
//! `cargo run --example clerks`, then `curl localhost:8080/api/status`.

use playhouse::prelude::*;
use std::hint;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How often a clerk has come into memory, and how often one has left it.
static STARTS: AtomicU64 = AtomicU64::new(0);
static SLEEPS: AtomicU64 = AtomicU64::new(0);

/// How many visitors have come, and how many have gone.
static CAME: AtomicU64 = AtomicU64::new(0);
static WENT: AtomicU64 = AtomicU64::new(0);

/// The state.
#[data]
#[derive(Default)]
struct Clerk {
    words: u64,
}

/// What a client says of itself.
#[data]
struct Name {
    name: String,
}

/// What is kept of a visitor.
#[data]
#[derive(Default)]
struct Visitor {
    name: String,
    words: u64,
}

/// How all clerks are.
#[data]
struct Status {
    problems: Vec<String>,
    starts: u64,
    sleeps: u64,
    came: u64,
    went: u64,
}

fn count(what: &AtomicU64) -> Result<()> {
    what.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

#[actor]
impl Clerk {
    type Params = Option<Name>;
    type Conn = Visitor;

    #[hook]
    async fn start(&self) -> Result<()> {
        count(&STARTS)
    }

    #[hook]
    async fn sleep(&self) -> Result<()> {
        count(&SLEEPS)
    }

    #[hook]
    async fn before_connect(&self, name: Option<Name>) -> Result<Visitor> {
        Ok(Visitor { name: name.map(|name| name.name).unwrap_or_default(), words: 0 })
    }

    #[hook]
    async fn connect(&mut self) -> Result<()> {
        count(&CAME)
    }

    #[hook]
    async fn disconnect(&mut self) -> Result<()> {
        count(&WENT)
    }

    /// A word with the clerk; the visitor, and how many words there were.
    async fn talk(&mut self, cx: &ActorCx<Self>) -> Result<Visitor> {
        self.words += 1;
        let mut visitor = cx.conn()?;
        visitor.update(|visitor| visitor.words += 1);
        Ok((*visitor).clone())
    }

    /// How many words there were, with all visitors.
    async fn words(&self) -> Result<u64> {
        Ok(self.words)
    }

    /// Asks another clerk the same.
    async fn ask(&self, cx: &ActorCx<Self>, key: String) -> Result<u64> {
        cx.actor::<Self>(key).words().await
    }

    /// Computes for so long, and lets nobody else have the thread.
    async fn compute(&mut self, ms: u64) -> Result<()> {
        let end = Instant::now() + Duration::from_millis(ms);
        while Instant::now() < end {
            hint::spin_loop();
        }
        Ok(())
    }
}

/// How all clerks are, and what is wrong with the node.
#[action]
async fn status(cx: &Cx) -> Result<Status> {
    let read = |what: &AtomicU64| what.load(Ordering::Relaxed);
    Ok(Status {
        problems: cx.node().problems(),
        starts: read(&STARTS),
        sleeps: read(&SLEEPS),
        came: read(&CAME),
        went: read(&WENT),
    })
}

fn main() -> ExitCode {
    App::new().actor::<Clerk>().actions::<(status,)>().run()
}
