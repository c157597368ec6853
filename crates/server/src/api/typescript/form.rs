//! A form (JSON Schema) as a type of TypeScript. A type is at most as strict as the form: what TypeScript has no
//! words for, such as the length of a text, is left out.

use super::names::{comment, key};
use playhouse_core::manifest::{Schema, referred};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Lists of a fixed length are tuples up to this one.
const TUPLE_MAX: usize = 8;

/// Forms as types; knows the names of those that have one.
pub(super) struct Types<'m> {
    pub(super) names: BTreeMap<&'m str, String>,
}

/// A type, and what stands outermost in it.
struct Type {
    text: String,
    outer: Outer,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outer {
    Union,
    Intersection,
    One,
}

impl Type {
    fn one(text: impl Into<String>) -> Self {
        Self { text: text.into(), outer: Outer::One }
    }

    fn unknown() -> Self {
        Self::one("unknown")
    }

    /// Within something that binds closer it needs parentheses.
    fn within(&self, outer: Outer) -> String {
        if self.outer < outer { format!("({})", self.text) } else { self.text.clone() }
    }

    fn union(types: Vec<Self>) -> Self {
        Self::joined(types, " | ", Outer::Union, "never")
    }

    fn intersection(types: Vec<Self>) -> Self {
        let types = types.into_iter().filter(|one| one.text != "unknown").collect();
        Self::joined(types, " & ", Outer::Intersection, "unknown")
    }

    fn joined(types: Vec<Self>, sign: &str, outer: Outer, none: &str) -> Self {
        let mut texts: Vec<String> = Vec::new();
        let mut only = None;
        for one in types {
            let text = one.within(outer);
            if !texts.contains(&text) {
                texts.push(text);
                only = Some(one);
            }
        }
        match (texts.len(), only) {
            (0, _) => Self::one(none),
            (1, Some(one)) => one,
            (_, _) if sign == " | " && texts.iter().any(|text| text == "unknown") => Self::unknown(),
            (_, _) => Self { text: texts.join(sign), outer },
        }
    }
}

impl Types<'_> {
    /// The type of a form; lines after the first begin with `indent` blanks.
    pub(super) fn of(&self, schema: &Schema, indent: usize) -> String {
        self.read(schema, indent).text
    }

    /// The same or nothing.
    pub(super) fn or_null(&self, schema: &Schema, indent: usize) -> String {
        Type::union(vec![self.read(schema, indent), Type::one("null")]).text
    }

    /// The same or a text.
    pub(super) fn or_text(&self, schema: &Schema, indent: usize) -> String {
        Type::union(vec![Type::one("string"), self.read(schema, indent)]).text
    }

