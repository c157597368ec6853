//! The query of a request: pairs, lists and objects as the `qs` library of npm writes them, within limits.

use memchr::{memchr, memchr2};
use playhouse_core::json;
use playhouse_node::action::Params;
use playhouse_proto::percent;
use smallvec::SmallVec;
use std::borrow::Cow;

/// An index in brackets up to this makes a list, a larger one is a name like any other: `a[999999]=x` must
/// not make a list of a million. It is also the limit of `qs`.
const INDEX_MAX: usize = 20;

/// How much of a query is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Pairs; what follows is left out.
    pub(super) pairs: usize,
    /// Brackets of one name; what follows them is one name.
    pub(super) depth: usize,
}

/// Adds the parameters of a query: `a=1&a=2` is a list, `a[]=1` too, `a[b]=1` an object.
pub(super) fn read(query: &str, limits: Limits, params: &mut Params) {
    if query.is_empty() {
        return;
    }
    let mut fields: SmallVec<[(Cow<'_, str>, Tree<'_>); 4]> = SmallVec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()).take(limits.pairs) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name);
        let (root, path) = split(&name, limits.depth);
        if root.is_empty() {
            continue;
        }
        let leaf = Tree::Text(decoded(value));
        let root = if root.len() == name.len() { name.clone() } else { Cow::Owned(root.to_owned()) };
        match fields.iter_mut().find(|(other, _)| *other == root) {
            Some((_, tree)) => tree.add(&path, leaf),
            None => fields.push((root, Tree::grown(&path, leaf))),
        }
    }
    for (name, tree) in fields {
        match tree {
            Tree::Text(text) => params.set_text(&name, text),
            Tree::List(_) | Tree::Object(_) => params.set_json(&name, tree.to_json()),
        }
    }
}

/// The first value of a name, where a list would make no sense.
pub(super) fn first<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (decoded(key), value))
        .find(|(key, _)| key == name)
        .map(|(_, value)| decoded(value))
}

/// `+` is a blank; what can't be decoded stays as it was sent.
fn decoded(text: &str) -> Cow<'_, str> {
    if memchr2(b'+', b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    let decoded = percent::decoded(&spaced).map(Cow::into_owned);
    Cow::Owned(decoded.unwrap_or(spaced))
}

/// One step into a value.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// `[]`: one more element.
    Next,
    /// `[name]`.
    Name(String),
}

/// Splits `a[b][]` into its root and its steps. Brackets that do not close, and all beyond the depth, are
/// part of a name.
fn split(name: &str, depth: usize) -> (&str, Vec<Step>) {
    let Some(open) = memchr(b'[', name.as_bytes()).filter(|open| *open > 0) else {
        return (name, Vec::new());
    };
    let (root, mut rest) = name.split_at(open);
    let mut steps = Vec::new();
    while let Some((inner, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        if steps.len() == depth {
            break;
        }
        steps.push(if inner.is_empty() { Step::Next } else { Step::Name(inner.to_owned()) });
        rest = after;
    }
    match (steps.is_empty(), rest.is_empty()) {
        (true, _) => (name, steps),
        (false, true) => (root, steps),
        (false, false) => {
            steps.push(Step::Name(rest.to_owned()));
            (root, steps)
        }
    }
}

/// A value while it is put together.
enum Tree<'a> {
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    Object(Vec<(String, Tree<'a>)>),
}

impl<'a> Tree<'a> {
    fn grown(path: &[Step], leaf: Self) -> Self {
        match path.split_first() {
            None => leaf,
            Some((Step::Next, rest)) => Self::List(vec![Self::grown(rest, leaf)]),
            Some((Step::Name(name), rest)) => Self::Object(vec![(name.clone(), Self::grown(rest, leaf))]),
        }
    }

    /// Adds a value. Where its shape does not fit what is there already, both become elements of a list.
    fn add(&mut self, path: &[Step], leaf: Self) {
        match (&mut *self, path.split_first()) {
            (Self::List(list), Some((Step::Next, rest))) => list.push(Self::grown(rest, leaf)),
            (Self::List(list), _) => list.push(Self::grown(path, leaf)),
            (Self::Object(fields), Some((Step::Name(name), rest))) => {
                match fields.iter_mut().find(|(other, _)| other == name) {
                    Some((_, tree)) => tree.add(rest, leaf),
                    None => fields.push((name.clone(), Self::grown(rest, leaf))),
                }
            }
            (Self::Text(_) | Self::Object(_), first) => {
                let old = std::mem::replace(self, Self::List(Vec::new()));
                let rest = match first {
                    Some((Step::Next, rest)) => rest,
                    Some((Step::Name(_), _)) | None => path,
                };
                *self = Self::List(vec![old, Self::grown(rest, leaf)]);
            }
        }
    }

    fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(64);
        self.write(&mut out);
        String::from_utf8(out).expect("made of texts")
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => json::push_str(out, text),
            Self::List(list) => write_list(list.iter(), out),
            Self::Object(fields) => match in_order(fields) {
                Some(list) => write_list(list.into_iter(), out),
                None => write_object(fields, out),
            },
        }
    }
}

