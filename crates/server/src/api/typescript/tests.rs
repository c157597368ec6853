//! Forms as types, one by one.

use super::*;
use playhouse_core::manifest::{Actor, ActorAction, ActorEvent, Argument, Room};
use serde_json::{Map, json};

fn definitions() -> Map<String, Value> {
    let Value::Object(named) = json!({ "Point": {}, "Page<Line>": {}, "string": {} }) else {
        panic!("an object")
    };
    named
}

fn typed(schema: &Value) -> String {
    let named = definitions();
    let types = Types { names: names::of_types(named.keys().map(String::as_str)) };
    types.of(schema, 0)
}

#[test]
fn forms_are_types() {
    let to = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let (text, number) =
        (json!({ "type": "string" }), json!({ "type": "integer", "format": "uint64", "minimum": 0 }));
    for (schema, expected) in [
        (json!({}), "unknown"),
        (json!(true), "unknown"),
        (json!(false), "never"),
        (text.clone(), "string"),
        (number.clone(), "number"),
        (json!({ "type": ["integer", "null"] }), "number | null"),
        (json!({ "type": "null" }), "null"),
        (json!({ "const": "a\"b" }), r#""a\"b""#),
        (json!({ "type": "string", "enum": ["a", "b"] }), r#""a" | "b""#),
        (json!({ "type": ["string", "null"], "enum": ["a", null] }), r#""a" | null"#),
        (json!({ "type": "array", "items": text }), "string[]"),
        (json!({ "type": "array" }), "unknown[]"),
        (json!({ "type": "array", "items": { "type": ["string", "null"] } }), "(string | null)[]"),
        (
            json!({ "type": "array", "prefixItems": [text, number], "minItems": 2, "maxItems": 2 }),
            "[string, number]",
        ),
        (json!({ "type": "array", "prefixItems": [text], "items": number }), "[string, ...number[]]"),
        (
            json!({ "type": "array", "items": number, "minItems": 3, "maxItems": 3 }),
            "[number, number, number]",
        ),
        (json!({ "type": "object" }), "{ [key: string]: unknown }"),
        (json!({ "type": "object", "additionalProperties": false }), "{}"),
        (json!({ "type": "object", "additionalProperties": number }), "{ [key: string]: number }"),
        (json!({ "type": "object", "patternProperties": { "^\\d+$": text } }), "{ [key: string]: string }"),
        (to("Point"), "Point"),
        (to("Page<Line>"), "Page_Line_"),
        (to("string"), "string_"),
        (to("Nobody"), "unknown"),
        (json!({ "anyOf": [to("Point"), { "type": "null" }] }), "Point | null"),
        (json!({ "oneOf": [text, number, text] }), "string | number"),
        (json!({ "anyOf": [text, {}] }), "unknown"),
        (json!({ "allOf": [to("Point"), { "anyOf": [text, number] }] }), "Point & (string | number)"),
        (json!({ "allOf": [to("Point"), { "type": "object" }] }), "Point & { [key: string]: unknown }"),
        (json!({ "type": "object", "oneOf": [to("Point"), to("string")] }), "Point | string_"),
        (json!({ "$ref": "#/components/schemas/Point", "description": "Where." }), "Point"),
    ] {
        assert_eq!(typed(&schema), expected, "{schema}");
    }
}

#[test]
fn objects_have_keys_with_comments() {
    let schema = json!({
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": { "type": "string", "description": "Ends */ here." },
            "b-c": { "type": "object", "properties": { "d": { "type": "boolean", "description": "One.\n\nTwo." } } },
        },
        "additionalProperties": { "type": "number" },
    });
    let expected = "{\n  /** Ends *\\/ here. */\n  a: string\n  \"b-c\"?: {\n    /**\n     * One.\n     *\n     * Two.\n     */\n    \
                    d?: boolean\n  }\n} & { [key: string]: number }";
    assert_eq!(typed(&schema), expected);
}

#[test]
fn an_application_has_actions_rooms_and_codes() {
    let Value::Object(named) = json!({
        "Line": { "type": "object", "description": "Said.", "required": ["by"], "properties": { "by": { "type": "string" } } },
        "Tree": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
    }) else {
        panic!("an object")
    };
    let manifest = Manifest {
        rooms: vec![
            Room { name: "lobby".into(), message: Some(json!({ "$ref": "#/components/schemas/Line" })) },
            Room { name: "the attic".into(), message: None },
        ],
        definitions: named,
        ..Manifest::default()
    };
    let text = types(&manifest);
    for part in [
        "  /** Said. */\n  export interface Line {\n    by: string\n  }\n",
        "  export type Tree = Tree[]\n",
        "  export interface Rooms {\n    lobby: string | Line\n    \"the attic\": any\n  }\n",
        "  export type ErrorCode =\n    | \"actor_exists\"\n",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn actors_have_functions_and_events() {
    let argument = |name: &str, required, schema| Argument { name: name.to_owned(), required, schema };
    let (number, text) = (json!({ "type": "integer" }), json!({ "type": "string" }));
    let action = |name: &str, description: &str, arguments, output| {
        let (name, description) = (name.to_owned(), description.to_owned());
        ActorAction { name, description, arguments, output }
    };
    let counter = Actor {
        name: "counter".into(),
        description: "Counts.".into(),
        params: None,
        actions: vec![
            action("add", "Adds.", vec![argument("by", false, number.clone())], number.clone()),
            action(
                "move-to",
                "",
                vec![
                    argument("from", false, number.clone()),
                    argument("new", true, text.clone()),
                    argument("why", false, text.clone()),
                ],
                json!({ "type": "null" }),
            ),
        ],
        events: vec![ActorEvent { name: "newCount".into(), arguments: vec![number, text] }],
    };
    let chat = Actor {
        name: "chat room".into(),
        description: String::new(),
        params: Some(json!({ "$ref": "#/components/schemas/Login" })),
        actions: Vec::new(),
        events: Vec::new(),
    };
    let Value::Object(definitions) = json!({ "Login": { "type": "string" } }) else { panic!("an object") };
    let manifest = Manifest { actors: vec![counter, chat], definitions, ..Manifest::default() };
    let wanted = r#"
  /** The server's actors: each kind by its name. */
  export interface Actors {
    /** Counts. */
    counter: {
      actions: {
        /** Adds. */
        add: (by?: number | null) => number
        "move-to": (from: number | null, new_: string, why?: string | null) => null
      }
      events: {
        newCount: [number, string]
      }
    }
    "chat room": {
      params: Login
      actions: {
      }
      events: {
      }
    }
  }
"#;
    let text = types(&manifest);
    assert!(text.contains(wanted), "{text}");
    assert!(!types(&Manifest::default()).contains("Actors"));
}
