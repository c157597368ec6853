//! One Rust file as the rules see it: its syntax, and its text with comments and literals blanked,
//! so that a rule on calls does not stumble over a sentence about them.

use std::ops::Range;

use proc_macro2::{Delimiter, LineColumn, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemMod};

/// A file that parses. Offsets are bytes.
pub(super) struct Source {
    pub(super) syntax: syn::File,
    code: String,
    product: String,
    tests: Tests,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("code", &self.code).finish_non_exhaustive()
    }
}

impl Source {
    /// Reads a file. The error is a line and what the compiler would say there.
    pub(super) fn parse(text: &str) -> Result<Source, (usize, String)> {
        let tokens: TokenStream =
            text.parse().map_err(|e: proc_macro2::LexError| at(e.span().start(), &e))?;
        let code = masked(text, tokens.clone());
        let syntax: syn::File = syn::parse2(tokens).map_err(|e| at(e.span().start(), &e))?;
        let mut tests = Tests::default();
        tests.visit_file(&syntax);
        let product = tests.ranges.iter().fold(code.clone(), |code, range| blanked(&code, range));
        Ok(Source { syntax, code, product, tests })
    }

    /// The text, comments and literals blanked. Lines and offsets are those of the file.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The same with all tests blanked.
    pub(super) fn product(&self) -> &str {
        &self.product
    }

    /// Whether this place belongs to a test.
    pub(super) fn in_test(&self, offset: usize) -> bool {
        self.tests.ranges.iter().any(|range| range.contains(&offset))
    }

    /// The lines that tests take.
    pub(super) fn test_lines(&self) -> usize {
        self.tests.lines
    }

    /// Whether the whole file says of itself that it is test.
    pub(super) fn is_test(&self) -> bool {
        marks_test(&self.syntax.attrs)
    }

    /// The test modules declared here whose text is elsewhere.
    pub(super) fn outside_test_modules(&self) -> impl Iterator<Item = &str> {
        self.tests.outside.iter().map(String::as_str)
    }
}

/// The line of an offset, beginning with 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Whether these attributes make a test of what they stand on: `#[test]`, `#[tokio::test]`, and any
/// `#[cfg(..)]` that names `test` without a `not`.
fn marks_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let name = attribute.path().segments.last().map(|segment| segment.ident.to_string());
        match (name.as_deref(), &attribute.meta) {
            (Some("test"), _) => true,
            (Some("cfg"), syn::Meta::List(list)) => {
                let words = list.tokens.to_string();
                let has = |word: &str| words.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
                has("test") && !has("not")
            }
            _ => false,
        }
    })
}

/// Collects what is test in a file.
#[derive(Default)]
struct Tests {
    ranges: Vec<Range<usize>>,
    lines: usize,
    outside: Vec<String>,
}

impl Tests {
    fn add(&mut self, span: proc_macro2::Span) {
        self.lines += span.end().line - span.start().line + 1;
        self.ranges.push(span.byte_range());
    }
}

impl<'ast> Visit<'ast> for Tests {
    fn visit_item(&mut self, item: &'ast Item) {
        if !marks_test(attributes_of(item)) {
            return visit::visit_item(self, item);
        }
        if let Item::Mod(ItemMod { content: None, ident, .. }) = item {
            self.outside.push(ident.to_string());
        }
        self.add(item.span());
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if marks_test(&item.attrs) {
            self.add(item.span());
        } else {
            visit::visit_impl_item_fn(self, item);
        }
    }
}

/// The attributes of the kinds of items that can be tests or hold them.
fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn at(place: LineColumn, why: &dyn std::fmt::Display) -> (usize, String) {
    (place.line, why.to_string())
}

/// Only identifiers and punctuation of the text, everything else blank.
fn masked(text: &str, tokens: TokenStream) -> String {
    let mut bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'\n' { b'\n' } else { b' ' }).collect();
    copy(text, tokens, &mut bytes);
    // Whole tokens were copied into blanks, so what is there is text again.
    String::from_utf8(bytes).unwrap_or_default()
}

fn copy(text: &str, tokens: TokenStream, into: &mut [u8]) {
    // A doc comment's tokens carry the whole comment as their place: they differ from the text there.
    let mut keep = |range: Range<usize>, token: &str| {
        if text.get(range.clone()) == Some(token) {
            into[range].copy_from_slice(token.as_bytes());
        }
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => keep(ident.span().byte_range(), &ident.to_string()),
            TokenTree::Punct(punct) => keep(punct.span().byte_range(), &punct.as_char().to_string()),
            TokenTree::Literal(_) => {}
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                keep(group.span_open().byte_range(), open);
                keep(group.span_close().byte_range(), close);
                groups.push(group);
            }
        }
    }
    for group in groups {
        copy(text, group.stream(), into);
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

fn blanked(text: &str, range: &Range<usize>) -> String {
    let blank: String = text[range.clone()].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
    [&text[..range.start], &blank, &text[range.end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
//! About `panic!(`.
/// Says é and dbg!.
fn a() { say(\"todo!()\", 'x', r#\"dbg!\"#); } // dbg!
#[cfg(test)]
mod tests {
    #[test]
    fn b() { panic!() }
}
";

    #[test]
    fn comments_and_literals_are_blank() {
        let source = Source::parse(TEXT).unwrap();
        assert!(!source.code().contains("dbg") && !source.code().contains("todo"), "{}", source.code());
        assert!(source.code().contains("fn a() { say("));
        assert!(source.code().contains("panic!()"));
        assert_eq!(line_of(source.code(), source.code().find("panic").unwrap()), 7);
    }

    #[test]
    fn tests_are_no_product() {
        let source = Source::parse(TEXT).unwrap();
        assert!(!source.product().contains("panic"));
        assert_eq!(source.product().lines().count(), TEXT.lines().count());
        assert_eq!(source.test_lines(), 5);
        assert!(source.in_test(TEXT.find("fn b").unwrap()));
    }

    #[test]
    fn knows_what_marks_a_test() {
        let is = |attribute: &str| {
            Source::parse(&format!("#[{attribute}] fn f() {{}}")).unwrap().test_lines() == 1
        };
        for yes in
            ["test", "tokio::test", "cfg(test)", "cfg(any(test, feature = \"x\"))", "cfg(all(unix, test))"]
        {
            assert!(is(yes), "{yes}");
        }
        for no in ["inline", "cfg(not(test))", "cfg(unix)", "cfg(feature = \"latest\")"] {
            assert!(!is(no), "{no}");
        }
    }

    #[test]
    fn what_does_not_parse_says_where() {
        assert_eq!(Source::parse("fn a() {}\nfn b( {}\n").unwrap_err().0, 2);
        assert_eq!(Source::parse("fn a() {}\nfn b() { let = 1; }\n").unwrap_err().0, 2);
    }
}
