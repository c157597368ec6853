//! Durations: `"30s"`, `"500ms"`, `"5m"`, `"1h"`, `"30 days"`, or a number of milliseconds.

use std::time::Duration;

use super::Kind;
use crate::config::raw::{Raw, Wrong};

/// Units: the one that is shown comes first, then what else is read. Milliseconds in each.
const UNITS: &[(&str, &[&str], u64)] = &[
    (" days", &["d", "day", "days"], 86_400_000),
    ("h", &["h", "hour", "hours"], 3_600_000),
    ("m", &["m", "min", "minute", "minutes"], 60_000),
    ("s", &["s", "sec", "second", "seconds"], 1_000),
    ("ms", &["ms", "millisecond", "milliseconds"], 1),
];

/// A duration within limits.
pub(in crate::config) struct Time {
    min: Duration,
    max: Duration,
    unit_needed: bool,
}

/// A duration from `min` to `max`.
pub(in crate::config) const fn time(min: Duration, max: Duration) -> Time {
    Time { min, max, unit_needed: false }
}

/// A duration whose unit must be written, because configurations that people bring along count this
/// setting in another unit than milliseconds.
pub(in crate::config) const fn time_with_unit(min: Duration, max: Duration) -> Time {
    Time { min, max, unit_needed: true }
}

/// `n` milliseconds.
pub(in crate::config) const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// `n` seconds.
pub(in crate::config) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// `n` hours.
pub(in crate::config) const fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3_600)
}

impl Kind for Time {
    type Value = Duration;

    fn words(&self) -> String {
        let example = if self.unit_needed { "with its unit" } else { "\"30s\", or a number of milliseconds" };
        format!("a duration from {} to {} ({example})", plain(self.min), plain(self.max))
    }

    fn read(&self, raw: &Raw) -> Result<Duration, Wrong> {
        let number = match raw {
            Raw::Integer(number) => u64::try_from(*number).ok(),
            Raw::Bare(text) => text.trim().parse().ok(),
            Raw::Text(_) | Raw::Float(_) | Raw::Bool(_) | Raw::List(_) | Raw::Table(_) | Raw::Other(_) => {
                None
            }
        };
        if let Some(number) = number.filter(|number| self.unit_needed && *number > 0) {
            return Err(Wrong::Because(format!(
                "write the unit, such as \"{number}s\": the number alone meant seconds in Primus and means \
                 milliseconds here"
            )));
        }
        let duration = number.map(Duration::from_millis).or_else(|| raw.text().and_then(with_unit));
        duration.filter(|d| (self.min..=self.max).contains(d)).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &Duration) -> String {
        format!("\"{}\"", plain(*value))
    }
}

/// `"30s"` or `"1.5 hours"`: a number and a unit, with or without a blank.
fn with_unit(text: &str) -> Option<Duration> {
    let text = text.trim();
    let letters = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(letters);
    let unit = unit.trim_start().to_lowercase();
    let (_, _, millis) = UNITS.iter().find(|(_, names, _)| names.contains(&unit.as_str()))?;
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(*millis).map(Duration::from_millis);
    }
    let seconds = number.parse::<f64>().ok()? * Duration::from_millis(*millis).as_secs_f64();
    Duration::try_from_secs_f64(seconds).ok()
}

/// In the largest unit that leaves no rest.
pub(in crate::config) fn plain(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    for (name, _, unit) in UNITS {
        let count = millis / unit;
        // People write 60s rather than 1m, as with every other number of seconds below two minutes.
        let familiar = *name != "m" || count > 1;
        if count > 0 && familiar && millis.is_multiple_of(*unit) {
            let name = if count == 1 && *name == " days" { " day" } else { name };
            return format!("{count}{name}");
        }
    }
    "0s".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_all_their_spellings() {
        let rows = [
            ("30s", 30_000),
            ("500ms", 500),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("30 days", 2_592_000_000),
            ("1 day", 86_400_000),
            ("2 Minutes", 120_000),
            ("1.5s", 1_500),
            ("0s", 0),
        ];
        for (text, expected) in rows {
            assert_eq!(with_unit(text), Some(millis(expected)), "{text}");
        }
        for text in ["", "s", "30", "30 sheep", "-1s", "1h30m", "1..5s", "99999999999999999999 days"] {
            assert_eq!(with_unit(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_milliseconds_and_text_needs_a_unit() {
        let kind = time(millis(0), hours(1));
        assert_eq!(kind.read(&Raw::Integer(1_200)), Ok(millis(1_200)));
        assert_eq!(kind.read(&Raw::Bare("1200".into())), Ok(millis(1_200)));
        assert_eq!(kind.read(&Raw::Bare("5m".into())), Ok(secs(300)));
        assert_eq!(kind.read(&Raw::Text("1200".into())), Err(Wrong::Kind));
        assert_eq!(kind.read(&Raw::Text("2h".into())), Err(Wrong::Kind), "out of range");
        assert_eq!(kind.read(&Raw::Bool(true)), Err(Wrong::Kind));
    }

    #[test]
    fn shows_the_largest_unit() {
        for text in ["30s", "500ms", "5m", "36h", "30 days", "1 day", "60s", "90s", "1h", "0s"] {
            assert_eq!(plain(with_unit(text).unwrap()), text);
        }
    }

    #[test]
    fn a_unit_may_be_needed() {
        let kind = time_with_unit(secs(0), hours(1_000));
        assert_eq!(kind.read(&Raw::Text("1h".into())), Ok(hours(1)));
        assert_eq!(kind.read(&Raw::Integer(0)), Ok(secs(0)), "nothing is nothing in any unit");
        assert!(
            matches!(kind.read(&Raw::Integer(86_400)), Err(Wrong::Because(why)) if why.contains("86400s"))
        );
    }
}
