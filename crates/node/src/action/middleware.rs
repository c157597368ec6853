//! Code around actions: it may look before and after, change the reply, or answer early.

use super::Registered;
use super::cx::Cx;
use super::reply::Reply;
use playhouse_core::Later;
use playhouse_core::error::Result;
use std::sync::Arc;

/// Code around an action: any `async fn(&Cx, Next<'_>) -> Result<Reply>`.
///
/// A trait with a lifetime and not `AsyncFn`, whose future can't be named to be `Send`.
#[diagnostic::on_unimplemented(
    message = "this is no middleware",
    label = "wanted: `async fn(cx: &Cx, next: Next<'_>) -> Result<Reply>`",
    note = "what it awaits must be `Send`: no `Rc`, no lock guard over an `.await`"
)]
pub trait Middleware<'a>: Send + Sync + 'static {
    /// Runs the code for one call.
    fn run(&'a self, cx: &'a Cx, next: Next<'a>) -> Later<'a, Result<Reply>>;
}

#[diagnostic::do_not_recommend]
impl<'a, F, R> Middleware<'a> for F
where
    F: Fn(&'a Cx, Next<'a>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Reply>> + Send + 'a,
{
    fn run(&'a self, cx: &'a Cx, next: Next<'a>) -> Later<'a, Result<Reply>> {
        Box::pin(self(cx, next))
    }
}

/// The same, as it is kept.
pub(crate) type Layer = Arc<dyn for<'a> Middleware<'a>>;

/// What comes after a middleware: the next one, at last the action.
pub struct Next<'a> {
    action: &'a Registered,
    rest: &'a [Layer],
}

impl<'a> Next<'a> {
    pub(crate) fn new(action: &'a Registered) -> Self {
        Self { action, rest: &action.layers }
    }

    /// Runs the rest.
    ///
    /// # Errors
    /// What the rest answers; a middleware may turn it into something else.
    pub fn run(self, cx: &'a Cx) -> Later<'a, Result<Reply>> {
        match self.rest.split_first() {
            Some((layer, rest)) => layer.run(cx, Next { action: self.action, rest }),
            None => (self.action.call)(cx.clone()),
        }
    }
}
