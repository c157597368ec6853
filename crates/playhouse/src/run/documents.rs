//! `openapi` and `types`: what is made of an application's definitions, printed or written into a file. Opens no port
//! and no engine.

use super::print;
use clap::ValueEnum;
use playhouse_core::config::Config;
use playhouse_core::manifest::Manifest;
use playhouse_server::{api, client_types};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A document that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) kind: DocumentKind,
    /// Where to; else standard output.
    pub(super) out: Option<PathBuf>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DocumentKind {
    Openapi,
    Asyncapi,
    Swagger,
    /// TypeScript; a command of its own.
    #[value(skip)]
    Types,
}

/// Makes the document and says where it went.
pub(super) fn run(document: &Document, manifest: &Manifest, config: &Config) -> ExitCode {
    let text = text(document.kind, manifest, config);
    let Some(file) = &document.out else {
        print(&text);
        return ExitCode::SUCCESS;
    };
    match write(file, &text) {
        Ok(true) => eprintln!("{} is written", file.display()),
        Ok(false) => eprintln!("{} is as it should be", file.display()),
        Err(error) => {
            eprintln!("error: {} can't be written: {error}", file.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Writes where something changed, so that nothing is built anew that depends on the file's time.
fn write(file: &Path, text: &str) -> io::Result<bool> {
    if fs::read(file).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(false);
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)?;
    Ok(true)
}

fn text(kind: DocumentKind, manifest: &Manifest, config: &Config) -> String {
    let document = match kind {
        DocumentKind::Openapi => api::openapi(manifest, config),
        DocumentKind::Asyncapi => api::asyncapi(manifest, config),
        DocumentKind::Swagger => api::swagger(manifest, config),
        DocumentKind::Types => return client_types(manifest),
    };
    format!("{document:#}\n")
}
