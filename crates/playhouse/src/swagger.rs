//! The document of `ActionHero`'s action `swagger`, for applications that have one.

use crate::Cx;
use serde_json::Value;

/// What `ActionHero`'s action `swagger` answers: a document of all actions over HTTP, in `OpenAPI` 2.0. An
/// application that has clients for it says so in an action of its own:
///
/// ```
/// # use playhouse::prelude::*;
/// /// return API documentation in the OpenAPI specification
/// #[action]
/// async fn swagger(cx: &Cx) -> Result<Value> {
///     Ok(playhouse::swagger(cx))
/// }
/// ```
///
/// Documents that say more are served where the setting `mounts.explorer` says.
#[must_use]
pub fn swagger(cx: &Cx) -> Value {
    playhouse_server::api::swagger(cx.node().manifest(), cx.node().config())
}
