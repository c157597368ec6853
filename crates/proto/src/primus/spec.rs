//! The specification document that `GET <pathname>/spec` answers.
//!
//! It must not know the configuration; what to say is given.

use super::json::push_escaped;

/// What the document says.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// Milliseconds between the server's pings; 0 is written as `false`, none.
    pub ping_interval: u64,
    /// The path at which the layer is mounted, such as `/primus`.
    pub pathname: &'a str,
    /// The version of Primus that is spoken, such as `8.0.9`.
    pub version: &'a str,
    /// How messages are written, such as `json`.
    pub parser: &'a str,
    /// What carries them, such as `websockets`.
    pub transformer: &'a str,
}

impl Spec<'_> {
    /// The document as JSON, in the order of Primus.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        out.extend_from_slice(b"{\"pingInterval\":");
        match self.ping_interval {
            0 => out.extend_from_slice(b"false"),
            every => out.extend_from_slice(every.to_string().as_bytes()),
        }
        for (name, value) in [
            ("pathname", self.pathname),
            ("version", self.version),
            ("parser", self.parser),
            ("transformer", self.transformer),
        ] {
            out.extend_from_slice(format!(",\"{name}\":\"").as_bytes());
            push_escaped(&mut out, value);
            out.push(b'"');
        }
        out.push(b'}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec<'_> = Spec {
        ping_interval: 30_000,
        pathname: "/primus",
        version: "8.0.9",
        parser: "json",
        transformer: "websockets",
    };

    fn text(spec: Spec<'_>) -> String {
        String::from_utf8(spec.to_json()).expect("text")
    }

    #[test]
    fn as_primus_writes_it() {
        assert_eq!(
            text(SPEC),
            r#"{"pingInterval":30000,"pathname":"/primus","version":"8.0.9","parser":"json","transformer":"websockets"}"#
        );
    }

    #[test]
    fn without_pings_and_with_an_odd_path() {
        let spec = text(Spec { ping_interval: 0, pathname: "/a\"b", ..SPEC });
        assert!(spec.starts_with(r#"{"pingInterval":false,"pathname":"/a\"b","version""#), "{spec}");
    }
}
