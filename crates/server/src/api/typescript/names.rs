//! Names and comments of TypeScript, made from any text.

use std::collections::{BTreeMap, HashSet};

/// Names that a type can't have: words of the language, and the names that we write.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "any", "await", "bigint", "boolean", "break", "case", "catch", "class", "const", "continue", "debugger",
    "default", "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "function", "if",
    "implements", "import", "in", "instanceof", "interface", "let", "never", "new", "null", "number", "object",
    "package", "private", "protected", "public", "return", "static", "string", "super", "switch", "symbol", "this",
    "throw", "true", "try", "type", "typeof", "undefined", "unknown", "var", "void", "while", "with", "yield",
    "Actions", "Actors", "ErrorCode", "Rooms",
];

/// A name for each definition, no two alike.
pub(super) fn of_types<'m>(definitions: impl Iterator<Item = &'m str>) -> BTreeMap<&'m str, String> {
    let mut used: HashSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    let mut names = BTreeMap::new();
    for definition in definitions {
        let mut name = identifier(definition);
        while !used.insert(name.clone()) {
            name.push('_');
        }
        names.insert(definition, name);
    }
    names
}

fn identifier(text: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '$' { letter } else { '_' };
    let name: String = text.chars().map(letter).collect();
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// The name of a parameter, which can't be in quotes; it is for people alone.
pub(super) fn parameter(name: &str) -> String {
    let name = identifier(name);
    if TAKEN.contains(&name.as_str()) { name + "_" } else { name }
}

/// The name of a key; in quotes where it has to be.
pub(super) fn key(name: &str) -> String {
    if !name.is_empty() && identifier(name) == name { name.to_owned() } else { quoted(name) }
}

/// A text of the language.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A comment for editors before what follows; nothing for an empty text. No text can end it.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let text = text.trim().replace("*/", "*\\/");
    let blanks = " ".repeat(indent);
    match text.lines().count() {
        0 => String::new(),
        1 => format!("{blanks}/** {text} */\n"),
        _ => {
            let line = |line: &str| format!("{blanks} * {line}").trim_end().to_owned() + "\n";
            let lines: String = text.lines().map(line).collect();
            format!("{blanks}/**\n{lines}{blanks} */\n")
        }
    }
}
