//! Interleaving and ratios: the reference and ours take turns, each pair gives one ratio, the median counts.
//!
//! A machine's speed drifts over minutes, but hardly between the two halves of a pair: that is why ratios of
//! pairs are quoted, never ratios of means. It must not know what is measured.

use crate::load::Sample;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The limit, or another build given as the reference.
    Reference,
    /// The server under test.
    Ours,
}

/// Two runs, one after the other, and what each of them found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<S = Sample> {
    pub(crate) reference: S,
    pub(crate) ours: S,
}

impl Pair {
    /// Ours as a share of the reference.
    pub(crate) fn ratio(&self) -> f64 {
        self.ours.value / self.reference.value
    }
}

/// Measures `rounds` pairs, the reference first in each; stops at the first failure.
pub(crate) fn interleave<S, E>(
    rounds: u32,
    mut measure: impl FnMut(u32, Side) -> Result<S, E>,
) -> Result<Vec<Pair<S>>, E> {
    (1..=rounds)
        .map(|round| {
            let reference = measure(round, Side::Reference)?;
            let ours = measure(round, Side::Ours)?;
            Ok(Pair { reference, ours })
        })
        .collect()
}

/// Where several values lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of some values; `None` of none. The median of an even number is the mean of the middle two.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Some(Self { median, min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(value: f64) -> Sample {
        Sample { value, server_busy: 1.0, load_busy: 1.0 }
    }

    #[test]
    fn the_sides_take_turns() {
        let mut seen = Vec::new();
        let pairs = interleave(2, |round, side| {
            seen.push((round, side));
            Ok::<_, ()>(sample(if side == Side::Ours { 3.0 } else { 4.0 }))
        });
        let (reference, ours) = (Side::Reference, Side::Ours);
        assert_eq!(seen, [(1, reference), (1, ours), (2, reference), (2, ours)]);
        let ratios: Vec<f64> = pairs.unwrap().iter().map(Pair::ratio).collect();
        assert_eq!(ratios, [0.75, 0.75]);
    }

    #[test]
    fn a_failure_ends_it() {
        let mut runs = 0;
        let outcome = interleave(5, |round, _| {
            runs += 1;
            if round == 2 { Err("broken") } else { Ok(sample(1.0)) }
        });
        assert_eq!((outcome.unwrap_err(), runs), ("broken", 3));
    }

    #[test]
    fn spreads() {
        let spread = |values: &[f64]| {
            Spread::of(values.iter().copied()).map(|spread| (spread.median, spread.min, spread.max))
        };
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[2.0]), Some((2.0, 2.0, 2.0)));
        assert_eq!(spread(&[3.0, 1.0]), Some((2.0, 1.0, 3.0)));
        assert_eq!(spread(&[9.0, 1.0, 2.0]), Some((2.0, 1.0, 9.0)));
    }
}
