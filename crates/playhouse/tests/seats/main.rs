//! What a test does as a client of actors: it takes a seat, calls and hears there, is sent away, sleeps and wakes with its
//! actor; and what is said where it waits in vain.

mod book;

use book::{Came, Closed, Echo, Guest, Guestbook, Plain, Thanks, Written};
use playhouse::actor::{BigInt, Value as Any};
use playhouse::prelude::*;
use playhouse::test::Ended;

fn app() -> App {
    App::new().actor::<Guestbook>().actor::<Echo>().actor::<Plain>()
}

fn named(name: &str) -> Guest {
    Guest { name: name.into() }
}

/// The refusal of a call by a handle.
fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> Reject {
    match outcome {
        Err(Error::Reject(reject)) => reject,
        other => panic!("not refused: {other:?}"),
    }
}

#[playhouse::test]
async fn a_client_calls_with_its_connection() -> Result<()> {
    let t = Test::start(app()).await;
    let (ann, ben) = (t.connect().await, t.connect().await);
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    let other = ben.sit::<Guestbook>("a", &named("ben")).await?;
    assert_eq!((book.write("one".into()).await?, book.write("two".into()).await?), (1, 2));
    assert_eq!(other.write("three".into()).await?, 1);
    assert_eq!(book.call("write", json!(["four"])).await?, json!(3), "the same by its name");
    let from_outside = t.actor::<Guestbook>("a").write("me too".into()).await;
    assert_eq!(refusal(from_outside).code, "no_connection", "the application has none");
    Ok(())
}

#[playhouse::test]
async fn a_client_is_refused_with_all_that_is_said() -> Result<()> {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let refused = ann.sit::<Guestbook>("a", &named("")).await.unwrap_err();
    let wanted = Reject::new("no_name", "say who you are").metadata(&json!({ "guests": 2 }))?;
    assert_eq!(refused, wanted);
    let unnamed = ann.sit::<Guestbook>("a", ()).await.unwrap_err();
    assert_eq!((&*unnamed.code, &unnamed.fields[..]), ("invalid_param", &["params".to_owned()][..]));
    assert_eq!(ann.sit::<Guestbook>("a", json!({ "name": 5 })).await.unwrap_err().code, "invalid_param");
    let long = ann.sit::<Echo>("x".repeat(10_000), ()).await.unwrap_err();
    assert!(long.message.contains("`actors.key_length`"), "{long}");
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    let poor = refusal(book.poor().await);
    assert_eq!(poor, Reject::new("poor", "not enough").metadata(&json!({ "have": 2 }))?);
    assert_eq!(refusal(book.close().await).code, "unknown_action", "it is `#[internal]`");
    assert_eq!(book.call("write", json!([])).await.unwrap_err().code, "missing_param");
    assert_eq!(book.call("write", json!("x")).await.unwrap_err().code, "invalid_param");
    assert_eq!(refusal(book.destroy().await).code, "not_offered");
    let stock = t.connect_with(Head::new("GET", "/primus", [])).await?;
    assert_eq!(
        stock.sit::<Guestbook>("a", &named("")).await.unwrap_err(),
        Reject::new("unsaid", "say who you are")
    );
    Ok(())
}

#[playhouse::test]
async fn who_says_nothing_of_itself() -> Result<()> {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let echo = ann.sit::<Echo>("a", ()).await?;
    for value in [
        Any::Null,
        Any::Bytes(vec![1, 2]),
        Any::Big(BigInt::from(12)),
        Any::List(vec!["$BigInt".into(), "12".into()]),
        Any::map([("a", Any::Float(1.5))]),
    ] {
        assert_eq!(echo.echo(value.clone()).await?, value);
    }
    assert_eq!(echo.both("$BigInt".into(), "12".into()).await?, "$BigInt12", "two texts stay two texts");
    assert_eq!(ann.sit::<Plain>(["x/y", ""], ()).await?.key().await?, r"plain[x\\/y/\\0]");
    assert_eq!(ann.sit::<Plain>([""; 0], &()).await?.key().await?, "plain[/]");
    Ok(())
}

#[playhouse::test]
async fn events_are_heard_by_who_asked_for_them() -> Result<()> {
    let t = Test::start(app()).await;
    let (ann, ben) = (t.connect().await, t.connect().await);
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    let twice = ann.sit::<Guestbook>("a", &named("ann, again")).await?;
    book.hear::<Came>().await;
    book.hear::<Written>().await;
    let other = ben.sit::<Guestbook>("a", &named("ben")).await?;
    other.write("hello".into()).await?;
    assert_eq!(book.heard::<Written>().await, Written("hello".into(), 1), "each type waits for itself");
    assert_eq!(book.heard::<Came>().await, Came { guest_name: "ben".into() });
    assert_eq!(other.heard::<Thanks>().await, Thanks(None), "what is for it alone needs no `hear`");
    book.heard_nothing().await;
    twice.heard_nothing().await;
    other.heard_nothing().await;
    book.ignore::<Written>().await;
    other.write("once more".into()).await?;
    book.heard_nothing().await;
    Ok(())
}

#[playhouse::test]
async fn who_is_sent_out_hears_why() -> Result<()> {
    let t = Test::start(app()).await;
    let (ann, ben) = (t.connect().await, t.connect().await);
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    let other = ben.sit::<Guestbook>("a", &named("ben")).await?;
    book.send_out("ben".into()).await?;
    let ended = other.ended().await;
    assert_eq!(ended, Ended { code: "disconnected".into(), reason: "be nice".into(), retry: false });
    assert_eq!(refusal(other.write("but".into()).await).code, "no_such_seat");
    assert_eq!(other.leave().await.unwrap_err().code, "no_such_seat");
    t.actor::<Guestbook>("a").destroy().await?;
    assert_eq!(book.ended().await.code, "destroyed");
    Ok(())
}

