//! Who a request is from: the socket's address, or what a trusted proxy says of it.

use http::{HeaderMap, HeaderName};
use playhouse_core::config::Network;
use playhouse_node::Port;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// A client's address and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The address; an IPv4 address of a dual-stack socket is shown as what it is.
    pub(crate) ip: IpAddr,
    /// The port; a text where it is of a header.
    pub(crate) port: Port,
}

/// The client's address. `X-Real-IP` goes before `X-Forwarded-For` (actionhero.md, section 2); both count
/// only where the socket's other end is a trusted proxy. Of `X-Forwarded-For` the last entry that is not a
/// trusted proxy itself is taken, else the first: whatever stands before it, a client may have written.
pub(super) fn address(headers: &HeaderMap, peer: SocketAddr, trusted: &[Network]) -> Address {
    let ip = peer.ip().to_canonical();
    let socket = Address { ip, port: Port::Number(peer.port()) };
    let trusts = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    if !is_trusted(&peer, trusted) {
        return socket;
    }
    let forwarded = forwarded(headers, trusts);
    let real = text(headers, &X_REAL_IP).and_then(entry).map(|(ip, _)| ip);
    let (ip, port) = match (real, forwarded) {
        (Some(real), forwarded) => (real, forwarded.and_then(|(_, port)| port)),
        (None, Some((ip, port))) => (ip, port),
        (None, None) => (socket.ip, None),
    };
    let port = port.map(|port| Port::Text(port.to_string().into()));
    let port = text(headers, &X_FORWARDED_PORT).and_then(port_text).or(port);
    Address { ip, port: port.unwrap_or(socket.port) }
}

/// Whether a socket's other end is a trusted proxy.
pub(super) fn is_trusted(peer: &SocketAddr, trusted: &[Network]) -> bool {
    let ip = peer.ip().to_canonical();
    trusted.iter().any(|network| network.contains(ip))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn forwarded(headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> Option<(IpAddr, Option<u16>)> {
    let lines = headers.get_all(&X_FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
    let entries: Option<Vec<_>> = lines.flat_map(|line| line.split(',')).map(entry).collect();
    let entries = entries?;
    entries.iter().rev().find(|(ip, _)| !trusts(*ip)).or(entries.first()).copied()
}

/// `192.0.2.1`, `192.0.2.1:80`, `::1`, `[::1]` or `[::1]:80`.
fn entry(text: &str) -> Option<(IpAddr, Option<u16>)> {
    let text = text.trim();
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some((ip.to_canonical(), None));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return inner.parse::<IpAddr>().ok().map(|ip| (ip, None));
    }
    text.parse::<SocketAddr>().ok().map(|socket| (socket.ip().to_canonical(), Some(socket.port())))
}

/// A port of a header stays a text, as it always was one for applications. Of several the first counts.
fn port_text(text: &str) -> Option<Port> {
    let first = text.split(',').next()?.trim();
    let fits = !first.is_empty() && first.len() <= 5 && first.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Port::Text(first.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "127.0.0.1:4000";

    fn of(headers: &[(&'static str, &'static str)], peer: &str, trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let Address { ip, port } = address(&map, peer.parse().unwrap(), &trusted);
        let quote = if matches!(port, Port::Text(_)) { "'" } else { "" };
        format!("{ip} {quote}{port}{quote}")
    }

    #[test]
    fn headers_of_a_trusted_proxy() {
        for (headers, expected) in [
            (vec![], "127.0.0.1 4000"),
            (vec![("x-forwarded-for", "203.0.113.9")], "203.0.113.9 4000"),
            (vec![("x-forwarded-for", "203.0.113.9:77")], "203.0.113.9 '77'"),
            (vec![("x-forwarded-for", "[::1]")], "::1 4000"),
            (vec![("x-forwarded-for", "[::1]:78")], "::1 '78'"),
            (vec![("x-forwarded-for", "2001:db8::5")], "2001:db8::5 4000"),
            (vec![("x-forwarded-for", "::ffff:203.0.113.9")], "203.0.113.9 4000"),
            (vec![("x-forwarded-for", "nonsense")], "127.0.0.1 4000"),
            (vec![("x-forwarded-for", "")], "127.0.0.1 4000"),
            (vec![("x-forwarded-for", "6.6.6.6, 203.0.113.9")], "203.0.113.9 4000"),
            (vec![("x-forwarded-for", "6.6.6.6, 203.0.113.9, 127.0.0.1")], "203.0.113.9 4000"),
            (vec![("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9")], "203.0.113.9 4000"),
            (vec![("x-forwarded-for", "127.0.0.1")], "127.0.0.1 4000"),
            (vec![("x-real-ip", "198.51.100.7"), ("x-forwarded-for", "203.0.113.9")], "198.51.100.7 4000"),
            (vec![("x-real-ip", "?"), ("x-forwarded-for", "203.0.113.9")], "203.0.113.9 4000"),
            (vec![("x-forwarded-for", "203.0.113.9:77"), ("x-forwarded-port", "443")], "203.0.113.9 '443'"),
            (vec![("x-forwarded-port", "http")], "127.0.0.1 4000"),
        ] {
            assert_eq!(of(&headers, PEER, &["127.0.0.0/8"]), expected, "{headers:?}");
        }
    }

    #[test]
    fn where_all_are_trusted_the_first_entry_counts() {
        let headers = [("x-forwarded-for", "203.0.113.9, 10.0.0.1")];
        assert_eq!(of(&headers, PEER, &["0.0.0.0/0", "::/0"]), "203.0.113.9 4000");
    }

    #[test]
    fn others_are_not_believed() {
        let headers = [("x-forwarded-for", "203.0.113.9"), ("x-real-ip", "203.0.113.9")];
        assert_eq!(of(&headers, PEER, &[]), "127.0.0.1 4000");
        assert_eq!(of(&headers, PEER, &["10.0.0.0/8"]), "127.0.0.1 4000");
        assert_eq!(of(&headers, "[::ffff:127.0.0.1]:9", &["127.0.0.1"]), "203.0.113.9 9");
    }
}
