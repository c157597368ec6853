//! `playhouse new`: makes an application in a folder of its own. All is looked at before anything is written, and what
//! was written before something went wrong is taken back.

use crate::template::{self, Blanks};
use crate::{names, source};
use clap::Args;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is to be made.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  playhouse new chat
  playhouse new chat --path ~/code/chat
  playhouse new chat --playhouse ../playhouse")]
pub(crate) struct Wanted {
    /// Its name, which is the name of a crate: lower-case letters, digits, `-` and `_`
    #[arg(allow_hyphen_values = true)]
    name: String,
    /// The folder to make it in, which may be there if it is empty [default: ./NAME]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Where it gets Playhouse from: a folder, a version such as 0.1, or `git` or a URL for its repository [default:
    /// the folder that this command was built from, else its version]
    #[arg(long, value_name = "PATH|VERSION|git")]
    playhouse: Option<String>,
}

/// Makes it and says what to do next.
///
/// # Errors
/// Why it can't be made; then nothing is there that was not there before.
pub(crate) fn run(wanted: &Wanted) -> Result<(), String> {
    let name = &wanted.name;
    names::check(name).map_err(|bad| bad.to_string())?;
    let source = source::of(wanted.playhouse.as_deref())?;
    let folder = wanted.path.clone().unwrap_or_else(|| PathBuf::from(name));
    is_free(&folder, name)?;
    let blanks = Blanks { name, source: &source, in_workspace: in_workspace(&folder) };
    write(&folder, &blanks)
        .map_err(|(path, error)| format!("{} can't be written: {error}; nothing was made", path.display()))?;
    println!(
        "`{name}` is made in {}: two actions, a room, a page, tests and a configuration.\n\nWhat to do next:\n  \
         cd {}\n  cargo test\n  playhouse dev",
        folder.display(),
        quoted(&folder.display().to_string())
    );
    Ok(())
}

/// A folder that is not there, or is empty but for what git keeps.
fn is_free(folder: &Path, name: &str) -> Result<(), String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(format!("{} is no folder: choose another by `--path`", folder.display()));
        }
        Err(error) => return Err(format!("{} can't be read: {error}", folder.display())),
    };
    let taken = entries.flatten().map(|entry| entry.file_name()).find(|entry| entry != ".git");
    taken.map_or(Ok(()), |entry| {
        Err(format!(
            "the folder {} is there already and not empty (it has {}): choose another name, or a folder by `--path {}`",
            folder.display(),
            entry.to_string_lossy(),
            quoted(&folder.join(name).display().to_string())
        ))
    })
}

/// Whether the application would be claimed by a workspace of a folder above.
fn in_workspace(folder: &Path) -> bool {
    let Ok(folder) = std::path::absolute(folder) else { return false };
    folder.ancestors().skip(1).any(|above| {
        let manifest = fs::read_to_string(above.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("[workspace"))
    })
}

/// Writes all files, or none.
fn write(folder: &Path, blanks: &Blanks<'_>) -> Result<(), (PathBuf, io::Error)> {
    let mut made = Made::default();
    for (path, text) in template::files(blanks) {
        let path = folder.join(path);
        let written = made.folder(path.parent().unwrap_or(folder)).and_then(|()| made.file(&path, &text));
        if let Err(error) = written {
            made.take_back();
            return Err((path, error));
        }
    }
    Ok(())
}

/// What was made, in order.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Made {
    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists());
        for folder in missing.collect::<Vec<_>>().into_iter().rev() {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    fn file(&mut self, file: &Path, text: &str) -> io::Result<()> {
        self.files.push(file.to_owned());
        fs::write(file, text)
    }

    /// What can't be removed either stays: there is nothing more to be done about it.
    fn take_back(self) {
        self.files.iter().for_each(|file| drop(fs::remove_file(file)));
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/\\._-~:".contains(letter);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
