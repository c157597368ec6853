//! Texts for people with places to fill in, such as `connection not in this room ({room})`.

use super::Kind;
use crate::config::raw::{Raw, Wrong, quoted};

/// A text in which `{name}` stands for a value; which names there are is the setting's affair.
pub(in crate::config) struct Template(pub(in crate::config) &'static [&'static str]);

impl Kind for Template {
    type Value = String;

    fn words(&self) -> String {
        match self.0 {
            [] => "a text".into(),
            names => format!("a text, in which {} is filled in", braced(names)),
        }
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = raw.text().ok_or(Wrong::Kind)?;
        for (_, name) in places(text) {
            if !self.0.contains(&name) {
                return Err(Wrong::Because(self.unknown(name)));
            }
        }
        Ok(text.to_owned())
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

impl Template {
    fn unknown(&self, name: &str) -> String {
        match self.0 {
            [] => format!("`{{{name}}}` stands for nothing here: nothing is filled in"),
            names => format!("`{{{name}}}` stands for nothing here; what is filled in is {}", braced(names)),
        }
    }
}

fn braced(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ")
}

/// Fills the places of a text: `fill("no room {room}", &[("room", "lobby")])`. Places whose name is not
/// given stay as they are, and what is filled in is not looked at again.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut copied = 0;
    for (start, name) in places(template) {
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(&template[copied..start]);
            out.push_str(value);
            copied = start + name.len() + 2;
        }
    }
    out.push_str(&template[copied..]);
    out
}

/// Where `{name}` stands in a text, with its name: lower-case letters and `_` between braces.
fn places(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('{').filter_map(|(start, _)| {
        let name = text[start + 1..].split_once('}')?.0;
        let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        fits.then_some((start, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_what_it_is_given_once() {
        let rows = [
            ("connection not in this room ({room})", "connection not in this room (a{room}b)"),
            ("{room}{room}", "a{room}ba{room}b"),
            ("{other} {} {Room} {", "{other} {} {Room} {"),
            ("", ""),
        ];
        for (template, filled) in rows {
            assert_eq!(fill(template, &[("room", "a{room}b")]), filled);
        }
    }

    #[test]
    fn unknown_names_are_told() {
        let kind = Template(&["room"]);
        assert!(kind.read(&Raw::Text("no {room}".into())).is_ok());
        assert!(matches!(kind.read(&Raw::Text("no {rom}".into())), Err(Wrong::Because(why)) if why
            == "`{rom}` stands for nothing here; what is filled in is `{room}`"));
        assert_eq!(kind.read(&Raw::Integer(1)), Err(Wrong::Kind));
    }
}
