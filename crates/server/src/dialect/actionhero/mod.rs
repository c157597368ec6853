//! `ActionHero`'s websocket frames, versions 18 to 29, over Primus.
//!
//! Source: the protocol's sections 3 and 11 as observed on 29.3.5. [`read`] is the way in, [`Writer`] the way
//! out, with `heard` for what actors say; `operands` holds what both need of a request's object.

pub(super) mod heard;
pub(super) mod operands;
mod read;
pub(super) mod write;

pub(crate) use read::{Frame, read};
pub(crate) use write::Writer;

use playhouse_core::head::Head;

/// What our own client puts into the query, with its version: it reads refusals by their codes.
const OWN_CLIENT: &str = "_playhouse=";

/// Whether a client wants refusals with their codes.
pub(crate) fn wants_codes(head: &Head) -> bool {
    head.query().split('&').any(|pair| pair.starts_with(OWN_CLIENT))
}
