//! Secrets that somebody proves to know.

/// Whether two secrets are the same. How long it takes tells nothing but whether they are as long.
#[must_use]
pub fn same(own: &str, given: &str) -> bool {
    let (own, given) = (own.as_bytes(), given.as_bytes());
    let differs = own.iter().zip(given).fold(0, |differs, (a, b)| differs | (a ^ b));
    own.len() == given.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn all_of_it_counts() {
        assert!(same("abc", "abc"));
        for other in ["", "ab", "abcd", "abd", "bbc"] {
            assert!(!same("abc", other), "{other}");
        }
    }
}
