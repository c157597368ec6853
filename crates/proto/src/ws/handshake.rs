//! The opening handshake, RFC 6455, 4: is this request an upgrade, what is wrong with it, and the answer.
//!
//! Owns the rules on the headers. It must not parse HTTP, and must not decide who may connect: origin,
//! path and query are not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The version of the protocol that we speak, the only one there is in use.
pub const VERSION: &str = "13";

/// The text that proves an understanding of the protocol (RFC 6455, 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Why a request is no upgrade, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The method is not GET.
    #[error("a websocket begins with GET")]
    Method,
    /// The request is of HTTP/1.0 or older.
    #[error("a websocket needs HTTP/1.1")]
    HttpVersion,
    /// There is no `Upgrade: websocket`.
    #[error("Upgrade Required")]
    Upgrade,
    /// `Connection` has no `upgrade`.
    #[error("the Connection header does not say upgrade")]
    Connection,
    /// There is no `Host`.
    #[error("the Host header is missing")]
    Host,
    /// `Sec-WebSocket-Version` is missing or not 13.
    #[error("the only version of websockets here is 13")]
    Version,
    /// `Sec-WebSocket-Key` is missing, there twice, or not the base64 of 16 bytes.
    #[error("the Sec-WebSocket-Key header is not a key")]
    Key,
}

impl Refusal {
    /// The HTTP status to answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Upgrade | Self::Version => 426,
            Self::HttpVersion | Self::Connection | Self::Host | Self::Key => 400,
        }
    }

    /// The headers that belong to the status. The body is the text of the refusal.
    #[must_use]
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Method => &[("allow", "GET")],
            Self::Upgrade => &[("upgrade", "websocket"), ("connection", "upgrade")],
            Self::Version => {
                &[("sec-websocket-version", VERSION), ("upgrade", "websocket"), ("connection", "upgrade")]
            }
            Self::HttpVersion | Self::Connection | Self::Host | Self::Key => &[],
        }
    }
}

/// The value of `Sec-WebSocket-Accept`, 28 characters. Reads as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accept([u8; 28]);

impl std::ops::Deref for Accept {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base64 is ASCII")
    }
}

/// Answers a `Sec-WebSocket-Key`.
#[must_use]
pub fn accept_key(key: &str) -> Accept {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let mut accept = [0; 28];
    STANDARD.encode_slice(digest, &mut accept).expect("20 bytes are 28 characters");
    Accept(accept)
}

/// Checks that a request is a sound upgrade and computes the answer. `http` is the HTTP version as (major,
/// minor); `values` looks up all values of a header by its lower-case name, in their order.
///
/// # Errors
/// The first rule that the request breaks.
pub fn check<'h, V>(
    method: &str,
    http: (u8, u8),
    values: impl Fn(&'static str) -> V,
) -> Result<Accept, Refusal>
where
    V: IntoIterator<Item = &'h str>,
{
    let one = |name| values(name).into_iter().map(str::trim);
    let require = |rule: bool, refusal| if rule { Ok(()) } else { Err(refusal) };
    require(method == "GET", Refusal::Method)?;
    require(http >= (1, 1), Refusal::HttpVersion)?;
    require(has_token(values("upgrade"), "websocket"), Refusal::Upgrade)?;
    require(has_token(values("connection"), "upgrade"), Refusal::Connection)?;
    require(one("host").next().is_some(), Refusal::Host)?;
    require(one("sec-websocket-version").eq([VERSION]), Refusal::Version)?;
    let mut keys = one("sec-websocket-key");
    let key = keys.next().filter(|key| is_key(key)).ok_or(Refusal::Key)?;
    require(keys.next().is_none(), Refusal::Key)?;
    Ok(accept_key(key))
}

/// Whether a request asks for a websocket, soundly or not: to tell it from a plain one on the same path.
#[must_use]
pub fn is_wanted<'h>(upgrade_values: impl IntoIterator<Item = &'h str>) -> bool {
    has_token(upgrade_values, "websocket")
}

/// The elements of a comma-separated header, such as `Sec-WebSocket-Protocol`, over all of its values.
pub fn tokens<'h>(values: impl IntoIterator<Item = &'h str>) -> impl Iterator<Item = &'h str> {
    values.into_iter().flat_map(|value| value.split(',')).map(str::trim).filter(|token| !token.is_empty())
}