    fn read(&self, schema: &Schema, indent: usize) -> Type {
        let fields = match schema {
            Value::Object(fields) => fields,
            Value::Bool(false) => return Type::one("never"),
            Value::Bool(true) | Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Type::unknown();
            }
        };
        let mut all = Vec::new();
        if let Some(name) = referred(schema) {
            all.push(self.names.get(name).map_or_else(Type::unknown, Type::one));
        }
        let list = |name| fields.get(name).and_then(Value::as_array);
        for one in list("allOf").into_iter().flatten() {
            all.push(self.read(one, indent));
        }
        for some in ["anyOf", "oneOf"].into_iter().filter_map(list) {
            all.push(Type::union(some.iter().map(|one| self.read(one, indent)).collect()));
        }
        let is_alone = all.is_empty();
        all.push(self.own(fields, is_alone, indent));
        Type::intersection(all)
    }

    /// What a form says itself, without the forms that it is put together from. Beside those, that it is an object
    /// is nothing new.
    fn own(&self, fields: &Map<String, Value>, is_alone: bool, indent: usize) -> Type {
        if let Some(value) = fields.get("const") {
            return literal(value);
        }
        if let Some(Value::Array(values)) = fields.get("enum") {
            return Type::union(values.iter().map(literal).collect());
        }
        match fields.get("type") {
            Some(Value::String(kind)) => self.kind(kind, fields, is_alone, indent),
            Some(Value::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                Type::union(kinds.map(|kind| self.kind(kind, fields, true, indent)).collect())
            }
            _ if fields.contains_key("properties") => self.object(fields, is_alone, indent),
            _ => Type::unknown(),
        }
    }

    fn kind(&self, kind: &str, fields: &Map<String, Value>, is_alone: bool, indent: usize) -> Type {
        match kind {
            "object" => self.object(fields, is_alone, indent),
            "array" => self.list(fields, indent),
            "integer" => Type::one("number"),
            "string" | "number" | "boolean" | "null" => Type::one(kind),
            _ => Type::unknown(),
        }
    }

    fn list(&self, fields: &Map<String, Value>, indent: usize) -> Type {
        let items = fields.get("items");
        if let Some(Value::Array(first)) = fields.get("prefixItems") {
            let mut parts: Vec<String> = first.iter().map(|one| self.of(one, indent)).collect();
            let closed = fields.get("maxItems").and_then(Value::as_u64) == Some(first.len() as u64);
            if !closed && items != Some(&Value::Bool(false)) {
                let rest = items.map_or_else(Type::unknown, |items| self.read(items, indent));
                parts.push(format!("...{}[]", rest.within(Outer::One)));
            }
            return Type::one(format!("[{}]", parts.join(", ")));
        }
        let item = items.map_or_else(Type::unknown, |items| self.read(items, indent));
        let length = |key| fields.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        match (length("minItems"), length("maxItems")) {
            (Some(least), Some(most)) if least == most && least <= TUPLE_MAX => {
                Type::one(format!("[{}]", vec![item.text; least].join(", ")))
            }
            _ => Type::one(format!("{}[]", item.within(Outer::One))),
        }
    }

    fn object(&self, fields: &Map<String, Value>, is_alone: bool, indent: usize) -> Type {
        let rest = self.rest(fields, indent);
        match fields.get("properties").and_then(Value::as_object).filter(|own| !own.is_empty()) {
            Some(own) => {
                let required = fields.get("required").and_then(Value::as_array);
                let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
                let lines = own.iter().map(|(name, form)| {
                    let text = form.get("description").and_then(Value::as_str).unwrap_or_default();
                    (name.as_str(), text, is_required(name), self.of(form, indent + 2))
                });
                let own = Type::one(block(lines, indent));
                Type::intersection(std::iter::once(own).chain(rest).collect())
            }
            None if !is_alone => rest.unwrap_or_else(Type::unknown),
            None if fields.get("additionalProperties") == Some(&Value::Bool(false)) => Type::one("{}"),
            None => rest.unwrap_or_else(|| Type::one("{ [key: string]: unknown }")),
        }
    }

    /// Keys that have no names: a map's.
    fn rest(&self, fields: &Map<String, Value>, indent: usize) -> Option<Type> {
        let more = fields.get("additionalProperties").filter(|more| more.is_object());
        let patterns = fields.get("patternProperties").and_then(Value::as_object);
        let values = patterns.into_iter().flat_map(Map::values).chain(more);
        let values: Vec<Type> = values.map(|form| self.read(form, indent)).collect();
        (!values.is_empty()).then(|| Type::one(format!("{{ [key: string]: {} }}", Type::union(values).text)))
    }
}

/// An object type of these keys: name, what it is, whether it is always there, type.
pub(super) fn block<'a>(
    keys: impl Iterator<Item = (&'a str, &'a str, bool, String)>,
    indent: usize,
) -> String {
    let blanks = " ".repeat(indent + 2);
    let mut out = "{\n".to_owned();
    for (name, text, is_required, form) in keys {
        out += &comment(text, indent + 2);
        let mark = if is_required { "" } else { "?" };
        out += &format!("{blanks}{}{mark}: {form}\n", key(name));
    }
    out + &" ".repeat(indent) + "}"
}

fn literal(value: &Value) -> Type {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Type::one(value.to_string()),
        Value::Array(_) | Value::Object(_) => Type::unknown(),
    }
}
