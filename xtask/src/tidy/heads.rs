//! The rule on how a file begins: with `//!`, what it owns and what it must not know.

use super::Complaint;
use super::tree::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.files.iter().filter_map(head).chain(tree.files.iter().filter_map(broken)).collect()
}

fn head(file: &File) -> Option<Complaint> {
    if file.rust.is_none() || file.text.starts_with("//!") {
        return None;
    }
    Some(Complaint {
        path: file.path.clone(),
        line: 1,
        what: "the file does not begin with `//!`".into(),
        instead: "say in its first lines what it owns and what it must not know".into(),
    })
}

/// A rule cannot judge what it cannot read. Wrong programs that tests show the compiler may be so.
fn broken(file: &File) -> Option<Complaint> {
    let (line, why) = file.rust.as_ref()?.as_ref().err()?;
    if file.is_test {
        return None;
    }
    Some(Complaint {
        path: file.path.clone(),
        line: *line,
        what: format!("this is no Rust that can be read ({why})"),
        instead: "run `cargo check` and mend what it says".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn a_file_says_what_it_is() {
        let complaint = "a.rs:1: the file does not begin with `//!`; \
            instead: say in its first lines what it owns and what it must not know";
        assert_eq!(found(check, "a.rs", "/// A function.\nfn a() {}\n"), [complaint]);
        assert!(found(check, "a.rs", "//! Functions.\nfn a() {}\n").is_empty());
        assert!(found(check, "a.md", "no Rust").is_empty());
    }

    #[test]
    fn a_file_can_be_read() {
        let text = "//! Broken.\n\nfn a( {}\n";
        let complaints = found(check, "src/a.rs", text);
        assert!(
            complaints[0].starts_with("src/a.rs:3: this is no Rust that can be read ("),
            "{complaints:?}"
        );
        assert!(found(check, "tests/ui/a.rs", text).is_empty());
    }
}
