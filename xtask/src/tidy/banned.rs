//! The rule on calls that have one place, or none. A table: the text, where it may stand, what to
//! use instead. It is looked for in code without comments and literals, and in `use` lists spelt out.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

use super::Complaint;
use super::source::{Source, line_of};
use super::tree::{File, Tree};

/// Some texts and one answer.
struct Ban {
    texts: &'static [&'static str],
    /// Beginnings of paths where they may stand; one that begins with `*` may be anywhere in the path.
    allowed: &'static [&'static str],
    /// Whether tests are free to use them.
    free_in_tests: bool,
    instead: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        texts: &[
            "unbounded_channel",
            "mpsc::unbounded",
            "UnboundedSender",
            "UnboundedReceiver",
            "mpsc::channel()",
        ],
        allowed: &[],
        free_in_tests: false,
        instead: "a bounded queue, with its limit in core::limits and a policy for the moment it is full",
    },
    Ban {
        texts: &["Instant::now", "SystemTime::now", "tokio::time", "thread::sleep"],
        allowed: &["crates/core/src/clock", "bench/", "xtask/", "*/examples/"],
        free_in_tests: true,
        instead: "core::clock, so that a test can be the one who moves time",
    },
    Ban {
        texts: &[
            "tokio::spawn",
            "task::spawn",
            "task::spawn_blocking",
            "task::spawn_local",
            "JoinSet",
            "thread::spawn",
            "thread::scope",
            "thread::Builder",
        ],
        allowed: &[
            "crates/core/src/tasks",
            "crates/core/src/clock",
            "crates/playhouse/src/run",
            "crates/server/src/server.rs",
            "crates/sqlite/src/threads.rs",
            "bench/",
            "xtask/",
            "*/examples/",
        ],
        free_in_tests: true,
        instead: "core::tasks, so that a drain can wait for it; a thread belongs to playhouse's run or server's workers",
    },
    Ban {
        texts: &["rand::", "fastrand", "oorandom", "getrandom", "thread_rng", "Uuid::new_v4"],
        allowed: &["crates/core/src/rng", "bench/"],
        free_in_tests: true,
        instead: "core::rng, so that one seed repeats a whole run",
    },
    Ban {
        texts: &[".unwrap()", ".unwrap_err()", "panic!("],
        // A test harness speaks by panicking.
        allowed: &["crates/playhouse/src/test", "*/examples/"],
        free_in_tests: true,
        instead: "an error of the crate's own enum, or `expect(\"the invariant that makes this impossible\")`",
    },
    Ban {
        texts: &["todo!(", "unimplemented!("],
        allowed: &[],
        free_in_tests: true,
        instead: "the thing itself, or a sentence that it does not exist yet, as an error",
    },
    Ban {
        texts: &["dbg!("],
        allowed: &[],
        free_in_tests: false,
        instead: "tracing, at a level and with fields that someone will want to read",
    },
    Ban {
        texts: &[
            "std::os::unix",
            "std::os::fd",
            "std::os::linux",
            "libc::",
            "rustix::",
            "nix::",
            "tokio::signal::unix",
            "signal::unix",
            "net::UnixListener",
            "net::UnixStream",
            "AsRawFd",
            "AsFd",
            "RawFd",
            ".set_reuse_port(",
        ],
        allowed: &[
            "crates/server/src/os.rs",
            "crates/server/src/os/",
            "crates/core/src/os.rs",
            "bench/",
            "xtask/",
            "*/examples/",
        ],
        free_in_tests: true,
        instead: "the module `os` of server or core: what only Unix has stands there, beside what other systems do",
    },
];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.rust().flat_map(|(file, source)| BANS.iter().flat_map(move |ban| ban.check(file, source))).collect()
}

impl Ban {
    fn check(&self, file: &File, source: &Source) -> Vec<Complaint> {
        if self.allowed.iter().any(|place| covers(place, &file.path)) || (file.is_test && self.free_in_tests)
        {
            return Vec::new();
        }
        let code = if self.free_in_tests { source.product() } else { source.code() };
        let mut imports = Imports::default();
        imports.visit_file(&source.syntax);
        // A set: a `use` that spells the path out is found in both ways.
        let mut hits = BTreeSet::new();
        for text in self.texts {
            hits.extend(places(code, text).map(|offset| (line_of(code, offset), *text)));
            let import = |(path, offset): &(String, usize)| {
                let counts = !(self.free_in_tests && source.in_test(*offset));
                (counts && names(path, text)).then(|| (line_of(code, *offset), *text))
            };
            hits.extend(imports.paths.iter().filter_map(import));
        }
        let complain = |(line, text)| Complaint {
            path: file.path.clone(),
            line,
            what: format!("`{text}` has no place here"),
            instead: self.instead.into(),
        };
        hits.into_iter().map(complain).collect()
    }
}

fn covers(place: &str, path: &str) -> bool {
    match place.strip_prefix('*') {
        Some(part) => path.contains(part),
        None => path.starts_with(place),
    }
}

/// Where a text stands as whole words.
fn places<'a>(code: &'a str, text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(text).map(|(offset, _)| offset).filter(move |offset| {
        let before = code[..*offset].chars().next_back();
        let after = code[offset + text.len()..].chars().next();
        let runs_on = is_word(before) && is_word(text.chars().next());
        let goes_on = is_word(after) && is_word(text.chars().next_back());
        !runs_on && !goes_on
    })
}

