//! What a form (JSON Schema) says about the values that it takes, as far as documents have to know: which kinds of
//! value there may be, how an answer lays them out, and what an input takes on its way.

use playhouse_core::manifest::{Input, Schema, referred};
use serde_json::{Map, Value, json};

/// References in references; who has more of them has a circle.
const DEPTH_MAX: usize = 16;

/// The forms that have a name.
#[derive(Clone, Copy)]
pub(super) struct Forms<'m>(pub(super) &'m Map<String, Value>);

/// Which kinds of value a form takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kinds {
    object: bool,
    other: bool,
}

impl Kinds {
    const ANY: Self = Self { object: true, other: true };
    const NONE: Self = Self { object: false, other: false };
    const OBJECT: Self = Self { object: true, other: false };
    const OTHER: Self = Self { object: false, other: true };

    fn or(self, other: Self) -> Self {
        Self { object: self.object || other.object, other: self.other || other.other }
    }

    fn and(self, other: Self) -> Self {
        Self { object: self.object && other.object, other: self.other && other.other }
    }
}

/// How a value is written into a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InQuery {
    /// As it is.
    Plain,
    /// As JSON.
    Json,
    /// Not at all; it takes a body.
    Never,
}

impl<'m> Forms<'m> {
    /// The form itself, where this only refers to one.
    pub(super) fn resolved(self, schema: &'m Schema) -> &'m Schema {
        let mut found = schema;
        for _ in 0..DEPTH_MAX {
            match referred(found).and_then(|name| self.0.get(name)) {
                Some(next) => found = next,
                None => break,
            }
        }
        found
    }

    /// The form of an answer: the keys of an object are at its top level, anything else is under `data`.
    pub(super) fn laid_out(self, schema: &Schema) -> Value {
        let under_data = json!({ "type": "object", "properties": { "data": schema }, "required": ["data"] });
        match self.kinds(schema, 0) {
            Kinds::OBJECT => schema.clone(),
            Kinds::ANY if is_any(schema) => json!({ "type": "object", "description": "Any keys." }),
            Kinds { object: true, .. } => {
                json!({ "anyOf": [{ "allOf": [schema, { "type": "object" }] }, under_data] })
            }
            Kinds { object: false, .. } => under_data,
        }
    }

    fn kinds(self, schema: &Value, depth: usize) -> Kinds {
        let Some(fields) = schema.as_object() else {
            return if *schema == Value::Bool(false) { Kinds::NONE } else { Kinds::ANY };
        };
        if depth > DEPTH_MAX {
            return Kinds::ANY;
        }
        let own = match (fields.get("type"), fields.get("const"), fields.get("enum")) {
            (Some(Value::String(kind)), ..) => kind_of(kind),
            (Some(Value::Array(kinds)), ..) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                kinds.map(kind_of).fold(Kinds::NONE, Kinds::or)
            }
            (_, Some(value), _) => kind_of_value(value),
            (_, _, Some(Value::Array(values))) => {
                values.iter().map(kind_of_value).fold(Kinds::NONE, Kinds::or)
            }
            _ => Kinds::ANY,
        };
        let deeper = |schema: &Value| self.kinds(schema, depth + 1);
        let list = |key| fields.get(key).and_then(Value::as_array);
        let named = referred(schema).and_then(|name| self.0.get(name)).map_or(Kinds::ANY, deeper);
        let all = list("allOf").map_or(Kinds::ANY, |all| all.iter().map(deeper).fold(Kinds::ANY, Kinds::and));
        let some = ["anyOf", "oneOf"].map(|key| {
            list(key).map_or(Kinds::ANY, |some| some.iter().map(deeper).fold(Kinds::NONE, Kinds::or))
        });
        own.and(named).and(all).and(some[0]).and(some[1])
    }

    /// How a query tells such a value: texts become numbers and booleans, and are read as JSON where a list or an
    /// object is wanted (`node::action::input`). What has several forms is told in a body.
    pub(super) fn in_query(self, input: &'m Input) -> InQuery {
        if input.own_parsing || is_any(&input.schema) {
            return InQuery::Plain;
        }
        let schema = self.resolved(&input.schema);
        match schema.get("type").and_then(Value::as_str) {
            Some("object" | "array") if !has_choice(schema) => InQuery::Json,
            Some("string" | "number" | "integer" | "boolean") => InQuery::Plain,
            _ if is_word(schema) => InQuery::Plain,
            _ => InQuery::Never,
        }
    }

    /// The form of an input in a body. What is missing is told apart from what is there by the server: `null` and
    /// an empty text count as missing, so a required input takes neither.
    pub(super) fn of_input(self, input: &'m Input) -> Value {
        if input.own_parsing {
            let mut form = json!({});
            if let Some(default) = input.schema.get("default") {
                form["default"] = default.clone();
            }
            if input.required {
                form["not"] = json!({ "enum": [null, ""] });
            }
            return form;
        }
        not_empty(input.schema.clone(), input)
    }

