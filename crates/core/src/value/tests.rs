//! What values promise: types come back, kinds are kept, mistakes are named.

use super::*;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Box { width: u32, height: u32 },
    Line(i8, i8),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Drawing {
    name: String,
    shapes: Vec<Shape>,
    by_number: BTreeMap<u16, Option<bool>>,
    anything: Value,
    bytes: Vec<u8>,
}

fn drawing() -> Drawing {
    Drawing {
        name: "ü".into(),
        shapes: vec![
            Shape::Point,
            Shape::Circle(1.5),
            Shape::Box { width: 1, height: 2 },
            Shape::Line(-1, 1),
        ],
        by_number: [(7, Some(true)), (9, None)].into(),
        anything: Value::List(vec![Value::text("$x"), Value::Big(12.into())]),
        bytes: vec![0, 255],
    }
}

#[test]
fn types_come_back() {
    let value = to_value(&drawing()).unwrap();
    assert_eq!(value.get("name"), Some(&Value::text("ü")));
    assert_eq!(value.get("anything"), Some(&drawing().anything));
    assert_eq!(from_value::<Drawing>(value).unwrap(), drawing());
}

#[test]
fn types_come_back_through_json() {
    let json = to_value(&drawing()).unwrap().to_json();
    assert_eq!(from_value::<Drawing>(Value::from_json(&json).unwrap()).unwrap(), drawing());
    let direct = serde_json::to_string(&drawing()).unwrap();
    assert_eq!(serde_json::from_str::<Drawing>(&direct).unwrap(), drawing());
}

#[test]
fn numbers_are_read_as_what_is_wanted() {
    assert_eq!(from_value::<u8>(Value::Float(5.0)), Ok(5));
    assert_eq!(from_value::<u64>(Value::Big(u64::MAX.into())), Ok(u64::MAX));
    assert_eq!(from_value::<f64>(Value::Int(5)), Ok(5.0));
    assert_eq!(from_value::<i64>(Value::Float(1_700_000_000_000.0)), Ok(1_700_000_000_000));
    assert_eq!(from_value::<serde_json::Value>(Value::Float(2.0)), Ok(2.into()));
    assert_eq!(from_value::<Vec<u8>>(Value::Bytes(vec![1, 2])), Ok(vec![1, 2]));
    assert_eq!(from_value::<u32>(Value::Tagged(1, Box::new(Value::Int(5)))), Ok(5));
    for odd in [Value::Float(1.5), Value::Int(-1), Value::Int(256), Value::Null, Value::text("5")] {
        from_value::<u8>(odd).unwrap_err();
    }
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let mut value = to_value(&drawing()).unwrap();
    let Value::Map(entries) = &mut value else { unreachable!() };
    entries[1].1 = Value::List(vec![Value::text("Point"), Value::map([("Circle", Value::text("wide"))])]);
    let error = from_value::<Drawing>(value).unwrap_err();
    assert_eq!(error.to_string(), "`shapes[1]`: invalid type: string \"wide\", expected f64");
}

