//! `playhouse new`: what it makes, what it refuses, and that it leaves nothing behind where it can't go on.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in the functions that it uses too"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playhouse-new-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse"));
        command.arg("new").args(arguments).current_dir(&self.0).output().unwrap()
    }

    /// What it said on standard error, with which it failed.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn has(&self) -> Vec<String> {
        files_of(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All files below a folder.
fn files_of(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, root, found),
                false => found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned()),
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

const ALL: [&str; 11] = [
    ".gitignore",
    "AGENTS.md",
    "Cargo.toml",
    "README.md",
    "llms.txt",
    "playhouse.toml",
    "public/index.html",
    "src/actions.rs",
    "src/lib.rs",
    "src/main.rs",
    "tests/app.rs",
];

#[test]
fn it_makes_an_application_and_says_what_to_do_next() {
    let folder = Folder::new("makes");
    let output = folder.run(&["tea-room"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("  cd tea-room\n  cargo test\n  playhouse dev\n"), "{said}");
    assert_eq!(files_of(&folder.0.join("tea-room")), ALL);
    let read = |file: &str| fs::read_to_string(folder.0.join("tea-room").join(file)).unwrap();
    assert!(read("Cargo.toml").contains(&format!("playhouse = {{ path = {:?}", env!("CARGO_MANIFEST_DIR"))));
    assert!(read("src/main.rs").contains("tea_room::app().run()"));
    assert!(read("README.md").starts_with("# tea-room\n"));
}

#[test]
fn the_configuration_that_it_makes_is_one() {
    let folder = Folder::new("configuration");
    folder.run(&["chat"]);
    let sources = playhouse_core::config::Sources {
        file: Some(folder.0.join("chat/playhouse.toml")),
        ..playhouse_core::config::Sources::default()
    };
    let loaded = playhouse_core::config::Config::load(&sources).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn a_folder_that_is_not_empty_stays_as_it_is() {
    let folder = Folder::new("taken");
    fs::create_dir(folder.0.join("chat")).unwrap();
    fs::write(folder.0.join("chat/notes.txt"), "mine").unwrap();
    let said = folder.refused(&["chat"]);
    assert!(said.contains("the folder chat is there already and not empty (it has notes.txt)"), "{said}");
    assert_eq!(folder.has(), ["chat/notes.txt"]);
    assert!(folder.refused(&["tea", "--path", "chat/notes.txt"]).contains("is no folder"));
}

#[test]
fn an_empty_folder_and_a_fresh_repository_will_do() {
    let folder = Folder::new("empty");
    fs::create_dir_all(folder.0.join("code/.git")).unwrap();
    assert!(folder.run(&["chat", "--path", "code"]).status.success());
    assert_eq!(files_of(&folder.0.join("code")), ALL);
    assert!(folder.run(&["chat", "--path", "a/b/c"]).status.success());
    assert_eq!(files_of(&folder.0.join("a/b/c")), ALL);
}

#[test]
fn a_name_that_is_none_is_answered_with_a_near_one() {
    let folder = Folder::new("names");
    for (name, near) in [
        ("9lives", "app-9lives"),
        ("my app", "my-app"),
        ("self", "self-app"),
        ("a/b", "b"),
        ("", "my-app"),
        ("-x", "x"),
    ] {
        let said = folder.refused(&[name]);
        assert!(said.contains(&format!("how about `{near}`?")), "{name}: {said}");
        assert!(said.contains("lower-case letters"), "{name}: {said}");
    }
    assert_eq!(folder.has(), [""; 0]);
}

#[test]
fn where_playhouse_comes_from_can_be_said() {
    let folder = Folder::new("source");
    assert!(folder.run(&["chat", "--playhouse", "0.1"]).status.success());
    let manifest = fs::read_to_string(folder.0.join("chat/Cargo.toml")).unwrap();
    assert!(manifest.contains(r#"playhouse = { version = "0.1", default-features = false }"#), "{manifest}");
    let said = folder.refused(&["tea", "--playhouse", "no/such"]);
    assert!(said.contains("no/such") && !folder.0.join("tea").exists(), "{said}");
}

#[test]
fn below_a_workspace_it_stands_by_itself() {
    let folder = Folder::new("workspace");
    fs::write(folder.0.join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
    folder.run(&["chat"]);
    let manifest = fs::read_to_string(folder.0.join("chat/Cargo.toml")).unwrap();
    assert!(manifest.ends_with("\n[workspace]\n"), "{manifest}");
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let folder = Folder::new("unwritable");
    // A file where a folder would have to be: nobody can write there, whoever runs the tests.
    fs::write(folder.0.join("file"), "").unwrap();
    let said = folder.refused(&["chat", "--path", "file/below/chat"]);
    assert!(
        said.contains("file") && (said.contains("nothing was made") || said.contains("no folder")),
        "{said}"
    );
    assert_eq!(folder.has(), ["file"]);
}
