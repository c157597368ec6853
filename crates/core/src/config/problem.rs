//! What is wrong with a configuration, and how it is told: all at once, each with its place and with what
//! was meant. Knows no setting.

use std::fmt;

/// Everything that is wrong with a configuration. Its text is for people and says what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The problems, in the order of their places. At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(super) title: String,
    pub(super) spot: Spot,
    /// What was meant or what to write; empty where the title says it all.
    pub(super) label: String,
}

/// Where somebody wrote something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spot {
    /// Nobody did: it is the default.
    Default,
    /// In a file.
    File(FileSpot),
    /// In the environment, under this name.
    Variable(String),
    /// On the command line.
    CommandLine,
    /// In the application's own code.
    Application,
}

/// A piece of a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileSpot {
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
    /// In letters, from 1.
    pub(super) column: usize,
    /// How many letters are meant.
    pub(super) width: usize,
    /// The line as it is to be shown.
    pub(super) text: String,
}

impl FileSpot {
    /// The place of the bytes `from..to` of a file. What follows them on their line is not shown if
    /// `cut`: after a name nobody knows there may stand a secret.
    pub(super) fn new(file: &str, content: &str, from: usize, to: usize, cut: bool) -> Self {
        let from = content.floor_char_boundary(from);
        let start = content[..from].rfind('\n').map_or(0, |newline| newline + 1);
        let end = content[from..].find('\n').map_or(content.len(), |newline| from + newline);
        let line = content[start..end].trim_end();
        let inner = from - start;
        let to = content.floor_char_boundary(to.clamp(from, start + line.len().max(inner))) - start;
        let text = match line.get(to..).and_then(|rest| rest.find('=')) {
            Some(equals) if cut => format!("{} …", &line[..=to + equals]),
            Some(_) | None => line.to_owned(),
        };
        Self {
            file: file.to_owned(),
            line: content[..start].matches('\n').count() + 1,
            column: content[start..from].chars().count() + 1,
            width: content[from..start + to].chars().count().max(1),
            text: text.replace('\t', " "),
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(spot) => write!(f, "{}:{}", spot.file, spot.line),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::CommandLine => f.write_str("command line"),
            Self::Application => f.write_str("the application"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.title)?;
        let Spot::File(spot) = &self.spot else {
            if self.spot != Spot::Default {
                write!(f, "\n  --> {}", self.spot)?;
            }
            if !self.label.is_empty() {
                write!(f, "\n   = {}", self.label)?;
            }
            return Ok(());
        };
        let gutter = spot.line.to_string();
        let margin = " ".repeat(gutter.len());
        writeln!(f, "\n{margin}--> {}:{}:{}", spot.file, spot.line, spot.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{gutter} | {}", spot.text)?;
        let marks = format!("{}{}", " ".repeat(spot.column - 1), "^".repeat(spot.width));
        write!(f, "{margin} | {}", format!("{marks} {}", self.label).trim_end())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            write!(f, "{problem}\n\n")?;
        }
        match self.problems.len() {
            1 => f.write_str("the configuration has an error"),
            count => write!(f, "the configuration has {count} errors"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_letters() {
        let content = "a = 1\näö = \"ü\" # x\n";
        let at = content.find('"').unwrap();
        let spot = FileSpot::new("f", content, at, at + 4, false);
        assert_eq!((spot.line, spot.column, spot.width), (2, 6, 3));
        assert_eq!(spot.text, "äö = \"ü\" # x");
        let key = FileSpot::new("f", content, 6, 10, true);
        assert_eq!(key.text, "äö = …");
    }

    #[test]
    fn any_place_of_any_text_is_shown_without_a_panic() {
        let content = "ä = 1\r\n\r\n\tb = '''\nx\n'''";
        for from in 0..=content.len() + 2 {
            for to in from..=content.len() + 2 {
                let spot = Spot::File(FileSpot::new("f", content, from, to, from % 2 == 0));
                let problem = Problem { title: "t".into(), spot, label: "l".into() };
                assert!(problem.to_string().starts_with("error: t\n --> f:"));
            }
        }
    }
}
