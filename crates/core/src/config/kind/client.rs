//! What the generated client is made of: the URL that it connects to, the folder and the name of its files.

use super::Kind;
use crate::config::raw::{Raw, Wrong, quoted};

/// Where the generated client connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientUrl {
    /// A value of the page, such as `window.location.origin`: JavaScript.
    Page(String),
    /// A server with its scheme: `https://example.com`.
    Server(String),
    /// A server without a scheme; the page's own counts.
    Host(String),
}

impl ClientUrl {
    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Page(text) | Self::Server(text) | Self::Host(text) => text,
        }
    }
}

impl Default for ClientUrl {
    fn default() -> Self {
        Self::Page("window.location.origin".into())
    }
}

/// What `clientUrl` takes in `ActionHero`, and a host alone.
pub(in crate::config) struct ClientUrlKind;

impl Kind for ClientUrlKind {
    type Value = ClientUrl;

    fn words(&self) -> String {
        "\"window.location.origin\" or another value of the page, or a server such as \"https://example.com\""
            .into()
    }

    fn read(&self, raw: &Raw) -> Result<ClientUrl, Wrong> {
        let text = raw.text().ok_or(Wrong::Kind)?.trim();
        if let Some((scheme, rest)) = text.split_once("://") {
            let known = ["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let fits = known && !host.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic());
            return if fits { Ok(ClientUrl::Server(text.into())) } else { Err(Wrong::Kind) };
        }
        if is_of_page(text) {
            return Ok(ClientUrl::Page(text.into()));
        }
        if is_host(text) { Ok(ClientUrl::Host(text.into())) } else { Err(Wrong::Kind) }
    }

    fn show(&self, value: &ClientUrl) -> String {
        quoted(value.text())
    }
}

/// `window.location.origin`, `location.origin`, `globalThis.server`: names with dots between them, which can
/// break no script.
fn is_of_page(text: &str) -> bool {
    let name = |part: &str| {
        part.bytes().next().is_some_and(|b| !b.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
    };
    let mut parts = text.split('.');
    let first = parts.next().unwrap_or_default();
    matches!(first, "window" | "location" | "document" | "self" | "globalThis")
        && text.contains('.')
        && parts.all(name)
}

/// `example.com` or `localhost:8080`.
fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "80"));
    let fits = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(fits) && (host.contains('.') || host == "localhost") && port.parse::<u16>().is_ok()
}

/// A folder below another one, with a slash at its end; empty is that one itself.
pub(in crate::config) struct Below;

impl Kind for Below {
    type Value = String;

    fn words(&self) -> String {
        "a folder below the public one, such as \"javascript/\"".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = raw.text().ok_or(Wrong::Kind)?.trim_matches('/');
        let text = text.strip_prefix("./").unwrap_or(text);
        match text {
            "" | "." => Ok(String::new()),
            _ if text.split('/').all(is_public_name) => Ok(format!("{text}/")),
            _ => Err(Wrong::Kind),
        }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// The name of a script, without what comes behind its last dot.
pub(in crate::config) struct ScriptName;

impl Kind for ScriptName {
    type Value = String;

    fn words(&self) -> String {
        "a file's name without `.js`: letters, digits, `-`, `.`, `_` and blanks".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = raw.text().ok_or(Wrong::Kind)?;
        if let Some(bare) = text.strip_suffix(".js") {
            return Err(Wrong::Because(format!(
                "write {}: the extensions .js, .min.js and .d.ts are added",
                quoted(bare.trim_end_matches(".min"))
            )));
        }
        if is_public_name(text) { Ok(text.into()) } else { Err(Wrong::Kind) }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// A name of a file or a folder that every system takes and that is not hidden.
fn is_public_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || "-._ @+~".contains(letter);
    !name.is_empty() && !name.starts_with('.') && name.len() <= 200 && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Raw {
        Raw::Text(text.into())
    }

    #[test]
    fn urls_as_people_write_them() {
        let page = |text: &str| Ok(ClientUrl::Page(text.into()));
        let server = |text: &str| Ok(ClientUrl::Server(text.into()));
        let host = |text: &str| Ok(ClientUrl::Host(text.into()));
        for (written, read) in [
            ("window.location.origin", page("window.location.origin")),
            ("location.origin", page("location.origin")),
            ("globalThis.$server_1", page("globalThis.$server_1")),
            ("https://company.com", server("https://company.com")),
            ("WSS://a.example:8443/", server("WSS://a.example:8443/")),
            ("http://[::1]:80", server("http://[::1]:80")),
            ("example.com", host("example.com")),
            ("chat.example.com:8080", host("chat.example.com:8080")),
            ("localhost:8080", host("localhost:8080")),
        ] {
            assert_eq!(ClientUrlKind.read(&text(written)), read, "{written}");
        }
        for bad in [
            "",
            "https://",
            "ftp://a.example",
            "https://a b",
            "window",
            "window.",
            "window.a;b",
            "window.alert()",
            "example",
            "example.com:99999",
            "\"x\"",
        ] {
            assert_eq!(ClientUrlKind.read(&text(bad)), Err(Wrong::Kind), "{bad}");
        }
        assert_eq!(ClientUrlKind.read(&Raw::Bool(false)), Err(Wrong::Kind));
    }

    #[test]
    fn folders_lie_below() {
        for (written, read) in [
            ("javascript/", Some("javascript/")),
            ("/javascript", Some("javascript/")),
            ("./a/b/", Some("a/b/")),
            ("", Some("")),
            ("/", Some("")),
            ("..", None),
            ("a/../../b", None),
            ("a//b", None),
            (".git", None),
            ("c:\\x", None),
        ] {
            assert_eq!(Below.read(&text(written)).ok().as_deref(), read, "{written}");
        }
    }

    #[test]
    fn names_have_no_extension() {
        assert_eq!(ScriptName.read(&text("actionheroClient")), Ok("actionheroClient".into()));
        for name in ["client.js", "client.min.js"] {
            assert!(
                matches!(ScriptName.read(&text(name)), Err(Wrong::Because(why)) if why.contains("\"client\""))
            );
        }
        for bad in ["", "../x", "a/b", ".x", "a\0"] {
            assert_eq!(ScriptName.read(&text(bad)), Err(Wrong::Kind), "{bad:?}");
        }
    }
}
