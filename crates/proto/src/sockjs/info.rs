//! `/info`, the first thing that every client asks for (sockjs.md, 2).
//!
//! It must not make the entropy, nor decide what is offered.

use crate::primus::json;

/// The answer, as `application/json; charset=UTF-8`.
///
/// `websocket` is whether that transport is on, `cookie_needed` whether balancers need a cookie. A
/// `base_url` sends the transports to another address. `entropy` must come fresh from a secure generator
/// each time: old clients seed theirs with it.
#[must_use]
pub fn info(websocket: bool, cookie_needed: bool, base_url: Option<&str>, entropy: u32) -> String {
    let mut base = Vec::new();
    if let Some(url) = base_url {
        base.extend_from_slice(b",\"base_url\":\"");
        json::push_escaped(&mut base, url);
        base.push(b'"');
    }
    let base = String::from_utf8_lossy(&base);
    format!(
        r#"{{"websocket":{websocket},"origins":["*:*"],"cookie_needed":{cookie_needed},"entropy":{entropy}{base}}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_clients_expect_it() {
        assert_eq!(
            info(true, false, None, 7),
            r#"{"websocket":true,"origins":["*:*"],"cookie_needed":false,"entropy":7}"#
        );
        assert_eq!(
            info(false, true, Some("https://a.example/é\"\\"), u32::MAX),
            concat!(
                r#"{"websocket":false,"origins":["*:*"],"cookie_needed":true,"entropy":4294967295,"#,
                r#""base_url":"https://a.example/é\"\\"}"#
            )
        );
    }
}
