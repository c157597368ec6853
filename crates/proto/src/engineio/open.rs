//! The handshake packet: the first that a client gets (engineio.md, 3).
//!
//! It must not know the configuration, nor make ids; what to say is given.

use crate::primus::json::push_escaped;

/// What the server tells at the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open<'a> {
    /// The session's secret id.
    pub sid: &'a str,
    /// Whether the client may go on to a websocket: never on one already.
    pub upgrades: bool,
    /// Milliseconds from an answered ping to the next.
    pub ping_interval_ms: u64,
    /// Milliseconds for an answer.
    pub ping_timeout_ms: u64,
    /// The most bytes of one POST or one message. Protocol 3 gets it too and ignores it.
    pub max_payload: u64,
}

impl Open<'_> {
    /// Appends the packet as text, digit included, in the order of the reference server.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"0{\"sid\":\"");
        push_escaped(out, self.sid);
        let upgrades = if self.upgrades { "\"websocket\"" } else { "" };
        let rest = format!(
            "\",\"upgrades\":[{upgrades}],\"pingInterval\":{},\"pingTimeout\":{},\"maxPayload\":{}}}",
            self.ping_interval_ms, self.ping_timeout_ms, self.max_payload
        );
        out.extend_from_slice(rest.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(open: Open<'_>) -> String {
        let mut out = Vec::new();
        open.write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn as_the_reference_writes_it() {
        let polling = Open {
            sid: "lv_VI97HAXpY6yYWAAAC",
            upgrades: true,
            ping_interval_ms: 25_000,
            ping_timeout_ms: 20_000,
            max_payload: 1_000_000,
        };
        assert_eq!(
            written(polling),
            r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        );
        let websocket = Open { upgrades: false, max_payload: 10_485_760, ..polling };
        assert_eq!(
            written(websocket),
            r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":10485760}"#
        );
    }

    #[test]
    fn an_odd_id_stays_inside_of_its_quotes() {
        let odd =
            Open { sid: "a\"\n", upgrades: false, ping_interval_ms: 1, ping_timeout_ms: 2, max_payload: 3 };
        assert!(written(odd).starts_with(r#"0{"sid":"a\"\u000a","upgrades":[]"#));
    }
}
