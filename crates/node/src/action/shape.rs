//! The form of what travels, found from Rust types when a manifest is made. Nothing here runs while a call does.

use playhouse_core::manifest::Output;
pub use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use std::ops::{Bound, RangeBounds};

/// Says the form of one type.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// Says the form of what an action answers.
pub type OutputShape = fn(&mut SchemaGenerator) -> Output;

/// The form of a type that says it.
#[must_use]
pub fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The form of a type that does not say it: anything.
#[must_use]
pub fn any(_: &mut SchemaGenerator) -> Schema {
    Schema::default()
}

/// What an action answers whose type says its form; `()` is no result.
#[must_use]
pub fn output_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Output {
    let schema = generator.subschema_for::<T>();
    if schema.get("type").is_some_and(|kind| kind == "null") {
        Output::Nothing
    } else {
        Output::Value(schema.to_value())
    }
}

/// What an action answers whose type does not say its form.
#[must_use]
pub fn any_output(generator: &mut SchemaGenerator) -> Output {
    Output::Value(any(generator).to_value())
}

/// What an action answers that answers by itself.
#[must_use]
pub fn sent(_: &mut SchemaGenerator) -> Output {
    Output::Sent
}

/// Adds what `#[check(length(..))]` asks for.
#[must_use]
pub fn length(mut schema: Schema, range: &impl RangeBounds<usize>) -> Schema {
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    let (least, most) = if is_list { ("minItems", "maxItems") } else { ("minLength", "maxLength") };
    match range.start_bound() {
        Bound::Included(first) => schema.insert(least.into(), json!(first)),
        Bound::Excluded(before) => schema.insert(least.into(), json!(before + 1)),
        Bound::Unbounded => None,
    };
    match range.end_bound() {
        Bound::Included(last) => schema.insert(most.into(), json!(last)),
        Bound::Excluded(behind) => schema.insert(most.into(), json!(behind.saturating_sub(1))),
        Bound::Unbounded => None,
    };
    schema
}

/// Adds what `#[check(range(..))]` asks for. Only numbers have a place for it.
#[must_use]
pub fn range<T: serde::Serialize>(mut schema: Schema, range: &impl RangeBounds<T>) -> Schema {
    let mut add = |key: &str, value: &T| {
        if let Ok(number @ Value::Number(_)) = serde_json::to_value(value) {
            schema.insert(key.into(), number);
        }
    };
    match range.start_bound() {
        Bound::Included(first) => add("minimum", first),
        Bound::Excluded(before) => add("exclusiveMinimum", before),
        Bound::Unbounded => {}
    }
    match range.end_bound() {
        Bound::Included(last) => add("maximum", last),
        Bound::Excluded(behind) => add("exclusiveMaximum", behind),
        Bound::Unbounded => {}
    }
    schema
}

/// Adds what an input is when it is missing.
#[must_use]
pub fn default(mut schema: Schema, value: Value) -> Schema {
    schema.insert("default".into(), value);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generator() -> SchemaGenerator {
        SchemaGenerator::default()
    }

    #[test]
    fn checks_show_in_the_form() {
        let text = length(of::<String>(&mut generator()), &(3..=5));
        assert_eq!(text.to_value(), json!({ "type": "string", "minLength": 3, "maxLength": 5 }));
        let list = length(of::<Vec<bool>>(&mut generator()), &(..4));
        assert_eq!(list.get("maxItems"), Some(&json!(3)));
        let number = range(of::<f64>(&mut generator()), &(0.5..2.0));
        assert_eq!(
            number.to_value(),
            json!({ "type": "number", "format": "double", "minimum": 0.5, "exclusiveMaximum": 2.0 })
        );
    }

    #[test]
    fn an_answer_may_be_nothing() {
        assert_eq!(output_of::<()>(&mut generator()), Output::Nothing);
        assert!(matches!(output_of::<u8>(&mut generator()), Output::Value(_)));
    }
}
