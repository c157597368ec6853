//! Paths: which part of a path belongs to a mount. Knows no mount by name.

/// What is left of `path` behind `mount`: nothing, or a slash and more. A mount answers for itself and what
/// is below it, never for a longer name: `/primusfoo` is not below `/primus`.
pub(super) fn below<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(mount)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// A path without its leading slashes and without one trailing slash (actionhero.md, section 5.1).
pub(super) fn bare(path: &str) -> &str {
    let path = path.trim_start_matches('/');
    path.strip_suffix('/').unwrap_or(path)
}

/// The same as [`below`] for a path that [`bare`] made: what comes behind the mount, without its slash.
pub(super) fn bare_below<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    let rest = below(path, mount.trim_start_matches('/'))?;
    Some(rest.strip_prefix('/').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_never_answers_for_a_longer_name() {
        assert_eq!(below("/primus", "/primus"), Some(""));
        assert_eq!(below("/primus/spec", "/primus"), Some("/spec"));
        assert_eq!(below("/primusfoo", "/primus"), None);
        assert_eq!(below("/", "/primus"), None);
    }

    #[test]
    fn slashes_at_the_ends_do_not_count() {
        for (path, rest) in [
            ("/api", Some("")),
            ("/api/", Some("")),
            ("//api/x/", Some("x")),
            ("/api//x", Some("/x")),
            ("/api/x/y", Some("x/y")),
            ("/apix", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(bare_below(bare(path), "/api"), rest, "{path}");
        }
    }
}
