//! Whether a client has a file already: `ETag`, `If-None-Match`, `If-Modified-Since`, `If-Range`.

use http::header::{CACHE_CONTROL, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE};
use http::{HeaderMap, HeaderName};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The end of the year 9999: HTTP can't write a later date, but a file system can.
const LAST_SECOND: u64 = 253_402_300_799;

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Bytes.
    pub(super) size: u64,
    /// What the tag tells it by, beside its size: of a file in the folder, the last change.
    pub(super) mark: u64,
    /// Last change, in milliseconds since 1970. Without one, dates prove nothing and only the tag counts.
    pub(super) modified_ms: Option<u64>,
}

/// What the conditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The client has it: 304.
    Unchanged,
    /// It is to be sent.
    Send,
}

impl Version {
    /// A file of the folder, changed last at this time.
    pub(super) fn of_file(size: u64, modified_ms: u64) -> Self {
        Self { size, mark: modified_ms, modified_ms: Some(modified_ms) }
    }

    /// The tag, weak as the original's is: `W/"<size>-<last change>"`, both in hex.
    pub(super) fn etag(self) -> String {
        format!("W/\"{:x}-{:x}\"", self.size, self.mark)
    }

    /// The last change as HTTP writes dates, in whole seconds.
    pub(super) fn last_modified(self) -> Option<String> {
        self.seconds().map(httpdate::fmt_http_date)
    }

    fn seconds(self) -> Option<SystemTime> {
        let ms = self.modified_ms?;
        Some(UNIX_EPOCH + Duration::from_secs((ms / 1_000).min(LAST_SECOND)))
    }
}

/// Decides. A date, where the request has one that can be read, decides alone; then no tag is sent either,
/// which the second part of the answer says (actionhero.md, section 5.5).
pub(super) fn verdict(headers: &HeaderMap, version: Version, etag: bool) -> (Verdict, bool) {
    if let (Some(since), Some(changed)) = (date(headers, &IF_MODIFIED_SINCE), version.seconds()) {
        let unchanged = changed <= since;
        return (if unchanged { Verdict::Unchanged } else { Verdict::Send }, false);
    }
    let unchanged = etag && !wants_anew(headers) && has_tag(headers, &version.etag());
    (if unchanged { Verdict::Unchanged } else { Verdict::Send }, etag)
}

/// Whether a client has the state that `etag` names, for what has no date.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    !wants_anew(headers) && has_tag(headers, etag)
}

/// Whether a range may be answered with a part: `If-Range` names the state that the client has begun with.
/// A weak tag never proves that the bytes are the same (RFC 9110, section 13.1.5), so only a date can.
pub(super) fn allows_part(headers: &HeaderMap, version: Version) -> bool {
    let changed = version.seconds();
    !headers.contains_key(IF_RANGE) || changed.is_some() && date(headers, &IF_RANGE) == changed
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, name)?).ok()
}

fn wants_anew(headers: &HeaderMap) -> bool {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    directives.flat_map(|line| line.split(',')).any(|word| word.trim().eq_ignore_ascii_case("no-cache"))
}

/// Weak comparison: what stands before the quotes does not count.
fn has_tag(headers: &HeaderMap, etag: &str) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let opaque = etag.trim_start_matches("W/");
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in a recording of the original: 20 bytes, changed on Sun, 22 Nov 2026 08:08:06.618.
    const CHANGED_MS: u64 = 0x019e_aad5_4c1a;
    const VERSION: Version = Version { size: 20, mark: CHANGED_MS, modified_ms: Some(CHANGED_MS) };

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    fn before_and_after() -> (String, String) {
        let date = |seconds| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
        let seconds = CHANGED_MS / 1_000;
        (date(seconds - 1), date(seconds + 1))
    }

    #[test]
    fn tags_are_size_and_time_in_hex() {
        assert_eq!(VERSION.etag(), "W/\"14-19eaad54c1a\"");
        assert_eq!(Version::of_file(0, 0).last_modified().unwrap(), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(Version::of_file(0, u64::MAX).last_modified().unwrap(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn without_a_date_only_the_tag_counts() {
        let made = Version { modified_ms: None, ..VERSION };
        let (before, after) = before_and_after();
        for (tag, expected) in [("*", Verdict::Unchanged), ("\"x\"", Verdict::Send)] {
            for date in [&before, &after] {
                let asked = headers(&[("if-modified-since", date), ("if-none-match", tag)]);
                assert_eq!(verdict(&asked, made, true), (expected, true), "{date} {tag}");
            }
        }
        assert_eq!(made.last_modified(), None);
        assert!(!allows_part(&headers(&[("if-range", after.as_str())]), made));
    }

    #[test]
    fn tags() {
        let tag = "if-none-match";
        for (pairs, expected) in [
            (vec![], Verdict::Send),
            (vec![(tag, "W/\"14-19eaad54c1a\"")], Verdict::Unchanged),
            (vec![(tag, "\"14-19eaad54c1a\"")], Verdict::Unchanged),
            (vec![(tag, "\"x\", W/\"14-19eaad54c1a\"")], Verdict::Unchanged),
            (vec![(tag, "\"x\""), (tag, "*")], Verdict::Unchanged),
            (vec![(tag, "\"x\"")], Verdict::Send),
            (vec![(tag, "")], Verdict::Send),
            (vec![(tag, "*"), ("cache-control", "max-age=0, No-Cache")], Verdict::Send),
            (vec![(tag, "*"), ("cache-control", "max-age=0")], Verdict::Unchanged),
        ] {
            assert_eq!(verdict(&headers(&pairs), VERSION, true), (expected, true), "{pairs:?}");
        }
        assert_eq!(verdict(&headers(&[(tag, "*")]), VERSION, false), (Verdict::Send, false));
    }

    #[test]
    fn a_date_decides_alone() {
        let (before, after) = before_and_after();
        let same = VERSION.last_modified().unwrap();
        for (date, tag, expected) in [
            (before.as_str(), "*", (Verdict::Send, false)),
            (&same, "\"x\"", (Verdict::Unchanged, false)),
            (&after, "\"x\"", (Verdict::Unchanged, false)),
            ("yesterday", "*", (Verdict::Unchanged, true)),
            ("yesterday", "\"x\"", (Verdict::Send, true)),
        ] {
            let headers = headers(&[("if-modified-since", date), ("if-none-match", tag)]);
            assert_eq!(verdict(&headers, VERSION, true), expected, "{date} {tag}");
        }
    }

    #[test]
    fn parts_only_of_the_state_that_the_client_has() {
        let (before, _) = before_and_after();
        let same = VERSION.last_modified().unwrap();
        for (value, expected) in [(same.as_str(), true), (&before, false), ("W/\"14-19eaad54c1a\"", false)] {
            assert_eq!(allows_part(&headers(&[("if-range", value)]), VERSION), expected, "{value}");
        }
        assert!(allows_part(&HeaderMap::new(), VERSION));
    }
}
