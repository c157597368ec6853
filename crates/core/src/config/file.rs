//! Reads `playhouse.toml` into entries: path, value as written, place. Finds what is no TOML and what
//! stands where a section should be; whether a key is known is for the one who applies the entries.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declare::join;
use super::problem::{FileSpot, Problem, Spot};
use super::raw::Raw;
use super::sections::ALL;

/// Something that somebody wrote.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The path with dots.
    pub(super) path: String,
    pub(super) raw: Raw,
    /// Where its name stands.
    pub(super) key: Spot,
    /// Where its value stands.
    pub(super) value: Spot,
}

/// A file's text and what was read of it.
pub(super) struct File<'a> {
    name: &'a str,
    content: &'a str,
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> File<'a> {
    /// Reads `content`; `name` is for messages.
    pub(super) fn read(name: &'a str, content: &'a str) -> Self {
        let mut file = Self { name, content, entries: Vec::new(), problems: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(content);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            file.problems.push(Problem {
                title: format!("this is no TOML: {}", error.message().lines().next().unwrap_or_default()),
                spot: file.spot(span.start, span.end, false),
                label: String::new(),
            });
        }
        // What a half-read file holds would only add follow-up errors.
        if file.problems.is_empty() {
            file.flatten(&[], table.get_ref());
        }
        file
    }

    fn flatten(&mut self, section: &[&str], table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let path = [section, &[name]].concat();
            if !ALL.iter().any(|known| known.path == path) {
                self.entries.push(self.entry(join(section, name), key, value));
                continue;
            }
            match value.get_ref() {
                DeValue::Table(below) => self.flatten(&path, below),
                // The one section that has a short form.
                DeValue::String(_) if path == ["log"] => {
                    self.entries.push(self.entry("log.filter".into(), key, value));
                }
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => self.problems.push(Problem {
                    title: format!("`{}` is a section, not a setting", path.join(".")),
                    spot: self.spot(key.span().start, key.span().end, true),
                    label: format!("write `[{}]` and its settings below", path.join(".")),
                }),
            }
        }
    }

    fn entry(&self, path: String, key: &Spanned<impl Sized>, value: &Spanned<DeValue<'_>>) -> Entry {
        Entry {
            path,
            raw: Raw::from_toml(value.get_ref()),
            key: self.spot(key.span().start, key.span().end, true),
            value: self.spot(value.span().start, value.span().end, false),
        }
    }

    fn spot(&self, from: usize, to: usize, cut: bool) -> Spot {
        Spot::File(FileSpot::new(self.name, self.content, from, to, cut))
    }
}
