//! The arguments of a call while they are read.

use playhouse_core::codes::{self, RejectCode};
use playhouse_core::error::Reject;
use playhouse_core::value::{Value, from_value};
use serde::de::DeserializeOwned;
use std::vec;

/// Arguments, read one after the other. What is wrong with one is a [`Reject`] that names it.
#[derive(Debug)]
pub struct Args {
    rest: vec::IntoIter<Value>,
    given: usize,
}

impl From<Vec<Value>> for Args {
    fn from(args: Vec<Value>) -> Self {
        Self { given: args.len(), rest: args.into_iter() }
    }
}

fn refuse(code: &'static RejectCode, name: &str, message: String) -> Reject {
    Reject::of(code, message).field(name)
}

impl Args {
    /// The next argument, which must be there.
    ///
    /// # Errors
    /// `missing_param` and `invalid_param`.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Reject> {
        match self.rest.next() {
            Some(value) => read(name, value),
            // What takes anything, or nothing, takes nothing.
            None => from_value(Value::Null).map_err(|_| {
                let text = format!("argument {}, `{name}`, is missing", self.given + 1);
                refuse(&codes::MISSING_PARAM, name, text)
            }),
        }
    }

    /// The next argument; `default` where it is absent or null.
    ///
    /// # Errors
    /// `invalid_param`.
    pub fn or<T: DeserializeOwned>(&mut self, name: &str, default: impl FnOnce() -> T) -> Result<T, Reject> {
        match self.rest.next() {
            None | Some(Value::Null) => Ok(default()),
            Some(value) => read(name, value),
        }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// `invalid_param`.
    pub fn finish(&mut self) -> Result<(), Reject> {
        let (left, given) = (self.rest.len(), self.given);
        if left == 0 {
            return Ok(());
        }
        let taken = given - left;
        Err(Reject::of(&codes::INVALID_PARAM, format!("{given} arguments were given; {taken} are the most")))
    }
}

fn read<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Reject> {
    from_value(value).map_err(|odd| {
        let place =
            if odd.path.is_empty() { format!("`{name}`") } else { format!("`{name}`, at `{}`", odd.path) };
        refuse(&codes::INVALID_PARAM, name, format!("argument {place}: {}", odd.what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(json: &str) -> Args {
        let Value::List(values) = Value::from_json(json.as_bytes()).unwrap() else { panic!("a list") };
        values.into()
    }

    #[test]
    fn arguments_are_read_in_order() {
        let mut some = args(r#"[1, "a", null]"#);
        assert_eq!(some.required::<u8>("n"), Ok(1));
        assert_eq!(some.required::<String>("s"), Ok("a".into()));
        assert_eq!(some.or("by", || 7), Ok(7));
        assert_eq!(some.required::<Option<u8>>("more"), Ok(None));
        assert_eq!(some.finish(), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let said = |reject: Reject| format!("{} {:?} {}", reject.code, reject.fields, reject.message);
        let missing = args("[]").required::<u8>("by").unwrap_err();
        assert_eq!(said(missing), r#"missing_param ["by"] argument 1, `by`, is missing"#);
        let wrong = args(r#"[{"a":["x"]}]"#)
            .required::<std::collections::HashMap<String, Vec<u8>>>("of")
            .unwrap_err();
        assert_eq!(
            said(wrong),
            r#"invalid_param ["of"] argument `of`, at `.a[0]`: invalid type: string "x", expected u8"#
        );
        let mut many = args("[1,2,3]");
        many.required::<u8>("n").unwrap();
        assert_eq!(
            said(many.finish().unwrap_err()),
            "invalid_param [] 3 arguments were given; 1 are the most"
        );
    }
}
