//! Tests of an application: it runs in the test's own process, on an engine in memory, with a clock that stands still
//! until the test moves it. No port, no file but its configuration, no environment.
//!
//! A harness: where something can't go on it panics with a sentence, so that a test need not.

mod answer;
mod call;
mod client;
mod line;
mod nodes;
mod seat;
mod seated;
mod stay;
mod time;

pub use call::Call;
pub use client::Client;
pub use seat::{Ended, ParamsOf, Seat};
pub use stay::Stay;

use crate::actors::ReachesActors as _;
use crate::app::App;
use crate::assemble::Assembled;
use crate::handle::{Handle, value};
use crate::inputs::{Inputs, Readable, Sending};
use crate::settings::Given;
use call::Patience;
use futures_util::FutureExt as _;
use nodes::Nodes;
use playhouse_actor::Handled;
use playhouse_core::Later;
use playhouse_core::actor::Key;
use playhouse_core::engine::together::Side;
use playhouse_core::error::Reject;
use playhouse_core::head::Head;
use playhouse_node::Node;
use playhouse_node::action::Params;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The request of our own client.
const OWN_CLIENT: &str = concat!("/primus?_playhouse=", env!("CARGO_PKG_VERSION"));

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
///     let call = t.run(nap {});
///     t.advance(Duration::from_secs(1)).await;
///     assert_eq!(call.await?, "rested");
///     Ok(())
/// }
/// ```
pub struct Test {
    assembled: Assembled,
    nodes: Arc<Nodes>,
    side: Option<Arc<Side>>,
    patience: Patience,
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
        Nodes::new(Given { set, ..Given::default() }).start(app, Patience::default()).await
    }

    /// How long in real time this test waits for what does not come, in the place of ten seconds: an answer, a message,
    /// the end of a connection. Holds for what is called and who is connected from now on.
    #[must_use]
    pub fn patient_for(mut self, limit: Duration) -> Self {
        self.patience = self.patience.limited(limit);
        self
    }

    /// Begins to run an action with its inputs, over HTTP's way, and gives its answer to whoever awaits it.
    ///
    /// # Panics
    /// When an input can't be JSON.
    #[expect(clippy::needless_pass_by_value, reason = "a test writes `greet { .. }` in its place")]
    pub fn run<A: Readable + 'static, I: Inputs<A>>(&self, inputs: I) -> Call<A> {
        let (action, params) = Sending::of(&inputs).unwrap_or_else(|problem| panic!("{problem}"));
        let called = self.call(action, params);
        Call::new(async move { Ok(answer::read(action, &called.await?)) })
    }

    /// The same by the action's name, with any parameters: for what callers get wrong.
    ///
    /// # Panics
    /// When awaited, if no answer comes, as from an action that waits for the clock.
    #[expect(clippy::needless_pass_by_value, reason = "a test writes `json!` in its place")]
    pub fn call(&self, action: &str, params: Value) -> Call {
        let (done, answer) = oneshot::channel();
        let (handle, name) = (self.handle().clone(), action.to_owned());
        let params = Params::from_json(&params.to_string());
        let work = async move {
            let reply = handle.call(&name, params).await.expect("the node has started");
            let answer = reply.result.map(|reply| value(&reply).expect("a reply is JSON"));
            // A test need not look at every answer.
            let _ = done.send(answer);
        };
        self.node().tasks().spawn("call", work).expect("the node is not stopping");
        let (patience, action) = (self.patience.clone(), action.to_owned());
        Call::new(async move {
            match patience.wait(answer).await {
                Some(Ok(answer)) => answer,
                Some(Err(_)) => panic!("`{action}` did not answer: its node has ended"),
                None => panic!(
                    "`{action}` did not answer within {limit:?}: the clock stands still, so an action that waits for \
                     time needs `t.advance(..).await` after its call and before its answer is awaited",
                    limit = patience.limit()
                ),
            }
        })
    }

    /// Begins what is to go on beside the test, such as a call of an actor that waits for the clock, and gives what comes of
    /// it to whoever awaits it. A call by a handle, the seat of a client's included, does not begin before it is awaited.
    ///
    /// ```
    /// # use playhouse::prelude::*;
    /// # #[data]
    /// # #[derive(Default)]
    /// # struct Sleeper {}
    /// # #[actor]
    /// # impl Sleeper {
    /// #     async fn nap(&self, cx: &ActorCx<Self>) -> Result<&'static str> {
    /// #         cx.clock().sleep(Duration::from_secs(1)).await;
    /// #         Ok("rested")
    /// #     }
    /// # }
    /// #[playhouse::test]
    /// async fn a_nap_takes_a_second() -> Result<()> {
    ///     let t = Test::start(App::new().actor::<Sleeper>()).await;
    ///     let nap = t.begin(t.actor::<Sleeper>("a").nap());
    ///     t.advance(Duration::from_secs(1)).await;
    ///     assert_eq!(nap.await?, "rested");
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Panics
    /// When awaited, if it panicked or does not end.
    pub fn begin<F>(&self, work: F) -> Later<'static, F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        let (done, outcome) = oneshot::channel();
        let work = async move {
            // A test need not look at every outcome.
            let _ = done.send(AssertUnwindSafe(work).catch_unwind().await);
        };
        self.node().tasks().spawn("begun", work).expect("the node is not stopping");
        let patience = self.patience.clone();
        Box::pin(async move {
            match patience.wait(outcome).await {
                Some(Ok(Ok(outcome))) => outcome,
                Some(Ok(Err(panic))) => resume_unwind(panic),
                Some(Err(_)) => panic!("what was begun has no outcome: its node has ended"),
                None => panic!(
                    "what was begun did not end within {limit:?}: the clock stands still unless `advance` moves it",
                    limit = patience.limit()
                ),
            }
        })
    }

    /// Connects a client as a browser would, by `ActionHero`'s messages but without a socket. Like our own client in the
    /// browser it is told the code and the fields of a refusal; `connect_with(Head::new("GET", "/primus", []))` makes
    /// one that is not, as `ActionHero`'s own.
    ///
    /// # Panics
    /// When the application refuses it.
    pub async fn connect(&self) -> Client {
        match self.connect_with(Head::new("GET", OWN_CLIENT, [])).await {
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

    /// The actor with this key, as the application's own code reaches it.
    #[must_use]
    pub fn actor<A: Handled>(&self, key: impl Into<Key>) -> A::Handle {
        self.handle().actor::<A>(key)
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
}
