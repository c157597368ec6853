//! What `#[action]` and `#[data]` write, by what it does.

use playhouse::prelude::*;
use playhouse::{Action, Kind};

/// Both ways of writing a type's attributes.
#[data]
#[derive(PartialEq, Default)]
struct Point {
    from_left: u32,
    #[serde(rename = "y")]
    from_top: u32,
}

#[data]
#[derive(PartialEq)]
enum Shape {
    SinglePoint,
    Circle { around_point: Point, radius: u32 },
    Text(String),
}

#[data]
#[derive(PartialEq)]
struct Wrapped(u8);

#[data]
struct Page<T> {
    page_items: Vec<T>,
}

#[test]
fn data_travels_in_camel_case() {
    let point = || Point { from_left: 1, from_top: 2 };
    let circle = Shape::Circle { around_point: point(), radius: 3 };
    for (shape, text) in [
        (Shape::SinglePoint, r#""singlePoint""#),
        (circle, r#"{"circle":{"aroundPoint":{"fromLeft":1,"y":2},"radius":3}}"#),
        (Shape::Text("x".into()), r#"{"text":"x"}"#),
    ] {
        let value = serde_json::to_value(&shape).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(serde_json::from_value::<Shape>(value).unwrap(), shape);
    }
    assert_eq!(serde_json::to_string(&Wrapped(5)).unwrap(), "5");
    assert_eq!(serde_json::to_string(&Page { page_items: vec![1] }).unwrap(), r#"{"pageItems":[1]}"#);
}

struct Caller(String);

impl FromCx for Caller {
    async fn from_cx(cx: &Cx) -> Result<Self> {
        let name = cx.params().text("as").map(std::borrow::Cow::into_owned);
        name.map(Caller).ok_or_else(|| Reject::new("nobody", "who are you?").status(401).into())
    }
}

fn even(number: &u32) -> bool {
    number.is_multiple_of(2)
}

fn color(input: Input<'_>) -> Result<u32, String> {
    let text = as_text(input).unwrap_or_default();
    u32::from_str_radix(text.trim_start_matches('#'), 16).map_err(|_| format!("{text} is no color"))
}

const LIMIT: u32 = 10;

/// Paints.
///
/// At length.
#[action(name = "paint", version = 2, timeout = "300ms", middleware("audit"), block(websocket))]
#[allow(clippy::too_many_arguments)]
async fn paint_it(
    #[from] caller: Caller,
    #[check(length(2..=5))] some_text: String,
    cx: &Cx,
    #[default(LIMIT)]
    #[check(even, range(..=20))]
    number: u32,
    #[default("red")]
    #[name("in")]
    name: String,
    #[parse(color)] color: Option<u32>,
    #[default] point: Point,
    flag: Option<bool>,
    r#type: Option<Vec<u8>>,
) -> Result<Value> {
    let by = (caller.0, cx.action_name());
    Ok(json!([by, some_text, number, name, color, point, flag, r#type]))
}

/// In the way of names that the attribute writes.
#[action]
async fn names(inputs: u8, cx: u8, value: u8, #[check(fits)] raw: u8, output: u8) -> Result<u32> {
    Ok([inputs, cx, value, raw, output].map(u32::from).iter().sum())
}

fn fits(value: &u8) -> Result<(), &'static str> {
    if *value < 9 { Ok(()) } else { Err("at most 8") }
}

async fn audit(cx: &Cx, next: Next<'_>) -> Result<Reply> {
    next.run(cx).await
}

fn app() -> App {
    App::new().middleware_named("audit", audit).actions::<(paint_it, names)>()
}

#[test]
fn the_definition_says_what_was_written() {
    let definition = paint_it::definition();
    assert_eq!((definition.name, definition.version), ("paint", 2.0));
    assert_eq!(definition.description, "Paints.\n\nAt length.");
    assert_eq!(definition.timeout, Some(Duration::from_millis(300)));
    assert_eq!((definition.middleware, definition.blocked), (&["audit"][..], &[Kind::Websocket][..]));
    let wanted = [
        ("someText", true, "String"),
        ("number", false, "u32"),
        ("in", false, "String"),
        ("color", false, "Option<u32>"),
        ("point", false, "Point"),
        ("flag", false, "Option<bool>"),
        ("type", false, "Option<Vec<u8>>"),
    ];
    let inputs = definition.inputs.iter().map(|input| (input.name, input.required, input.type_name));
    assert_eq!(inputs.collect::<Vec<_>>(), wanted);
    assert_eq!((names::definition().version, names::definition().timeout), (1.0, None));
}

#[playhouse::test]
async fn the_function_stays_a_function() {
    assert_eq!(names(1, 2, 3, 4, 5).await.unwrap(), 15);
}

#[playhouse::test]
async fn inputs_arrive() -> Result<()> {
    let t = Test::start(app()).await;
    let least = t.call("paint", json!({ "as": "ann", "someText": "äö" })).await?;
    let origin = json!({ "fromLeft": 0, "y": 0 });
    assert_eq!(least, json!([["ann", "paint"], "äö", 10, "red", null, origin, null, null]));
    let all = json!({
        "as": "ann", "someText": "text", "number": 4, "in": "blue", "color": "#ff",
        "point": { "fromLeft": 1, "y": 2 }, "flag": false, "type": [1, 2],
    });
    let point = json!({ "fromLeft": 1, "y": 2 });
    let painted = json!([["ann", "paint"], "text", 4, "blue", 255, point, false, [1, 2]]);
    assert_eq!(t.call("paint", all).await?, painted);
    assert_eq!(
        t.call("names", json!({ "inputs": 1, "cx": 2, "value": 3, "raw": 4, "output": 5 })).await?,
        15
    );
    Ok(())
}

#[playhouse::test]
async fn what_is_wrong_is_told_in_order() {
    let t = Test::start(app()).await;
    for (params, text) in [
        (json!({}), "someText is a required parameter for this action"),
        (json!({ "number": 3, "someText": "" }), "someText is a required parameter for this action"),
        (json!({ "someText": 5 }), "Input for parameter \"someText\" failed validation!"),
        (json!({ "someText": "x" }), "someText has length 1, which must be within 2..=5"),
        (json!({ "someText": "xx", "number": 3 }), "Input for parameter \"number\" failed validation!"),
        (json!({ "someText": "xx", "number": 40 }), "number is 40, which must be within ..=20"),
        (json!({ "color": "z" }), "z is no color"),
        (json!({ "someText": "xx", "point": 5 }), "Input for parameter \"point\" failed validation!"),
        (json!({ "someText": "xx" }), "who are you?"),
    ] {
        assert_eq!(t.call("paint", params.clone()).await.unwrap_err().message, text, "{params}");
    }
    let reject = t.call("paint", json!({ "someText": "xx" })).await.unwrap_err();
    assert_eq!((reject.code.as_ref(), reject.status), ("nobody", Some(401)));
    let own = t.call("names", json!({ "inputs": 1, "cx": 2, "value": 3, "raw": 9, "output": 5 })).await;
    assert_eq!(own.unwrap_err().message, "at most 8");
}

#[playhouse::test]
async fn a_kind_can_be_blocked() {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let answer = ann.action("paint", json!({ "someText": "xx", "as": "ann" })).await;
    assert_eq!(answer["error"], "this action does not support the websocket connection type");
}
