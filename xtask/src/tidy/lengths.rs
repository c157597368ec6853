//! The rule on lengths: a file has at most 700 lines, a function 70. Tests are not counted, in both.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use super::Complaint;
use super::source::Source;
use super::tree::{File, Tree};

const FILE_LINES_MAX: usize = 700;
const FUNCTION_LINES_MAX: usize = 70;

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.rust()
        .filter(|(file, _)| !file.is_test)
        .flat_map(|(file, source)| check_file(file, source))
        .collect()
}

fn check_file(file: &File, source: &Source) -> Vec<Complaint> {
    let complain = |line, what, instead: &str| Complaint {
        path: file.path.clone(),
        line,
        what,
        instead: instead.into(),
    };
    let mut functions = Functions { source, long: Vec::new() };
    functions.visit_file(&source.syntax);
    let mut complaints: Vec<Complaint> = functions
        .long
        .into_iter()
        .map(|(line, name, lines)| {
            let what = format!("`{name}` has {lines} lines, the most is {FUNCTION_LINES_MAX}");
            complain(line, what, "give its parts names and functions of their own")
        })
        .collect();
    let lines = file.text.lines().count().saturating_sub(source.test_lines());
    if lines > FILE_LINES_MAX {
        let what = format!("the file has {lines} lines without its tests, the most is {FILE_LINES_MAX}");
        complaints.push(complain(1, what, "find the collaborator in it and move it to a file of its own"));
    }
    complaints
}

struct Functions<'a> {
    source: &'a Source,
    /// Line, name, lines.
    long: Vec<(usize, String, usize)>,
}

impl Functions<'_> {
    /// From the line of `fn` to that of the last brace: attributes and documentation cost nothing.
    fn measure(&mut self, signature: &Signature, block: &Block) {
        let begin: Span = signature.fn_token.span;
        let line = begin.start().line;
        let lines = block.brace_token.span.close().end().line - line + 1;
        if lines > FUNCTION_LINES_MAX && !self.source.in_test(begin.byte_range().start) {
            self.long.push((line, signature.ident.to_string(), lines));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    /// A function of so many lines.
    fn function(name: &str, lines: usize) -> String {
        format!("fn {name}() {{\n{}}}\n", "    say();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_has_at_most_seventy_lines() {
        assert!(found(check, "a.rs", &function("fits", 70)).is_empty());
        let complaint = "a.rs:2: `long` has 71 lines, the most is 70; instead: give its parts names and functions of their own";
        assert_eq!(found(check, "a.rs", &format!("/// Doc.\n{}", function("long", 71))), [complaint]);
        for around in ["impl A {\n%}\n", "trait A {\n%}\n", "fn outer() {\n%}\n", "mod inner {\n%}\n"] {
            let all = found(check, "a.rs", &around.replace('%', &function("long", 71)));
            assert!(all.iter().any(|one| one.contains(":2: `long` has 71 lines")), "{around}");
        }
    }

    #[test]
    fn a_file_has_at_most_seven_hundred_lines() {
        let lines = |n: usize| "//! Line.\n".repeat(n);
        assert!(found(check, "a.rs", &lines(700)).is_empty());
        let complaint = "a.rs:1: the file has 701 lines without its tests, the most is 700; \
            instead: find the collaborator in it and move it to a file of its own";
        assert_eq!(found(check, "a.rs", &lines(701)), [complaint]);
    }

    #[test]
    fn tests_are_not_counted() {
        let test = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function("long", 800));
        assert!(found(check, "a.rs", &test).is_empty());
        assert!(found(check, "tests/a.rs", &function("long", 800)).is_empty());
    }
}
