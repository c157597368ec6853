//! Which websockets are for actors, and for what (actors.md, sections 6.1, 8 and 11.2). What is wrong with a wish is told on
//! the websocket: a client that fails to get one hears nothing, and some give up for good.

use super::answer;
use super::target::{self, Target};
use super::{Body, Mount, Web, core, cross, input};
use crate::dialect::actors::{Failure, Family, Form, Framing, codes as kinds};
use crate::http::origin::Verdict;
use crate::link::{Arriving, Way, Wish};
use http::Response;
use http::request::Parts;
use playhouse_core::actor::{ActorId, Purpose, Which};
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use playhouse_proto::actors::offer::{Offer, PROTOCOL, Part};
use playhouse_proto::actors::path::Wanted;
use playhouse_proto::ws::handshake;

/// An upgrade that may be granted.
pub(crate) struct Upgrade {
    pub(crate) arriving: Arriving,
    /// Whether rivetkit's subprotocol was offered, which is to be selected then.
    pub(crate) selects: bool,
}

impl Web {
    /// Decides about an upgrade below one of actors' mounts.
    ///
    /// # Errors
    /// The answer in place of it: a path that can't be one's, or a page that may not ask.
    pub(crate) fn admit_to_actor(&self, parts: &Parts) -> Result<Upgrade, Box<Response<Body>>> {
        if let Verdict::Refused(origin) = self.origins().verdict(&parts.headers) {
            return Err(Box::new(answer::closing(cross::refused(self.origins(), origin))));
        }
        let upgrade = match self.front().whose(parts) {
            Some((Mount::Gateway, rest)) => self.rivet(parts, &rest),
            Some((Mount::Actors, rest)) => self.core(parts, &rest),
            Some((Mount::Finding | Mount::Metadata | Mount::Health, _)) | None => Err(no_path()),
        };
        upgrade.map_err(|failure| Box::new(answer::closing(answer::rivet(&failure))))
    }

    fn rivet(&self, parts: &Parts, rest: &str) -> Result<Upgrade, Failure<'static>> {
        let target = target::below_gateway(rest, parts.uri.query());
        // Only a path is refused as such; what a query says wrong is told on the websocket.
        let read = match target::read(&target) {
            Err(failure) if failure.is(&kinds::NO_PATH) => return Err(failure),
            read => read,
        };
        let offered = parts.headers.get_all("sec-websocket-protocol").iter();
        let offered: Vec<_> = offered.map(|value| input::text(value.as_bytes())).collect();
        let offer = Offer::read(offered.iter().map(|value| &**value));
        let encoding = offer.as_ref().map_or_else(|unreadable| unreadable.encoding, |offer| offer.encoding);
        // A client that gets what it did not offer fails, and would not hear what is wrong with the rest.
        let selects = handshake::tokens(offered.iter().map(|value| &**value)).any(|token| token == PROTOCOL);
        let form = Form { family: Family::Rivet, encoding, framing: Framing::Websocket };
        let (way, purpose) = match read.as_ref().map(|target| &target.wanted) {
            Ok(Wanted::WebSocket(path)) => (Way::Raw, Purpose::Websocket(path.to_string())),
            Ok(Wanted::Connect) | Err(_) => (Way::Messages(form), Purpose::Actions),
            Ok(Wanted::Action(_) | Wanted::Request(_) | Wanted::Health | Wanted::Queue(_)) => {
                return Err(no_path());
            }
        };
        let wish = read.and_then(|Target { which, .. }| {
            let params = offer.map_err(|unreadable| unfit(unreadable.part, &unreadable.to_string()))?.params;
            let params = params
                .as_deref()
                .map_or(Ok(Value::Null), |json| input::params(json, self.node().config()))?;
            self.wish(which, params, purpose)
        });
        Ok(Upgrade { arriving: Arriving { way, wish }, selects })
    }

    fn core(&self, parts: &Parts, rest: &str) -> Result<Upgrade, Failure<'static>> {
        let id = rest.strip_suffix("/connect/websocket").and_then(|rest| rest.strip_prefix('/'));
        let id = id.filter(|id| !id.is_empty() && !id.contains('/')).ok_or_else(no_path)?;
        let query = parts.uri.query().unwrap_or_default();
        let encoding = core::encoding(query);
        let spoken = encoding.as_ref().copied().unwrap_or(Encoding::Json);
        let form = Form { family: Family::Core, encoding: spoken, framing: Framing::Websocket };
        let wish = encoding.and_then(|_| {
            let params = core::params(query, self.node().config())?;
            self.wish(Which::Id(ActorId::new(id)), params, Purpose::Actions)
        });
        Ok(Upgrade { arriving: Arriving { way: Way::Messages(form), wish }, selects: false })
    }

    fn wish(&self, which: Which, params: Value, purpose: Purpose) -> Result<Wish, Failure<'static>> {
        if self.node().is_draining() {
            return Err(Failure::new(&kinds::STOPPING, self.node().texts().server_shutting_down()));
        }
        Ok(Wish { actors: self.front().actors()?.clone(), which, params, purpose })
    }
}

fn no_path() -> Failure<'static> {
    Failure::new(&kinds::NO_PATH, "there is no websocket here")
}

fn unfit(part: Part, text: &str) -> Failure<'static> {
    let kind = match part {
        Part::Encoding => &kinds::ENCODING,
        Part::Params => &kinds::PARAMS,
        Part::Actor | Part::Token => &kinds::REQUEST,
    };
    Failure::new(kind, text.to_owned())
}

/// What an arriving client is told where the node has no place for one more.
pub(crate) fn overfull() -> Failure<'static> {
    Failure::new(&kinds::OVERLOADED, "the server is full; try again after a pause")
}
