//! One connection to Redis that is made again whenever it is lost.
//!
//! Owns dialling, the pause between attempts, noticing that a silent connection is dead, and what is told to people
//! meanwhile. While there is no connection everything that needs it fails at once: nobody waits for a Redis that is
//! away.

use crate::settings::{Ground, OpenError};
use futures_util::future::{Either, select};
use playhouse_core::Later;
use playhouse_core::trouble::Trouble;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ErrorKind, FromRedisValue, PushInfo, PushKind, RedisError, RedisResult,
    ScriptInvocation, Value,
};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// How long a start waits for a Redis that comes up later than we.
const FIRST_PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two attempts begins with this, and doubles up to the other.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LONGEST: Duration = Duration::from_secs(2);

/// How often a connection is asked whether it is alive. A dead one is noticed after this and one timeout.
const PING_EVERY: Duration = Duration::from_secs(2);

/// Batches that may wait inside the connection; behind them callers wait.
const WAITING: usize = 1_024;

/// What is done with a connection beside commands.
pub(crate) trait Purpose: Send + Sync + 'static {
    /// Makes a new connection fit for use, before anybody else has it.
    fn begin(&self, connection: MultiplexedConnection) -> Later<'_, RedisResult<()>>;

    /// Takes what Redis sends unasked. Called in the order of arrival; must not wait.
    fn push(&self, push: PushInfo);
}

/// The connection, or why there is none.
pub(crate) struct Pipe {
    /// What people read of it.
    name: &'static str,
    ground: Arc<Ground>,
    state: Mutex<State>,
    lost: Notify,
}

struct State {
    /// Counts attempts, so that the failure of one does not end its successor, and that one which was given up
    /// half-made has nothing more to say.
    dialled: u64,
    /// Which of them this is.
    nth: u64,
    now: Result<MultiplexedConnection, String>,
}

