//! Web origins, networks of addresses, and the methods of HTTP.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use super::Kind;
use super::list::items;
use crate::config::raw::{Raw, Wrong, quoted};

/// Which pages may connect. A request without an `Origin` header comes from no page and is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Pages of the host that the request went to.
    Same,
    /// All pages.
    Any,
    /// Pages of the host that the request went to, and of these origins: `scheme://host` with the port where it is not the scheme's own, lower
    /// case; or `null`.
    List(Vec<String>),
}

/// `"same"`, `"*"`, or origins as a list or with commas.
pub(in crate::config) struct OriginsKind;

impl Kind for OriginsKind {
    type Value = Origins;

    fn words(&self) -> String {
        "\"same\" (the page's own), \"*\" (all), or origins such as \"https://example.com\", as a list or with \
         commas between them"
            .into()
    }

    fn read(&self, raw: &Raw) -> Result<Origins, Wrong> {
        let items = items(raw)?;
        let texts: Vec<&str> =
            items.iter().map(|item| item.text().ok_or(Wrong::Kind)).collect::<Result<_, _>>()?;
        match texts[..] {
            [] | ["same"] => Ok(Origins::Same),
            _ if texts.contains(&"*") => Ok(Origins::Any),
            _ => texts.into_iter().map(origin).collect::<Result<_, _>>().map(Origins::List),
        }
    }

    fn show(&self, value: &Origins) -> String {
        match value {
            Origins::Same => quoted("same"),
            Origins::Any => quoted("*"),
            Origins::List(list) => {
                format!("[{}]", list.iter().map(|origin| quoted(origin)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// An origin as browsers write it (RFC 6454, section 6.2): lower case, without the scheme's own port.
fn origin(text: &str) -> Result<String, Wrong> {
    let lower = text.to_lowercase();
    if lower == "null" {
        return Ok(lower);
    }
    let Some((scheme, rest)) = lower.split_once("://") else {
        return Err(Wrong::Because(format!(
            "{} has no scheme; write {}",
            quoted(text),
            quoted(&format!("https://{text}"))
        )));
    };
    let host = rest.strip_suffix('/').unwrap_or(rest);
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if scheme.is_empty() || host.is_empty() || !host.bytes().all(fits) {
        return Err(Wrong::Because(format!(
            "{} is no origin: it has a scheme, a host and perhaps a port, as in \"https://example.com:8443\"",
            quoted(text)
        )));
    }
    let own_port = match scheme {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        _ => "",
    };
    let bare = host.strip_suffix(own_port).unwrap_or(host);
    Ok(format!("{scheme}://{bare}"))
}

/// A range of IP addresses: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address such as 10.0.0.1 nor a network such as 10.0.0.0/8 or fd00::/8")]
pub struct NetworkError;

impl Network {
    /// Whether `address` lies in it. An IPv4 address that was written as IPv6 (`::ffff:10.0.0.1`) counts
    /// as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (mine, other) = (self.address.to_canonical(), address.to_canonical());
        if mine.is_ipv4() != other.is_ipv4() {
            return false;
        }
        let (width, mine, other) = match (mine, other) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => (32, u128::from(mine.to_bits()), other.to_bits().into()),
            (IpAddr::V4(_) | IpAddr::V6(_), _) => (128, bits_of(mine), bits_of(other)),
        };
        let apart = width - u32::from(self.bits);
        (mine ^ other).checked_shr(apart).unwrap_or(0) == 0
    }
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => Ipv6Addr::to_bits(v6),
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, bits)| (a, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| NetworkError)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.trim().parse()).map_err(|_| NetworkError)?;
        if bits > width { Err(NetworkError) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// An address or a network.
pub(in crate::config) struct NetworkKind;

impl Kind for NetworkKind {
    type Value = Network;

    fn words(&self) -> String {
        "an address such as \"10.0.0.1\" or a network such as \"10.0.0.0/8\"".into()
    }

    fn read(&self, raw: &Raw) -> Result<Network, Wrong> {
        raw.text().and_then(|text| text.parse().ok()).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &Network) -> String {
        quoted(&value.to_string())
    }
}

/// A method of HTTP, in capitals whatever was written.
pub(in crate::config) struct Method;

impl Kind for Method {
    type Value = String;

    fn words(&self) -> String {
        "a method of HTTP such as \"GET\"".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let name = raw.text().ok_or(Wrong::Kind)?;
        let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
        if fits { Ok(name.to_ascii_uppercase()) } else { Err(Wrong::Kind) }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Origins, Wrong> {
        OriginsKind.read(&Raw::Text(text.into()))
    }

    #[test]
    fn origins_in_their_spellings() {
        assert_eq!(read("same"), Ok(Origins::Same));
        assert_eq!(read(""), Ok(Origins::Same));
        assert_eq!(read("*"), Ok(Origins::Any));
        assert_eq!(read("https://a.example, *"), Ok(Origins::Any));
        let list = ["https://a.example", "http://b.example:8080", "http://c.example", "null"];
        assert_eq!(
            read("https://A.example/,http://b.example:8080,http://c.example:80,null"),
            Ok(Origins::List(list.map(str::to_owned).into()))
        );
        for bad in ["a.example", "https://", "https://a.example/page", "https://a%2e", "://x"] {
            assert!(matches!(read(bad), Err(Wrong::Because(_))), "{bad}");
        }
        assert_eq!(OriginsKind.read(&Raw::Bool(true)), Err(Wrong::Kind));
    }

    #[test]
    fn networks_hold_their_addresses() {
        let rows = [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "2001:db8::1", true),
            ("::1", "::1", true),
        ];
        for (network, address, inside) in rows {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{network} {address}");
        }
        for bad in ["", "10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/x", "localhost"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad}");
        }
    }

    #[test]
    fn methods_are_in_capitals() {
        assert_eq!(Method.read(&Raw::Bare("get".into())), Ok("GET".into()));
        assert_eq!(Method.read(&Raw::Bare("G T".into())), Err(Wrong::Kind));
    }
}
