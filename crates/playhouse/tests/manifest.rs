//! What an application offers, told as data: what is written in Rust arrives in the manifest.

use playhouse::manifest::{Manifest, Output};
use playhouse::prelude::*;

/// Says nothing of its form, and serde can read it all the same.
#[derive(serde::Deserialize)]
struct Opaque(#[expect(dead_code, reason = "it is only read")] u8);

/// Where it is.
#[data]
struct Point {
    /// From the left.
    x: f64,
    #[serde(default)]
    y: f64,
}

/// What was placed.
#[data]
struct Placed {
    at: Point,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_before: Option<bool>,
}

/// What the lobby hears.
#[data]
struct Line {
    by: String,
}

fn even(number: &u32) -> bool {
    number.is_multiple_of(2)
}

fn hex(input: Input<'_>) -> Result<u32, String> {
    u32::from_str_radix(&as_text(input).unwrap_or_default(), 16).map_err(|error| error.to_string())
}

/// Places something.
///
/// At length.
#[action(version = 2, timeout = "5s", errors("taken"), block(web))]
async fn place(
    /// Where.
    point: Point,
    #[check(length(1..=50), str::is_ascii)] name: String,
    #[check(range(1..10), even)]
    #[default(2)]
    times: u32,
    tags: Option<Vec<String>>,
    #[parse(hex)] color: u32,
    opaque: Option<Opaque>,
) -> Result<Placed> {
    drop((name, times, tags, color, opaque));
    Ok(Placed { at: point, seen_before: None })
}

#[action]
async fn nothing() -> Result<()> {
    Ok(())
}

#[action]
async fn file(cx: &Cx) -> Result<Sent> {
    Ok(cx.send_file("a.txt").await)
}

async fn manifest() -> Manifest {
    let app = App::new().name("toys").version("1.2.3").actions::<(place, nothing, file)>();
    let t = Test::start(app.room_of::<Line>("lobby").room("attic")).await;
    t.node().manifest().clone()
}

#[playhouse::test]
async fn an_action_is_told_as_it_was_written() {
    let manifest = manifest().await;
    assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("toys", "1.2.3"));
    let names: Vec<&str> = manifest.actions.iter().map(|action| action.name.as_str()).collect();
    assert_eq!(names, ["file", "nothing", "place"]);
    let place = &manifest.actions[2];
    assert_eq!((place.version, place.timeout, place.is_latest), (2.0, 5_000, true));
    assert_eq!((place.web, place.websocket), (false, true));
    assert_eq!(
        (place.summary().as_str(), place.errors.as_slice()),
        ("Places something.", &["missing_param", "invalid_param", "taken"].map(String::from)[..])
    );
    let input = |name: &str| place.inputs.iter().find(|input| input.name == name).unwrap();
    let point = input("point");
    assert_eq!((point.required, point.description.as_str()), (true, "Where."));
    assert_eq!(point.schema["$ref"], "#/components/schemas/PointInput");
    assert_eq!(input("name").schema, json!({ "type": "string", "minLength": 1, "maxLength": 50 }));
    let times = &input("times").schema;
    assert_eq!(
        (&times["minimum"], &times["exclusiveMaximum"], &times["default"]),
        (&json!(1), &json!(10), &json!(2))
    );
    assert_eq!(input("tags").schema, json!({ "type": "array", "items": { "type": "string" } }));
    assert!(input("color").own_parsing);
    assert_eq!(input("opaque").schema, json!({}));
}

#[playhouse::test]
async fn forms_have_names_and_tell_reading_from_writing() {
    let manifest = manifest().await;
    let Output::Value(answer) = &manifest.actions[2].output else { panic!("a value") };
    assert_eq!(playhouse::manifest::referred(answer), Some("Placed"));
    assert_eq!((&manifest.actions[0].output, &manifest.actions[1].output), (&Output::Sent, &Output::Nothing));
    let placed = &manifest.definitions["Placed"];
    assert_eq!((&placed["required"], &placed["description"]), (&json!(["at"]), &json!("What was placed.")));
    assert!(placed["properties"]["seenBefore"].is_object(), "{placed}");
    // `y` may be missing in what is sent, and never is in what is answered.
    assert_eq!(manifest.definitions["Point"]["required"], json!(["x", "y"]));
    assert_eq!(manifest.definitions["PointInput"]["required"], json!(["x"]));
}

/// A place among others: what is inside of it looks different when it is read.
#[data]
struct Marked {
    at: Point,
}