impl Pipe {
    pub(crate) fn new(name: &'static str, ground: Arc<Ground>) -> Self {
        let state = Mutex::new(State { dialled: 0, nth: 0, now: Err("not connected yet".into()) });
        Self { name, ground, state, lost: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds a connection")
    }

    /// Whether there is a connection, as far as we know.
    pub(crate) fn is_up(&self) -> bool {
        self.lock().now.is_ok()
    }

    /// Which connection there is, or was last.
    pub(crate) fn nth(&self) -> u64 {
        self.lock().nth
    }

    /// Whether there is a connection, or why not.
    pub(crate) fn up(&self) -> Result<(), Trouble> {
        self.lock().now.as_ref().map(|_| ()).map_err(|why| Trouble::Away(why.clone()))
    }

    /// The connection that there is.
    pub(crate) fn connection(&self) -> Result<(MultiplexedConnection, u64), Trouble> {
        let state = self.lock();
        let connection = state.now.clone().map_err(Trouble::Away)?;
        Ok((connection, state.nth))
    }

    /// Runs a script, which is one command for Redis.
    ///
    /// # Errors
    /// Away: there is no connection, or Redis refused. Unknown: it was lost before the answer came, or that took too
    /// long.
    pub(crate) async fn call<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Trouble> {
        let (mut connection, nth) = self.connection()?;
        let answer = self.ground.in_time(script.invoke_async::<Value>(&mut connection)).await;
        let answer = answer.map_err(|error| self.trouble(nth, &error))?;
        // What stands there in another form than ours is no fault of the connection.
        T::from_redis_value(answer).map_err(|odd| Trouble::Unknown(odd.to_string()))
    }

    /// What an error of the `nth` connection means; one that is broken is given up.
    pub(crate) fn trouble(&self, nth: u64, error: &RedisError) -> Trouble {
        let why = words(error);
        // One that has become a replica stays one: its address may lead to another by now.
        if error.is_unrecoverable_error() || error.code() == Some("READONLY") {
            self.give_up(nth, &why);
        }
        match error.kind() {
            ErrorKind::Server(_) | ErrorKind::Extension => Trouble::Away(why),
            _ => Trouble::Unknown(why),
        }
    }

    /// Ends it: nothing connects again once nobody keeps it.
    pub(crate) fn close(&self) {
        self.lock().now = Err("the engine has stopped".into());
    }

    fn give_up(&self, nth: u64, why: &str) {
        let mut state = self.lock();
        if state.nth == nth && state.now.is_ok() {
            state.now = Err(why.to_owned());
            drop(state);
            self.ail(why);
            self.lost.notify_one();
        }
    }

    /// Whether the `nth` connection was given up. It has its number from its first moment, and is the state's only when
    /// it is fit for use.
    fn is_over(&self, nth: u64) -> bool {
        let state = self.lock();
        state.dialled != nth || (state.nth == nth && state.now.is_err())
    }

    fn ail(&self, why: &str) {
        self.ground.health.ails(self.name, format!("can't be reached: {why}"));
        tracing::warn!(what = self.name, url = self.ground.url(), why, "Redis was lost; connecting again");
    }

    /// Connects for the first time.
    pub(crate) async fn first(self: &Arc<Self>, purpose: Arc<dyn Purpose>) -> Result<(), OpenError> {
        let (clock, url) = (&self.ground.clock, self.ground.url());
        let patience = clock.now() + FIRST_PATIENCE;
        let mut pause = PAUSE_FIRST;
        loop {
            let Err(error) = self.dial(&purpose).await else { return Ok(()) };
            let why = words(&error);
            if is_final(&error) {
                return Err(OpenError::Refused { url, why });
            }
            if why.contains("certificate") {
                return Err(OpenError::Certificate { url, why });
            }
            if clock.now() >= patience {
                return Err(OpenError::Away { url, why });
            }
            tracing::info!(url, why, "waiting for Redis");
            clock.sleep(pause).await;
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
    }

    /// Connects again whenever the connection is lost; for ever.
    pub(crate) async fn keep(self: Arc<Self>, purpose: Arc<dyn Purpose>) {
        let clock = &self.ground.clock;
        let mut pause = PAUSE_FIRST;
        loop {
            let since = clock.now();
            self.until_lost().await;
            // One that does not last is no better than none: as with a Redis that takes connections and no writes.
            if clock.now().since(since) > PAUSE_LONGEST {
                pause = PAUSE_FIRST;
            }
            if let Err(error) = self.dial(&purpose).await {
                let why = words(&error);
                self.ground.health.ails(self.name, format!("can't be reached: {why}"));
                tracing::debug!(what = self.name, why, "Redis is still away");
            }
            // Not all nodes of a cluster in step.
            clock.sleep(self.ground.rng.jitter(pause, 0.3)).await;
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
    }

    async fn dial(self: &Arc<Self>, purpose: &Arc<dyn Purpose>) -> RedisResult<()> {
        let nth = {
            let mut state = self.lock();
            state.dialled += 1;
            state.dialled
        };
        let (pipe, pushed) = (Arc::downgrade(self), purpose.clone());
        let push = move |push: PushInfo| -> Result<(), ()> {
            let pipe = pipe.upgrade().ok_or(())?;
            match push.kind {
                PushKind::Disconnection => pipe.give_up(nth, "the connection was closed"),
                // One that was given up may still have something to say, which its successor says too.
                _ if pipe.is_over(nth) => {}
                _ => pushed.push(push),
            }
            Ok(())
        };
        let timeout = self.ground.settings.timeout;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(WAITING)
            .set_push_sender(push);
        let connection = self.ground.client.get_multiplexed_async_connection_with_config(&config).await?;
        purpose.begin(connection.clone()).await?;
        *self.lock() = State { dialled: nth, nth, now: Ok(connection) };
        if let Some(away) = self.ground.health.heals(self.name) {
            tracing::info!(what = self.name, url = self.ground.url(), ?away, "Redis is back");
        }
        Ok(())
    }

    /// Resolves when there is no connection; asks one that is silent whether it is alive.
    async fn until_lost(&self) {
        while self.is_up() {
            let pause = self.ground.clock.sleep(PING_EVERY);
            if let Either::Left(_) = select(pin!(self.lost.notified()), pin!(pause)).await {
                continue;
            }
            let Ok((mut connection, nth)) = self.connection() else { return };
            let ping = redis::cmd("PING");
            let alive = self.ground.in_time(connection.send_packed_command(&ping)).await;
            if let Err(error) = alive.and_then(Value::extract_error)
                && (error.is_unrecoverable_error() || error.is_timeout() || is_refusal(&error))
            {
                self.give_up(nth, &words(&error));
            }
        }
    }
}

/// Redis has said no, and not only that it is not ready yet.
fn is_final(error: &RedisError) -> bool {
    let not_yet = matches!(error.code(), Some("LOADING" | "MASTERDOWN" | "BUSY" | "TRYAGAIN"));
    let said =
        matches!(error.kind(), ErrorKind::AuthenticationFailed | ErrorKind::Server(_) | ErrorKind::Extension);
    said && !not_yet
}

/// Redis answers, but not us: the password was changed, or our user was.
fn is_refusal(error: &RedisError) -> bool {
    matches!(error.code(), Some("NOAUTH" | "NOPERM" | "WRONGPASS"))
}

/// An error in a few words, without what the library wraps around it.
pub(crate) fn words(error: &RedisError) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {}", detail.trim_end_matches('.')),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    }
}
