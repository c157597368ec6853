//! One range of bytes of a file (RFC 9110, section 14).

/// What a request wants of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    All,
    /// `length` bytes from `start`; at least one, all within the file.
    Part { start: u64, length: u64 },
    /// Bytes that the file does not have.
    Outside,
}

/// Reads a `Range` header for a file of `size` bytes. What is not understood, and several ranges at once, mean
/// all of the file, as the RFC allows.
pub(super) fn wanted(range: &str, size: u64) -> Wanted {
    let Some((unit, spec)) = range.trim().split_once('=') else { return Wanted::All };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Wanted::All;
    }
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::All };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => from(first, last, size),
        (Some(None), Some(Some(suffix))) => match suffix.min(size) {
            0 => Wanted::Outside,
            length => Wanted::Part { start: size - length, length },
        },
        (Some(None), Some(None)) | (None, _) | (_, None) => Wanted::All,
    }
}

fn from(first: u64, last: Option<u64>, size: u64) -> Wanted {
    if last.is_some_and(|last| last < first) {
        return Wanted::All;
    }
    if first >= size {
        return Wanted::Outside;
    }
    let last = last.unwrap_or(u64::MAX).min(size - 1);
    Wanted::Part { start: first, length: last - first + 1 }
}

/// Digits, or nothing at all; `None` for anything else. What is larger than any file counts as that.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(start: u64, length: u64) -> Wanted {
        Wanted::Part { start, length }
    }

    #[test]
    fn ranges_of_ten_bytes() {
        for (range, expected) in [
            ("bytes=0-3", part(0, 4)),
            ("BYTES=0-3", part(0, 4)),
            ("bytes=0-0", part(0, 1)),
            ("bytes=4-", part(4, 6)),
            ("bytes=4-99", part(4, 6)),
            ("bytes=9-9", part(9, 1)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-99", part(0, 10)),
            ("bytes=10-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=99999999999999999999-", Wanted::Outside),
            ("bytes=0-99999999999999999999", part(0, 10)),
            ("bytes=3-2", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("bytes=+1-2", Wanted::All),
            ("lines=0-1", Wanted::All),
            ("", Wanted::All),
        ] {
            assert_eq!(wanted(range, 10), expected, "{range}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Outside);
    }

    proptest::proptest! {
        #[test]
        fn a_part_lies_within_the_file(range in "bytes=[0-9]{0,21}-[0-9]{0,21}", size: u64) {
            if let Wanted::Part { start, length } = wanted(&range, size) {
                proptest::prop_assert!(length > 0 && start.checked_add(length).is_some_and(|end| end <= size));
            }
        }
    }
}
