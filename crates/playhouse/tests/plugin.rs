//! Plugins: their hooks in the order of their adding, what they make of messages, and scripts that are not there.

use playhouse::prelude::*;
use playhouse::{Incoming, Plugin};

/// Puts its letter behind every bare text, and ends those with an `x`.
fn letter(name: &'static str) -> Plugin {
    Plugin::new(name).on_incoming(move |_, message| match message.strip_suffix('"') {
        Some(text) if text.ends_with('x') => Incoming::Swallow,
        Some(text) if text.starts_with('"') => Incoming::Instead(format!("{text}{name}\"")),
        Some(_) | None => Incoming::Pass,
    })
}

/// What comes out at the end: the verb that a text was taken for.
async fn error_of(client: &playhouse::test::Client, text: &str) -> Vec<Value> {
    client.send_text(text);
    client.received().await.into_iter().map(|frame| frame["data"].clone()).collect()
}

#[playhouse::test]
async fn messages_go_through_all_plugins_in_order() {
    let t = Test::start(App::new().plugin(letter("a")).plugin(letter("b"))).await;
    let ann = t.connect().await;
    assert_eq!(error_of(&ann, "\"1\"").await, ["1ab"]);
    assert_eq!(error_of(&ann, "\"x\"").await, Vec::<Value>::new(), "it ended in the first");
    let details = ann.ask(json!({ "event": "detailsView" })).await;
    assert_eq!(details["status"], "OK", "what is no plugin's affair goes on");
}

#[playhouse::test]
async fn a_panic_ends_that_message_only() {
    let odd = Plugin::new("odd").on_incoming(|_, message| {
        assert!(message != "\"boom\"", "out of luck");
        Incoming::Pass
    });
    let t = Test::start(App::new().plugin(odd)).await;
    let ann = t.connect().await;
    assert_eq!(error_of(&ann, "\"boom\"").await, Vec::<Value>::new());
    assert_eq!(error_of(&ann, "\"fine\"").await, ["fine"]);
}

#[playhouse::test]
async fn its_hooks_see_connections_come_and_go() {
    let (came, went) = std::sync::mpsc::sync_channel(2);
    let tell = came.clone();
    let plugin = Plugin::new("door")
        .on_create(move |connection| {
            came.send(format!("came {}", connection.id())).unwrap();
            async { Ok(()) }
        })
        .on_destroy(move |connection| {
            tell.send(format!("went {}", connection.id())).unwrap();
            async {}
        });
    let t = Test::start(App::new().plugin(plugin)).await;
    let ann = t.connect().await;
    let id = ann.id().to_owned();
    drop(ann);
    t.advance(Duration::ZERO).await;
    let heard: Vec<_> = went.try_iter().collect();
    assert_eq!(heard, [format!("came {id}"), format!("went {id}")]);
}

#[playhouse::test]
async fn a_script_that_is_missing_stops_the_start() {
    let folder = std::env::temp_dir().join(format!("playhouse-plugin-start-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("public")).unwrap();
    let file = folder.join("playhouse.toml");
    std::fs::write(&file, "host = \"127.0.0.1\"\nport = 0\n[files]\nfolder = \"public\"\n").unwrap();
    let script = folder.join("emit.js");
    let app = App::new().config_file(&file).plugin(Plugin::new("emit").client_file(&script));
    let error = app.serve().await.unwrap_err().to_string();
    std::fs::remove_dir_all(&folder).unwrap();
    for part in ["`emit`", &script.display().to_string(), "Put it there"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}