#[playhouse::test]
async fn who_goes_is_gone_once() -> Result<()> {
    let t = Test::start(app()).await;
    let clients = [t.connect().await, t.connect().await, t.connect().await];
    let [ann, ben, cy] = &clients;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    let _second = ben.sit::<Guestbook>("a", &named("ben")).await?;
    let third = cy.sit::<Guestbook>("a", &named("cy")).await?;
    third.leave().await?;
    ben.cut();
    ben.cut();
    t.advance(Duration::from_secs(1)).await;
    assert_eq!(book.gone().await?, ["cy", "ben"]);
    assert_eq!(
        (*book).leave("name".into()).await?,
        "by name",
        "an action that has the name of something else"
    );
    drop(clients);
    t.advance(Duration::from_secs(3600)).await;
    assert_eq!(t.actor::<Guestbook>("a").gone().await?, ["cy", "ben", "ann"]);
    Ok(())
}

#[playhouse::test]
async fn a_seat_outlives_the_sleep_of_its_actor() -> Result<()> {
    let t = Test::start_with(app(), &[("actors.sleep_after", "30s")]).await;
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    book.hear::<Written>().await;
    book.write("before".into()).await?;
    t.advance(Duration::from_secs(29)).await;
    assert_eq!(book.opened().await?, 1);
    t.advance(Duration::from_secs(31)).await;
    assert_eq!(book.write("after".into()).await?, 2, "its connection's state was kept");
    assert_eq!(book.opened().await?, 2, "and it slept");
    assert_eq!(
        (book.heard::<Written>().await.1, book.heard::<Written>().await.1),
        (1, 2),
        "so were its ears"
    );
    Ok(())
}

#[playhouse::test]
async fn an_alarm_is_heard_in_time() -> Result<()> {
    let t = Test::start_with(app(), &[("actors.sleep_after", "30s")]).await;
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    book.hear::<Closed>().await;
    book.close_after(3_600_000).await?;
    t.advance(Duration::from_secs(3_599)).await;
    book.heard_nothing().await;
    t.advance(Duration::from_secs(1)).await;
    assert_eq!(book.heard::<Closed>().await, Closed);
    assert_eq!(book.opened().await?, 2, "it was woken for it");
    Ok(())
}

#[playhouse::test]
async fn what_waits_for_the_clock_is_begun() -> Result<()> {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await?;
    let (mine, yours) = (t.begin(book.nap()), t.begin(t.actor::<Guestbook>("a").nap()));
    let (third, seat) = (book.call("nap", json!([])), ann.sit::<Guestbook>("a", &named("slow")));
    t.advance(Duration::from_secs(5)).await;
    seat.await?;
    assert_eq!((&*mine.await?, &*yours.await?, third.await?), ("rested", "rested", json!("rested")));
    Ok(())
}

#[playhouse::test]
#[should_panic(
    expected = "an event `written` of `guestbook`, which this seat does not `hear`, did not come: 50ms have passed"
)]
async fn who_does_not_listen_is_told_so() {
    let t = Test::start(app()).await.patient_for(Duration::from_millis(50));
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await.unwrap();
    book.write("hello".into()).await.unwrap();
    book.heard::<Written>().await;
}

#[playhouse::test]
#[should_panic(
    expected = "an event `came` of `guestbook` did not come: the actor's side ended the seat: destroyed ("
)]
async fn nothing_is_heard_after_the_end() {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await.unwrap();
    book.hear::<Came>().await;
    t.actor::<Guestbook>("a").destroy().await.unwrap();
    book.heard::<Came>().await;
}

#[playhouse::test]
#[should_panic(
    expected = "nothing more should have been heard of `guestbook`, but this was: {\"args\":[null]"
)]
async fn an_event_too_much_is_shown() {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await.unwrap();
    book.write("hello".into()).await.unwrap();
    book.heard_nothing().await;
}

#[playhouse::test]
#[should_panic(
    expected = "the answer of `nap` (`t.begin(..)` begins a call that waits for the clock) did not come: 50ms"
)]
async fn a_call_that_waits_for_the_clock_says_so() {
    let t = Test::start(app()).await.patient_for(Duration::from_millis(50));
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await.unwrap();
    let _ = book.nap().await;
}

#[playhouse::test]
#[should_panic(
    expected = "what was begun did not end within 50ms: the clock stands still unless `advance` moves it"
)]
async fn what_was_begun_and_never_ends_says_so() {
    let t = Test::start(app()).await.patient_for(Duration::from_millis(50));
    let _ = t.begin(t.actor::<Guestbook>("a").nap()).await;
}

#[playhouse::test]
#[should_panic(expected = "in its own words")]
async fn what_was_begun_panics_where_it_is_awaited() {
    let t = Test::start(app()).await;
    t.begin(async { panic!("in its own words") }).await;
}

#[playhouse::test]
#[should_panic(expected = "the end of the seat at `guestbook` did not come: the line is cut")]
async fn a_line_that_is_cut_has_no_end_of_a_seat() {
    let t = Test::start(app()).await;
    let ann = t.connect().await;
    let book = ann.sit::<Guestbook>("a", &named("ann")).await.unwrap();
    ann.cut();
    book.ended().await;
}