#[test]
fn kinds_that_json_lacks_are_spelled() {
    let rows = [
        (Value::Big(12.into()), r#"["$BigInt","12"]"#),
        (Value::Bytes(vec![0, 255]), r#"["$Uint8Array","AP8="]"#),
        (Value::List(vec![Value::text("$x"), Value::Int(1)]), r#"["$$x",1]"#),
        (Value::List(vec![Value::text("$$x"), Value::Null]), r#"["$$$x",null]"#),
        (Value::List(vec![Value::text("$x")]), r#"["$x"]"#),
        (Value::map([("a", Value::Big((-1).into()))]), r#"{"a":["$BigInt","-1"]}"#),
        (Value::Tagged(258, Box::new(Value::List(vec![]))), r#"["$Set",[]]"#),
        (Value::Tagged(27, Box::new(Value::List(vec![]))), r#"["$Tag27",[]]"#),
    ];
    for (value, json) in rows {
        assert_eq!(String::from_utf8(value.to_json()).unwrap(), json);
        assert_eq!(Value::from_json(json.as_bytes()).unwrap(), value, "{json}");
    }
    assert_eq!(Value::from_json(br#"["$ArrayBuffer","AA=="]"#).unwrap(), Value::Bytes(vec![0]));
}

#[test]
fn what_another_wire_spells_is_read_as_well() {
    let list = |name: &str, value: Value| Value::List(vec![Value::text(name), value]);
    let spelled = Value::Map(vec![(
        Value::text("all"),
        Value::List(vec![
            list("$BigInt", "7".into()),
            list("$Uint8Array", "AP8=".into()),
            list("$Undefined", 0.into()),
            list("$$x", list("$BigInt", "1".into())),
        ]),
    )]);
    let kinds =
        vec![Value::Big(7.into()), Value::Bytes(vec![0, 255]), Value::Null, list("$x", Value::Big(1.into()))];
    assert_eq!(spelled.unspelled(), Ok(Value::Map(vec![(Value::text("all"), Value::List(kinds))])));
    assert!(list("$Foo", 1.into()).unspelled().is_err());
}

#[test]
fn what_is_no_value_is_refused() {
    let digits = format!(r#"["$BigInt","{}"]"#, "9".repeat(5_000));
    let deep = "[".repeat(DEPTH + 1) + &"]".repeat(DEPTH + 1);
    for json in
        [r#"["$Foo",1]"#, r#"["$BigInt","1x"]"#, r#"["$Uint8Array","?"]"#, &digits, &deep, "", "[1", "1 2"]
    {
        Value::from_json(json.as_bytes()).unwrap_err();
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e300..1e300).prop_map(Value::Float),
        any::<i128>().prop_map(|number| Value::Big(number.into())),
        "[$a]{0,3}".prop_map(|text| Value::text(&text)),
        proptest::collection::vec(any::<u8>(), 0..5).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            proptest::collection::vec(("[$a]{0,3}", inner.clone()), 0..4).prop_map(|entries| Value::Map(
                entries.into_iter().map(|(key, value)| (Value::text(&key), value)).collect()
            )),
            (any::<u64>(), inner).prop_map(|(tag, value)| Value::Tagged(tag, Box::new(value))),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_is_itself_inside_another(value in any_value()) {
        prop_assert_eq!(&to_value(&value).unwrap(), &value);
        prop_assert_eq!(from_value::<Value>(value.clone()).unwrap(), value);
    }

    #[test]
    fn a_value_comes_back_from_json(value in any_value()) {
        prop_assert_eq!(Value::from_json(&value.to_json()).unwrap(), value);
    }
}

#[test]
fn what_comes_from_outside_has_limits() {
    let limits = Limits { values: 5, depth: 2 };
    for json in ["[1,2,3,4]", r#"{"a":1,"b":2}"#, r#"[["$BigInt","1"]]"#] {
        assert_eq!(
            Value::from_json_within(json.as_bytes(), limits).unwrap(),
            Value::from_json(json.as_bytes()).unwrap()
        );
    }
    for json in ["[1,2,3,4,5]", r#"{"a":1,"b":2,"c":3}"#, "[1,2,3,4,5,6,7,"] {
        let many = Value::from_json_within(json.as_bytes(), limits);
        assert!(matches!(many, Err(BadJson::TooMany(TooMany(5)))), "{json}");
    }
    for json in ["[[[]]]", "1 2", "[", ""] {
        let odd = Value::from_json_within(json.as_bytes(), limits);
        assert!(matches!(odd, Err(BadJson::Malformed(_))), "{json}");
    }
}

#[test]
fn a_list_of_values_is_none_itself() {
    let limits = Limits { values: 4, depth: 3 };
    let read = |json: &str| Value::list_from_json_within(json.as_bytes(), limits);
    let text = |text: &str| Value::text(text);
    assert_eq!(read(r#"["$bob","hi"]"#).unwrap(), [text("$bob"), text("hi")]);
    assert_eq!(read(r#"[["$$x",1]]"#).unwrap(), [Value::List(vec![text("$x"), Value::Int(1)])]);
    assert_eq!(read("[]").unwrap(), []);
    assert!(matches!(read("[1,2,3,4,5]"), Err(BadJson::TooMany(_))));
    for json in ["5", "{}", r#""a""#, "[1] 2", "[", "[[[[]]]]"] {
        assert!(matches!(read(json), Err(BadJson::Malformed(_))), "{json}");
    }
}

#[test]
fn a_value_is_small() {
    assert!(size_of::<Value>() <= 32, "a message of many values takes {} bytes for each", size_of::<Value>());
}
