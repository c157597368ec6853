//! Where an application gets Playhouse from: a folder, a version or a repository.

use std::path::{Path, PathBuf};

/// What stands in `Cargo.toml` between the braces, such as `version = "0.1"`.
///
/// Without a wish it is the folder that this command was built from, if that is still there, else its version.
///
/// # Errors
/// A wish that can't be fulfilled.
pub(crate) fn of(wish: Option<&str>) -> Result<String, String> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
    match wish {
        None if is_playhouse(built_from) => Ok(entry("path", &built_from.display().to_string())),
        None => Ok(entry("version", &minor(env!("CARGO_PKG_VERSION")))),
        Some("git") => match env!("CARGO_PKG_REPOSITORY") {
            "" => {
                Err("this build does not know its repository: write `--playhouse https://…`, or a folder"
                    .into())
            }
            url => Ok(entry("git", url)),
        },
        Some(url) if is_url(url) => Ok(entry("git", url.strip_prefix("git+").unwrap_or(url))),
        Some(version) if is_version(version) => Ok(entry("version", version)),
        Some(path) => Ok(entry("path", &folder(path)?.display().to_string())),
    }
}

/// A text of JSON is one of TOML too.
fn entry(key: &str, value: &str) -> String {
    format!("{key} = {}", serde_json::Value::from(value))
}

fn is_url(text: &str) -> bool {
    text.contains("://") || text.starts_with("git@")
}

/// A requirement, as Cargo takes it.
fn is_version(text: &str) -> bool {
    let number = text.trim_start_matches(['^', '~', '=', '<', '>', ' ']);
    number.starts_with(|letter: char| letter.is_ascii_digit())
        && number.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-+*,<>=^~ ".contains(letter))
}

/// `0.1` of `0.1.3`.
fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The crate's own folder, also where its repository was named.
fn folder(path: &str) -> Result<PathBuf, String> {
    let given = Path::new(path);
    let found =
        [given.to_owned(), given.join("crates/playhouse")].into_iter().find(|path| is_playhouse(path));
    let found = found.ok_or_else(|| {
        format!(
            "`--playhouse {path}` is no version, no URL and no folder of Playhouse: write such as `0.1`, `https://…` \
             or the folder of its repository"
        )
    })?;
    found.canonicalize().map_err(|error| format!("{} can't be read: {error}", found.display()))
}

fn is_playhouse(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.trim() == r#"name = "playhouse""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wished_for_is_told_by_its_form() {
        for (wish, entry) in [
            ("0.1", r#"version = "0.1""#),
            ("=0.1.2", r#"version = "=0.1.2""#),
            ("https://example.com/p.git", r#"git = "https://example.com/p.git""#),
            ("git+ssh://git@example.com/p", r#"git = "ssh://git@example.com/p""#),
        ] {
            assert_eq!(of(Some(wish)).as_deref(), Ok(entry));
        }
        assert_eq!(minor("0.1.3"), "0.1");
    }

    #[test]
    fn a_folder_may_be_that_of_the_crate_or_of_its_repository() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = own.ancestors().nth(2).unwrap();
        let same = of(None).unwrap();
        assert!(same.starts_with("path = \""), "{same}");
        assert_eq!(of(Some(own.to_str().unwrap())).unwrap(), same);
        assert_eq!(of(Some(root.to_str().unwrap())).unwrap(), same);
        assert!(of(Some("no/such/folder")).unwrap_err().contains("no/such/folder"));
    }
}
