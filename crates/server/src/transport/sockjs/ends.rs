//! How an end is told to a client of SockJS: its codes and reasons (sockjs.md, 6).

use playhouse_core::codes::{self, Close};
use playhouse_proto::sockjs::frame;

/// What is told to a receiving request of a session that has ended already.
pub(super) const INTERRUPTED: (u16, &str) = (1002, "Connection interrupted");

/// What is told to a receiving request while another one is there.
pub(super) const BUSY: (u16, &str) = (2010, "Another connection still open");

/// The code of the end of one of which nothing is heard.
pub(super) const SILENT: u16 = 3000;

/// The code of a regular end.
pub(super) const NORMAL: u16 = 1000;

/// The code and the reason of an end.
pub(super) fn said(close: &'static Close) -> (u16, &'static str) {
    if [&codes::DRAINING, &codes::STOPPED].contains(&close) {
        (1001, "Going away")
    } else if [&codes::ENDED, &codes::LEFT].contains(&close) {
        (NORMAL, "Normal closure")
    } else if *close == codes::SILENT {
        (SILENT, "No response from heartbeat")
    } else {
        (close.websocket.unwrap_or(NORMAL), close.text)
    }
}

/// The last frame.
pub(super) fn frame((code, reason): (u16, &str)) -> Vec<u8> {
    let mut out = Vec::new();
    frame::close(&mut out, code, reason);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_a_code_that_clients_know() {
        for close in codes::CLOSES {
            let (code, reason) = said(close);
            assert!((1000..5000).contains(&code) && !reason.is_empty(), "{}", close.name);
            assert_eq!(
                close.websocket.unwrap_or(code),
                code,
                "{}: the close frame says the same",
                close.name
            );
        }
        assert_eq!(frame(said(&codes::ENDED)), b"c[1000,\"Normal closure\"]");
        assert_eq!(frame(INTERRUPTED), b"c[1002,\"Connection interrupted\"]");
    }
}
