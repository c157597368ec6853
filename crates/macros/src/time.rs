//! Durations as an application writes them in an attribute: `"5s"`. The units are those of the configuration.

use std::time::Duration;
use syn::LitStr;

/// Units and their milliseconds.
const UNITS: &[(&[&str], u64)] = &[
    (&["ms"], 1),
    (&["s", "sec", "second", "seconds"], 1_000),
    (&["m", "min", "minute", "minutes"], 60_000),
    (&["h", "hour", "hours"], 3_600_000),
];

/// Reads a duration from 1 ms to 24 h.
pub(crate) fn duration(text: &LitStr) -> syn::Result<Duration> {
    let millis = millis(&text.value()).filter(|millis| (1..=86_400_000).contains(millis));
    millis.map(Duration::from_millis).ok_or_else(|| {
        let wrong = text.value();
        syn::Error::new(
            text.span(),
            format!("`{wrong}` is no duration from 1 ms to 24 h: write `\"5s\"` or `\"300ms\"`"),
        )
    })
}

fn millis(text: &str) -> Option<u64> {
    let text = text.trim();
    let letters = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(letters);
    let (_, millis) = UNITS.iter().find(|(names, _)| names.contains(&unit.trim_start()))?;
    number.parse::<u64>().ok()?.checked_mul(*millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units() {
        for (text, expected) in [
            ("5s", Some(5_000)),
            ("300 ms", Some(300)),
            ("2m", Some(120_000)),
            ("5", None),
            ("s", None),
            ("-1s", None),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
    }
}
