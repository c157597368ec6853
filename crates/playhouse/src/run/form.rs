//! What a form (JSON Schema) is for a person at a command line: a word for it, its bounds, and an example. Knows
//! nothing of actions.

use super::call::Typed;
use playhouse_core::manifest::{Schema, referred};
use serde_json::{Map, Value};

/// How deep references are followed: a form may refer to itself.
const DEEP: usize = 8;

/// What a value looks like when it is typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    Text,
    /// A number; the word says whether it is a whole one.
    Number,
    YesNo,
    /// One of these words.
    OneOf(Vec<String>),
    List(Box<Form>),
    Object,
    /// Anything, or something that has no short word.
    Any,
}

impl Form {
    pub(super) fn of(schema: &Schema, definitions: &Map<String, Value>) -> Self {
        Self::within(schema, definitions, DEEP)
    }

    fn within(schema: &Schema, definitions: &Map<String, Value>, deep: usize) -> Self {
        let schema = resolved(schema, definitions, deep);
        if let Some(words) = words_of(schema) {
            return Self::OneOf(words);
        }
        match kind(schema) {
            Some("string") => Self::Text,
            Some("integer" | "number") => Self::Number,
            Some("boolean") => Self::YesNo,
            Some("array") => {
                let element = schema.get("items").filter(|_| deep > 0);
                let element = element.map_or(Self::Any, |items| Self::within(items, definitions, deep - 1));
                Self::List(Box::new(element))
            }
            Some("object") => Self::Object,
            Some(_) | None => Self::Any,
        }
    }

    /// What was typed, once or several times. Texts become numbers and the like where the action reads them; only a
    /// list is put together here.
    pub(super) fn typed(&self, mut texts: Vec<String>) -> Typed {
        let Self::List(element) = self else { return Typed::Text(texts.pop().unwrap_or_default()) };
        if let [only] = texts.as_slice()
            && only.trim_start().starts_with('[')
        {
            return Typed::Text(texts.remove(0));
        }
        let value = |text: String| match **element {
            Self::Text | Self::OneOf(_) => Value::String(text),
            Self::Number | Self::YesNo | Self::List(_) | Self::Object | Self::Any => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
        };
        Typed::Json(texts.into_iter().map(value).collect::<Value>().to_string())
    }

    /// The word that stands for the value.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Number => "number".into(),
            Self::YesNo => "true|false".into(),
            Self::OneOf(words) => words.join("|"),
            Self::List(_) => "list".into(),
            Self::Object => "object".into(),
            Self::Any => "value".into(),
        }
    }

    /// What its checks ask for, each in a few words.
    pub(super) fn bounds(&self, schema: &Schema) -> Vec<String> {
        let number = |name: &str| schema.get(name).filter(|bound| bound.is_number()).map(ToString::to_string);
        let mut bounds = Vec::new();
        let mut span = |what: &str, least: Option<String>, most: Option<String>| match (least, most) {
            (Some(least), Some(most)) => bounds.push(format!("{what}{least} to {most}")),
            (Some(least), None) => bounds.push(format!("{what}at least {least}")),
            (None, Some(most)) => bounds.push(format!("{what}at most {most}")),
            (None, None) => {}
        };
        span("length ", number("minLength"), number("maxLength"));
        span("elements: ", number("minItems"), number("maxItems"));
        span("", number("minimum"), number("maximum"));
        bounds.extend(number("exclusiveMinimum").map(|bound| format!("above {bound}")));
        bounds.extend(number("exclusiveMaximum").map(|bound| format!("below {bound}")));
        if matches!(self, Self::List(_)) {
            bounds.push("may be given several times".into());
        }
        bounds
    }

    /// A value as one could type it.
    pub(super) fn sample(&self, schema: &Schema, definitions: &Map<String, Value>) -> String {
        match self {
            Self::Text | Self::Any => "text".into(),
            Self::Number => {
                let least = schema.get("minimum").or_else(|| schema.get("default"));
                least.map_or_else(|| "1".into(), ToString::to_string)
            }
            Self::YesNo => "true".into(),
            Self::OneOf(words) => words.first().cloned().unwrap_or_default(),
            Self::List(element) => element.sample(&Value::Null, definitions),
            Self::Object => format!("'{}'", object(resolved(schema, definitions, DEEP), definitions)),
        }
    }
}

