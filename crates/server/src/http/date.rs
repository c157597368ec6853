//! Dates as HTTP writes them, in whole seconds. Answers of one second have the same date, so each thread keeps
//! the one that it wrote last.

use std::cell::Cell;
use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

/// The length of every date, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
const LENGTH: usize = 29;

/// A date as ASCII.
pub(super) type Text = [u8; LENGTH];

/// The date that lies `since` after the beginning of 1970.
pub(super) fn text(since: Duration) -> Text {
    thread_local! {
        static LAST: Cell<(u64, Text)> = Cell::new((0, written(0)));
    }
    LAST.with(|last| {
        let (second, text) = last.get();
        if second == since.as_secs() {
            return text;
        }
        let text = written(since.as_secs());
        last.set((since.as_secs(), text));
        text
    })
}

fn written(second: u64) -> Text {
    let mut text = [b' '; LENGTH];
    let date = httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(second));
    write!(&mut text[..], "{date}").expect("every date has this length");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_that_of_its_second() {
        for (ms, expected) in [
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_777_999, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_778_000, "Sun, 06 Nov 1994 08:49:38 GMT"),
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(text(Duration::from_millis(ms)), expected.as_bytes());
        }
    }
}