    /// The form of an input in a query. There are only texts in it, so that who takes anything takes a text.
    pub(super) fn of_input_in_query(self, input: &'m Input) -> Value {
        if !input.own_parsing && !is_any(&input.schema) {
            return self.of_input(input);
        }
        let mut form = json!({ "type": "string" });
        match input.schema.get("default") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => form["default"] = json!(text),
            Some(other) => form["default"] = json!(other.to_string()),
        }
        not_empty(form, input)
    }
}

fn not_empty(mut form: Value, input: &Input) -> Value {
    let is_text = form.get("type").is_some_and(|kind| kind == "string");
    if input.required && is_text && form.get("minLength").is_none_or(|least| *least == json!(0)) {
        form["minLength"] = json!(1);
    }
    form
}

/// What a document says about an input: what the application wrote, and that it reads the value itself.
pub(super) fn about(input: &Input) -> String {
    let own = "Read by the application itself, which may take values of any form.";
    match (input.description.trim(), input.own_parsing) {
        ("", true) => own.to_owned(),
        (text, true) => format!("{text}\n\n{own}"),
        (text, false) => text.to_owned(),
    }
}

/// Whether a form takes everything.
pub(super) fn is_any(schema: &Schema) -> bool {
    match schema {
        Value::Bool(any) => *any,
        Value::Object(fields) => fields.keys().all(|key| matches!(key.as_str(), "default" | "description")),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    }
}

/// One of several words: an enumeration without values in it.
fn is_word(schema: &Schema) -> bool {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    schema.get("const").is_some_and(Value::is_string)
        || list("enum").is_some_and(|words| words.iter().all(Value::is_string))
        || list("oneOf").is_some_and(|forms| forms.iter().all(is_word))
}

fn has_choice(schema: &Schema) -> bool {
    ["oneOf", "anyOf"].iter().any(|key| schema.get(key).is_some())
}

fn kind_of(name: &str) -> Kinds {
    if name == "object" { Kinds::OBJECT } else { Kinds::OTHER }
}

fn kind_of_value(value: &Value) -> Kinds {
    if value.is_object() { Kinds::OBJECT } else { Kinds::OTHER }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions() -> Map<String, Value> {
        let Value::Object(named) = json!({
            "Point": { "type": "object", "properties": { "x": { "type": "number" } } },
            "Color": { "oneOf": [{ "const": "red" }, { "type": "string", "enum": ["blue", "green"] }] },
            "Shape": { "oneOf": [{ "type": "object" }, { "const": "none" }] },
            "Again": { "$ref": "#/components/schemas/Again" },
        }) else {
            panic!("an object")
        };
        named
    }

    fn to(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn input(schema: Value) -> Input {
        Input { name: "a".into(), description: String::new(), required: true, own_parsing: false, schema }
    }

    #[test]
    fn answers_have_keys_or_data() {
        let named = definitions();
        let forms = Forms(&named);
        let data = |schema: Value| json!({ "type": "object", "properties": { "data": schema }, "required": ["data"] });
        assert_eq!(forms.laid_out(&to("Point")), to("Point"));
        assert_eq!(forms.laid_out(&to("Color")), data(to("Color")));
        assert_eq!(
            forms.laid_out(&json!({ "type": ["array", "null"] })),
            data(json!({ "type": ["array", "null"] }))
        );
        assert_eq!(forms.laid_out(&json!({}))["type"], "object");
        for both in [to("Shape"), to("Again"), json!({ "anyOf": [to("Point"), { "type": "null" }] })] {
            let laid_out = forms.laid_out(&both);
            assert_eq!(laid_out["anyOf"], json!([{ "allOf": [both, { "type": "object" }] }, data(both)]));
        }
        let flat = json!({ "allOf": [to("Point"), { "type": "object" }] });
        assert_eq!(forms.laid_out(&flat), flat);
    }

    #[test]
    fn queries_tell_texts_and_json() {
        let named = definitions();
        for (schema, expected) in [
            (json!({}), InQuery::Plain),
            (json!({ "type": "integer" }), InQuery::Plain),
            (to("Color"), InQuery::Plain),
            (to("Point"), InQuery::Json),
            (json!({ "type": "array", "items": {} }), InQuery::Json),
            (to("Shape"), InQuery::Never),
            (json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }), InQuery::Never),
        ] {
            assert_eq!(Forms(&named).in_query(&input(schema.clone())), expected, "{schema}");
        }
    }

    #[test]
    fn what_is_required_is_not_empty() {
        let named = definitions();
        let forms = Forms(&named);
        assert_eq!(
            forms.of_input(&input(json!({ "type": "string" }))),
            json!({ "type": "string", "minLength": 1 })
        );
        let longer = json!({ "type": "string", "minLength": 3 });
        assert_eq!(forms.of_input(&input(longer.clone())), longer);
        let own = Input { own_parsing: true, ..input(json!({ "type": "integer", "default": 5 })) };
        assert_eq!(forms.of_input(&own), json!({ "default": 5, "not": { "enum": [null, ""] } }));
        let optional = Input { required: false, ..own };
        assert_eq!(forms.of_input(&optional), json!({ "default": 5 }));
        assert_eq!(forms.of_input_in_query(&optional), json!({ "type": "string", "default": "5" }));
        let any = input(json!({}));
        assert_eq!(forms.of_input_in_query(&any), json!({ "type": "string", "minLength": 1 }));
    }
}
