//! Requests that name an actor beside their path, in headers or in a websocket's subprotocols (actors.md, section 3). Other
//! programs address actors so; clients do not.

use http::HeaderMap;
use http::request::Parts;
use playhouse_proto::actors::offer::Offer;
use playhouse_proto::ws::handshake;

/// What the path of such a request begins with.
const BEGINNINGS: [&str; 5] = ["/action/", "/connect", "/request", "/websocket", "/queue/"];

/// The path of the same request below the gateway, behind its mount.
pub(super) fn below_gateway(parts: &Parts) -> Option<String> {
    let path = parts.uri.path();
    if !BEGINNINGS.iter().any(|beginning| path.starts_with(beginning)) {
        return None;
    }
    let id = of_headers(&parts.headers).or_else(|| of_offer(&parts.headers))?;
    // An id has no other letters, so it stands in a path as it is.
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!id.is_empty() && id.bytes().all(is_id)).then(|| ["/", &id, path].concat())
}

fn of_headers(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name)?.to_str().ok();
    text("x-rivet-target")
        .filter(|target| *target == "actor")
        .and_then(|_| text("x-rivet-actor"))
        .map(str::to_owned)
}

fn of_offer(headers: &HeaderMap) -> Option<String> {
    let offered = headers.get_all("sec-websocket-protocol").iter().filter_map(|value| value.to_str().ok());
    // What of it can't be read is told on the websocket, by whoever reads all of it.
    let tokens: Vec<&str> =
        handshake::tokens(offered).filter(|token| !token.starts_with("rivet_conn_params")).collect();
    let offer = Offer::read(tokens).ok()?;
    offer.target.filter(|target| *target == "actor").and(offer.actor).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(path: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut request = http::Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        below_gateway(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn by_headers_and_by_subprotocols() {
        let headers = [("x-rivet-target", "actor"), ("x-rivet-actor", "ac7_-x")];
        assert_eq!(below("/action/add?x=1", &headers).as_deref(), Some("/ac7_-x/action/add"));
        let offer =
            [("sec-websocket-protocol", "rivet, rivet_target.actor, rivet_actor.ac7, rivet_conn_params.%7")];
        assert_eq!(below("/connect", &offer).as_deref(), Some("/ac7/connect"));
        assert_eq!(below("/connect", &[("sec-websocket-protocol", "rivet, rivet_actor.ac7")]), None);
        assert_eq!(below("/action/add", &headers[..1]), None);
        assert_eq!(below("/other", &headers), None);
        assert_eq!(below("/request/x", &[headers[0], ("x-rivet-actor", "../x")]), None);
    }
}
