//! The life of an actor: made once, asleep when nobody needs it, awake when somebody does, gone when destroyed.

mod ground;

use ground::{Ground, json, said, settle};
use playhouse_core::actor::{Actors, Address, Found, Listing, Which};
use playhouse_core::store::{Commit, Fence, New, Open, Opened, StateRow, Store};
use std::time::Duration;

const ANN: &str = r#"{"name":"ann"}"#;

async fn log(g: &Ground) -> String {
    g.call("a", "log", "[]").await.expect("a text")
}

#[tokio::test]
async fn an_actor_is_made_once() {
    let g = Ground::new().await;
    let address = || Address::keyed("probe", "a");
    let opens = (0..20).map(|n| g.host.open(Which::FindOrCreate(address(), Some(json(&n.to_string())))));
    let all: Vec<Found> =
        futures_util::future::join_all(opens).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(all.iter().filter(|found| found.created).count(), 1);
    assert!(all.iter().all(|found| found.record.id == all[0].record.id));
    let taken = g.host.open(Which::Create(address(), None)).await.unwrap_err();
    assert_eq!(said(&taken), "refused actor_exists");
    let missing = g.host.open(Which::Find(Address::keyed("probe", "b"))).await.unwrap_err();
    assert_eq!(said(&missing), "refused no_such_actor");
    let unknown = g.host.open(Which::FindOrCreate(Address::keyed("prove", "b"), None)).await.unwrap_err();
    assert_eq!(unknown.reject().message, "there are no actors called `prove`; there are bare, probe");
    assert_eq!(g.call("a", "get", "[]").await, Ok("0".into()));
}

#[tokio::test]
async fn who_is_only_made_or_looked_for_is_not_in_memory() {
    let g = Ground::new().await;
    let address = Address::keyed("probe", "a");
    let made = g.host.open(Which::FindOrCreate(address.clone(), None)).await.unwrap();
    assert_eq!((made.created, g.host.counts()), (true, (0, 0)));
    for which in [Which::FindOrCreate(address.clone(), None), Which::Find(address), Which::Id(made.record.id)]
    {
        let found = g.host.open(which).await.unwrap();
        assert_eq!((found.created, g.host.counts()), (false, (0, 0)));
    }
}

#[tokio::test]
async fn who_asks_for_what_is_not_there_leaves_nothing_in_memory() {
    let g = Ground::new().await;
    assert_eq!(g.call("a", "nothing", "[]").await, Err("refused unknown_action".into()));
    assert_eq!(g.host.counts(), (0, 0));
}

#[tokio::test]
async fn what_it_was_made_with_waits_for_its_first_call() {
    let g = Ground::new().await;
    let which = Which::Create(Address::keyed("probe", "a"), Some(json("7")));
    g.host.open(which).await.unwrap();
    let g = g.crash().await;
    assert_eq!(g.call("a", "get", "[]").await, Ok("7".into()));
    assert_eq!(log(&g).await, r#""create start""#);
    assert_eq!(log(&g.crash().await).await, r#""create start start""#);
}

#[tokio::test]
async fn it_sleeps_when_nobody_calls_and_wakes_when_somebody_does() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["add",1]]]"#).await.unwrap();
    g.advance(Duration::from_secs(29)).await;
    assert_eq!(g.host.counts(), (1, 1));
    g.call("a", "get", "[]").await.unwrap();
    g.advance(Duration::from_secs(29)).await;
    assert_eq!(g.host.counts(), (1, 1));
    g.advance(Duration::from_secs(1)).await;
    assert_eq!(g.host.counts(), (0, 0));
    assert_eq!(g.call("a", "get", "[]").await, Ok("1".into()));
    assert_eq!(log(&g).await, r#""create start sleep start""#);
}

