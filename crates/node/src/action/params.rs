//! The parameters of one call: names and values, each still in the form in which it arrived.

use playhouse_core::json::{Fields, Invalid, unquote};
use smallvec::SmallVec;
use std::borrow::Cow;

/// One value as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Raw JSON.
    Json(&'a str),
    /// Text of a query, a form or a path; it becomes a number or a boolean where the type asks for it.
    Text(&'a str),
}

impl Input<'_> {
    /// Whether the value counts as missing: `null` or an empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Json(raw) => matches!(*raw, "null" | "\"\""),
            Self::Text(text) => text.is_empty(),
        }
    }
}

/// Parameters for which no memory is asked beside their text's; most calls have fewer.
const FEW: usize = 3;

/// Bytes of text for which memory is asked at first: those of a usual query.
const ROOM: usize = 64;

/// More fields than any action declares; what is beyond is left out, as undeclared ones are anyway.
const FIELDS_MAX: usize = 1000;

/// All parameters of a call.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// What all names and values are parts of: an object as it came, and behind it what was added.
    text: String,
    entries: SmallVec<[Entry; FEW]>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name: Part,
    value: Part,
    form: Form,
}

/// The form of a value.
#[derive(Clone, Copy, Debug)]
enum Form {
    Json,
    Text,
}

/// A part of the text.
#[derive(Clone, Copy, Debug)]
struct Part {
    from: usize,
    to: usize,
}

impl Part {
    fn of(self, text: &str) -> &str {
        &text[self.from..self.to]
    }

    /// Whether it is that name; looks at bytes, as that costs less.
    fn is(self, text: &str, name: &str) -> bool {
        text.as_bytes()[self.from..self.to] == *name.as_bytes()
    }
}

impl Params {
    /// Reads raw JSON. What is not an object has no parameters: a caller that sends a text or a list is told
    /// what it is missing, not that its JSON is of another kind.
    #[must_use]
    pub fn from_json(raw: &str) -> Self {
        let mut params = Self::default();
        if params.add_fields(raw).is_err() {
            return Self::default();
        }
        params
    }

    /// Adds the fields of a raw JSON object; later ones win. Anything else changes nothing.
    pub fn merge_json(&mut self, raw: &str) {
        if Fields::of(raw).is_some_and(Fields::are_valid) {
            self.add_fields(raw).expect("it was looked at");
        }
    }

    fn add_fields(&mut self, raw: &str) -> Result<(), Invalid> {
        let Some(fields) = Fields::of(raw) else { return Ok(()) };
        let base = self.push(raw).from;
        let part_of = |text: &str| {
            let from = base + text.as_ptr().addr() - raw.as_ptr().addr();
            Part { from, to: from + text.len() }
        };
        let mut count = 0;
        fields.each(|name, value| {
            count += 1;
            if count <= FIELDS_MAX {
                let name = match name {
                    Cow::Borrowed(name) => part_of(name),
                    Cow::Owned(name) => self.push(&name),
                };
                self.put(Entry { name, value: part_of(value), form: Form::Json });
            }
        })
    }

    /// Adds a text, such as one of a query; replaces a value of that name.
    pub fn set_text(&mut self, name: &str, text: impl AsRef<str>) {
        let (name, value) = (self.push(name), self.push(text.as_ref()));
        self.put(Entry { name, value, form: Form::Text });
    }

    /// Adds a raw JSON value; replaces a value of that name.
    pub fn set_json(&mut self, name: &str, raw: impl AsRef<str>) {
        let (name, value) = (self.push(name), self.push(raw.as_ref()));
        self.put(Entry { name, value, form: Form::Json });
    }

    /// What is replaced stays in the text: parameters live for one call.
    fn push(&mut self, text: &str) -> Part {
        let from = self.text.len();
        if from == 0 {
            self.text.reserve(text.len().max(ROOM));
        }
        self.text.push_str(text);
        Part { from, to: self.text.len() }
    }

    fn put(&mut self, entry: Entry) {
        let (text, name) = (&self.text, entry.name.of(&self.text));
        match self.entries.iter_mut().find(|other| other.name.is(text, name)) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Input<'_>> {
        self.entries.iter().find(|entry| entry.name.is(&self.text, name)).map(|entry| self.view(*entry))
    }

    fn view(&self, entry: Entry) -> Input<'_> {
        let value = entry.value.of(&self.text);
        match entry.form {
            Form::Json => Input::Json(value),
            Form::Text => Input::Text(value),
        }
    }

    /// All names and values, in the order of their first appearance.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Input<'_>)> {
        self.entries.iter().map(|entry| (entry.name.of(&self.text), self.view(*entry)))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a name if it is a text, whatever it arrived in.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.get(name)? {
            Input::Text(text) => Some(Cow::Borrowed(text)),
            Input::Json(raw) => unquote(raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_the_form_in_which_they_came() {
        let mut params = Params::from_json(r#"{"a": {"b": [1, 2]}, "c":"x\n", "a2":null}"#);
        params.set_text("q", "5");
        assert_eq!(params.get("a"), Some(Input::Json(r#"{"b": [1, 2]}"#)));
        assert_eq!(params.text("c").as_deref(), Some("x\n"));
        assert_eq!(params.get("q"), Some(Input::Text("5")));
        assert!(params.get("a2").is_some_and(|input| input.is_empty()));
        assert_eq!(params.get("zzz"), None);
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        let mut params = Params::from_json(r#"{"a":1,"a":2}"#);
        assert_eq!(params.get("a"), Some(Input::Json("2")));
        params.merge_json(r#"{"a":3,"b":4}"#);
        assert_eq!(params.get("a"), Some(Input::Json("3")));
        assert_eq!(params.get("b"), Some(Input::Json("4")));
    }

    #[test]
    fn what_is_no_object_has_no_parameters() {
        for raw in ["null", "5", "\"text\"", "[1]", "true", "", "{", r#"{"a":1"#, r#"{"a":1}}"#] {
            assert!(Params::from_json(raw).is_empty(), "{raw}");
        }
    }

    #[test]
    fn what_is_added_and_replaced() {
        let mut params = Params::from_json(r#"{"\u0061b":1,"c":2}"#);
        params.set_json("c", "[3]");
        params.set_text("d", "x");
        params.merge_json(r#"{"d":4,"e":}"#);
        let all: Vec<_> = params.iter().collect();
        assert_eq!(all, [("ab", Input::Json("1")), ("c", Input::Json("[3]")), ("d", Input::Text("x"))]);
    }
}
