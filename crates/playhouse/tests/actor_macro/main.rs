//! What `#[actor]` and `#[event]` write, by what it does: two actors as applications write them, and one of everything
//! else.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod chat;
mod counter;
mod forms;
mod ground;

use chat::ChatRoom;
use counter::{Counter, Start};
use ground::{Ground, settle};
use playhouse::actor::{BigInt, Value};
use playhouse::{App, Error, Result, Test};
use std::time::Duration;

const ANN: &str = r#"{"username":"ann","token":"letmein","extra":1}"#;
const BEN: &str = r#"{"username":"ben","token":"letmein"}"#;

#[tokio::test]
async fn a_counter_is_called_by_its_handle() {
    let g = Ground::<Counter>::new().await;
    let counter = g.actor("a");
    assert_eq!(counter.increment(2).await.unwrap(), 2);
    assert_eq!(counter.append("x".into()).await.unwrap(), 1);
    assert_eq!(counter.get_log().await.unwrap(), ["x"]);
    assert_eq!(counter.clone().get_count().await.unwrap(), 2);
    assert_eq!(counter.blob(1_048_576).await.unwrap().len(), 1_048_576);
    counter.nothing().await.unwrap();
    // Futures of a handle need nothing of it: they can be tasks of their own.
    let other = tokio::spawn(g.actor("b").with_input(Start { start: 40 }).increment(2));
    assert_eq!(other.await.unwrap().unwrap(), 42);
    assert_eq!(g.actor("b").with_input(Start { start: 7 }).get_count().await.unwrap(), 42);
    counter.destroy().await.unwrap();
    assert_eq!(counter.get_count().await.unwrap(), 0);
}

#[playhouse::test]
async fn an_application_has_its_actors() -> Result<()> {
    let t = Test::start(App::new().actor::<Counter>().actor::<ChatRoom>()).await;
    let counter = t.actor::<Counter>(["a", "b"]);
    assert_eq!(counter.increment(2).await?, 2);
    assert_eq!(t.actor::<Counter>("a").get_count().await?, 0);
    let Err(Error::Reject(reject)) = t.actor::<ChatRoom>("a").direct_message("ann".into(), "hi".into()).await
    else {
        panic!("nobody is there")
    };
    assert_eq!(reject.code, "no_connection");
    Ok(())
}

#[tokio::test]
async fn a_counter_is_called_by_clients() {
    let g = Ground::<Counter>::new().await;
    let client = g.sit("null").await;
    assert_eq!(client.hears().await, ["seated"]);
    assert_eq!(client.call("increment", "[]").await, ["newCount [1]", "= 1"]);
    assert_eq!(client.call("increment", "[null]").await, ["newCount [2]", "= 2"]);
    assert_eq!(client.call("increment", "[5]").await, ["newCount [7]", "= 7"]);
    assert_eq!(client.call("nothing", "[]").await, ["= null"]);
    assert_eq!(g.web("null", "getCount", "[]").await.as_deref(), Ok("7"));
    let many = [
        Value::Big(BigInt::from(12)),
        Value::Bytes(vec![1, 2]),
        Value::Float(1.5),
        Value::map([("a", Value::List(vec![Value::Null]))]),
    ];
    for value in many {
        assert_eq!(g.echo(value.clone()).await, Ok(value));
    }
}

