//! How a parameter becomes an input: conversion to the declared type, checks, and what is said when it fails.
//!
//! Order and texts are `ActionHero`'s: the inputs are looked at as they are declared; own parsing that fails
//! ends it at once; else the first missing one is told, else the first invalid one.

use super::params::Input;
use super::text::TextDeserializer;
use crate::action::cx::Cx;
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::json::unquote;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Why a value is refused: a text for the caller, or nothing, and then the default text is used.
pub type Refusal = Option<String>;

/// Reads the inputs of one call one after the other. Written by `#[action]`; a person may write the same.
pub struct Reader<'a> {
    cx: &'a Cx,
    ended: Option<Reject>,
    missing: Option<Reject>,
    invalid: Option<Reject>,
}

/// Looks at a value and refuses it.
pub type Check<'f, T> = &'f dyn Fn(&T) -> Result<(), Refusal>;

/// How one input is read.
pub struct Field<'f, T> {
    /// The parameter's name.
    pub name: &'static str,
    /// What it is when it is missing.
    pub default: Option<&'f dyn Fn() -> T>,
    /// Turns the value into the type; [`parse`] unless the application has its own.
    pub parse: &'f dyn Fn(Input<'_>) -> Result<T, Parse>,
    /// Looks at the value.
    pub check: Option<Check<'f, T>>,
}

/// Why a value did not become the type.
#[derive(Debug, PartialEq, Eq)]
pub enum Parse {
    /// It has another form; the caller hears the default text for invalid inputs.
    Mismatch,
    /// The application's own parsing failed; its text ends the processing.
    Failed(String),
}

impl<'a> Reader<'a> {
    /// Begins with the first input.
    #[must_use]
    pub fn new(cx: &'a Cx) -> Self {
        Self { cx, ended: None, missing: None, invalid: None }
    }

    /// Reads a required input; `None` when it is missing or invalid, which [`Reader::finish`] tells.
    pub fn required<T>(&mut self, field: &Field<'_, T>) -> Option<T> {
        let value = self.optional(field);
        if value.is_none() && self.ended.is_none() && self.is_missing(field.name) && self.missing.is_none() {
            let text = self.cx.node().texts().missing_param(field.name);
            self.missing = Some(Reject::of(&codes::MISSING_PARAM, text).field(field.name));
        }
        value
    }

    /// Reads an optional input.
    pub fn optional<T>(&mut self, field: &Field<'_, T>) -> Option<T> {
        if self.ended.is_some() {
            return None;
        }
        let Some(input) = self.cx.param(field.name).filter(|input| !input.is_empty()) else {
            return field.default.map(|make| make());
        };
        match (field.parse)(input) {
            Ok(value) => self.checked(field, value),
            Err(Parse::Mismatch) => {
                self.refuse(field.name, None);
                None
            }
            Err(Parse::Failed(text)) => {
                self.ended = Some(Reject::of(&codes::INVALID_PARAM, text).field(field.name));
                None
            }
        }
    }

    fn checked<T>(&mut self, field: &Field<'_, T>, value: T) -> Option<T> {
        let refusal = match field.check {
            Some(check) => check(&value).err(),
            None => None,
        };
        if let Some(refusal) = refusal {
            self.refuse(field.name, refusal);
            return None;
        }
        Some(value)
    }

    fn is_missing(&self, name: &str) -> bool {
        self.cx.param(name).is_none_or(|input| input.is_empty())
    }

    fn refuse(&mut self, name: &'static str, text: Refusal) {
        if self.invalid.is_none() {
            let text = self.cx.node().texts().invalid_param(name, text);
            self.invalid = Some(Reject::of(&codes::INVALID_PARAM, text).field(name));
        }
    }

    /// Tells what was wrong.
    ///
    /// # Errors
    /// What own parsing said, else the first missing input, else the first invalid one.
    pub fn finish(self) -> Result<(), Reject> {
        self.ended.or(self.missing).or(self.invalid).map_or(Ok(()), Err)
    }
}

/// What an input may be: any type that serde can read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an input of an action",
    label = "this is no `#[data]` type and no other type that serde can read",
    note = "write `#[data]` above the type, or `#[from]` before the argument if it does not come from the caller"
)]
pub trait Wanted: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Wanted for T {}

/// What an application's own parsing may fail with: a text for the caller, or [`Parse`].
#[diagnostic::on_unimplemented(
    message = "own parsing can't fail with `{Self}`",
    label = "wanted: `fn(Input<'_>) -> Result<T, String>`, or `&'static str` in the place of `String`"
)]
pub trait Failure {
    /// The same in one form.
    fn into_parse(self) -> Parse;
}

#[diagnostic::do_not_recommend]
impl<E: Into<String>> Failure for E {
    fn into_parse(self) -> Parse {
        Parse::Failed(self.into())
    }
}

impl Failure for Parse {
    fn into_parse(self) -> Parse {
        self
    }
}

/// Turns a value into any type that serde can read; texts become numbers and booleans where the type asks
/// for it.
///
/// # Errors
/// [`Parse::Mismatch`] when the value has another form.
pub fn parse<T: Wanted>(input: Input<'_>) -> Result<T, Parse> {
    match input {
        Input::Json(raw) => serde_json::from_str(raw).or_else(|_| lossy_text(raw)),
        Input::Text(text) => T::deserialize(TextDeserializer::new(text)).map_err(|_| Parse::Mismatch),
    }
}

