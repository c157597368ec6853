//! What was found, as a table for people and as JSON for programs; and what was hoped for.

use serde_json::{Value, json};

use crate::load::{Sample, Work};
use crate::pairs::{Pair, Spread};

/// What stands below the table; `limit` is replaced by what ours was compared with.
const READING: &str = "\
Rates are medians; the ratio is the median over the pairs, each pair measured one side after the other.
cost: microseconds of the server's processor for one unit, limit and ours; it scatters less than rates do
      when others use the machine.
busy: share of a core used by server/generator, limit and ours. A generator at 100 % beside a server that
      is not means that the generator was measured.
";

/// What a work shall reach. The figures are the project's own goals, see `ARCHITECTURE.md`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// At least this share of the limit's rate.
    Share { must: f64, want: f64 },
    /// At most so many KiB, whatever the limit needs.
    KibAtMost { must: f64, want: f64 },
}

/// The goal of a work.
pub(crate) fn goal(work: Work) -> Goal {
    match work {
        Work::Echo1 | Work::SocketIo1 => Goal::Share { must: 0.80, want: 0.88 },
        Work::Echo16 | Work::SocketIo16 => Goal::Share { must: 0.30, want: 0.45 },
        Work::Say1 | Work::SocketIoSay => Goal::Share { must: 0.90, want: 1.0 },
        Work::Say32 => Goal::Share { must: 0.80, want: 1.0 },
        Work::Http => Goal::Share { must: 0.60, want: 0.75 },
        Work::Connects => Goal::Share { must: 0.80, want: 0.90 },
        Work::Idle => Goal::KibAtMost { must: 4.0, want: 2.0 },
        Work::IdleSocketIo => Goal::KibAtMost { must: 5.0, want: 4.0 },
        Work::IdlePolling => Goal::KibAtMost { must: 6.0, want: 4.0 },
    }
}

/// How a figure stands to its goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As good as we want it.
    Want,
    /// Good enough.
    Must,
    /// Not good enough.
    Missed,
    /// The reference is not the limit: there is no goal.
    NoGoal,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Want => "want",
            Self::Must => "must",
            Self::Missed => "MISSED",
            Self::NoGoal => "-",
        }
    }
}

impl Goal {
    fn judge(self, ratio: f64, value: f64) -> Verdict {
        let (wanted, enough) = match self {
            Self::Share { must, want } => (ratio >= want, ratio >= must),
            Self::KibAtMost { must, want } => (value <= want, value <= must),
        };
        match (wanted, enough) {
            (true, _) => Verdict::Want,
            (false, true) => Verdict::Must,
            (false, false) => Verdict::Missed,
        }
    }

    fn figures(self) -> (String, String) {
        match self {
            Self::Share { must, want } => (format!("{must:.2}"), format!("{want:.2}")),
            Self::KibAtMost { must, want } => (format!("{must} KiB"), format!("{want} KiB")),
        }
    }
}

/// One work's outcome: its pairs (at least one), or why there are none.
pub(crate) struct Line {
    pub(crate) work: Work,
    pub(crate) outcome: Result<Vec<Pair>, String>,
}

/// All that was found.
pub(crate) struct Report {
    /// What ours was compared with: `limit` or `reference`.
    pub(crate) reference: &'static str,
    /// Whether the goals apply: ours is an application and the reference is the limit.
    pub(crate) judged: bool,
    pub(crate) lines: Vec<Line>,
}

struct Figures {
    reference: Spread,
    ours: Spread,
    ratio: Spread,
}

impl Figures {
    fn of(pairs: &[Pair]) -> Option<Self> {
        Some(Self {
            reference: Spread::of(pairs.iter().map(|pair| pair.reference.value))?,
            ours: Spread::of(pairs.iter().map(|pair| pair.ours.value))?,
            ratio: Spread::of(pairs.iter().map(Pair::ratio))?,
        })
    }
}

