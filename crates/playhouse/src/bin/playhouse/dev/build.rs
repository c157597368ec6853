//! Builds the application by cargo and finds the program that came of it.

use serde::Deserialize;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;
use tokio::process::Command;

/// The package that is built.
pub(super) struct Project {
    pub(super) folder: PathBuf,
    cargo: OsString,
    release: bool,
    bin: Option<String>,
}

/// A program, and when it was built.
#[derive(Debug, PartialEq)]
pub(super) struct Built {
    pub(super) program: PathBuf,
    at: Option<SystemTime>,
}

/// What cargo says in a line.
#[derive(Deserialize)]
struct Line<'a> {
    reason: &'a str,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Project {
    /// That of the working directory.
    pub(super) fn here(release: bool, bin: Option<String>) -> Result<Self, String> {
        let folder = std::env::current_dir();
        let folder = folder.map_err(|error| format!("the working directory can't be read: {error}"))?;
        if !folder.join("Cargo.toml").is_file() {
            return Err(format!(
                "{} has no Cargo.toml: go into the folder of your application, or make one by `playhouse new NAME`",
                folder.display()
            ));
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Ok(Self { folder, cargo, release, bin })
    }

    /// Builds it; cargo itself tells what is wrong. `None` where it can't be built.
    ///
    /// # Errors
    /// Where cargo can't be started, or what it built can't be run.
    pub(super) async fn build(&self) -> Result<Option<Built>, String> {
        let mut command = Command::new(&self.cargo);
        command.args(["build", "--message-format=json-render-diagnostics"]).current_dir(&self.folder);
        command.args(self.release.then_some("--release"));
        if let Some(bin) = &self.bin {
            command.args(["--bin", bin]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let failed = |error| format!("{} can't be run: {error}", self.cargo.to_string_lossy());
        let output = command.spawn().map_err(failed)?.wait_with_output().await.map_err(failed)?;
        if !output.status.success() {
            return Ok(None);
        }
        let program = only(programs(&output.stdout))?;
        let at = modified(&program);
        Ok(Some(Built { program, at }))
    }
}

fn modified(program: &Path) -> Option<SystemTime> {
    program.metadata().and_then(|file| file.modified()).ok()
}

/// The programs of what cargo said, by name.
fn programs(told: &[u8]) -> Vec<(String, PathBuf)> {
    let lines =
        told.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line<'_>>(line).ok());
    let built = lines.filter(|line| line.reason == "compiler-artifact");
    let programs = built.filter_map(|line| {
        let target = line.target.filter(|target| target.kind.iter().any(|kind| kind == "bin"))?;
        Some((target.name, line.executable?))
    });
    programs.collect()
}

fn only(mut programs: Vec<(String, PathBuf)>) -> Result<PathBuf, String> {
    match (programs.pop(), programs.as_slice()) {
        (Some((_, program)), []) => Ok(program),
        (None, _) => Err("this package has no program: `playhouse dev` needs a src/main.rs".into()),
        (Some((last, _)), others) => {
            let names = others.iter().map(|(name, _)| name.as_str()).chain([last.as_str()]);
            let names: Vec<&str> = names.collect();
            Err(format!("this package has the programs {}: choose one by `--bin NAME`", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> Vec<u8> {
        let lines = names.iter().map(|name| {
            format!(r#"{{"reason":"compiler-artifact","target":{{"name":"{name}","kind":["bin"]}},"executable":"/t/{name}"}}"#)
        });
        let library =
            r#"{"reason":"compiler-artifact","target":{"name":"l","kind":["lib"]},"executable":null}"#;
        [library.to_owned(), "no JSON".to_owned()]
            .into_iter()
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
            .into_bytes()
    }

    #[test]
    fn the_program_is_found_in_what_cargo_says() {
        assert_eq!(only(programs(&told(&["chat"]))), Ok(PathBuf::from("/t/chat")));
    }

    #[test]
    fn none_and_several_are_told() {
        assert!(only(programs(&told(&[]))).unwrap_err().contains("src/main.rs"));
        let several = only(programs(&told(&["a", "b"]))).unwrap_err();
        assert!(several.contains("a, b") && several.contains("--bin"), "{several}");
    }
}
