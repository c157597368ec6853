//! What a test can do: calls with typed inputs and answers, rooms, the clock, and what is said where a test waits in
//! vain.

use playhouse::prelude::*;
use std::sync::{Arc, Mutex};

#[data]
#[derive(PartialEq)]
struct Greeting {
    greeting: String,
    times: u32,
}

/// Greets.
#[action]
async fn greet(cx: &Cx, #[check(length(1..=50))] name: String, #[default(1)] times: u32) -> Result<Greeting> {
    cx.room("lobby").say(&Greeting { greeting: name.clone(), times }).await?;
    Ok(Greeting { greeting: format!("Hello {name}!"), times })
}

/// The same in another way.
#[action(name = "greet", version = 2)]
async fn greet_shortly(name: String) -> Result<&'static str> {
    if name == "nobody" {
        Err(Reject::new("nobody", "who?").field("name"))?;
    }
    Ok("Hi")
}

#[action]
async fn nap(cx: &Cx, r#type: Option<String>, seconds: u64) -> Result<Option<String>> {
    for _ in 0..seconds {
        cx.node().clock().sleep(Duration::from_secs(1)).await;
    }
    Ok(r#type)
}

/// Can be read, but not written.
#[derive(serde::Deserialize)]
struct OneWay(u32);

fn hex(input: Input<'_>) -> Result<u32, &'static str> {
    u32::from_str_radix(&as_text(input).unwrap_or_default(), 16).map_err(|_| "no color")
}

#[action]
async fn forms(one_way: Option<OneWay>, #[parse(hex)] color: u32) -> Result<impl serde::Serialize> {
    Ok((one_way.map(|number| number.0), color))
}

#[action]
async fn nothing() -> Result<()> {
    Ok(())
}

fn app() -> App {
    App::new()
        .actions::<(greet, greet_shortly, nap, forms, nothing, private::halved)>()
        .room("lobby")
        .room("attic")
}

#[playhouse::test]
async fn calls_have_types() -> Result<()> {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let wanted = Greeting { greeting: "Hello Ben!".into(), times: 1 };
    assert_eq!(t.run(greet { name: "Ben".into(), times: None }).await?, wanted);
    assert_eq!(ann.run(greet { name: "Ben".into(), times: Some(3) }).await?.times, 3);
    assert_eq!(t.run(nothing {}).await, Ok(()));
    assert_eq!(ann.run(nothing {}).await, Ok(()));
    assert_eq!(ann.run(nap { r#type: Some("short".into()), seconds: 0 }).await?.as_deref(), Some("short"));
    assert_eq!(ann.run(nap { r#type: None, seconds: 0 }).await?, None);
    Ok(())
}

#[playhouse::test]
async fn a_call_reaches_its_own_version() -> Result<()> {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    assert_eq!(t.run(greet_shortly { name: "Ben".into() }).await?, "Hi");
    assert_eq!(ann.run(greet_shortly { name: "Ben".into() }).await?, "Hi");
    assert_eq!(t.run(greet { name: "Ben".into(), times: None }).await?.greeting, "Hello Ben!");
    Ok(())
}

/// An action may be better known than its types.
mod private {
    use playhouse::prelude::*;

    #[data]
    struct Answer {
        half: u32,
    }

    #[data]
    struct Whole(u32);

    #[action]
    #[allow(private_interfaces)]
    pub(crate) async fn halved(whole: Whole) -> Result<Answer> {
        Ok(Answer { half: whole.0 / 2 })
    }

    #[playhouse::test]
    async fn types_may_be_private() -> Result<()> {
        let t = Test::start(App::new().actions::<(halved,)>()).await;
        assert_eq!(t.run(halved { whole: Whole(10) }).await?.half, 5);
        Ok(())
    }
}

#[playhouse::test]
async fn what_a_function_parses_itself_is_sent_as_any_json() -> Result<()> {
    let t = Test::start(App::new().actions::<(parsed,)>()).await;
    assert_eq!(t.run(parsed { color: "ff".into() }).await?, 255);
    assert_eq!(t.run(parsed { color: json!(10) }).await?, 16);
    Ok(())
}

#[action]
async fn parsed(#[parse(hex)] color: u32) -> Result<u32> {
    Ok(color)
}

#[playhouse::test]
async fn an_action_that_only_others_can_call_is_called_by_its_name() -> Result<()> {
    let t = Test::start(app()).await;
    assert_eq!(t.call("forms", json!({ "oneWay": 5, "color": "a" })).await?, json!([5, 10]));
    Ok(())
}

#[playhouse::test]
async fn refusals_are_typed_too() {
    let t = Test::start(app()).await;
    let refused = t.run(greet_shortly { name: "nobody".into() }).await.unwrap_err();
    assert_eq!(refused, Reject::new("nobody", "who?").field("name"));
    let ann = t.connect().await;
    assert_eq!(ann.run(greet_shortly { name: "nobody".into() }).await, Err(refused));
    let stock = t.connect_with(Head::new("GET", "/primus", [])).await.unwrap_or_else(|no| panic!("{no}"));
    let refused = stock.run(greet_shortly { name: "nobody".into() }).await.unwrap_err();
    assert_eq!(refused, Reject::new("unsaid", "who?"), "only the text is sent to it");
    let empty = t.run(greet { name: String::new(), times: None }).await.unwrap_err();
    assert_eq!((empty.code.as_ref(), empty.fields), ("missing_param", vec!["name".to_owned()]));
}

#[playhouse::test]
async fn rooms_are_entered_and_left() -> Result<()> {
    let t = Test::start(app()).await;
    let (ann, ben) = (t.connect().await, t.connect().await);
    let (lobby, attic) = (ann.room("lobby").await?, ann.room("attic").await?);
    let other = ben.room("lobby").await?;
    other.say("hello").await?;
    attic.say("up here").await?;
    assert_eq!(attic.heard::<String>().await, "up here", "each room's messages wait for themselves");
    assert_eq!(lobby.heard_from().await, (ben.id().to_owned(), "hello".to_owned()));
    t.run(greet { name: "Cy".into(), times: None }).await?;
    assert_eq!(lobby.heard::<Greeting>().await, Greeting { greeting: "Cy".into(), times: 1 });
    lobby.heard_nothing().await;
    let members = lobby.members().await;
    assert_eq!((members.len(), &members[ben.id()]["id"]), (2, &json!(ben.id())));
    other.leave().await?;
    assert!(!lobby.members().await.contains_key(ben.id()));
    let refused = ben.room("cellar").await.unwrap_err();
    assert_eq!((&*refused.code, &*refused.message), ("no_such_room", "room does not exist"));
    Ok(())
}

#[playhouse::test]
async fn what_is_due_on_the_way_comes_in_order() -> Result<()> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let t = Test::start(app()).await;
    let begun = t.now();
    for (name, every) in [("slow", 3), ("quick", 2)] {
        let (clock, log) = (t.node().clock().clone(), log.clone());
        let ticks = async move {
            loop {
                clock.sleep(Duration::from_secs(every)).await;
                log.lock().unwrap().push((name, (clock.unix_ms() - begun) / 1000));
            }
        };
        t.node().tasks().spawn("ticks", ticks).unwrap();
    }
    let call = t.run(nap { r#type: None, seconds: 6 });
    t.advance(Duration::from_secs(6)).await;
    let seen = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(seen, [("quick", 2), ("slow", 3), ("quick", 4), ("slow", 6), ("quick", 6)]);
    assert_eq!((call.await?, t.now()), (None, begun + 6_000));
    Ok(())
}

#[playhouse::test]
#[should_panic(expected = "`nap` did not answer within 50ms: the clock stands still")]
async fn a_call_that_waits_for_the_clock_says_so() {
    let t = Test::start(app()).await.patient_for(Duration::from_millis(50));
    let _ = t.run(nap { r#type: None, seconds: 1 }).await;
}

#[playhouse::test]
#[should_panic(
    expected = "a message in `attic` did not come: 50ms have passed in real time, and the test's clock \
                           stands still unless `advance` moves it.\nWhat has come instead, and was not looked at:\n  \
                           {\"context\":\"user\",\"from\":\"0\",\"message\":\"news\""
)]
async fn what_came_instead_is_shown() {
    let t = Test::start(app()).await.patient_for(Duration::from_millis(50));
    let ann = t.connect().await;
    let (_lobby, attic) = (ann.room("lobby").await.unwrap(), ann.room("attic").await.unwrap());
    t.handle().say("lobby", "news").await.unwrap();
    attic.heard::<String>().await;
}

#[playhouse::test]
#[should_panic(expected = "a frame did not come: the server ended the connection: ended")]
async fn nothing_comes_after_the_end() {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    ann.send(&json!({ "event": "quit" }));
    ann.closed().await;
    ann.received().await;
    ann.next().await;
}

#[playhouse::test]
#[should_panic(expected = "nothing more should have been said in `lobby`, but this was: ")]
async fn a_message_too_much_is_shown() {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let lobby = ann.room("lobby").await.unwrap();
    lobby.say("oh").await.unwrap();
    lobby.heard_nothing().await;
}

#[playhouse::test]
#[should_panic(expected = "`greet` answered with something else than a `harness::Greeting`")]
async fn an_answer_of_another_form_is_shown() {
    async fn replaced(_: &Cx, _: Next<'_>) -> Result<Reply> {
        Reply::of(&5)
    }
    let t = Test::start(app().middleware(replaced)).await;
    let _ = t.run(greet { name: "Ben".into(), times: None }).await;
}

#[playhouse::test]
#[should_panic(expected = "the application has no valid configuration:\n")]
async fn a_setting_that_is_wrong_stops_the_start() {
    Test::start_with(app(), &[("actions.timeout", "soon")]).await;
}