#[tokio::test]
async fn silent_connections_keep_nobody_awake() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    ann.call(0, "turn", r#"[[["mood","good"]]]"#);
    assert_eq!(ann.hears().await, ["0: 0"]);
    g.advance(Duration::from_secs(30)).await;
    assert_eq!(g.host.counts(), (1, 0));
    ann.seat.listen("other", true);
    assert_eq!(g.host.counts(), (1, 0), "a subscription wakes nobody");
    ann.call(1, "turn", r#"[[["me",0]]]"#);
    assert_eq!(ann.hears().await, [r#"said ["good"]"#, "1: 0"]);
    g.advance(Duration::from_secs(30)).await;
    ann.seat.leave();
    settle().await;
    assert_eq!(log(&g).await, r#""create start +ann sleep start sleep start -anngood""#);
    g.advance(Duration::from_secs(30)).await;
    assert_eq!(g.host.counts(), (0, 0));
}

#[tokio::test]
async fn a_destroyed_actor_is_gone_with_all_it_had() {
    let g = Ground::new().await;
    let ann = g.seated("a", ANN).await;
    ann.seat.listen("said", true);
    g.call("a", "turn", r#"[[["add",5],["after",[]]]]"#).await.unwrap();
    let old = g.host.open(Which::Find(Address::keyed("probe", "a"))).await.unwrap().record;
    g.host.destroy(&old.id).await.unwrap();
    assert_eq!(ann.hears().await, ["destroyed"]);
    let gone = g.host.destroy(&old.id).await.unwrap_err();
    assert_eq!(said(&gone), "refused no_such_actor");
    assert_eq!(g.call("a", "get", "[]").await, Ok("0".into()));
    let new = g.host.open(Which::Find(Address::keyed("probe", "a"))).await.unwrap().record;
    assert_ne!(new.id, old.id);
    assert_eq!(g.call("a", "turn", r#"[[["destroy",0]]]"#).await, Ok("0".into()));
    settle().await;
    assert_eq!(g.host.list(Listing { limit: 10, ..Listing::default() }).await.unwrap(), []);
}

#[tokio::test]
async fn an_end_is_not_kept_up_by_its_hook() {
    let g = Ground::new().await;
    g.call("a", "turn", r#"[[["add",-5]]]"#).await.unwrap();
    let old = g.host.open(Which::Find(Address::keyed("probe", "a"))).await.unwrap().record;
    g.host.destroy(&old.id).await.unwrap();
    assert_eq!(g.call("a", "get", "[]").await, Ok("0".into()));
}

#[tokio::test]
async fn who_could_not_be_made_never_was() {
    let g = Ground::new().await;
    let address = || Address::keyed("probe", "a");
    g.host.open(Which::Create(address(), Some(json("-1")))).await.unwrap();
    let calls = [g.start("a", "get", "[]"), g.start("a", "turn", "[[]]")];
    for call in calls {
        assert_eq!(call.await.unwrap(), Err("user negative".into()));
    }
    assert_eq!(said(&g.host.open(Which::Find(address())).await.unwrap_err()), "refused no_such_actor");
    g.host.open(Which::Create(address(), Some(json("7")))).await.unwrap();
    assert_eq!(g.call("a", "get", "[]").await, Ok("7".into()));
}

#[tokio::test]
async fn actors_are_listed_in_pages() {
    let g = Ground::new().await;
    for n in 0..5 {
        g.call(&format!("k{n}"), "get", "[]").await.unwrap();
    }
    let mut after = 0;
    let mut keys = Vec::new();
    loop {
        let name = Some("probe".into());
        let page = g.host.list(Listing { name, after, limit: 2 }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.row;
        keys.extend(page.iter().map(|record| record.address.to_string()));
    }
    assert_eq!(keys, ["probe[k0]", "probe[k1]", "probe[k2]", "probe[k3]", "probe[k4]"]);
}

/// Writes a state as an older program did.
async fn written(g: &Ground, key: &str, form: u32, state: &'static str) {
    let new = New { id: playhouse_core::actor::ActorId::new(key), created_at: 1, input: None };
    let opened =
        g.store.open(Open::Create(Address::keyed("bare", key), new)).await.expect("the store is open");
    let Opened::Created(record) = opened else { panic!("{opened:?}") };
    let commit = Commit {
        id: record.id,
        row: record.row,
        fence: Fence { epoch: 1, counter: 0 },
        version: 0,
        state: Some(StateRow { form, bytes: state.into() }),
        alarms: vec![],
        alarms_ended: vec![],
        seats: vec![],
        seats_ended: vec![],
        destroys: false,
    };
    g.store.commit(commit).await.expect("the store is open");
}

#[tokio::test]
async fn a_state_that_lacks_a_field_takes_its_default() {
    let g = Ground::new().await;
    for (key, form, state, expected) in [
        ("whole", 2, r#"{"count":3,"added":1}"#, Ok("3")),
        ("lacks", 2, r#"{"added":1}"#, Ok("0")),
        ("more", 2, r#"{"count":4,"gone":true}"#, Ok("4")),
        ("wrong", 2, r#"{"count":"many"}"#, Err("fault")),
        ("newer", 3, r#"{"count":3}"#, Err("fault")),
        ("older, whose upgrade panics", 1, r#"{"count":3}"#, Err("fault")),
        ("no json", 2, "?", Err("fault")),
    ] {
        written(&g, key, form, state).await;
        let which = Which::Find(Address::keyed("bare", key));
        let ask = playhouse_core::actor::Ask::Action { name: "get".into(), args: vec![] };
        let caller = playhouse_core::actor::Caller::Server(Default::default());
        let answer = g.host.call(playhouse_core::actor::Call { which, ask, caller }).await;
        let answer = answer.map(|answer| format!("{answer:?}")).map_err(|error| said(&error));
        let expected = expected.map(|n| format!("Value(Int({n}))")).map_err(str::to_owned);
        assert_eq!(answer, expected, "{key}");
        let id = playhouse_core::actor::ActorId::new(key);
        let row = g.store.load(&id).await.unwrap().unwrap();
        assert_eq!(row.state.unwrap().bytes, state.as_bytes(), "{key}: left as it was");
    }
}

#[tokio::test]
async fn a_node_that_has_ended_tells_so() {
    let g = Ground::new().await;
    g.call("a", "get", "[]").await.unwrap();
    g.advance(Duration::from_secs(30)).await;
    let ann = g.seated("b", ANN).await;
    g.advance(Duration::from_secs(30)).await;
    g.tasks.close();
    assert_eq!(g.call("a", "get", "[]").await, Err("refused actor_stopping".into()));
    // Its actor sleeps, and nobody can wake it any more.
    ann.call(0, "get", "[]");
    assert_eq!(g.call("b", "get", "[]").await, Err("refused actor_stopping".into()));
}
