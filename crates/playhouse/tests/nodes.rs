//! Two nodes in one test: they are one application to their clients, until one of them ends.

use playhouse::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells a connection something, wherever it is.
#[action]
async fn whisper(cx: &Cx, to: String, text: String) -> Result<()> {
    cx.remote(&to).send_message(&text).await
}

/// Counts over all nodes.
#[action]
async fn count(cx: &Cx) -> Result<i64> {
    cx.cache().increment("count", 1).await
}

#[action]
async fn make_room(cx: &Cx, name: String) -> Result<bool> {
    cx.room(&name).add().await
}

/// Waits for ever.
#[action]
async fn wait() -> Result<()> {
    std::future::pending().await
}

fn app() -> App {
    App::new().actions::<(whisper, count, make_room, wait)>().room("lobby")
}

async fn two() -> (Test, Test) {
    let t = Test::start(app()).await;
    let other = t.another_node(app()).await;
    (t, other)
}

#[playhouse::test]
async fn they_chat_whisper_and_count_as_one() -> Result<()> {
    let (t, other) = two().await;
    assert_ne!(t.node().id(), other.node().id());
    let (ann, ben) = (t.connect().await, other.connect().await);
    let (lobby, also) = (ann.room("lobby").await?, ben.room("lobby").await?);
    for n in 0..5 {
        lobby.say(&n.to_string()).await?;
    }
    for n in 0..5 {
        assert_eq!(also.heard_from().await, (ann.id().to_owned(), n.to_string()));
        assert_eq!(lobby.heard::<String>().await, n.to_string());
    }
    let members = also.members().await;
    assert!(members.contains_key(ann.id()) && members.contains_key(ben.id()), "{members:?}");
    ann.run(whisper { to: ben.id().into(), text: "psst".into() }).await?;
    assert_eq!(ben.next().await["message"], "psst");
    assert_eq!((t.run(count {}).await?, other.run(count {}).await?), (1, 2));
    Ok(())
}

#[playhouse::test]
async fn rooms_are_those_of_all() -> Result<()> {
    let (t, other) = two().await;
    let (ann, ben) = (t.connect().await, other.connect().await);
    assert!(other.run(make_room { name: "new".into() }).await?);
    assert!(!t.run(make_room { name: "new".into() }).await?);
    let stay = ann.room("new").await?;
    ben.room("new").await?.say("found").await?;
    assert_eq!(stay.heard::<String>().await, "found");
    other.handle().room("new")?.remove().await?;
    t.advance(Duration::from_millis(500)).await;
    assert!(!t.handle().rooms()?.iter().any(|room| **room == *"new"), "{:?}", t.handle().rooms()?);
    Ok(())
}

#[playhouse::test]
async fn the_members_of_a_node_that_was_killed_go_with_its_lease() -> Result<()> {
    let t = Test::start_with(app(), &[("redis.lease", "8s")]).await;
    let other = t.another_node(app()).await;
    let (ann, ben) = (t.connect().await, other.connect().await);
    let lobby = ann.room("lobby").await?;
    ben.room("lobby").await?;
    let waiting = ben.run(wait {});
    other.kill().await;
    drop(waiting);
    ben.lost().await;
    t.advance(Duration::from_secs(7)).await;
    assert_eq!(lobby.members().await.len(), 2, "nobody has said that it went");
    let whispered = t.run(whisper { to: ben.id().into(), text: "there?".into() }).await;
    assert_eq!(whispered.unwrap_err().code, "engine_away");
    t.advance(Duration::from_secs(1)).await;
    assert_eq!(lobby.members().await.into_keys().collect::<Vec<_>>(), [ann.id()]);
    let whispered = t.run(whisper { to: ben.id().into(), text: "there?".into() }).await;
    assert_eq!(whispered.unwrap_err().code, "no_such_connection");
    lobby.say("alone").await?;
    assert_eq!(lobby.heard::<String>().await, "alone");
    Ok(())
}

#[playhouse::test]
async fn a_node_that_stops_takes_its_members_with_it() -> Result<()> {
    let t = Test::start(app()).await;
    let stopped = Arc::new(AtomicBool::new(false));
    let told = stopped.clone();
    let other = t
        .another_node(app().on_stop(move |_| async move {
            told.store(true, Ordering::Relaxed);
            Ok(())
        }))
        .await;
    let (ann, ben) = (t.connect().await, other.connect().await);
    let lobby = ann.room("lobby").await?;
    ben.room("lobby").await?;
    other.stop().await;
    assert_eq!(ben.closed().await.name, "draining");
    assert_eq!(lobby.members().await.len(), 1);
    assert!(stopped.load(Ordering::Relaxed), "`on_stop` ran");
    let third = t.another_node(app()).await;
    let cy = third.connect().await;
    cy.room("lobby").await?.say("I am new").await?;
    assert_eq!(lobby.heard::<String>().await, "I am new");
    Ok(())
}

#[playhouse::test]
async fn the_first_node_may_be_the_one_that_ends() -> Result<()> {
    let (t, other) = two().await;
    let ben = other.connect().await;
    t.kill().await;
    let lobby = ben.room("lobby").await?;
    other.advance(Duration::from_secs(20)).await;
    lobby.say("still here").await?;
    assert_eq!(lobby.heard::<String>().await, "still here");
    Ok(())
}
