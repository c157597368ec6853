//! The rule on pages: every page of the book stands in its table of contents, and no link leads nowhere.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::Complaint;
use super::tree::{File, Tree};

const BOOK: &str = "docs/";
const CONTENTS: &str = "docs/SUMMARY.md";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let pages: Vec<&File> = tree.files.iter().filter(|file| file.path.ends_with(".md")).collect();
    let files: HashSet<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    let mut complaints = Vec::new();
    for page in &pages {
        for (line, target) in links(&page.text) {
            complaints.extend(broken(page, line, target, &files, &pages));
        }
    }
    if let Some(contents) = pages.iter().find(|page| page.path == CONTENTS) {
        complaints.extend(unlisted(contents, &pages));
    }
    complaints
}

/// The pages of the book that its table of contents does not have.
fn unlisted(contents: &File, pages: &[&File]) -> Vec<Complaint> {
    let listed: HashSet<String> =
        links(&contents.text).filter_map(|(_, target)| resolved(CONTENTS, target)).collect();
    let missing = pages
        .iter()
        .filter(|page| page.path.starts_with(BOOK) && page.path != CONTENTS && !listed.contains(&page.path));
    missing
        .map(|page| Complaint {
            path: page.path.clone(),
            line: 1,
            what: "this page is not in the book's table of contents".into(),
            instead: format!("a line in {CONTENTS}"),
        })
        .collect()
}

fn broken(
    page: &File,
    line: usize,
    target: &str,
    files: &HashSet<&str>,
    pages: &[&File],
) -> Option<Complaint> {
    let complaint = |what: String| Complaint {
        path: page.path.clone(),
        line,
        what,
        instead: "a path from this page's folder to one that exists".into(),
    };
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let there = if path.is_empty() { page.path.clone() } else { resolved(&page.path, path)? };
    let folder = format!("{}/", there.trim_end_matches('/'));
    if !files.contains(there.as_str()) && !files.iter().any(|file| file.starts_with(&folder)) {
        return Some(complaint(format!("the link `{target}` leads to `{there}`, which does not exist")));
    }
    let text = pages.iter().find(|page| page.path == there).filter(|_| !anchor.is_empty())?;
    let found = headings(&text.text).any(|heading| heading == anchor);
    (!found)
        .then(|| complaint(format!("`{there}` has no heading `{anchor}`, which the link `{target}` wants")))
}

/// Where a link leads, from the repository's root; `None` for what leads out of it.
fn resolved(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or_default();
    if target.contains("::") || target.contains("://") || target.starts_with("mailto:") || target.is_empty() {
        return None;
    }
    let mut path = PathBuf::new();
    for part in Path::new(from).parent()?.join(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(path.to_string_lossy().into_owned())
}

/// The targets of a page's links with their lines; programs are no links.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    outside_of_programs(text).flat_map(|(line, text)| {
        let ends = text.match_indices("](").map(move |(at, _)| &text[at + 2..]);
        ends.filter_map(move |rest| rest.split_once(')').map(|(target, _)| (line, target)))
    })
}

fn outside_of_programs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    text.lines().enumerate().filter_map(move |(nth, line)| {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            return None;
        }
        (!inside).then_some((nth + 1, line))
    })
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    outside_of_programs(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(Complaint::to_string).collect()
    }

    #[test]
    fn a_link_leads_somewhere() {
        let page = "[a](docs/a.md) [b](docs/a.md#two-words) [c](https://example.com) [d](docs)";
        assert!(found(&[("README.md", page), ("docs/a.md", "# One\n## Two words!\n")]).is_empty());
        let said = found(&[("docs/how-to/x.md", "\n[a](../gone.md)"), ("docs/a.md", "")]);
        let wanted = "docs/how-to/x.md:2: the link `../gone.md` leads to `docs/gone.md`, which does not exist; \
                      instead: a path from this page's folder to one that exists";
        assert_eq!(said, [wanted]);
        let said = found(&[("README.md", "[a](docs/a.md#three)"), ("docs/a.md", "# One")]);
        assert!(said[0].contains("no heading `three`"), "{said:?}");
    }

    #[test]
    fn programs_are_no_links() {
        assert!(found(&[("README.md", "```\n[a](gone.md)\n```\n")]).is_empty());
    }

    #[test]
    fn every_page_is_in_the_contents() {
        let said = found(&[("docs/SUMMARY.md", "[a](a.md)"), ("docs/a.md", ""), ("docs/b.md", "")]);
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("docs/b.md:1: this page is not in"), "{said:?}");
    }
}
