//! `playhouse dev`, with a cargo of ours that builds in no time: its sources are shell scripts, and so are its programs.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in the functions that it uses too"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take, on a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(30);

/// Builds by copying. A source that says so can't be built.
const CARGO: &str = r#"#!/bin/sh
echo "build $*" >> log
if grep -q 'syntax error' src/main.rs; then echo 'error: expected `;`' >&2; exit 101; fi
mkdir -p target
if ! cmp -s src/main.rs target/app; then cp src/main.rs target/new; chmod +x target/new; mv target/new target/app; fi
echo '{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"'"$PWD"'/target/app"}'
"#;

/// A program that tells what happens to it, and ends when it is asked to.
fn program(name: &str) -> String {
    format!(
        "#!/bin/sh\necho \"{name} starts $*\" >> log\ntrap 'echo {name} stops >> log; exit 0' TERM\n\
         while :; do sleep 0.05; done\n"
    )
}

/// `playhouse dev` in a folder of its own. Both end with the test.
struct Dev {
    folder: PathBuf,
    child: Child,
}

impl Dev {
    fn start(name: &str, source: &str, arguments: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("playhouse-dev-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("Cargo.toml"), "").unwrap();
        fs::write(folder.join("src/main.rs"), source).unwrap();
        let cargo = folder.join("cargo");
        fs::write(&cargo, CARGO).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse"));
        command.arg("dev").args(arguments).current_dir(&folder).env("CARGO", &cargo);
        let child = command.stderr(fs::File::create(folder.join("told")).unwrap()).spawn().unwrap();
        Self { folder, child }
    }

    fn change(&self, file: &str, text: &str) {
        // As editors do it: a new file takes the place of the old one.
        let new = self.folder.join(format!("{file}~"));
        fs::write(&new, text).unwrap();
        fs::rename(new, self.folder.join(file)).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap_or_default()
    }

    /// Waits until a line is there, and gives all that stands before and with it.
    fn until(&self, file: &str, line: &str) -> String {
        let begun = Instant::now();
        loop {
            let text = self.read(file);
            if text.contains(line) {
                return text;
            }
            assert!(
                begun.elapsed() < DEADLINE,
                "no `{line}` in {file}:\n{text}\ntold:\n{}",
                self.read("told")
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn end(&mut self) -> ExitStatus {
        signal(self.child.id());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < DEADLINE, "it goes on");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn signal(id: u32) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s TERM \"$1\"", "sh", &id.to_string()]).stderr(Stdio::null());
    kill.status().unwrap();
}

impl Drop for Dev {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            signal(self.child.id());
            self.child.wait().unwrap();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_change_ends_the_old_one_before_the_new_one_begins() {
    let mut dev = Dev::start("change", &program("one"), &["--release", "--", "--port", "3000"]);
    let log = dev.until("log", "one starts");
    assert_eq!(
        log,
        "build build --message-format=json-render-diagnostics --release\none starts --port 3000\n"
    );
    dev.change("src/main.rs", &program("two"));
    let log = dev.until("log", "two starts");
    assert!(log.find("one stops").unwrap() < log.find("two starts").unwrap(), "{log}");
    assert!(dev.end().success());
    assert!(dev.read("log").ends_with("two stops\n"), "{}", dev.read("log"));
}

#[test]
fn what_cannot_be_built_leaves_the_old_one_serving() {
    let dev = Dev::start("error", &program("one"), &[]);
    dev.until("log", "one starts");
    dev.change("src/main.rs", "syntax error");
    let told = dev.until("told", "the program of before goes on serving");
    assert!(told.contains("error: expected `;`"), "{told}");
    assert!(!dev.read("log").contains("one stops"));
    dev.change("src/main.rs", &program("two"));
    dev.until("log", "two starts");
}

#[test]
fn a_first_build_that_fails_waits_for_a_change() {
    let dev = Dev::start("first", "syntax error", &[]);
    dev.until("told", "it can't be built; waiting for a change");
    dev.change("src/main.rs", &program("one"));
    dev.until("log", "one starts");
}

#[test]
fn one_that_ends_by_itself_waits_for_a_change() {
    let dev = Dev::start("crash", "#!/bin/sh\necho it starts >> log\nexit 7\n", &[]);
    let told = dev.until("told", "waiting for a change");
    assert!(told.contains("it ended by itself (exit status: 7)"), "{told}");
    dev.change("src/main.rs", &program("two"));
    let log = dev.until("log", "two starts");
    assert_eq!(log.matches("it starts").count(), 1, "{log}");
}

#[test]
fn settings_start_it_anew_without_a_build() {
    let dev = Dev::start("settings", &program("one"), &[]);
    dev.until("log", "one starts");
    dev.change("playhouse.toml", "port = 1");
    let log = dev.until("log", "one stops\none starts");
    assert_eq!(log.matches("build").count(), 2, "one line with the word twice: {log}");
}

#[test]
fn a_change_that_changes_no_program_leaves_it_alone() {
    let dev = Dev::start("same", &program("one"), &[]);
    dev.until("log", "one starts");
    dev.change("src/notes.txt", "nothing that is compiled");
    let log = dev.until("log", "one starts \nbuild");
    assert!(!log.contains("one stops"), "{log}");
    dev.change("src/main.rs", &program("two"));
    let log = dev.until("log", "two starts");
    assert_eq!(log.matches("one stops").count(), 1, "{log}");
}

#[test]
fn where_there_is_no_application_it_says_what_to_do() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse"));
    let output = command.arg("dev").current_dir(std::env::temp_dir()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("no Cargo.toml") && said.contains("playhouse new NAME"), "{said}");
}
