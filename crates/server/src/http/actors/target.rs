//! Whom a request below `/gateway` means: an actor by its id, or by name and key as rivetkit 2.3 writes it
//! (actors.md, sections 3 and 10).

use crate::dialect::actors::{Failure, codes as kinds, value};
use playhouse_core::actor::{ActorId, Address, Key, Which};
use playhouse_core::value::Value;
use playhouse_proto::actors::path::{Gateway, PREFIX, Wanted};
use playhouse_proto::actors::query::{ByName, Method};
use std::borrow::Cow;

/// An actor, and what is wanted of it.
pub(super) struct Target<'t> {
    pub(super) which: Which,
    pub(super) wanted: Wanted<'t>,
}

/// A path behind the mount and its query, as if they were mounted where their clients put them.
pub(super) fn below_gateway(rest: &str, query: Option<&str>) -> String {
    let path = rest.strip_prefix('/').unwrap_or(rest);
    match query {
        Some(query) => [PREFIX, path, "?", query].concat(),
        None => [PREFIX, path].concat(),
    }
}

/// Reads what [`below_gateway`] made.
///
/// # Errors
/// A path that can't be valid, a query that can't be read.
pub(super) fn read(target: &str) -> Result<Target<'_>, Failure<'static>> {
    let nothing = || Failure::new(&kinds::NO_PATH, "a gateway's path is `/gateway/{actor}/{what}`");
    let Gateway { actor, rest, .. } = Gateway::read(target).ok_or_else(nothing)?;
    let wanted = Wanted::read(rest).ok_or_else(nothing)?;
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let unreadable = |error: String| Failure::new(&kinds::REQUEST, error);
    let Some(by_name) = ByName::read(query).map_err(|error| unreadable(error.to_string()))? else {
        return Ok(Target { which: Which::Id(ActorId::new(&*actor)), wanted });
    };
    // A request's head is short, so it has few values.
    let input = by_name.input.as_deref().map(|input| value::read(input, input.len())).transpose();
    let input = input.map_err(|error| unreadable(format!("`rvt-input`: {error}")))?;
    // Only clients that spell kinds write it.
    let input = input.map(Value::unspelled).transpose();
    let input = input.map_err(|error| unreadable(format!("`rvt-input`: {error}")))?;
    let address = Address::keyed(&*actor, Key::of(&by_name.key));
    let which = match by_name.method {
        Method::Get => Which::Find(address),
        Method::GetOrCreate => Which::FindOrCreate(address, input),
    };
    Ok(Target { which, wanted: with_query(wanted, &by_name.rest) })
}

/// What the actor itself sees has only its own query.
fn with_query<'w>(wanted: Wanted<'w>, query: &str) -> Wanted<'w> {
    let plain = |seen: &str| -> Cow<'w, str> {
        let path = seen.split('?').next().unwrap_or_default();
        let end = if query.is_empty() { "" } else { "?" };
        Cow::Owned([path, end, query].concat())
    };
    match wanted {
        Wanted::Request(seen) => Wanted::Request(plain(&seen)),
        Wanted::WebSocket(seen) => Wanted::WebSocket(plain(&seen)),
        other @ (Wanted::Action(_) | Wanted::Connect | Wanted::Health | Wanted::Queue(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rest: &str, query: Option<&str>) -> String {
        let target = below_gateway(rest, query);
        match read(&target) {
            Ok(Target { which, wanted }) => format!("{which:?} {wanted:?}"),
            Err(failure) => failure.reason(),
        }
    }

    #[test]
    fn by_id_and_by_name() {
        assert_eq!(shown("/ac7/action/add", None), "Id(ActorId(ac7)) Action(\"add\")");
        assert_eq!(shown("/ac7@t/request/a", Some("b=1")), "Id(ActorId(ac7)) Request(\"/a?b=1\")");
        assert_eq!(
            shown("/counter/websocket", Some("x=1&rvt-method=get&rvt-key=a,b&y")),
            "Find(Address { name: \"counter\", at: Key(Key(a/b)) }) WebSocket(\"/?x=1&y\")"
        );
        let by_name = below_gateway("/counter/connect", Some("rvt-method=getOrCreate&rvt-input=gQE"));
        let Ok(Target { which: Which::FindOrCreate(address, input), .. }) = read(&by_name) else {
            panic!("by name")
        };
        assert_eq!(address, Address::keyed("counter", Key::of([""; 0])));
        assert_eq!(input, Some(Value::List(vec![Value::Int(1)])));
    }

    #[test]
    fn what_names_nobody() {
        for (rest, query, reason) in [
            ("", None, "request.not_found"),
            ("/", None, "request.not_found"),
            ("//connect", None, "request.not_found"),
            ("/a/nothing", None, "request.not_found"),
            ("/a/connect", Some("rvt-method=put"), "request.invalid"),
            ("/a/connect", Some("rvt-method=get&rvt-input=_w"), "request.invalid"),
        ] {
            assert_eq!(shown(rest, query), reason, "{rest}");
        }
    }
}
