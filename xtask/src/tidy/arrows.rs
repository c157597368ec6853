//! The rule on dependencies between our crates. The table below *is* the house: a new arrow is a
//! decision, made here and in ARCHITECTURE.md.
//!
//! Tests may reach further than products, with two limits: `proto` and `core` stand alone in their
//! tests too, and no test draws in a crate that stands on the one under test (an application's view
//! of `node` belongs into the tests of `playhouse`). `macros` is the exception, because what an
//! attribute writes compiles only where the facade is.

use toml::{Table, Value};

use super::Complaint;
use super::tree::{File, Tree};

/// A crate, and what it may use.
struct House {
    name: &'static str,
    uses: &'static [&'static str],
    /// Crates of ours that only its tests may use.
    in_tests: &'static [&'static str],
    /// Crates of others that would break what it is.
    never: &'static [&'static str],
}

/// What opens sockets or speaks HTTP.
const NETWORK: &[&str] = &[
    "hyper",
    "hyper-util",
    "http",
    "http-body-util",
    "httparse",
    "mio",
    "socket2",
    "axum",
    "tokio-tungstenite",
];
/// All of that, and what waits: `proto` is bytes and packets only.
const ANY_IO: &[&str] = &[
    "hyper",
    "hyper-util",
    "http",
    "http-body-util",
    "mio",
    "socket2",
    "axum",
    "tokio-tungstenite",
    "tokio",
    "tokio-util",
    "futures",
    "futures-util",
    "async-trait",
    "rand",
    "getrandom",
    "tracing",
];

const HOUSES: &[House] = &[
    House { name: "playhouse-proto", uses: &[], in_tests: &[], never: ANY_IO },
    House { name: "playhouse-core", uses: &[], in_tests: &[], never: NETWORK },
    House { name: "playhouse-macros", uses: &[], in_tests: &["playhouse"], never: ANY_IO },
    House { name: "playhouse-node", uses: &["playhouse-core"], in_tests: &[], never: NETWORK },
    House { name: "playhouse-actor", uses: &["playhouse-core"], in_tests: &[], never: NETWORK },
    House { name: "playhouse-sqlite", uses: &["playhouse-core"], in_tests: &[], never: NETWORK },
    House { name: "playhouse-redis", uses: &["playhouse-core"], in_tests: &[], never: &[] },
    House {
        name: "playhouse-server",
        uses: &["playhouse-node", "playhouse-actor", "playhouse-core", "playhouse-proto"],
        in_tests: &[],
        never: &[],
    },
    House {
        name: "playhouse",
        uses: &[
            "playhouse-core",
            "playhouse-node",
            "playhouse-server",
            "playhouse-macros",
            "playhouse-actor",
            "playhouse-sqlite",
            "playhouse-redis",
        ],
        // As a client that speaks the protocols.
        in_tests: &["playhouse-proto"],
        never: &[],
    },
    House { name: "playhouse-demo", uses: &["playhouse"], in_tests: &["playhouse-proto"], never: &[] },
    // A load generator is a client, and may use the codec as one.
    House { name: "playhouse-bench", uses: &["playhouse-proto"], in_tests: &[], never: &[] },
    House { name: "xtask", uses: &[], in_tests: &[], never: &[] },
];

const ELSEWHERE: &str = "move what you need down into a crate that both use, or pass it in through a port of core; \
    a new arrow needs a line in the table of xtask/src/tidy/arrows.rs and in ARCHITECTURE.md";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("Cargo.toml"));
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(file: &File) -> Vec<Complaint> {
    let complain = |line, what: String, instead: &str| Complaint {
        path: file.path.clone(),
        line,
        what,
        instead: instead.into(),
    };
    let manifest = match file.text.parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![complain(1, format!("the manifest is no TOML ({})", error.message()), "mend it")];
        }
    };
    // A workspace's own manifest has no arrows.
    let Some(name) = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str)
    else {
        return Vec::new();
    };
    let Some(house) = HOUSES.iter().find(|house| house.name == name) else {
        let what = format!("`{name}` is no crate of the house");
        return vec![complain(
            1,
            what,
            "add it to the table of xtask/src/tidy/arrows.rs and to ARCHITECTURE.md",
        )];
    };
    let mut complaints = Vec::new();
    for Arrow { to, in_tests } in arrows(&manifest) {
        let line = line_naming(&file.text, &to);
        if is_ours(&to) && !may_use(house, &to, in_tests) {
            let what =
                format!("`{name}` must not use `{to}`{}", if in_tests { ", not even in tests" } else { "" });
            complaints.push(complain(line, what, ELSEWHERE));
        } else if !in_tests && house.never.contains(&to.as_str()) {
            let what = format!(
                "`{name}` must not use `{to}`: it opens no socket, and `proto` and `macros` neither wait nor ask for time or chance"
            );
            complaints.push(complain(line, what, "do that in `server` and hand in what comes of it"));
        }
    }
    complaints
}

/// One dependency.
struct Arrow {
    to: String,
    in_tests: bool,
}

/// All dependencies, those of a target system included, by the name of their package.
fn arrows(manifest: &Table) -> Vec<Arrow> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = std::iter::once(manifest)
        .chain(targets.into_iter().flat_map(Table::values).filter_map(Value::as_table));
    let mut arrows = Vec::new();
    for table in tables {
        for (kind, in_tests) in
            [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            for (key, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
                let to = value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned();
                arrows.push(Arrow { to, in_tests });
            }
        }
    }
    arrows
}

