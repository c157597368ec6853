//! Waiting for what a test wants to see: a call under way, and for how long in real time a test is patient.

use playhouse_core::Later;
use playhouse_core::clock::Clock;
use playhouse_core::error::Reject;
use serde_json::Value;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Real time after which a test that waits has waited in vain.
const LIMIT: Duration = Duration::from_secs(10);

/// A call under way; await it for its answer: the result, or the refusal.
#[must_use = "await it for the action's answer"]
pub struct Call<T = Value>(Later<'static, Result<T, Reject>>);

impl<T> Call<T> {
    pub(super) fn new(answer: impl Future<Output = Result<T, Reject>> + Send + 'static) -> Self {
        Self(Box::pin(answer))
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Reject>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

/// Waits in real time, whatever the test's own clock shows.
#[derive(Clone)]
pub(super) struct Patience {
    clock: Clock,
    limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { clock: Clock::system(), limit: LIMIT }
    }
}

impl Patience {
    pub(super) fn limited(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// `None` when it did not come.
    pub(super) async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        self.clock.timeout(self.limit, future).await.ok()
    }
}
