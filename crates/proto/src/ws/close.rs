//! The payload of a close frame: which codes may be sent, and how code and reason are read and written.
//!
//! It must not know why a link ends.

use super::Violation;

/// 1000: the purpose is fulfilled.
pub const NORMAL: u16 = 1000;
/// 1001: the endpoint goes away, as a server that shuts down or a page that is left.
pub const GOING_AWAY: u16 = 1001;
/// 1002: the peer broke the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// 1007: a payload does not fit its kind, as a text that is not UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;
/// 1008: the peer broke a policy.
pub const POLICY: u16 = 1008;
/// 1009: a message is too large.
pub const TOO_LARGE: u16 = 1009;
/// 1011: the server failed.
pub const INTERNAL: u16 = 1011;
/// 1013: try again later (registered with IANA after the RFC).
pub const TRY_AGAIN_LATER: u16 = 1013;

/// Bytes that a reason may have: a control frame carries 125, two of them are the code.
pub const REASON_MAX: usize = 123;

/// Whether a close frame may carry this code: RFC 6455, 7.4, and IANA's registry. 1004 is reserved; 1005,
/// 1006 and 1015 are words for what happened and are never sent; 1016 to 2999 are not given out yet.
#[must_use]
pub fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Reads the payload of a close frame, already unmasked. `None` is a close without a code.
///
/// # Errors
/// [`Violation::CloseTruncated`], [`Violation::CloseCode`] or [`Violation::CloseNotUtf8`].
pub fn parse(payload: &[u8]) -> Result<Option<(u16, &str)>, Violation> {
    let (code, reason) = match payload {
        [] => return Ok(None),
        [_] => return Err(Violation::CloseTruncated),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
    };
    if !may_be_sent(code) {
        return Err(Violation::CloseCode(code));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Violation::CloseNotUtf8)?;
    Ok(Some((code, reason)))
}

/// The part of `reason` that fits into a close frame: at most [`REASON_MAX`] bytes, cut between characters.
#[must_use]
pub fn fitting(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(REASON_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads() {
        let long = [&[3, 232][..], "é".repeat(61).as_bytes()].concat();
        assert_eq!(parse(b""), Ok(None));
        assert_eq!(parse(&[3]), Err(Violation::CloseTruncated));
        assert_eq!(parse(&[3, 232]), Ok(Some((1000, ""))));
        assert_eq!(parse(&[15, 160, b'h', b'i']), Ok(Some((4000, "hi"))));
        assert_eq!(parse(&long), Ok(Some((1000, "é".repeat(61).as_str()))));
        assert_eq!(parse(&[3, 232, 0xC3]), Err(Violation::CloseNotUtf8));
        assert_eq!(parse(&[3, 237]), Err(Violation::CloseCode(1005)));
    }

    #[test]
    fn codes_that_may_be_sent() {
        for code in [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
            assert!(may_be_sent(code), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            assert!(!may_be_sent(code), "{code}");
        }
    }

    #[test]
    fn long_reasons_are_cut_between_characters() {
        assert_eq!(fitting("short"), "short");
        assert_eq!(fitting(&"a".repeat(200)).len(), 123);
        assert_eq!(fitting(&"é".repeat(100)).len(), 122);
    }
}