impl Report {
    /// Whether every work could be measured.
    pub(crate) fn is_complete(&self) -> bool {
        self.lines.iter().all(|line| line.outcome.is_ok())
    }

    /// Whether a goal's `must` was missed.
    pub(crate) fn has_missed(&self) -> bool {
        self.lines.iter().any(|line| self.verdict(line) == Verdict::Missed)
    }

    fn verdict(&self, line: &Line) -> Verdict {
        match line.outcome.as_ref().ok().and_then(|pairs| Figures::of(pairs)) {
            Some(figures) if self.judged => goal(line.work).judge(figures.ratio.median, figures.ours.median),
            Some(_) | None => Verdict::NoGoal,
        }
    }

    /// The table, with a line on how to read it.
    pub(crate) fn table(&self) -> String {
        let head = [
            "work",
            "unit",
            self.reference,
            "ours",
            "ratio",
            "(min-max)",
            "must",
            "want",
            "verdict",
            "cost",
            "busy",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(self.lines.iter().map(|line| self.row(line)));
        let mut table = align(&rows);
        table.push('\n');
        table.push_str(&READING.replace("limit", self.reference));
        table
    }

    fn row(&self, line: &Line) -> Vec<String> {
        let name = line.work.name();
        let pairs = match &line.outcome {
            Ok(pairs) => pairs,
            Err(reason) => return vec![name, format!("FAILED: {reason}")],
        };
        let Some(figures) = Figures::of(pairs) else { return vec![name] };
        let (must, want) = if self.judged { goal(line.work).figures() } else { ("-".into(), "-".into()) };
        vec![
            name,
            line.work.unit().to_owned(),
            amount(figures.reference.median),
            amount(figures.ours.median),
            format!("{:.3}", figures.ratio.median),
            format!("({:.3}-{:.3})", figures.ratio.min, figures.ratio.max),
            must,
            want,
            self.verdict(line).word().to_owned(),
            cost(line.work, pairs),
            busy(line.work, pairs),
        ]
    }

    /// The same for programs, with every single run.
    pub(crate) fn json(&self) -> Value {
        let works: Vec<Value> = self.lines.iter().map(|line| self.line_json(line)).collect();
        json!({ "reference": self.reference, "judged": self.judged, "works": works })
    }

    fn line_json(&self, line: &Line) -> Value {
        let (work, unit) = (line.work.name(), line.work.unit());
        let pairs = match &line.outcome {
            Ok(pairs) => pairs,
            Err(reason) => return json!({ "work": work, "unit": unit, "failed": reason }),
        };
        let figures = Figures::of(pairs);
        json!({
            "work": work,
            "unit": unit,
            "reference": figures.as_ref().map(|figures| spread_json(figures.reference)),
            "ours": figures.as_ref().map(|figures| spread_json(figures.ours)),
            "ratio": figures.as_ref().map(|figures| spread_json(figures.ratio)),
            "verdict": self.verdict(line).word(),
            "pairs": pairs
                .iter()
                .map(|pair| json!({ "reference": pair.reference.json(), "ours": pair.ours.json(), "ratio": pair.ratio() }))
                .collect::<Vec<_>>(),
        })
    }
}

impl Sample {
    /// One run for programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "value": self.value,
            "costUs": self.cost_us(),
            "serverBusy": self.server_busy,
            "loadBusy": self.load_busy,
        })
    }
}

/// Where several values lie, for programs.
pub(crate) fn spread_json(spread: Spread) -> Value {
    json!({ "median": spread.median, "min": spread.min, "max": spread.max })
}

/// Microseconds of the server for one unit: at the reference, at ours.
fn cost(work: Work, pairs: &[Pair]) -> String {
    if work.is_idle() {
        return "-".into();
    }
    let reference = median(pairs.iter().map(|pair| pair.reference.cost_us()));
    let ours = median(pairs.iter().map(|pair| pair.ours.cost_us()));
    format!("{reference:.2} {ours:.2}")
}

