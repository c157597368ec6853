//! The files of a new application, as they stand in `template/`, with its name in them.

/// The name that stands in the files.
const NAME: &str = "my-app";

/// The same as Rust writes it.
const IDENT: &str = "my_app";

/// Where it gets Playhouse from.
const SOURCE: &str = "{{playhouse}}";

/// Says that it stands by itself, in a folder whose workspace would claim it.
const STANDS_ALONE: &str = "
# A folder above is a workspace. This application stands by itself; to make it a member, name it there and delete this.
[workspace]
";

macro_rules! files {
    ($($path:literal from $file:literal,)*) => {
        /// Paths and texts.
        const FILES: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("../../../template/", $file))),)*
        ];
    };
}

files! {
    ".gitignore" from "gitignore.in",
    "AGENTS.md" from "AGENTS.md.in",
    "Cargo.toml" from "Cargo.toml.in",
    "README.md" from "README.md.in",
    "llms.txt" from "llms.txt.in",
    "playhouse.toml" from "playhouse.toml.in",
    "public/index.html" from "public/index.html.in",
    "src/actions.rs" from "src/actions.rs.in",
    "src/lib.rs" from "src/lib.rs.in",
    "src/main.rs" from "src/main.rs.in",
    "tests/app.rs" from "tests/app.rs.in",
}

/// What is different from one application to the next.
#[derive(Debug)]
pub(crate) struct Blanks<'a> {
    pub(crate) name: &'a str,
    /// What stands for Playhouse in `Cargo.toml`.
    pub(crate) source: &'a str,
    /// Whether a workspace above would claim it.
    pub(crate) in_workspace: bool,
}

/// The files, each with its path from the application's folder.
pub(crate) fn files(blanks: &Blanks<'_>) -> impl Iterator<Item = (&'static str, String)> {
    FILES.iter().map(|(path, text)| (*path, filled(path, text, blanks)))
}

fn filled(path: &str, text: &str, blanks: &Blanks<'_>) -> String {
    // The identifier first: it has no hyphen, so that the second finds nothing in it.
    let text = text.replace(IDENT, &blanks.name.replace('-', "_")).replace(NAME, blanks.name);
    let mut text = text.replace(SOURCE, blanks.source);
    if blanks.in_workspace && path == "Cargo.toml" {
        text += STANDS_ALONE;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_blank() {
        let blanks = Blanks { name: "tea-room", source: "version = \"0.1\"", in_workspace: true };
        for (path, text) in files(&blanks) {
            for blank in [NAME, IDENT, "{{"] {
                assert!(!text.contains(blank), "{blank} in {path}");
            }
        }
        let manifest = files(&blanks).find(|(path, _)| *path == "Cargo.toml").unwrap().1;
        assert!(manifest.contains("name = \"tea-room\"") && manifest.contains("[workspace]"), "{manifest}");
    }

    #[test]
    fn a_name_may_hold_the_placeholders_own() {
        let blanks = Blanks { name: "my_app2", source: "version = \"0.1\"", in_workspace: false };
        let text = |wanted: &str| files(&blanks).find(|(path, _)| *path == wanted).unwrap().1;
        assert!(text("Cargo.toml").contains("name = \"my_app2\""));
        assert!(text("src/main.rs").contains("my_app2::app()"));
    }

    #[test]
    fn all_files_of_the_folder_are_in_the_list() {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
        assert_eq!(count(&folder), FILES.len());
    }
}