/// A text with half a character in it (a lone surrogate escape) is still a text: it is read with U+FFFD.
fn lossy_text<T: DeserializeOwned>(raw: &str) -> Result<T, Parse> {
    let text = unquote(raw).ok_or(Parse::Mismatch)?;
    let plain = serde::de::value::StrDeserializer::<serde_json::Error>::new(&text);
    T::deserialize(plain).map_err(|_| Parse::Mismatch)
}

/// Turns any value into text, as `ActionHero`'s older actions do: numbers and booleans as JSON writes them,
/// lists as their elements joined with commas, objects as `[object Object]`.
///
/// # Errors
/// Never; the form is that of a parser.
pub fn as_text(input: Input<'_>) -> Result<String, Parse> {
    Ok(match input {
        Input::Text(text) => text.to_owned(),
        Input::Json(raw) => js_text(raw).into_owned(),
    })
}

/// What JavaScript's `String(value)` makes of raw JSON. Lists within lists are followed to a depth at which no
/// person's text is left.
#[must_use]
pub fn js_text(raw: &str) -> Cow<'_, str> {
    js_text_within(raw, JS_TEXT_DEPTH)
}

/// Each level is looked at anew, so this also bounds the work.
const JS_TEXT_DEPTH: usize = 8;

fn js_text_within(raw: &str, depth: usize) -> Cow<'_, str> {
    match raw.as_bytes().first() {
        Some(b'"') => unquote(raw).unwrap_or_default(),
        Some(b'{') => Cow::Borrowed("[object Object]"),
        Some(b'[') if depth > 0 => {
            let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(raw).unwrap_or_default();
            let text = |element: &'_ &serde_json::value::RawValue| match element.get() {
                "null" => String::new(),
                raw => js_text_within(raw, depth - 1).into_owned(),
            };
            Cow::Owned(elements.iter().map(text).collect::<Vec<_>>().join(","))
        }
        Some(b'[') => Cow::Borrowed(""),
        Some(_) | None => Cow::Borrowed(raw),
    }
}

/// Checks of `#[check(..)]`.
pub mod check {
    use super::Refusal;
    use std::fmt::Debug;
    use std::ops::RangeBounds;

    /// What has a length: texts count characters, lists elements.
    pub trait Length {
        /// The length.
        fn length(&self) -> usize;
    }

    impl Length for String {
        fn length(&self) -> usize {
            self.chars().count()
        }
    }

    impl<T> Length for Vec<T> {
        fn length(&self) -> usize {
            self.len()
        }
    }

    /// The length lies in a range.
    ///
    /// # Errors
    /// A text that names the range.
    pub fn length<T: Length>(
        name: &str,
        value: &T,
        range: &(impl RangeBounds<usize> + Debug),
    ) -> Result<(), Refusal> {
        let length = value.length();
        if range.contains(&length) {
            return Ok(());
        }
        Err(Some(format!("{name} has length {length}, which must be within {range:?}")))
    }

    /// The value lies in a range.
    ///
    /// # Errors
    /// A text that names the range.
    pub fn range<T: PartialOrd + Debug>(
        name: &str,
        value: &T,
        range: &(impl RangeBounds<T> + Debug),
    ) -> Result<(), Refusal> {
        if range.contains(value) {
            return Ok(());
        }
        Err(Some(format!("{name} is {value:?}, which must be within {range:?}")))
    }

    /// What an application's own check may return.
    #[diagnostic::on_unimplemented(
        message = "a check can't return `{Self}`",
        label = "wanted: `fn(&T) -> bool`, or `fn(&T) -> Result<(), String>`"
    )]
    pub trait Verdict {
        /// The same in one form.
        ///
        /// # Errors
        /// The application's text, if it gave one.
        fn verdict(self) -> Result<(), Refusal>;
    }

    impl Verdict for bool {
        fn verdict(self) -> Result<(), Refusal> {
            if self { Ok(()) } else { Err(None) }
        }
    }

    impl<E: Into<String>> Verdict for Result<(), E> {
        fn verdict(self) -> Result<(), Refusal> {
            self.map_err(|text| Some(text.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_the_type_asks_for() {
        assert_eq!(parse::<u32>(Input::Text("5")), Ok(5));
        assert_eq!(parse::<bool>(Input::Text("true")), Ok(true));
        assert_eq!(parse::<String>(Input::Text("5")), Ok("5".to_owned()));
        assert_eq!(parse::<u32>(Input::Text("-5")), Err(Parse::Mismatch));
        assert_eq!(parse::<Vec<u8>>(Input::Text("[1,2]")), Ok(vec![1, 2]));
    }

    #[test]
    fn json_keeps_its_types() {
        assert_eq!(parse::<String>(Input::Json("5")), Err(Parse::Mismatch));
        assert_eq!(parse::<u32>(Input::Json("\"5\"")), Err(Parse::Mismatch));
        assert_eq!(parse::<String>(Input::Json("\"5\"")), Ok("5".to_owned()));
    }

    #[test]
    fn javascript_texts() {
        for (raw, text) in [
            ("5", "5"),
            ("true", "true"),
            ("{\"a\":1}", "[object Object]"),
            ("[\"x\",\"y\"]", "x,y"),
            ("[1,null,[2,3]]", "1,,2,3"),
            ("\"plain\"", "plain"),
            ("null", "null"),
        ] {
            assert_eq!(js_text(raw), text, "{raw}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(js_text(&deep), "");
    }
}
