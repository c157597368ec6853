//! Whole numbers, sizes in bytes, factors, and yes or no.

use std::fmt::Display;

use super::Kind;
use crate::config::raw::{Raw, Wrong};

/// `true` or `false`.
pub(in crate::config) struct YesNo;

impl Kind for YesNo {
    type Value = bool;

    fn words(&self) -> String {
        "true or false".into()
    }

    fn read(&self, raw: &Raw) -> Result<bool, Wrong> {
        match raw {
            Raw::Bool(yes) => Ok(*yes),
            Raw::Bare(text) => text.parse().map_err(|_| Wrong::Kind),
            Raw::Text(_) | Raw::Integer(_) | Raw::Float(_) | Raw::List(_) | Raw::Table(_) | Raw::Other(_) => {
                Err(Wrong::Kind)
            }
        }
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// A whole number within limits.
pub(in crate::config) struct Whole<T> {
    min: T,
    max: T,
}

/// A whole number from `min` to `max`.
pub(in crate::config) const fn whole<T>(min: T, max: T) -> Whole<T> {
    Whole { min, max }
}

impl<T: Copy + Display + PartialOrd + TryFrom<i64>> Kind for Whole<T> {
    type Value = T;

    fn words(&self) -> String {
        format!("a whole number from {} to {}", self.min, self.max)
    }

    fn read(&self, raw: &Raw) -> Result<T, Wrong> {
        let number = integer(raw).and_then(|number| T::try_from(number).ok());
        number.filter(|number| *number >= self.min && *number <= self.max).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &T) -> String {
        value.to_string()
    }
}

fn integer(raw: &Raw) -> Option<i64> {
    match raw {
        Raw::Integer(number) => Some(*number),
        Raw::Bare(text) => text.trim().parse().ok(),
        Raw::Text(_) | Raw::Float(_) | Raw::Bool(_) | Raw::List(_) | Raw::Table(_) | Raw::Other(_) => None,
    }
}

/// A number with a fraction, within limits.
pub(in crate::config) struct Factor {
    min: f64,
    max: f64,
}

/// A number from `min` to `max`.
pub(in crate::config) const fn factor(min: f64, max: f64) -> Factor {
    Factor { min, max }
}

impl Kind for Factor {
    type Value = f64;

    fn words(&self) -> String {
        format!("a number from {} to {}", self.min, self.max)
    }

    fn read(&self, raw: &Raw) -> Result<f64, Wrong> {
        let number = match raw {
            Raw::Float(number) => Some(*number),
            Raw::Integer(number) => number.to_string().parse().ok(),
            Raw::Bare(text) => text.trim().parse().ok(),
            Raw::Text(_) | Raw::Bool(_) | Raw::List(_) | Raw::Table(_) | Raw::Other(_) => None,
        };
        number.filter(|number| (self.min..=self.max).contains(number)).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &f64) -> String {
        format!("{value:?}")
    }
}

/// Bytes in a KiB.
pub(in crate::config) const KIB: usize = 1_024;
/// Bytes in a MiB.
pub(in crate::config) const MIB: usize = 1_024 * KIB;
/// Bytes in a GiB.
pub(in crate::config) const GIB: usize = 1_024 * MIB;

/// Units of sizes. The binary ones, which come first, are shown; all are read.
const UNITS: &[(&str, usize)] = &[
    ("TiB", 1_024 * GIB),
    ("GiB", GIB),
    ("MiB", MIB),
    ("KiB", KIB),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("KB", 1_000),
    ("B", 1),
];

/// A number of bytes within limits.
pub(in crate::config) struct Size {
    min: usize,
    max: usize,
}

/// A number of bytes from `min` to `max`.
pub(in crate::config) const fn size(min: usize, max: usize) -> Size {
    Size { min, max }
}

impl Kind for Size {
    type Value = usize;

    fn words(&self) -> String {
        format!("a size from {} to {} (\"10 MiB\", or a number of bytes)", plain(self.min), plain(self.max))
    }

    fn read(&self, raw: &Raw) -> Result<usize, Wrong> {
        let bytes = match raw {
            Raw::Integer(bytes) => usize::try_from(*bytes).ok(),
            Raw::Text(text) => with_unit(text),
            Raw::Bare(text) => text.trim().parse().ok().or_else(|| with_unit(text)),
            Raw::Float(_) | Raw::Bool(_) | Raw::List(_) | Raw::Table(_) | Raw::Other(_) => None,
        };
        bytes.filter(|bytes| (self.min..=self.max).contains(bytes)).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &usize) -> String {
        let text = plain(*value);
        if text.ends_with("iB") { format!("\"{text}\"") } else { value.to_string() }
    }
}

/// `"10 MiB"`, in whole numbers of its unit.
fn with_unit(text: &str) -> Option<usize> {
    let text = text.trim();
    let letters = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(letters);
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<usize>().ok()?.checked_mul(*bytes)
}

/// In the largest binary unit that leaves no rest.
fn plain(bytes: usize) -> String {
    for (name, unit) in UNITS.iter().filter(|(name, _)| name.ends_with("iB")) {
        if bytes > 0 && bytes.is_multiple_of(*unit) {
            return format!("{} {name}", bytes / unit);
        }
    }
    if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> Raw {
        Raw::Bare(text.into())
    }

    #[test]
    fn whole_numbers_keep_to_their_range() {
        let port = whole(0_u16, u16::MAX);
        let rows = [
            (Raw::Integer(8080), Some(8080)),
            (bare("8080"), Some(8080)),
            (bare(" 1 "), Some(1)),
            (Raw::Integer(65_536), None),
            (Raw::Integer(-1), None),
            (Raw::Text("8080".into()), None),
            (Raw::Float(1.0), None),
            (bare("tcp://10.0.0.1:80"), None),
        ];
        for (raw, number) in rows {
            assert_eq!(port.read(&raw).ok(), number, "{raw:?}");
        }
        assert_eq!(whole(2, 3_usize).words(), "a whole number from 2 to 3");
    }

    #[test]
    fn sizes_are_bytes_or_have_a_unit() {
        let kind = size(1, 2 * GIB);
        let rows = [
            (Raw::Integer(10_485_760), Some(10 * MIB)),
            (Raw::Text("10 MiB".into()), Some(10 * MIB)),
            (bare("64KiB"), Some(64 * KIB)),
            (bare("1000000"), Some(1_000_000)),
            (bare("1 MB"), Some(1_000_000)),
            (Raw::Text("5 B".into()), Some(5)),
            (Raw::Text("5".into()), None),
            (Raw::Text("five MiB".into()), None),
            (Raw::Text("1.5 MiB".into()), None),
            (Raw::Text("10 mib".into()), None),
            (Raw::Text("99999999999 GiB".into()), None),
            (Raw::Text("3 GiB".into()), None),
            (Raw::Integer(0), None),
        ];
        for (raw, bytes) in rows {
            assert_eq!(kind.read(&raw).ok(), bytes, "{raw:?}");
        }
        assert_eq!(kind.show(&(3 * KIB)), "\"3 KiB\"");
        assert_eq!(kind.show(&1_000_000), "1000000");
    }

    #[test]
    fn yes_and_no_are_words() {
        assert_eq!(YesNo.read(&bare("true")), Ok(true));
        assert_eq!(YesNo.read(&Raw::Bool(false)), Ok(false));
        for raw in [bare("yes"), bare("1"), Raw::Integer(1), Raw::Text("true".into())] {
            assert_eq!(YesNo.read(&raw), Err(Wrong::Kind));
        }
    }

    #[test]
    fn factors_are_whole_or_not() {
        let kind = factor(1.0, 10.0);
        assert_eq!(kind.read(&Raw::Integer(2)), Ok(2.0));
        assert_eq!(kind.read(&bare("1.5")), Ok(1.5));
        assert_eq!(kind.read(&Raw::Float(f64::NAN)), Err(Wrong::Kind));
        assert_eq!(kind.show(&2.0), "2.0");
    }
}
