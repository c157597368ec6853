//! Which names an application may have, and what a name that it may not have was probably meant to be.

use std::fmt;

/// The longest name that registries take.
const LONGEST: usize = 64;

/// Rust's own words, and those of crates and folders that would be meant instead.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mimalloc",
    "mod",
    "move",
    "mut",
    "override",
    "playhouse",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "tests",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Names that are devices on Windows: no folder there can be called so.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Why a name can't be had.
#[derive(Debug, PartialEq)]
pub(crate) struct BadName {
    name: String,
    why: String,
    instead: String,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why, instead } = self;
        write!(
            f,
            "`{name}` can't be the name of an application: {why}. A name has lower-case letters of a to z, digits, \
             `-` and `_`, and begins with a letter; how about `{instead}`?"
        )
    }
}

/// Whether an application may be called so.
///
/// # Errors
/// Why not, and a name that it may have.
pub(crate) fn check(name: &str) -> Result<(), BadName> {
    match fault(name) {
        None => Ok(()),
        Some(why) => Err(BadName { name: name.to_owned(), why, instead: near(name) }),
    }
}

fn fault(name: &str) -> Option<String> {
    let Some(first) = name.chars().next() else { return Some("it is empty".into()) };
    if name.contains(['/', '\\']) {
        return Some("it is a path; the folder is given by `--path`".into());
    }
    let stranger = name.chars().find(|letter| !is_allowed(*letter));
    if let Some(stranger) = stranger {
        return Some(match stranger {
            ' ' => "it has a blank in it".into(),
            letter => format!("it has `{letter}` in it"),
        });
    }
    if !first.is_ascii_lowercase() {
        return Some(format!("it begins with `{first}`"));
    }
    if name.len() > LONGEST {
        return Some(format!("it has {} letters, and {LONGEST} are the most", name.len()));
    }
    is_taken(name).then(|| "the word is taken by Rust, Cargo, Windows or a library".into())
}

fn is_allowed(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
}

fn is_taken(name: &str) -> bool {
    let ident = name.replace('-', "_");
    let is_port = matches!(name.len(), 4) && (name.starts_with("com") || name.starts_with("lpt"));
    let is_port = is_port && name.ends_with(|letter: char| letter.is_ascii_digit());
    is_port || TAKEN.contains(&ident.as_str()) || DEVICES.contains(&name)
}

/// A name that is allowed, as near as can be.
fn near(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default();
    let mut near = String::new();
    let mut after_lower = false;
    for letter in last.chars() {
        if letter.is_uppercase() && after_lower {
            near.push('-');
        }
        after_lower = letter.is_lowercase() || letter.is_ascii_digit();
        // A blank or a mark parts two words; a letter of another alphabet is only left out.
        match letter.to_ascii_lowercase() {
            letter if is_allowed(letter) => near.push(letter),
            letter if letter.is_alphanumeric() => {}
            _ => near.push('-'),
        }
    }
    let words: Vec<&str> = near.split('-').filter(|word| !word.is_empty()).collect();
    let mut near = words.join("-").trim_matches('_').to_owned();
    near.truncate(LONGEST - "app-".len());
    if near.is_empty() {
        "my-app".into()
    } else if !near.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        format!("app-{near}")
    } else if is_taken(&near) {
        format!("{near}-app")
    } else {
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_crates_are_taken() {
        for name in ["chat", "my-app", "my_app", "a", "app2", "selfish", "testing"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_gets_a_near_one() {
        for (name, why, instead) in [
            ("", "it is empty", "my-app"),
            ("9lives", "it begins with `9`", "app-9lives"),
            ("-x", "it begins with `-`", "x"),
            ("_x", "it begins with `_`", "x"),
            ("my app", "it has a blank in it", "my-app"),
            ("MyApp", "it has `M` in it", "my-app"),
            ("größe", "it has `ö` in it", "gre"),
            ("聊天", "it has `聊` in it", "my-app"),
            ("a.b", "it has `.` in it", "a-b"),
            ("self", "the word is taken", "self-app"),
            ("test", "the word is taken", "test-app"),
            ("async", "the word is taken", "async-app"),
            ("proc-macro", "the word is taken", "proc-macro-app"),
            ("playhouse", "the word is taken", "playhouse-app"),
            ("com1", "the word is taken", "com1-app"),
            ("apps/chat", "it is a path", "chat"),
            ("../chat/", "it is a path", "chat"),
            ("..", "it has `.` in it", "my-app"),
            ("--", "it begins with `-`", "my-app"),
        ] {
            let bad = check(name).unwrap_err();
            assert!(bad.why.starts_with(why), "{name}: {bad}");
            assert_eq!(bad.instead, instead, "{name}");
            assert_eq!(check(&bad.instead), Ok(()), "{name}");
        }
        let long = check(&"a".repeat(65)).unwrap_err();
        assert!(long.why.contains("65 letters") && check(&long.instead).is_ok(), "{long}");
    }
}
