//! The rule on what a text should not carry out of the place where it was written: notes to self,
//! paths that exist on one machine only, words on who was told to write it. All files are read.

use super::Complaint;
use super::tree::Tree;

/// Words that leave something for later.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Beginnings of paths that only one machine has.
const PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/tmp/", "target"),
    concat!("/tmp/", "brief"),
    concat!("../", "shared/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
];

/// Words about how a text came to be, in lower case.
const MAKING: &[&str] = &[
    concat!("the ", "brief"),
    concat!("the ", "coordinator"),
    concat!("sub", "agent"),
    concat!("coding ", "agent"),
    concat!("this ", "workplace"),
];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        for (n, line) in file.text.lines().enumerate() {
            let lower = line.to_lowercase();
            for (line, texts, instead) in [
                (line, NOTES, "do it now, or open an issue and say in the text how it is today"),
                (line, PATHS, "a path inside the repository, or a fact copied into it"),
                (lower.as_str(), MAKING, "what a reader needs to know of the thing itself"),
            ] {
                let found = texts.iter().find(|text| stands_alone(line, text));
                complaints.extend(found.map(|text| Complaint {
                    path: file.path.clone(),
                    line: n + 1,
                    what: format!("`{text}` stands here"),
                    instead: instead.into(),
                }));
            }
        }
    }
    complaints
}

/// Whether the text is in the line and neither a longer word nor the middle of a longer path.
fn stands_alone(line: &str, text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let continues = |c: char| is_word(c) || "-.~".contains(c);
    let ends_in_word = text.ends_with(is_word);
    line.match_indices(text).any(|(offset, _)| {
        let before = line[..offset].chars().next_back();
        let after = line[offset + text.len()..].chars().next();
        let goes_on = ends_in_word && after.is_some_and(is_word);
        !goes_on && !before.is_some_and(continues)
    })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn notes_to_self_are_found_in_every_file() {
        let complaint = format!(
            "docs/a.md:2: `{}` stands here; instead: do it now, or open an issue and say in the text how it is today",
            NOTES[0]
        );
        assert_eq!(found(check, "docs/a.md", &format!("One.\n{}: two.\n", NOTES[0])), [complaint]);
        assert_eq!(found(check, "a.js", &format!("// {}(me) x", NOTES[1])).len(), 1);
        assert!(
            found(check, "a.rs", &format!("//! {}S and {}_LIST and A{}", NOTES[0], NOTES[0], NOTES[0]))
                .is_empty()
        );
    }

    #[test]
    fn how_a_text_came_to_be_is_nobodys_affair() {
        for words in MAKING {
            assert_eq!(
                found(check, "a.md", &format!("As {} said.", words.to_uppercase())).len(),
                1,
                "{words}"
            );
        }
        assert!(found(check, "a.md", &format!("{}ly put", MAKING[0])).is_empty());
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for path in PATHS {
            assert_eq!(found(check, "a.md", &format!("see `{path}-x`")).len(), 1, "{path}");
        }
        assert_eq!(found(check, "a.md", &format!("CARGO_TARGET_DIR={}-x", PATHS[1])).len(), 1);
        assert!(
            found(check, "a.md", &format!("https://a.example{}x and frame{}", PATHS[0], PATHS[0])).is_empty()
        );
    }
}