/// Whether an imported path brings in what the text names: `tokio::time::sleep` does for
/// `tokio::time`, `libc::getpid` for `libc::`.
fn names(path: &str, text: &str) -> bool {
    places(&format!("{path}::"), text).next().is_some()
}

/// The paths that the `use` items of a file bring in, spelt out, with their offsets.
#[derive(Default)]
struct Imports {
    paths: Vec<(String, usize)>,
}

impl Imports {
    fn add(&mut self, before: &str, tree: &UseTree) {
        let join = |name: &dyn std::fmt::Display| {
            if before.is_empty() { name.to_string() } else { format!("{before}::{name}") }
        };
        let offset = |span: Span| span.byte_range().start;
        match tree {
            UseTree::Path(path) => self.add(&join(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => {
                self.paths.push((before.to_owned(), offset(name.ident.span())));
            }
            UseTree::Name(name) => self.paths.push((join(&name.ident), offset(name.ident.span()))),
            UseTree::Rename(rename) => self.paths.push((join(&rename.ident), offset(rename.ident.span()))),
            UseTree::Glob(glob) => self.paths.push((before.to_owned(), offset(glob.star_token.spans[0]))),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.add(before, item)),
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add("", &item.tree);
        visit::visit_item_use(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const PATH: &str = "crates/node/src/room.rs";

    /// The texts complained of, in a product file of `node`.
    fn banned(text: &str) -> Vec<String> {
        let text_of = |complaint: &String| complaint.split('`').nth(1).map(str::to_owned);
        found(check, PATH, text).iter().filter_map(text_of).collect()
    }

    #[test]
    fn every_ban_has_its_bad_example() {
        for (bad, text) in [
            ("let (a, b) = mpsc::unbounded_channel::<u8>();", "unbounded_channel"),
            ("let (a, b) = mpsc::channel();", "mpsc::channel()"),
            ("let now = Instant::now();", "Instant::now"),
            ("let now = std::time::SystemTime::now();", "SystemTime::now"),
            ("tokio::time::sleep(ms(5)).await;", "tokio::time"),
            ("tokio::spawn(async {});", "tokio::spawn"),
            ("std::thread::spawn(|| {});", "thread::spawn"),
            ("let n: u8 = rand::random();", "rand::"),
            ("let a = b.unwrap();", ".unwrap()"),
            ("panic!(\"no\");", "panic!("),
            ("todo!();", "todo!("),
            ("unimplemented!();", "unimplemented!("),
            ("dbg!(1);", "dbg!("),
            ("unsafe { libc::getpid() };", "libc::"),
            ("socket.set_reuse_port(true);", ".set_reuse_port("),
        ] {
            assert_eq!(banned(&format!("async fn f() {{ {bad} }}")), [text], "{bad}");
        }
    }

    #[test]
    fn the_complaint_says_what_to_use() {
        let complaint = format!(
            "{PATH}:2: `Instant::now` has no place here; instead: core::clock, so that a test can be the one who moves time"
        );
        assert_eq!(found(check, PATH, "fn f() {\n    Instant::now();\n}\n"), [complaint]);
    }

    #[test]
    fn imports_are_spelt_out() {
        assert_eq!(banned("use tokio::{sync, time::{self, sleep}};"), ["tokio::time"]);
        assert_eq!(banned("use std::thread::{Builder as Maker, self};"), ["thread::Builder"]);
        assert_eq!(banned("use libc::*;"), ["libc::"]);
        assert_eq!(banned("use std::os::unix::net::UnixListener;"), ["net::UnixListener", "std::os::unix"]);
        assert_eq!(banned("use std::os::{unix::fs};"), ["std::os::unix"]);
        assert!(banned("use std::time::Instant; use std::thread; use crate::rand_like;").is_empty());
    }

    #[test]
    fn only_whole_words_count() {
        assert!(
            banned(
                "fn f() { grand::total(); task::spawner(); a.unwrap_or(1); my_dbg!(2); mpsc::channel(8); }"
            )
            .is_empty()
        );
    }

    #[test]
    fn sentences_and_literals_are_free() {
        assert!(
            banned("/// Never `.unwrap()`.\nfn f() { say(\"tokio::spawn\"); } // Instant::now").is_empty()
        );
    }

    #[test]
    fn tests_are_free_but_for_what_they_should_not_teach() {
        let test = |body: &str| {
            format!("#[cfg(test)]\nmod tests {{\n    use std::thread::spawn;\n    fn f() {{ {body} }}\n}}\n")
        };
        assert!(banned(&test("a.unwrap(); Instant::now(); tokio::spawn(x);")).is_empty());
        assert_eq!(banned(&test("dbg!(1); unbounded_channel();")), ["unbounded_channel", "dbg!("]);
        assert!(found(check, "crates/node/tests/a.rs", "fn f() { a.unwrap(); }").is_empty());
    }

    #[test]
    fn each_place_may_do_its_own() {
        for (path, text) in [
            ("crates/core/src/clock/system.rs", "fn f() { Instant::now(); std::thread::spawn(g); }"),
            ("crates/core/src/tasks.rs", "fn f() { tokio::spawn(g()); }"),
            ("crates/core/src/rng.rs", "fn f() { getrandom::fill(b); }"),
            ("crates/server/src/os.rs", "use std::os::unix::fs::MetadataExt;"),
            ("bench/src/main.rs", "fn f() { Instant::now(); unsafe { libc::fork() }; }"),
        ] {
            assert_eq!(found(check, path, text), [""; 0], "{path}");
        }
        assert_eq!(found(check, "crates/core/src/tasks.rs", "fn f() { Instant::now(); }").len(), 1);
    }
}
