//! The documents of a small application, as the tools that read them want them. Public validators look at the demo's
//! in `tests/clients`.

use super::*;
use playhouse_core::manifest::{Input, Output, Room};

fn input(name: &str, required: bool, schema: Value) -> Input {
    Input { name: name.into(), description: String::new(), required, own_parsing: false, schema }
}

fn action(name: &str, inputs: Vec<Input>, output: Output) -> Action {
    Action {
        name: name.into(),
        version: 1.0,
        is_latest: true,
        description: "Does it.\n\nAt length.".into(),
        inputs,
        output,
        errors: vec!["invalid_param".into(), "taken".into()],
        web: true,
        websocket: true,
        timeout: 1_000,
    }
}

/// An application with one of everything.
fn toys() -> Manifest {
    let point = || json!({ "$ref": "#/components/schemas/Point" });
    let shape = json!({ "oneOf": [{ "type": "object" }, { "type": "string" }] });
    let first = Action {
        version: 2.0,
        ..action("place", vec![input("point", true, point())], Output::Value(point()))
    };
    let older = Action {
        is_latest: false,
        ..action("place", vec![input("x", false, json!({ "type": "number" }))], Output::Nothing)
    };
    let Value::Object(definitions) =
        json!({ "Point": { "type": "object", "properties": { "x": { "type": "number" } } } })
    else {
        panic!("an object")
    };
    Manifest {
        name: "toys".into(),
        version: "1.2.3".into(),
        description: "Toys.".into(),
        actions: vec![
            action("a {b}", vec![], Output::Value(json!({ "type": "array", "items": point() }))),
            action("file", vec![], Output::Sent),
            first,
            older,
            action("shape", vec![input("shape", true, shape)], Output::Nothing),
        ],
        rooms: vec![
            Room { name: "lobby".into(), message: Some(point()) },
            Room { name: "attic".into(), message: None },
        ],
        actors: Vec::new(),
        definitions,
    }
}

fn openapi_of(change: impl FnOnce(&mut Config)) -> Value {
    let mut config = Config::default();
    change(&mut config);
    openapi(&toys(), &config)
}

#[test]
fn inputs_are_told_in_the_query_or_in_a_body() {
    let document = openapi_of(|_| {});
    let place = &document["paths"]["/api/place"];
    let point = json!({ "$ref": "#/components/schemas/Point" });
    assert_eq!(place["get"]["parameters"][0]["content"], json!({ "application/json": { "schema": point } }));
    assert_eq!(place["get"]["parameters"][1]["schema"], json!({ "enum": [2, 1], "default": 2 }));
    assert_eq!(
        place["post"]["requestBody"],
        json!({ "required": true, "content": { "application/json": { "schema":
            { "type": "object", "properties": { "point": point }, "required": ["point"] } } } })
    );
    let text = place["get"]["description"].as_str().unwrap();
    assert!(text.contains("At length.") && text.contains("- 1: Does it. Inputs: `x` (optional)."), "{text}");
    let shape = &document["paths"]["/api/shape"];
    assert!(shape.get("get").is_none(), "it can't be told in a query: {shape}");
    assert_eq!(document["paths"]["/api/a%20%7Bb%7D"]["get"]["operationId"], "get_a {b}");
}