/// An application may have taken the name that comes to mind.
#[data]
struct PointInput {
    other: bool,
}

#[action]
async fn mark(marked: Marked, other: Option<PointInput>) -> Result<Marked> {
    let _ = other;
    Ok(marked)
}

#[playhouse::test]
async fn what_is_answered_is_not_told_by_the_forms_of_inputs() {
    let t = Test::start(App::new().actions::<(mark,)>()).await;
    let manifest = t.node().manifest();
    let at = |name: &str| manifest.definitions[name]["properties"]["at"]["$ref"].clone();
    assert_eq!(at("Marked"), "#/components/schemas/Point");
    assert_eq!(manifest.actions[0].inputs[0].schema["$ref"], "#/components/schemas/MarkedInput");
    assert_eq!(at("MarkedInput"), "#/components/schemas/PointInput_");
    assert!(manifest.definitions["PointInput"]["properties"]["other"].is_object());
    assert_eq!(manifest.definitions["PointInput_"]["required"], json!(["x"]));
}

#[playhouse::test]
async fn rooms_tell_what_is_said_in_them() {
    let manifest = manifest().await;
    let message = |nth: usize| manifest.rooms[nth].message.clone();
    assert_eq!((manifest.rooms[0].name.as_str(), manifest.rooms[1].name.as_str()), ("lobby", "attic"));
    assert_eq!((message(0), message(1)), (Some(json!({ "$ref": "#/components/schemas/Line" })), None));
}

/// Who plays.
#[data]
struct Player {
    name: String,
    #[serde(default)]
    level: u8,
}

/// The score has changed.
#[event]
struct Scored(Player, u64);

#[event(name = "allOver")]
struct Over;

/// A game.
#[data]
#[derive(Default)]
struct Game {
    score: u64,
}

#[actor(events(Scored, Over))]
impl Game {
    type Params = Player;
    type Conn = Player;

    #[hook]
    async fn before_connect(&self, player: Player) -> Result<Player> {
        Ok(player)
    }

    /// Scores.
    async fn score(
        &mut self,
        cx: &ActorCx<Self>,
        by: u64,
        #[default(1)] times: u64,
        why: Option<Point>,
    ) -> Result<Player> {
        let _ = why;
        self.score += by * times;
        let player = Player { name: cx.conn()?.name.clone(), level: 1 };
        cx.broadcast(Scored(player.clone(), self.score));
        Ok(player)
    }

    /// Ends.
    async fn end(&self, cx: &ActorCx<Self>, opaque: Opaque) -> Result<()> {
        let _ = opaque;
        cx.broadcast(Over);
        Ok(())
    }

    /// The game as it is: an actor may answer with itself.
    async fn all(&self) -> Result<Option<Self>> {
        Ok(Some(self.clone()))
    }

    #[internal]
    async fn reset(&mut self) -> Result<()> {
        self.score = 0;
        Ok(())
    }
}

#[playhouse::test]
async fn an_actor_is_told_as_its_clients_see_it() {
    let t = Test::start(App::new().actor::<Game>().actions::<(place,)>()).await;
    let manifest = t.node().manifest();
    let [game] = &manifest.actors[..] else { panic!("one actor") };
    let to = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    assert_eq!((game.name.as_str(), game.params.as_ref()), ("game", Some(&to("PlayerInput"))));
    let names: Vec<_> = game.actions.iter().map(|action| action.name.as_str()).collect();
    assert_eq!(names, ["score", "end", "all"], "what is internal is not for clients");
    let score = &game.actions[0];
    assert_eq!((score.description.as_str(), &score.output), ("Scores.", &to("Player")));
    let arguments: Vec<_> =
        score.arguments.iter().map(|argument| (argument.name.as_str(), argument.required)).collect();
    assert_eq!(arguments, [("by", true), ("times", false), ("why", false)]);
    assert_eq!(score.arguments[2].schema, to("PointInput"));
    assert_eq!(
        (&game.actions[1].arguments[0].schema, &game.actions[1].output["type"]),
        (&json!({}), &json!("null"))
    );
    assert_eq!(game.actions[2].output["anyOf"][0], to("Game"));
    let events: Vec<_> =
        game.events.iter().map(|event| (event.name.as_str(), event.arguments.len())).collect();
    assert_eq!(events, [("scored", 2), ("allOver", 0)]);
    assert_eq!(game.events[0].arguments[0], to("Player"));
    assert_eq!(manifest.definitions["PlayerInput"]["required"], json!(["name"]));
}
