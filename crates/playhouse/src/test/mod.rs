//! Tests of an application: it runs in the test's own process, on the memory engine, with a clock that stands still
//! until the test moves it. No port, no file but its configuration, no environment.
//!
//! A harness: where something can't go on it panics with a sentence, so that a test need not.

mod client;

pub use client::Client;

use crate::app::App;
use crate::assemble::{Assembled, Ground};
use crate::handle::{Handle, value};
use crate::nobody::Nobody;
use crate::settings::Given;
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::config::Config;
use playhouse_core::error::Reject;
use playhouse_core::head::Head;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_node::Node;
use playhouse_node::action::Params;
use playhouse_node::files::Files;
use playhouse_server::memory::{encoder, public_folder};
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle as Runtime;
use tokio::sync::oneshot;

/// Turns of the test's runtime after which everything that can go on without the clock has gone on. A message from
/// client to client takes about ten.
const TURNS: usize = 100;

/// An application under test.
///
/// ```
/// use playhouse::prelude::*;
///
/// /// Waits a second.
/// #[action]
/// async fn nap(cx: &Cx) -> Result<&'static str> {
///     cx.node().clock().sleep(Duration::from_secs(1)).await;
///     Ok("rested")
/// }
///
/// #[playhouse::test]
/// async fn a_nap_takes_a_second() -> Result<()> {
///     let t = Test::start(App::new().actions::<(nap,)>()).await;
///     let call = t.call("nap", json!({}));
///     t.advance(Duration::from_secs(1)).await;
///     assert_eq!(call.await?, "rested");
///     Ok(())
/// }
/// ```
pub struct Test {
    assembled: Assembled,
    hand: Manual,
    /// Real time, for a test that waits for what never comes.
    patience: Clock,
}

impl Test {
    /// Starts an application with the configuration of its file, if it has one.
    ///
    /// # Panics
    /// When it can't start, with the sentence that says why.
    pub async fn start(app: App) -> Self {
        Self::start_with(app, &[]).await
    }

    /// The same with settings of the test's own: `&[("actions.timeout", "50ms")]`.
    ///
    /// # Panics
    /// When it can't start, with the sentence that says why.
    pub async fn start_with(app: App, settings: &[(&str, &str)]) -> Self {
        let set = settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
        let loaded = match app.configured(&Given { set, ..Given::default() }) {
            Ok(loaded) => loaded,
            Err(error) => panic!("the application has no valid configuration:\n{error}"),
        };
        let (clock, hand) = Clock::manual();
        let assembled = match app.assemble(ground(loaded.config, clock)) {
            Ok(assembled) => assembled,
            Err(error) => panic!("the application can't start: {error}"),
        };
        let mut test = Self { assembled, hand, patience: Clock::system() };
        if let Err(error) = test.assembled.begin().await {
            panic!("the application can't start: {error}");
        }
        test
    }

    /// Begins to run an action over HTTP's way, and gives what it answers to whoever awaits it.
    #[expect(clippy::needless_pass_by_value, reason = "a test writes `json!` in its place")]
    pub fn call(&self, action: &str, params: Value) -> Call {
        let (done, answer) = oneshot::channel();
        let (handle, action) = (self.handle().clone(), action.to_owned());
        let params = Params::from_json(&params.to_string());
        let work = async move {
            let reply = handle.call(&action, params).await.expect("the node has started");
            let answer = reply.result.map(|reply| value(&reply).expect("a reply is JSON"));
            // A test need not look at every answer.
            let _ = done.send(answer);
        };
        self.node().tasks().spawn("call", work).expect("the node is not stopping");
        Call(answer)
    }

    /// Connects a client as a browser would, by `ActionHero`'s messages but without a socket.
    ///
    /// # Panics
    /// When the application refuses it.
    pub async fn connect(&self) -> Client {
        match self.connect_with(Head::new("GET", "/primus", [])).await {
            Ok(client) => client,
            Err(reject) => panic!("the application refused the connection: {reject}"),
        }
    }

    /// The same with a request of the test's own, for what looks at headers or at the query.
    ///
    /// # Errors
    /// The application's refusal.
    pub async fn connect_with(&self, head: Head) -> Result<Client, Reject> {
        self.node().authorize(&head).await?;
        let client = Client::open(self.node(), head, self.patience.clone());
        client.welcomed().await;
        Ok(client)
    }

    /// The application's handle.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.assembled.handle
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.assembled.node
    }

    /// Lets everything go on that waits for nothing but its turn, then moves the clock and lets everything go on
    /// that was due.
    pub async fn advance(&self, duration: Duration) {
        settle().await;
        self.hand.advance(duration);
        settle().await;
    }

    /// Stops the application: `on_stop` runs.
    pub async fn stop(mut self) {
        self.assembled.node.drain();
        self.assembled.end().await;
    }
}

fn ground(config: Config, clock: Clock) -> Ground {
    let tasks = Tasks::new(Runtime::current());
    // Most tests need no files, and most applications under test have no folder.
    let files: Arc<dyn Files> = public_folder(&config, &tasks).unwrap_or_else(|_| Arc::new(Nobody));
    // One seed: a test that fails fails again.
    Ground { config, clock, rng: Rng::seeded(1), tasks, encoder: encoder(), files }
}

/// Lets every task that is ready run, and those that they wake.
async fn settle() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// An action under way; await it for its answer: a result, `null` where there is none, or the refusal.
#[must_use = "await it for the action's answer"]
pub struct Call(oneshot::Receiver<Result<Value, Reject>>);

impl Future for Call {
    type Output = Result<Value, Reject>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(cx);
        answer.map(|answer| answer.expect("a call answers, as a panic inside of it is an answer too"))
    }
}
