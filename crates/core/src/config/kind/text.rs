//! Texts: plain, not empty, URL paths, folders, and tables of texts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Kind;
use crate::config::raw::{Raw, Wrong, quoted};

/// Any text.
pub(in crate::config) struct Text;

impl Kind for Text {
    type Value = String;

    fn words(&self) -> String {
        "a text".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        raw.text().map(str::to_owned).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// A text with at least one letter in it and none of `"`, `,`, `;`, `=`, blanks or control characters:
/// fit for a host, a cookie's name, a file's name.
pub(in crate::config) struct Word;

impl Kind for Word {
    type Value = String;

    fn words(&self) -> String {
        "a text without blanks, quotes, `,`, `;` or `=`".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = Text.read(raw)?;
        let fits =
            |letter: char| !letter.is_whitespace() && !letter.is_control() && !"\",;=".contains(letter);
        if text.is_empty() || !text.chars().all(fits) { Err(Wrong::Kind) } else { Ok(text) }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// What is logged: levels, for all or for a target, with commas between them.
pub(in crate::config) struct Filter;

impl Kind for Filter {
    type Value = String;

    fn words(&self) -> String {
        "off, error, warn, info, debug or trace, also as `target=level`, with commas between several".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = Text.read(raw)?;
        if text.split(',').all(is_directive) { Ok(text) } else { Err(Wrong::Kind) }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// `level` or `target=level`; a target is the path of a module.
fn is_directive(text: &str) -> bool {
    let (target, level) = text.trim().rsplit_once('=').map_or((None, text.trim()), |(t, l)| (Some(t), l));
    let is_path = |path: &str| {
        !path.is_empty() && path.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
    };
    ["off", "error", "warn", "info", "debug", "trace"].contains(&level.to_ascii_lowercase().as_str())
        && target.is_none_or(is_path)
}

/// The path of a URL: begins with one slash (added where it is missing), does not end with one.
pub(in crate::config) struct UrlPath;

impl Kind for UrlPath {
    type Value = String;

    fn words(&self) -> String {
        "a path such as \"/primus\": letters, digits, `-`, `.`, `_`, `~` and single slashes between them"
            .into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = Text.read(raw)?;
        let inner = text.strip_prefix('/').unwrap_or(&text);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let fits = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        };
        if inner.split('/').all(fits) { Ok(format!("/{inner}")) } else { Err(Wrong::Kind) }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// A place in the file system, relative to where the node was started unless it begins at the root.
pub(in crate::config) struct PathTo(&'static str);

pub(in crate::config) const FOLDER: PathTo = PathTo("folder");
pub(in crate::config) const FILE: PathTo = PathTo("file");

impl Kind for PathTo {
    type Value = PathBuf;

    fn words(&self) -> String {
        format!("the path of a {}", self.0)
    }

    fn read(&self, raw: &Raw) -> Result<PathBuf, Wrong> {
        let text = Text.read(raw)?;
        if text.is_empty() || text.contains('\0') { Err(Wrong::Kind) } else { Ok(text.into()) }
    }

    fn show(&self, value: &PathBuf) -> String {
        quoted(&value.to_string_lossy())
    }
}

/// Names of HTTP headers with their values.
pub(in crate::config) struct Headers;

impl Kind for Headers {
    type Value = BTreeMap<String, String>;

    fn words(&self) -> String {
        "a table of header names and texts, such as { X-Frame-Options = \"DENY\" }".into()
    }

    fn read(&self, raw: &Raw) -> Result<Self::Value, Wrong> {
        let Raw::Table(rows) = raw.opened() else { return Err(Wrong::Kind) };
        rows.iter().map(header).collect()
    }

    fn show(&self, value: &Self::Value) -> String {
        if value.is_empty() {
            return "{}".into();
        }
        let rows: Vec<_> =
            value.iter().map(|(name, text)| format!("{} = {}", quoted(name), quoted(text))).collect();
        format!("{{ {} }}", rows.join(", "))
    }
}

/// Names are tokens (RFC 9110, section 5.1); values hold what can't end a header early.
fn header((name, value): &(String, Raw)) -> Result<(String, String), Wrong> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Wrong::Because(format!("{} is no name of a header", quoted(name))));
    }
    let text = Text.read(value)?;
    if text.bytes().any(|b| b.is_ascii_control()) {
        return Err(Wrong::Because(format!("the value of {} has a control character", quoted(name))));
    }
    Ok((name.clone(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Raw {
        Raw::Text(text.into())
    }

    #[test]
    fn url_paths_get_their_slash() {
        let rows = [
            ("/primus", Some("/primus")),
            ("primus", Some("/primus")),
            ("/a/b.c/", Some("/a/b.c")),
            ("", None),
            ("/", None),
            ("/a//b", None),
            ("/a b", None),
            ("/../x", None),
            ("/a?b", None),
            ("/ä", None),
        ];
        for (written, path) in rows {
            assert_eq!(UrlPath.read(&text(written)).ok().as_deref(), path, "{written}");
        }
        assert_eq!(UrlPath.read(&Raw::Integer(1)), Err(Wrong::Kind));
    }

    #[test]
    fn words_have_no_blanks() {
        assert!(Word.read(&text("sessionID")).is_ok());
        for bad in ["", "a b", "a;b", "a=b", "a\n"] {
            assert_eq!(Word.read(&text(bad)), Err(Wrong::Kind), "{bad:?}");
        }
    }

    #[test]
    fn filters_are_levels() {
        for good in ["info", "warn,playhouse_node=debug", "INFO, a::b=off"] {
            assert!(Filter.read(&text(good)).is_ok(), "{good}");
        }
        for bad in ["", "loud", "info,", "=debug", "a b=debug", "info=x"] {
            assert_eq!(Filter.read(&text(bad)), Err(Wrong::Kind), "{bad}");
        }
    }

    #[test]
    fn headers_come_as_tables_also_from_the_environment() {
        let read = Headers.read(&Raw::Bare("{ X-A = \"1\", X-B = \"2\" }".into())).unwrap();
        assert_eq!(Headers.show(&read), "{ \"X-A\" = \"1\", \"X-B\" = \"2\" }");
        for bad in ["{ \"a b\" = \"1\" }", "{ X-A = \"a\\r\\nB: c\" }", "{ X-A = 1 }", "X-A: 1"] {
            assert!(Headers.read(&Raw::Bare(bad.into())).is_err(), "{bad}");
        }
    }

    #[test]
    fn quotes_are_escaped() {
        assert_eq!(Text.show(&"a\"\\\n\u{1}".to_owned()), "\"a\\\"\\\\\\n\\u0001\"");
    }
}