/// Appends the answer 101 as it goes over the wire, for callers without an HTTP library. `extensions` and
/// `protocol` are the values of those headers, if any.
pub fn write_answer(out: &mut Vec<u8>, accept: &Accept, extensions: Option<&str>, protocol: Option<&str>) {
    let mut line = |parts: [&str; 2]| {
        out.extend_from_slice(parts[0].as_bytes());
        out.extend_from_slice(parts[1].as_bytes());
        out.extend_from_slice(b"\r\n");
    };
    line(["HTTP/1.1 101 Switching Protocols", ""]);
    line(["upgrade: websocket", ""]);
    line(["connection: upgrade", ""]);
    line(["sec-websocket-accept: ", accept]);
    if let Some(extensions) = extensions {
        line(["sec-websocket-extensions: ", extensions]);
    }
    if let Some(protocol) = protocol {
        line(["sec-websocket-protocol: ", protocol]);
    }
    line(["", ""]);
}

/// A parameter's value without the quotes that it may have.
pub(super) fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

fn has_token<'h>(values: impl IntoIterator<Item = &'h str>, wanted: &str) -> bool {
    tokens(values).any(|token| token.eq_ignore_ascii_case(wanted))
}

fn is_key(key: &str) -> bool {
    key.len() == 24 && STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &[(&str, &str)] = &[
        ("host", "server.example.com"),
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
    ];

    fn ask(
        method: &str,
        http: (u8, u8),
        headers: &[(&'static str, &'static str)],
    ) -> Result<String, Refusal> {
        let values =
            |wanted| headers.iter().filter(move |(name, _)| *name == wanted).map(|(_, value)| *value);
        check(method, http, values).map(|accept| String::from(&*accept))
    }

    /// The sound request with one header replaced, or removed.
    fn with(name: &'static str, values: &[&'static str]) -> Result<String, Refusal> {
        let others = SOUND.iter().copied().filter(|(other, _)| *other != name);
        let headers: Vec<_> = others.chain(values.iter().map(|value| (name, *value))).collect();
        ask("GET", (1, 1), &headers)
    }

    #[test]
    fn example_of_the_rfc() {
        // RFC 6455, 1.3.
        assert_eq!(ask("GET", (1, 1), SOUND).as_deref(), Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn what_is_wrong() {
        assert_eq!(ask("POST", (1, 1), SOUND), Err(Refusal::Method));
        assert_eq!(ask("GET", (1, 0), SOUND), Err(Refusal::HttpVersion));
        let table: &[(&str, &[&str], Refusal)] = &[
            ("upgrade", &[], Refusal::Upgrade),
            ("upgrade", &["h2c"], Refusal::Upgrade),
            ("connection", &[], Refusal::Connection),
            ("connection", &["keep-alive"], Refusal::Connection),
            ("host", &[], Refusal::Host),
            ("sec-websocket-version", &[], Refusal::Version),
            ("sec-websocket-version", &["8"], Refusal::Version),
            ("sec-websocket-version", &["13", "8"], Refusal::Version),
            ("sec-websocket-key", &[], Refusal::Key),
            ("sec-websocket-key", &["c2hvcnQ="], Refusal::Key),
            ("sec-websocket-key", &["!!!!!!!!!!!!!!!!!!!!!!=="], Refusal::Key),
            ("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="], Refusal::Key),
        ];
        for (name, values, expected) in table {
            assert_eq!(with(name, values), Err(*expected), "{name}: {values:?}");
        }
    }

    #[test]
    fn what_is_right_though_unusual() {
        for (name, values) in [
            ("upgrade", &["h2c", "WebSocket"][..]),
            ("upgrade", &["h2c, websocket"]),
            ("connection", &["keep-alive, Upgrade"]),
            ("connection", &["keep-alive", "UPGRADE"]),
            ("sec-websocket-key", &[" dGhlIHNhbXBsZSBub25jZQ== "]),
        ] {
            assert!(with(name, values).is_ok(), "{name}: {values:?}");
        }
    }

    #[test]
    fn statuses_and_their_headers() {
        assert_eq!(Refusal::Upgrade.status(), 426);
        assert_eq!(Refusal::Key.status(), 400);
        assert_eq!(Refusal::Version.headers().first(), Some(&("sec-websocket-version", "13")));
    }

    #[test]
    fn the_answer() {
        let mut out = Vec::new();
        write_answer(&mut out, &accept_key("dGhlIHNhbXBsZSBub25jZQ=="), None, Some("chat"));
        let expected = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
                        sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
                        sec-websocket-protocol: chat\r\n\r\n";
        assert_eq!(String::from_utf8(out).as_deref(), Ok(expected));
    }
}
