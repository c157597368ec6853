//! The rules of the house on source text. Each rule has a file with its own tests, a bad example and
//! the complaint it must cause; this file holds their table and what runs them.
//!
//! A rule says where, what, and what to do instead. None needs a network, a build or a secret.

mod arrows;
mod banned;
mod guarantees;
mod heads;
mod lengths;
mod links;
mod names;
mod source;
mod traces;
mod tree;

use std::fmt;
use std::process::ExitCode;

use crate::place::Place;
use tree::Tree;

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Complaint {
    /// The file, from the repository's root.
    path: String,
    /// Its line, beginning with 1.
    line: usize,
    /// What is wrong, without a full stop.
    what: String,
    /// What to do, without a full stop.
    instead: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Complaint { path, line, what, instead } = self;
        write!(f, "{path}:{line}: {what}; instead: {instead}")
    }
}

/// One rule.
struct Rule {
    name: &'static str,
    about: &'static str,
    check: fn(&Tree) -> Vec<Complaint>,
}

const RULES: &[Rule] = &[
    Rule { name: "arrows", about: "a crate uses only the crates below it", check: arrows::check },
    Rule { name: "heads", about: "every Rust file parses and begins with `//!`", check: heads::check },
    Rule {
        name: "lengths",
        about: "files of 700 lines, functions of 70, tests not counted",
        check: lengths::check,
    },
    Rule {
        name: "banned",
        about: "clocks, spawns, panics, chance and Unix only in their places",
        check: banned::check,
    },
    Rule {
        name: "names",
        about: "no item or file is called by a word that says nothing",
        check: names::check,
    },
    Rule {
        name: "guarantees",
        about: "every guarantee of a contract has its test",
        check: guarantees::check,
    },
    Rule {
        name: "links",
        about: "no link of a page leads nowhere, and the book has all its pages",
        check: links::check,
    },
    Rule {
        name: "traces",
        about: "no notes to self, no paths of one machine, no word on who wrote it",
        check: traces::check,
    },
];

/// The rules as `--help` shows them.
pub(crate) fn overview() -> String {
    let rules: String = RULES.iter().map(|rule| format!("  {:<12}{}\n", rule.name, rule.about)).collect();
    format!(
        "Rules:\n{rules}\nEach complaint says where, what, and what to do instead. Also part of `cargo test -p xtask`."
    )
}

/// `cargo xtask tidy`
pub(crate) fn main(place: &Place) -> Result<ExitCode, String> {
    let tree = Tree::read(&place.root)?;
    let complaints = complaints(&tree);
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    let files = tree.files.len();
    if complaints.is_empty() {
        println!("tidy: {} rules hold in {files} files", RULES.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("tidy: {} complaints in {files} files", complaints.len());
    Ok(ExitCode::FAILURE)
}

/// What all rules find, sorted by place.
fn complaints(tree: &Tree) -> Vec<Complaint> {
    let mut all: Vec<Complaint> = RULES.iter().flat_map(|rule| (rule.check)(tree)).collect();
    all.sort();
    all
}

/// The start of most rules' tests: the complaints about a tree of one file.
#[cfg(test)]
fn found(check: fn(&Tree) -> Vec<Complaint>, path: &str, text: &str) -> Vec<String> {
    check(&Tree::of(&[(path, text)])).iter().map(Complaint::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let place = Place::find().unwrap();
        let all = complaints(&Tree::read(&place.root).unwrap());
        let text: Vec<String> = all.iter().map(Complaint::to_string).collect();
        assert!(text.is_empty(), "\n{}\n", text.join("\n"));
    }

    #[test]
    fn a_complaint_says_where_what_and_what_instead() {
        let complaint =
            Complaint { path: "a.rs".into(), line: 3, what: "`x` is here".into(), instead: "y".into() };
        assert_eq!(complaint.to_string(), "a.rs:3: `x` is here; instead: y");
    }
}
