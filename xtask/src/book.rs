//! `cargo xtask book`: the pages of docs/ as a book to read in a browser, by mdBook. Whether its links lead somewhere and
//! its programs compile, the tests know without it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::place::Place;

/// Pinned, so that the book looks the same everywhere.
const VERSION: &str = "0.5.4";

/// Installs mdBook where it is not there yet, and writes the book.
pub(crate) fn main(place: &Place) -> Result<ExitCode, String> {
    let program = installed(place)?;
    let out = place.target.join("book");
    let mut build = Command::new(program);
    build.arg("build").arg(place.root.join("docs")).arg("--dest-dir").arg(&out);
    if !ran(&mut build)? {
        return Err("mdBook did not write the book; it said why above".into());
    }
    println!("the book is at {}", place.shown(&out.join("index.html")));
    Ok(ExitCode::SUCCESS)
}

/// The program, compiled once for this target directory.
fn installed(place: &Place) -> Result<PathBuf, String> {
    let root = place.kept("mdbook");
    let program = root.join("bin").join(format!("mdbook{}", std::env::consts::EXE_SUFFIX));
    if says_version(&program) {
        return Ok(program);
    }
    println!("installing mdBook {VERSION}, once: this takes some minutes");
    let mut install = Command::new("cargo");
    install.args(["install", "mdbook", "--version", VERSION, "--locked", "--force"]);
    // Neither a server nor a watcher: they are most of what would be compiled.
    install.args(["--no-default-features", "--features", "search", "--root"]).arg(&root);
    if ran(&mut install)? { Ok(program) } else { Err(format!("mdBook {VERSION} could not be installed")) }
}

fn says_version(program: &Path) -> bool {
    let said = Command::new(program).arg("--version").output();
    said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).trim() == format!("mdbook v{VERSION}"))
}

fn ran(command: &mut Command) -> Result<bool, String> {
    let status = command.status();
    status.map(|s| s.success()).map_err(|e| format!("{} did not start: {e}", command.get_program().display()))
}