#[tokio::test]
async fn a_failing_turn_changes_nothing() {
    let g = Ground::<Counter>::new().await;
    let client = g.sit("null").await;
    client.hears().await;
    let user = r#"! insufficient_funds: insufficient funds {"have":2,"needed":5}"#;
    assert_eq!(client.call("fail", r#"["user"]"#).await, [user]);
    assert_eq!(client.call("fail", r#"["plain"]"#).await, ["! user_error: plain failure"]);
    assert_eq!(client.call("fail", r#"["other"]"#).await, ["! fault"]);
    assert_eq!(client.call("getCount", "[]").await, ["= 0"]);
}

#[tokio::test]
async fn a_read_that_waits_holds_nobody_up() {
    let g = Ground::<Counter>::new().await;
    let slow = tokio::spawn(g.actor("a").slow(700));
    settle().await;
    assert_eq!(g.actor("a").increment(1).await.unwrap(), 1);
    assert!(!slow.is_finished());
    g.advance(Duration::from_millis(700)).await;
    assert_eq!(slow.await.unwrap().unwrap(), 700);
}

#[tokio::test]
async fn wrong_arguments_are_told_by_name() {
    let g = Ground::<Counter>::new().await;
    let rows = [
        ("append", "[]", "missing_param: argument 1, `tag`, is missing"),
        ("append", "[5]", "invalid_param: argument `tag`: invalid type: integer `5`, expected a string"),
        ("append", r#"["a","b"]"#, "invalid_param: 2 arguments were given; 1 are the most"),
        ("nothing", "[1]", "invalid_param: 1 arguments were given; 0 are the most"),
        ("create", "[]", "unknown_action: the actor `counter` has no action `create`"),
        ("get_count", "[]", "unknown_action: the actor `counter` has no action `get_count`"),
    ];
    for (action, args, expected) in rows {
        assert_eq!(g.web("null", action, args).await, Err(expected.to_owned()), "{action}");
    }
}

#[tokio::test]
async fn a_room_decides_who_comes_in() {
    let g = Ground::<ChatRoom>::new().await;
    let rows = [
        ("null", "away missing_username: username is required"),
        (r#"{"token":"letmein"}"#, "away missing_username: username is required"),
        (r#"{"username":"eve","token":"x"}"#, r#"away invalid_token: bad token {"username":"eve"}"#),
    ];
    for (params, expected) in rows {
        assert_eq!(g.sit(params).await.hears().await, [expected]);
    }
    assert_eq!(g.web(ANN, "getLifecycle", "[]").await.as_deref(), Ok(r#"["connect:ann"]"#));
    settle().await;
    let lived = r#"["connect:ann","disconnect:ann","connect:ben"]"#;
    assert_eq!(g.web(BEN, "getLifecycle", "[]").await.as_deref(), Ok(lived));
}

fn joined(line: &str) -> bool {
    line.starts_with(r#"joined [{"username":"ben","connId":""#)
}

#[tokio::test]
async fn a_room_passes_messages_on() {
    let g = Ground::<ChatRoom>::new().await;
    let ann = g.sit(ANN).await;
    ann.hears().await;
    let ben = g.sit(BEN).await;
    ben.hears().await;
    assert!(matches!(&ann.hears().await[..], [line] if joined(line)));
    let message = r#"{"seq":1,"from":"ann","text":"hi"}"#;
    let heard = ann.call("sendMessage", r#"["hi"]"#).await;
    assert_eq!(heard, [format!("newMessage [{message}]"), format!("= {message}")]);
    assert_eq!(ben.hears().await, [format!("newMessage [{message}]")]);
    assert_eq!(ann.call("directMessage", r#"["ben","psst"]"#).await, ["= 1"]);
    assert_eq!(ben.hears().await, [r#"directMessage [{"from":"ann","text":"psst"}]"#]);
    assert_eq!(ben.call("getHistory", "[]").await, [format!("= [{message}]")]);
    assert_eq!(ben.call("setNickname", r#"["benny"]"#).await, [r#"= "benny""#]);
    let me = ben.call("whoami", "[]").await.remove(0);
    assert!(
        me.starts_with(r#"= {"connId":""#) && me.ends_with(r#"","username":"ben","nickname":"benny"}"#),
        "{me}"
    );
    let listed = ben.call("listConnections", "[]").await.remove(0);
    assert!(listed.find("ann") < listed.find("ben"), "{listed}");
    assert_eq!(ann.call("kick", r#"["ben","enough"]"#).await[0], "= 1");
    assert_eq!(ben.hears().await, ["ended enough"]);
}

#[tokio::test]
async fn a_room_reminds() {
    let g = Ground::<ChatRoom>::new().await;
    let ann = g.sit(ANN).await;
    let ben = g.sit(BEN).await;
    ben.hears().await;
    assert_eq!(ann.call("remindMe", r#"[400,"tea"]"#).await.pop().unwrap(), "= true");
    ann.seat.leave();
    g.advance(Duration::from_millis(399)).await;
    assert!(matches!(&ben.hears().await[..], [line] if line.starts_with("left ")));
    g.advance(Duration::from_millis(2)).await;
    assert_eq!(ben.hears().await, [r#"reminder [{"username":"ann","text":"tea"}]"#]);
}
