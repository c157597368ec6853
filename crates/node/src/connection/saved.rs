//! What is kept on a connection between its messages: parameters and data of the application, and the mark of
//! the latest message. Most connections keep nothing but that mark.

use crate::action::Params;
use compact_str::CompactString;
use playhouse_core::event::Tag;
use playhouse_core::json;
use playhouse_core::typemap::TypeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// The longest id of a message that is kept, in bytes.
const ID_KEPT_MAX: usize = 1024;

#[derive(Default)]
pub(crate) struct Saved {
    latest: Mutex<Option<(CompactString, u32)>>,
    /// Made with the first thing that is kept, so that a call on a connection without any looks and goes on.
    kept: OnceLock<Box<Mutex<Kept>>>,
}

#[derive(Default)]
struct Kept {
    /// Names and raw JSON values, each name once, in the order of their first appearance.
    params: Vec<(Box<str>, Box<str>)>,
    data: TypeMap,
}

impl Saved {
    fn latest_now(&self) -> MutexGuard<'_, Option<(CompactString, u32)>> {
        self.latest.lock().expect("nothing panics while it holds this")
    }

    /// What is kept, if anything is.
    fn kept(&self) -> Option<MutexGuard<'_, Kept>> {
        self.kept.get().map(|kept| kept.lock().expect("nothing panics while it holds this"))
    }

    fn keep(&self) -> MutexGuard<'_, Kept> {
        self.kept.get_or_init(Box::default).lock().expect("nothing panics while it holds this")
    }

    pub(crate) fn note(&self, tag: &Tag) {
        // A client may send ten megabytes as an id; it gets them back, but they are not kept.
        let id = if tag.id.len() <= ID_KEPT_MAX { tag.id.clone() } else { CompactString::const_new("null") };
        *self.latest_now() = Some((id, tag.number));
    }

    /// The mark of the latest message.
    pub(crate) fn latest(&self) -> Tag {
        match &*self.latest_now() {
            Some((id, number)) => Tag { id: id.clone(), number: *number, ..Tag::default() },
            None => Tag::new("\"0\""),
        }
    }

    pub(crate) fn set_param(&self, name: &str, raw: String) {
        let params = &mut self.keep().params;
        match params.iter_mut().find(|(other, _)| **other == *name) {
            Some((_, old)) => *old = raw.into(),
            None => params.push((name.into(), raw.into())),
        }
    }

    /// Adds what was saved to a request that brings no value of its own.
    pub(crate) fn complete(&self, params: &mut Params) {
        let Some(kept) = self.kept() else { return };
        for (name, raw) in &kept.params {
            if params.get(name).is_none() {
                params.set_json(name, raw);
            }
        }
    }

    pub(crate) fn params_json(&self) -> String {
        let mut out = vec![b'{'];
        for (name, raw) in self.kept().iter().flat_map(|kept| &kept.params) {
            if out.len() > 1 {
                out.push(b',');
            }
            json::push_str(&mut out, name);
            out.push(b':');
            out.extend_from_slice(raw.as_bytes());
        }
        out.push(b'}');
        String::from_utf8(out).expect("made of texts")
    }

    pub(crate) fn set_data<T: Send + Sync + 'static>(&self, value: T) {
        self.keep().data.set(value);
    }

    pub(crate) fn data<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.kept()?.data.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Input;

    #[test]
    fn what_is_saved_serves_where_a_request_brings_nothing() {
        let saved = Saved::default();
        assert_eq!(saved.params_json(), "{}");
        saved.set_param("a", "1".to_owned());
        saved.set_param("b", "5".to_owned());
        saved.set_param("b", "\"x\"".to_owned());
        let mut params = Params::from_json(r#"{"a":5}"#);
        saved.complete(&mut params);
        assert_eq!(params.get("a"), Some(Input::Json("5")));
        assert_eq!(params.get("b"), Some(Input::Json("\"x\"")));
        assert_eq!(saved.params_json(), r#"{"a":1,"b":"x"}"#);
    }

    #[test]
    fn the_first_mark_is_the_text_zero() {
        let saved = Saved::default();
        assert_eq!(saved.latest().id, "\"0\"");
        saved.note(&Tag::new("7"));
        assert_eq!(saved.latest().id, "7");
    }
}