fn write_list<'t, 'a: 't>(list: impl Iterator<Item = &'t Tree<'a>>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (nth, tree) in list.enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        tree.write(out);
    }
    out.push(b']');
}

fn write_object(fields: &[(String, Tree<'_>)], out: &mut Vec<u8>) {
    out.push(b'{');
    for (nth, (name, tree)) in fields.iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        json::push_str(out, name);
        out.push(b':');
        tree.write(out);
    }
    out.push(b'}');
}

/// The values in the order of their names, if all names are small indices.
fn in_order<'t, 'a>(fields: &'t [(String, Tree<'a>)]) -> Option<Vec<&'t Tree<'a>>> {
    let index = |name: &str| name.parse::<usize>().ok().filter(|n| *n <= INDEX_MAX && n.to_string() == name);
    let numbered: Option<Vec<_>> = fields.iter().map(|(name, tree)| Some((index(name)?, tree))).collect();
    let mut numbered = numbered?;
    numbered.sort_by_key(|(index, _)| *index);
    Some(numbered.into_iter().map(|(_, tree)| tree).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_node::action::Input;

    const LIMITS: Limits = Limits { pairs: 1_000, depth: 5 };

    fn shown(query: &str) -> String {
        let mut params = Params::default();
        read(query, LIMITS, &mut params);
        let texts = params.iter().map(|(name, input)| match input {
            Input::Text(text) => format!("{name}={text}"),
            Input::Json(raw) => format!("{name}:{raw}"),
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_and_brackets() {
        for (query, expected) in [
            ("", ""),
            ("a=1", "a=1"),
            ("a", "a="),
            ("=1&&a=", "a="),
            ("a=b+c%20d", "a=b c d"),
            ("a=%", "a=%"),
            ("a=+%", "a= %"),
            ("a=1=2", "a=1=2"),
            ("a=1&a=2", r#"a:["1","2"]"#),
            ("a=1&b=x&a=2&a=3", r#"a:["1","2","3"] b=x"#),
            ("a[]=1", r#"a:["1"]"#),
            ("a[]=1&a[]=2", r#"a:["1","2"]"#),
            ("a[b]=1", r#"a:{"b":"1"}"#),
            ("a%5Bb%5D=1", r#"a:{"b":"1"}"#),
            ("a[b]=1&a[c][]=2&a[c][]=3", r#"a:{"b":"1","c":["2","3"]}"#),
            ("a[1]=y&a[0]=x", r#"a:["x","y"]"#),
            ("a[99]=x", r#"a:{"99":"x"}"#),
            ("a[00]=x", r#"a:{"00":"x"}"#),
            ("a=1&a[b]=2", r#"a:["1",{"b":"2"}]"#),
            ("a[b]=1&a=2", r#"a:[{"b":"1"},"2"]"#),
            ("a[b]=1&a[b]=2", r#"a:{"b":["1","2"]}"#),
            ("a[b=1", "a[b=1"),
            ("[b]=1", "[b]=1"),
            ("a[b]c=1", r#"a:{"b":{"c":"1"}}"#),
            ("a[b][c][d][e][f][g][h]=1", r#"a:{"b":{"c":{"d":{"e":{"f":{"[g][h]":"1"}}}}}}"#),
            ("__proto__=1&a[__proto__]=2", r#"__proto__=1 a:{"__proto__":"2"}"#),
        ] {
            assert_eq!(shown(query), expected, "{query}");
        }
    }

    #[test]
    fn so_many_pairs_and_no_more() {
        let query: String = (0..1_500).map(|n| format!("k{n}=1&")).collect();
        let mut params = Params::default();
        read(&query, LIMITS, &mut params);
        assert_eq!(params.iter().count(), 1_000);
    }

    #[test]
    fn of_a_name_given_twice_the_first() {
        assert_eq!(first("a=1&sessionID=x%20y&sessionID=z", "sessionID").as_deref(), Some("x y"));
        assert_eq!(first("a=1", "sessionID"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_read(query in "[a-c\\[\\]=&+%0-9é]{0,60}", other: String) {
            for query in [query, other] {
                let mut params = Params::default();
                read(&query, LIMITS, &mut params);
                for (_, input) in params.iter() {
                    if let Input::Json(raw) = input {
                        proptest::prop_assert!(serde_json::from_str::<serde_json::Value>(raw).is_ok());
                    }
                }
            }
        }
    }
}
