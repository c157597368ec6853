//! Addresses by name, which clients of 2.3 put into the query: the parameters that begin with `rvt-`
//! (actors.md, 10).
//!
//! It must not look at the other parameters, which are the application's.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::percent;

const PREFIX: &str = "rvt-";

/// Whether an actor that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `get`: it is not.
    Get,
    /// `getOrCreate`: it is.
    GetOrCreate,
}

/// What an address by name says beside the name. What only upstream's clusters need, as region, runner and
/// crash policy, is read over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByName<'a> {
    /// Whether to make it.
    pub method: Method,
    /// The parts of its key.
    pub key: Vec<String>,
    /// The namespace, if one is named.
    pub namespace: Option<Cow<'a, str>>,
    /// What it is made with, a value in CBOR.
    pub input: Option<Vec<u8>>,
    /// The token.
    pub token: Option<Cow<'a, str>>,
    /// The query without these parameters, empty if nothing is left.
    pub rest: Cow<'a, str>,
}

/// A parameter that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// `rvt-method` is something else.
    #[error("`rvt-method` is neither `get` nor `getOrCreate`")]
    Method,
    /// `rvt-input` is something else.
    #[error("`rvt-input` is not base64url without padding")]
    Input,
    /// What is not URL-encoded UTF-8.
    #[error("`{0}` is not URL-encoded UTF-8")]
    Encoding(&'static str),
}

impl<'a> ByName<'a> {
    /// Reads a query, without its question mark. `None` is one that addresses nobody by name, because it has
    /// no `rvt-method`; nothing of it is to be left out. Of a parameter given twice the first counts.
    ///
    /// # Errors
    /// The parameter that cannot be read.
    pub fn read(query: &'a str) -> Result<Option<Self>, Unreadable> {
        let value = |name: &'static str| {
            let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            let found = pairs.find(|(other, _)| *other == name);
            let decoded = |(_, value)| percent::form_decoded(value).ok_or(Unreadable::Encoding(name));
            found.map(decoded).transpose()
        };
        let method = match value("rvt-method")?.as_deref() {
            None => return Ok(None),
            Some("get") => Method::Get,
            Some("getOrCreate") => Method::GetOrCreate,
            Some(_) => return Err(Unreadable::Method),
        };
        let input = value("rvt-input")?.map(|text| URL_SAFE_NO_PAD.decode(&*text)).transpose();
        Ok(Some(Self {
            method,
            key: comma_parts(value("rvt-key")?.as_deref()),
            namespace: value("rvt-namespace")?,
            input: input.map_err(|_| Unreadable::Input)?,
            token: value("rvt-token")?,
            rest: stripped(query),
        }))
    }
}

/// The parts of a key: with commas between them and nothing escaped, and no text at all for no parts.
fn comma_parts(text: Option<&str>) -> Vec<String> {
    text.map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

/// The parameters that are the application's, as they were written.
fn stripped(query: &str) -> Cow<'_, str> {
    let mut own = query.split('&').filter(|pair| !pair.starts_with(PREFIX));
    match (own.next(), own.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => {
            let all: Vec<&str> = [first, second].into_iter().chain(own).collect();
            Cow::Owned(all.join("&"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: ByName<'_> = ByName {
        method: Method::Get,
        key: Vec::new(),
        namespace: None,
        input: None,
        token: None,
        rest: Cow::Borrowed(""),
    };

    #[test]
    fn addresses_by_name() {
        let all = "a=1&rvt-namespace=default&rvt-method=getOrCreate&rvt-runner=default&rvt-key=a+b%2Cc,d%2Fe\
                   &rvt-crash-policy=sleep&rvt-input=oWFhAQ&rvt-token=t%3D&rvt-skip-ready-wait=true&b=%zz&c";
        let expected = ByName {
            method: Method::GetOrCreate,
            key: ["a b", "c", "d/e"].map(Into::into).to_vec(),
            namespace: Some("default".into()),
            input: Some(vec![0xA1, 0x61, b'a', 1]),
            token: Some("t=".into()),
            rest: "a=1&b=%zz&c".into(),
        };
        assert_eq!(ByName::read(all), Ok(Some(expected)));
        assert_eq!(ByName::read("rvt-method=get"), Ok(Some(PLAIN)));
        let one_empty_part = ByName { key: vec![String::new()], rest: "x".into(), ..PLAIN };
        assert_eq!(ByName::read("rvt-key=&x&rvt-method=get"), Ok(Some(one_empty_part)));
    }

    #[test]
    fn keys_with_commas() {
        assert_eq!(comma_parts(None), Vec::<String>::new());
        assert_eq!(comma_parts(Some("")), [""]);
        assert_eq!(comma_parts(Some("a")), ["a"]);
        assert_eq!(comma_parts(Some("a,b/c,")), ["a", "b/c", ""]);
    }

    #[test]
    fn no_address_by_name() {
        for query in ["", "a=1", "rvt-key=a", "x=rvt-method", "xrvt-method=get"] {
            assert_eq!(ByName::read(query), Ok(None), "{query}");
        }
    }

    #[test]
    fn what_cannot_be_read() {
        for (query, expected) in [
            ("rvt-method=put", Unreadable::Method),
            ("rvt-method", Unreadable::Method),
            ("rvt-method=get&rvt-key=%zz", Unreadable::Encoding("rvt-key")),
            ("rvt-method=get&rvt-token=%FF", Unreadable::Encoding("rvt-token")),
            ("rvt-method=get&rvt-input=a", Unreadable::Input),
            ("rvt-method=get&rvt-input=oWFhAQ%3D%3D", Unreadable::Input),
        ] {
            assert_eq!(ByName::read(query), Err(expected), "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query: String) {
            let _ = ByName::read(&query);
            if let Ok(Some(by_name)) = ByName::read(&format!("rvt-method=get&{query}")) {
                prop_assert!(!by_name.rest.split('&').any(|pair| pair.starts_with(PREFIX)));
            }
        }
    }
}