#[test]
fn answers_are_told_by_status() {
    let document = openapi_of(|config| config.http.default_error_status_code = 400);
    let responses = &document["paths"]["/api/place"]["get"]["responses"];
    let of = |status: &str| {
        let to = responses[status]["$ref"].as_str().unwrap().trim_start_matches('#');
        document.pointer(to).unwrap()
    };
    let codes = of("400")["headers"]["X-Error-Code"]["schema"]["enum"].as_array().unwrap().clone();
    assert!(codes.contains(&json!("invalid_param")) && codes.contains(&json!("taken")), "{codes:?}");
    assert!(responses.get("422").is_none(), "nothing can be missing");
    assert!(of("default")["headers"]["X-Error-Code"]["schema"].get("enum").is_none());
    let data =
        &document["paths"]["/api/a%20%7Bb%7D"]["get"]["responses"]["200"]["content"]["application/json"];
    assert_eq!(data["schema"]["required"], json!(["data"]));
    let file = &document["paths"]["/api/file"]["post"]["responses"];
    assert_eq!(file["200"]["content"], json!({ "*/*": {} }));
    assert!(file["304"].is_object());
    let with = openapi_of(|config| config.http.metadata = true);
    let answer =
        &with["paths"]["/api/place"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(answer["allOf"][1], json!({ "$ref": "#/components/schemas/AboutAnswer" }));
    let flat = openapi_of(|config| config.http.return_error_codes = false);
    let answers = &flat["paths"]["/api/place"]["get"]["responses"];
    assert!(
        answers.get("404").is_none()
            && answers["200"]["content"]["application/json"]["schema"]["anyOf"].is_array()
    );
}

#[test]
fn what_is_not_served_is_not_told() {
    for off in [
        |config: &mut Config| config.mounts.api = Mount::Off,
        |config: &mut Config| config.http.simple_routing = false,
    ] {
        assert_eq!(openapi_of(off)["paths"], json!({}));
    }
    let mut config = Config::default();
    config.mounts.primus = Mount::Off;
    let document = asyncapi(&toys(), &config);
    assert_eq!((&document["channels"], &document["operations"]), (&json!({}), &json!({})));
    let mut manifest = toys();
    manifest.actions.iter_mut().for_each(|action| (action.web, action.websocket) = (false, false));
    assert_eq!(openapi(&manifest, &Config::default())["paths"], json!({}));
    assert!(asyncapi(&manifest, &Config::default())["operations"].get("call.place").is_none());
}

#[test]
fn paths_are_as_browsers_see_them() {
    let mut config = Config::default();
    config.mounts.prefix = Mount::At("/below".into());
    assert_eq!(openapi(&toys(), &config)["servers"][0]["url"], "/below");
    assert_eq!(asyncapi(&toys(), &config)["servers"]["plain"]["pathname"], "/below/primus");
    assert_eq!(swagger(&toys(), &config)["basePath"], "/below/api/");
    assert_eq!(manifest(&toys(), &config)["places"]["api"], "/below/api");
}

/// Every reference of a document leads somewhere.
fn refer(at: &Value, document: &Value) {
    match at {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get("$ref") {
                assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
            }
            fields.values().for_each(|field| refer(field, document));
        }
        Value::Array(elements) => elements.iter().for_each(|element| refer(element, document)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let mut config = Config::default();
    config.http.metadata = true;
    for document in [openapi(&toys(), &config), asyncapi(&toys(), &config)] {
        refer(&document, &document);
    }
}

#[test]
fn the_websocket_has_calls_verbs_and_pushes() {
    let document = asyncapi(&toys(), &Config::default());
    let message = |name: &str| document["components"]["messages"][name]["payload"].clone();
    let call = message("call.place");
    assert_eq!(call["properties"]["params"]["properties"]["action"], json!({ "const": "place" }));
    assert_eq!(call["properties"]["params"]["required"], json!(["point", "action"]));
    assert_eq!(message("said.lobby")["properties"]["message"]["anyOf"][1], json!({ "type": "string" }));
    for operation in
        ["call.a__b_", "say", "roomAdd", "roomLeave", "roomView", "detailsView", "file", "quit", "welcome"]
    {
        assert!(document["operations"][operation].is_object(), "{operation}");
    }
    let reply = &document["operations"]["call.place"]["reply"]["messages"];
    assert_eq!(reply[1], json!({ "$ref": "#/channels/connection/messages/refused" }));
}

#[test]
fn swagger_is_as_the_original_writes_it() {
    let document = swagger(&toys(), &Config::default());
    let keys: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    for key in
        ["swagger", "info", "host", "basePath", "schemes", "paths", "securityDefinitions", "externalDocs"]
    {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!((&document["swagger"], &document["basePath"]), (&json!("2.0"), &json!("/api/")));
    let methods = document["paths"]["/place"].as_object().unwrap();
    assert_eq!(methods.len(), 5);
    let parameter = json!({ "in": "query", "name": "point", "type": "string", "required": true });
    assert_eq!(methods["put"]["parameters"], json!([parameter]));
}
