//! What a peer can do wrong on an open websocket: one variant per rule, and the close code that answers it.
//!
//! Owns the names and the codes. It must not decide when a rule is broken; that is the decoder's.

use super::close;

/// A rule of RFC 6455 or RFC 7692, or one of our limits, that the peer has broken. The link is beyond
/// repair: send a close frame with [`code`](Self::code) and end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// RSV2 or RSV3 is set, or RSV1 on a frame that no extension lets carry it (RFC 6455, 5.2).
    #[error("a reserved bit is set")]
    ReservedBit,
    /// An opcode of 3 to 7 or 11 to 15 (RFC 6455, 5.2).
    #[error("the opcode {0} is reserved")]
    ReservedOpcode(u8),
    /// A control frame without FIN (RFC 6455, 5.5).
    #[error("a control frame is fragmented")]
    ControlFragmented,
    /// A control frame of more than 125 bytes (RFC 6455, 5.5).
    #[error("a control frame is longer than 125 bytes")]
    ControlTooLong,
    /// A client's frame is not masked (RFC 6455, 5.1).
    #[error("a frame from a client is not masked")]
    NotMasked,
    /// A server's frame is masked (RFC 6455, 5.1).
    #[error("a frame from a server is masked")]
    Masked,
    /// A continuation frame while no message is open (RFC 6455, 5.4).
    #[error("a continuation frame has no message to continue")]
    NothingToContinue,
    /// A new message begins inside of a fragmented one (RFC 6455, 5.4).
    #[error("a message begins before the one before it has ended")]
    MessageInterrupted,
    /// The length is not written in its shortest form (RFC 6455, 5.2).
    #[error("a length is not in its shortest form")]
    LengthNotMinimal,
    /// The topmost bit of a 64-bit length is set (RFC 6455, 5.2).
    #[error("a length has its highest bit set")]
    LengthOverflow,
    /// A close frame with a payload of one byte (RFC 6455, 5.5.1).
    #[error("a close frame has half a code")]
    CloseTruncated,
    /// A close code that may not be sent (RFC 6455, 7.4).
    #[error("the close code {0} may not be sent")]
    CloseCode(u16),
    /// The reason of a close frame is not UTF-8 (RFC 6455, 5.5.1 and 8.1).
    #[error("the reason of a close is not UTF-8")]
    CloseNotUtf8,
    /// A text message is not UTF-8 (RFC 6455, 8.1).
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A compressed message is no DEFLATE data (RFC 7692, 7.2.2).
    #[error("a compressed message cannot be unpacked")]
    NotDeflate,
    /// A frame announces more than [`Limits::frame`](super::Limits::frame) bytes.
    #[error("a frame is larger than the limit")]
    FrameTooLarge,
    /// A message grows beyond [`Limits::message`](super::Limits::message) bytes, packed or unpacked.
    #[error("a message is larger than the limit")]
    MessageTooLarge,
    /// A message has more than [`Limits::fragments`](super::Limits::fragments) frames.
    #[error("a message has too many fragments")]
    TooManyFragments,
}

impl Violation {
    /// The close code that answers it: 1002, 1007 or 1009.
    #[must_use]
    pub fn code(&self) -> u16 {
        match self {
            Self::ReservedBit
            | Self::ReservedOpcode(_)
            | Self::ControlFragmented
            | Self::ControlTooLong
            | Self::NotMasked
            | Self::Masked
            | Self::NothingToContinue
            | Self::MessageInterrupted
            | Self::LengthNotMinimal
            | Self::LengthOverflow
            | Self::CloseTruncated
            | Self::CloseCode(_) => close::PROTOCOL_ERROR,
            Self::CloseNotUtf8 | Self::NotUtf8 | Self::NotDeflate => close::INVALID_PAYLOAD,
            Self::FrameTooLarge | Self::MessageTooLarge | Self::TooManyFragments => close::TOO_LARGE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_fits_into_a_close_frame() {
        for violation in [
            Violation::ReservedOpcode(15),
            Violation::CloseCode(65535),
            Violation::MessageInterrupted,
            Violation::NothingToContinue,
            Violation::NotDeflate,
        ] {
            assert!(violation.to_string().len() <= close::REASON_MAX);
            assert!(close::may_be_sent(violation.code()));
        }
    }
}