fn is_ours(name: &str) -> bool {
    name == "playhouse" || name == "xtask" || name.starts_with("playhouse-")
}

fn may_use(house: &House, to: &str, in_tests: bool) -> bool {
    if house.uses.contains(&to) {
        return true;
    }
    if !in_tests {
        return false;
    }
    // A crate's tests may switch on features of the crate itself, `core`'s contract suite for one.
    if to == house.name || house.in_tests.contains(&to) {
        return true;
    }
    let alone = matches!(house.name, "playhouse-proto" | "playhouse-core");
    let known = HOUSES.iter().any(|other| other.name == to);
    !alone && known && !stands_on(to, house.name)
}

/// Whether `upper` uses `lower`, directly or through others.
fn stands_on(upper: &str, lower: &str) -> bool {
    let uses = HOUSES.iter().find(|house| house.name == upper).map_or(&[][..], |house| house.uses);
    uses.iter().any(|next| *next == lower || stands_on(next, lower))
}

/// The line where a dependency is written down.
fn line_naming(text: &str, name: &str) -> usize {
    let quoted = format!("\"{name}\"");
    let names = |line: &str| {
        let key = line.trim_start().split(['=', '.', ' ']).next();
        key == Some(name)
            || line.contains(&quoted) && line.contains("package")
            || line.contains(&format!("dependencies.{name}]"))
    };
    // The first line that says so, but not the package's own name.
    let own = format!("name = {quoted}");
    text.lines().position(|line| names(line) && line.trim() != own).map_or(1, |n| n + 1)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    fn manifest(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n\n{rest}")
    }

    fn complaints(name: &str, rest: &str) -> Vec<String> {
        found(check, "crates/x/Cargo.toml", &manifest(name, rest))
    }

    #[test]
    fn an_arrow_upwards_is_refused() {
        let text = "[dependencies]\nbytes = \"1\"\nplayhouse-server.workspace = true\n";
        let complaint = format!(
            "crates/x/Cargo.toml:6: `playhouse-node` must not use `playhouse-server`; instead: {ELSEWHERE}"
        );
        assert_eq!(complaints("playhouse-node", text), [complaint]);
    }

    #[test]
    fn every_way_of_writing_an_arrow_is_seen() {
        for text in [
            "[dependencies]\nplayhouse-node = { path = \"../node\" }",
            "[dependencies.playhouse-node]\nworkspace = true",
            "[build-dependencies]\nplayhouse-node.workspace = true",
            "[target.'cfg(unix)'.dependencies]\nplayhouse-node.workspace = true",
            "[dependencies]\nrooms = { package = \"playhouse-node\", path = \"../node\" }",
            "[dev-dependencies]\nplayhouse-node.workspace = true",
        ] {
            let all = complaints("playhouse-core", text);
            assert_eq!(all.len(), 1, "{text}");
            assert!(all[0].contains("must not use `playhouse-node`") && !all[0].contains(":1:"), "{all:?}");
        }
    }

    #[test]
    fn the_arrows_of_the_house_are_fine() {
        for (name, text) in [
            ("playhouse-server", "[dependencies]\nplayhouse-proto.workspace = true\nhyper = \"1\""),
            ("playhouse-node", "[dependencies]\nplayhouse-core = { workspace = true }\ntokio = \"1\""),
            (
                "playhouse",
                "[dependencies]\nplayhouse-macros.workspace = true\n[dev-dependencies]\nplayhouse-proto.workspace = true",
            ),
            (
                "playhouse-core",
                "[dev-dependencies]\nplayhouse-core = { path = \".\", features = [\"contract\"] }",
            ),
        ] {
            assert_eq!(complaints(name, text), [""; 0], "{name}");
        }
    }

    #[test]
    fn tests_reach_sideways_but_not_upwards() {
        let dev = |to: &str| format!("[dev-dependencies]\n{to}.workspace = true");
        assert_eq!(complaints("playhouse-node", &dev("playhouse-proto")), [""; 0]);
        assert_eq!(complaints("playhouse-macros", &dev("playhouse")), [""; 0]);
        assert!(complaints("playhouse-server", &dev("playhouse"))[0].contains("not even in tests"));
        assert!(complaints("playhouse-proto", &dev("playhouse-core"))[0].contains("not even in tests"));
    }

    #[test]
    fn some_crates_of_others_break_a_promise() {
        let all = complaints("playhouse-proto", "[dependencies]\ntokio = \"1\"");
        assert!(
            all[0].starts_with("crates/x/Cargo.toml:5: `playhouse-proto` must not use `tokio`"),
            "{all:?}"
        );
        assert_eq!(complaints("playhouse-proto", "[dev-dependencies]\ntokio = \"1\""), [""; 0]);
    }

    #[test]
    fn a_stranger_is_no_crate_of_the_house() {
        assert!(
            complaints("playhouse-extras", "")[0].contains("`playhouse-extras` is no crate of the house")
        );
        assert!(found(check, "Cargo.toml", "[workspace]\nmembers = []\n").is_empty());
        assert!(found(check, "Cargo.toml", "[workspace\n")[0].contains("the manifest is no TOML"));
    }

    #[test]
    fn the_table_has_no_circle() {
        for house in HOUSES {
            assert!(!stands_on(house.name, house.name), "{}", house.name);
        }
    }
}
