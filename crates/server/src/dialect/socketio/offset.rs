//! The place of an event among those of its connection, as clients keep it and give it back: `<epoch>-<number>`.

use playhouse_core::rng::Rng;
use playhouse_core::wire::Tail;
use std::io::Write;
use std::sync::LazyLock;

/// Bytes of what follows an event, `,"1a2b3c-0000000007"]`: always as many, since the frame's header counts them.
pub(super) const TAIL: usize = 2 + EPOCH + 1 + DIGITS + 2;

/// Bytes of an epoch.
const EPOCH: usize = 6;

/// Digits of a number.
const DIGITS: usize = 10;

/// Which numbers are meant: those of one run of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset {
    epoch: [u8; EPOCH],
}

impl Offset {
    /// The numbers of this run.
    pub(crate) fn of_this_run() -> Self {
        static RUN: LazyLock<Offset> = LazyLock::new(|| Offset::of(Rng::system().u64()));
        *RUN
    }

    /// The numbers of a run; `run` is any number that no other has.
    fn of(run: u64) -> Self {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghijkmnpqrstuvwx";
        let letter = |nth: usize| LETTERS[usize::try_from(run >> (5 * nth) & 31).unwrap_or(0)];
        Self { epoch: std::array::from_fn(letter) }
    }

    /// What follows the event of a number.
    pub(super) fn tail(self, number: u64) -> Tail {
        let mut tail = [0; TAIL];
        let epoch = std::str::from_utf8(&self.epoch).expect("letters and digits");
        write!(&mut tail[..], ",\"{epoch}-{number:010}\"]").expect("no connection hears ten billion events");
        Tail::from_slice(&tail)
    }

    /// The number that a client gives back. `None` for another run's, and for what is none.
    pub(crate) fn number(self, text: &str) -> Option<u64> {
        let (epoch, number) = text.split_once('-')?;
        let sound = epoch.as_bytes() == self.epoch && number.len() == DIGITS;
        number.parse().ok().filter(|_| sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_come_back() {
        let run = Offset::of(0x1234_5678_9abc_def0);
        for number in [1, 77, 9_999_999_999] {
            let tail = run.tail(number);
            assert_eq!(tail.len(), TAIL);
            let text = std::str::from_utf8(&tail).unwrap();
            let text = text.trim_start_matches(",\"").trim_end_matches("\"]");
            assert_eq!(run.number(text), Some(number), "{text}");
            assert_eq!(Offset::of(7).number(text), None);
        }
        for odd in ["", "-", "1", "0-0", "zzzzzz-0000000001"] {
            assert_eq!(run.number(odd), None, "{odd}");
        }
    }
}