/// An object with the fields that must be there.
fn object(schema: &Schema, definitions: &Map<String, Value>) -> Value {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let fields = required.filter_map(|name| {
        let name = name.as_str()?;
        let form = Form::of(schema.get("properties")?.get(name)?, definitions);
        let value = match form {
            Form::Text | Form::Any => Value::from("text"),
            Form::Number => Value::from(1),
            Form::YesNo => Value::from(true),
            Form::OneOf(words) => Value::from(words.first().cloned().unwrap_or_default()),
            Form::List(_) => Value::Array(Vec::new()),
            Form::Object => Value::Object(Map::new()),
        };
        Some((name.to_owned(), value))
    });
    Value::Object(fields.collect())
}

/// The form that is meant: behind references, and without the `null` of what may be missing.
fn resolved<'s>(schema: &'s Schema, definitions: &'s Map<String, Value>, deep: usize) -> &'s Schema {
    let mut schema = schema;
    for _ in 0..deep {
        let alternatives = schema.get("anyOf").and_then(Value::as_array);
        let only = alternatives.and_then(|all| {
            let mut others = all.iter().filter(|one| kind(one) != Some("null"));
            others.next().filter(|_| others.next().is_none())
        });
        let next = only.or_else(|| definitions.get(referred(schema)?));
        match next {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// The type, without the `null` of what may be missing.
fn kind(schema: &Schema) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => {
            let mut others = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            others.next().filter(|_| others.next().is_none())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// The words of an enum: in one list, or each with a description of its own.
fn words_of(schema: &Schema) -> Option<Vec<String>> {
    if let Some(Value::Array(words)) = schema.get("enum") {
        return words.iter().filter(|word| !word.is_null()).map(text).collect();
    }
    let Some(Value::Array(all)) = schema.get("oneOf") else { return None };
    all.iter().map(|one| text(one.get("const")?)).collect()
}

fn text(word: &Value) -> Option<String> {
    word.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(schema: &Value) -> Form {
        let definitions = json!({
            "Point": { "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"] },
            "Loop": { "$ref": "#/components/schemas/Loop" },
        });
        Form::of(schema, definitions.as_object().unwrap())
    }

    #[test]
    fn forms_have_names() {
        for (schema, name) in [
            (json!({ "type": "string" }), "text"),
            (json!({ "type": ["integer", "null"] }), "number"),
            (json!({ "type": "boolean" }), "true|false"),
            (json!({ "enum": ["a", "b", null] }), "a|b"),
            (json!({ "oneOf": [{ "const": "a" }, { "const": "b" }] }), "a|b"),
            (json!({ "type": "array" }), "list"),
            (json!({ "$ref": "#/components/schemas/Point" }), "object"),
            (json!({ "anyOf": [{ "$ref": "#/components/schemas/Point" }, { "type": "null" }] }), "object"),
            (json!({ "$ref": "#/components/schemas/Loop" }), "value"),
            (json!({ "type": ["string", "integer"] }), "value"),
            (json!({}), "value"),
            (json!(true), "value"),
        ] {
            assert_eq!(form(&schema).name(), name, "{schema}");
        }
    }

    #[test]
    fn checks_show_in_words() {
        let bounds = |schema: Value| form(&schema).bounds(&schema).join(", ");
        assert_eq!(bounds(json!({ "type": "string", "minLength": 1, "maxLength": 5 })), "length 1 to 5");
        assert_eq!(
            bounds(json!({ "type": "number", "minimum": 1, "exclusiveMaximum": 9 })),
            "at least 1, below 9"
        );
        assert_eq!(
            bounds(json!({ "type": "array", "maxItems": 3 })),
            "elements: at most 3, may be given several times"
        );
    }

    #[test]
    fn a_list_is_put_together_of_what_was_typed() {
        let typed = |schema: Value, texts: &[&str]| {
            form(&schema).typed(texts.iter().map(ToString::to_string).collect())
        };
        let (texts, numbers) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let list = |items: Value| json!({ "type": "array", "items": items });
        assert_eq!(typed(list(texts.clone()), &["1", "b"]), Typed::Json(r#"["1","b"]"#.into()));
        assert_eq!(typed(list(numbers), &["1", "b"]), Typed::Json(r#"[1,"b"]"#.into()));
        assert_eq!(typed(list(texts), &["[\"a\"]"]), Typed::Text("[\"a\"]".into()));
    }

    #[test]
    fn samples_can_be_typed() {
        let definitions = json!({
            "Point": { "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"] },
        });
        let definitions = definitions.as_object().unwrap();
        let sample = |schema: Value| Form::of(&schema, definitions).sample(&schema, definitions);
        assert_eq!(sample(json!({ "$ref": "#/components/schemas/Point" })), r#"'{"x":1}'"#);
        assert_eq!(sample(json!({ "type": "integer", "minimum": 5 })), "5");
        assert_eq!(sample(json!({ "type": "array", "items": { "enum": ["a"] } })), "a");
    }
}