/// Shares of a core: server/generator at the reference, the same at ours.
fn busy(work: Work, pairs: &[Pair]) -> String {
    if work.is_idle() {
        return "-".into();
    }
    busy_shares(pairs)
}

/// The same of any work.
pub(crate) fn busy_shares(pairs: &[Pair]) -> String {
    let percent = |part: fn(&Pair) -> f64| median(pairs.iter().map(part)) * 100.0;
    format!(
        "{:.0}/{:.0}% {:.0}/{:.0}%",
        percent(|pair| pair.reference.server_busy),
        percent(|pair| pair.reference.load_busy),
        percent(|pair| pair.ours.server_busy),
        percent(|pair| pair.ours.load_busy),
    )
}

/// The median of at least one value.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    Spread::of(values).map_or(f64::NAN, |spread| spread.median)
}

/// A value in at most seven characters' precision: small ones with two places, large ones with thousands set
/// apart.
pub(crate) fn amount(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Columns of equal width, the last cell of a row as long as it likes.
pub(crate) fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| column + 1 < row.len()).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(value: f64) -> Sample {
        Sample { value, server_busy: 1.0, load_busy: 0.5 }
    }

    fn line(work: Work, pairs: &[(f64, f64)]) -> Line {
        let pairs = pairs.iter().map(|&(a, b)| Pair { reference: sample(a), ours: sample(b) });
        Line { work, outcome: Ok(pairs.collect()) }
    }

    fn report(lines: Vec<Line>) -> Report {
        Report { reference: "limit", judged: true, lines }
    }

    #[test]
    fn verdicts() {
        for (work, pair, verdict) in [
            (Work::Echo1, (100.0, 90.0), Verdict::Want),
            (Work::Echo1, (100.0, 80.0), Verdict::Must),
            (Work::Echo1, (100.0, 79.0), Verdict::Missed),
            (Work::Idle, (0.1, 2.0), Verdict::Want),
            (Work::Idle, (0.1, 4.0), Verdict::Must),
            (Work::Idle, (8.0, 4.1), Verdict::Missed),
            (Work::IdlePolling, (0.1, 6.0), Verdict::Must),
        ] {
            let mut report = report(vec![line(work, &[pair])]);
            assert_eq!(report.verdict(&report.lines[0]), verdict, "{work:?} {pair:?}");
            report.judged = false;
            assert_eq!(report.verdict(&report.lines[0]), Verdict::NoGoal);
        }
    }

    #[test]
    fn the_table_lines_up() {
        let failed = Line { work: Work::Http, outcome: Err("the server closed a connection".into()) };
        let report = report(vec![line(Work::Echo16, &[(1_000_000.0, 400_000.0)]), failed]);
        let table = report.table();
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows[0].find("ratio"), rows[1].find("0.400"), "{table}");
        assert!(rows[1].contains("1,000,000") && rows[1].contains("must"), "{table}");
        assert_eq!(rows[2].split_once(' ').unwrap().0, "http");
        assert!(rows[2].ends_with("FAILED: the server closed a connection"), "{table}");
        assert!(rows[1].contains("1.00 2.50") && rows[1].ends_with("100/50% 100/50%"), "{table}");
        assert!(!report.is_complete() && !report.has_missed());
    }

    #[test]
    fn the_json_has_every_run() {
        let json = report(vec![line(Work::Say1, &[(2.0, 1.0), (2.0, 2.0), (2.0, 3.0)])]).json();
        assert_eq!(json["works"][0]["work"], "say-1");
        assert_eq!(json["works"][0]["ratio"], json!({ "median": 1.0, "min": 0.5, "max": 1.5 }));
        assert_eq!(json["works"][0]["pairs"][2]["ours"]["value"], 3.0);
        assert_eq!(json["works"][0]["verdict"], "want");
    }

    #[test]
    fn amounts() {
        for (value, text) in [(0.256, "0.26"), (100.0, "100"), (1234.6, "1,235"), (1_000_000.0, "1,000,000")]
        {
            assert_eq!(amount(value), text);
        }
    }
}
