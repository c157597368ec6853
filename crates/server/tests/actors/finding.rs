//! Metadata, health, and how rivetkit's clients find and make actors (actors.md, sections 2 and 3).

use crate::kit::World;
use playhouse_core::config::Manage;
use serde_json::json;

fn record(id: &str, key: &str) -> serde_json::Value {
    json!({
        "actor_id": id, "name": "counter", "key": key, "namespace_id": "default",
        "runner_name_selector": "default", "create_ts": 1_700_000_000_000_u64, "connectable_ts": null,
        "destroy_ts": null, "sleep_ts": null, "start_ts": null,
    })
}

const NEW: &str =
    r#"{"name":"counter","key":"room\\/x/a","runner_name_selector":"default","crash_policy":"sleep"}"#;

#[test]
fn metadata_and_health() {
    let world = World::new();
    let names =
        json!({ "chatRoom": { "metadata": {} }, "counter": { "metadata": {} }, "late": { "metadata": {} } });
    let metadata = json!({
        "runtime": "rivetkit", "version": "2.2.1", "runner": { "kind": { "normal": {} } }, "actorNames": names,
    });
    assert_eq!(world.get("/metadata?namespace=default").json(), metadata);
    let health = json!({ "status": "ok", "runtime": "rivetkit", "version": "2.2.1" });
    assert_eq!(world.get("/health").json(), health);
    assert_eq!(world.get("/actors/names?namespace=default").json(), json!({ "names": names }));
    assert_eq!(world.send("POST /health", "{}").refusal(), "405 request/method_not_allowed");
    assert_eq!(world.get("/metadata/more").refusal(), "404 request/not_found");
}

#[test]
fn an_actor_is_made_once() {
    let world = World::new();
    let made = world.send("PUT /actors?namespace=default", NEW);
    assert_eq!(made.status, 200);
    let one = record("ac70000000000001", r"room\/x/a");
    assert_eq!(made.json(), json!({ "actor": one, "created": true }));
    assert_eq!(world.send("PUT /actors", NEW).json(), json!({ "actor": one, "created": false }));
    assert_eq!(world.send("POST /actors?namespace=default", NEW).refusal(), "400 actor/duplicate_key");
    let keyless = world.send("POST /actors/", r#"{"name":"counter"}"#).json();
    assert_eq!(keyless["actor"]["key"].as_str().unwrap().len(), 36, "a random one");
    let input = r#"{"name":"counter","key":"/","input":"uQABZXN0YXJ0Cg=="}"#;
    let id = world.send("PUT /actors", input).json()["actor"]["actor_id"].as_str().unwrap().to_owned();
    let counted = world.send(&format!("POST /gateway/{id}/action/getCount"), r#"{"args":[]}"#);
    assert_eq!(counted.json(), json!({ "output": 10 }));
}

#[test]
fn actors_are_found() {
    let world = World::new();
    world.send("PUT /actors", NEW);
    world.send("PUT /actors", r#"{"name":"counter","key":"b"}"#);
    let (one, two) = (record("ac70000000000001", r"room\/x/a"), record("ac70000000000002", "b"));
    for (query, found) in [
        ("name=counter&key=room%5C%2Fx%2Fa&namespace=default", vec![&one]),
        ("name=counter&key=nobody", vec![]),
        ("name=unregistered&key=a", vec![]),
        ("actor_ids=ac70000000000002,ac7nobody,ac70000000000001", vec![&two, &one]),
        ("name=counter", vec![&one, &two]),
        ("name=chatRoom", vec![]),
        ("name=unregistered", vec![]),
    ] {
        let answer = world.get(&format!("/actors?{query}"));
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.json(), json!({ "actors": found }), "{query}");
    }
    let page = world.get("/actors?name=counter&limit=1").json();
    assert_eq!(page, json!({ "actors": [one], "pagination": { "cursor": "1" } }));
    assert_eq!(world.get("/actors?name=counter&limit=5&cursor=1").json(), json!({ "actors": [two] }));
    let many = vec!["a"; 33].join(",");
    for query in
        ["", "key=a", "actor_ids=a&name=counter", "name=counter&limit=x", &format!("actor_ids={many}")]
    {
        assert_eq!(world.get(&format!("/actors?{query}")).refusal(), "400 request/invalid", "{query}");
    }
}

#[test]
fn what_can_not_be_made() {
    let world = World::new();
    for (body, refusal) in [
        (r#"{"name":"nothing","key":"a"}"#, "400 actor/unknown_actor"),
        (r#"{"key":"a"}"#, "400 request/invalid"),
        (r#"{"name":"counter"}"#, "400 request/invalid"),
        (r#"{"name":"counter","key":"a","input":"?"}"#, "400 request/invalid"),
        (r#"{"name":"counter","key":"a","input":"//8="}"#, "400 request/invalid"),
        ("", "400 request/invalid"),
        ("[", "400 request/invalid"),
    ] {
        assert_eq!(world.send("PUT /actors", body).refusal(), refusal, "{body}");
    }
    assert_eq!(world.send("PATCH /actors", "{}").refusal(), "405 request/method_not_allowed");
}

#[test]
fn a_key_that_no_list_gives_is_refused() {
    let world = World::new();
    for key in ["a//b", "/a", "a/", r"a\b", r"a\0"] {
        let body = json!({ "name": "counter", "key": key }).to_string();
        for method in ["PUT", "POST"] {
            let answer = world.send(&format!("{method} /actors"), &body);
            assert_eq!(answer.refusal(), "400 request/invalid", "{method} {key}");
        }
        let answer =
            world.get(&format!("/actors?name=counter&key={}", key.replace('/', "%2F").replace('\\', "%5C")));
        assert_eq!(answer.refusal(), "400 request/invalid", "{key}");
    }
    let told = world.send("PUT /actors", r#"{"name":"counter","key":"a//b"}"#).json()["message"].to_string();
    assert!(told.contains("`key`") && told.contains("a//b") && told.contains("for an empty part"), "{told}");
    assert_eq!(world.get("/actors?name=counter").json(), json!({ "actors": [] }), "nothing was made");
}

#[test]
fn an_actor_is_destroyed() {
    let world = World::new();
    world.send("PUT /actors", NEW);
    let mut socket = world.rivet("ac70000000000001", "json", "");
    socket.json();
    let answer = world.send("DELETE /actors/ac70000000000001?namespace=default", "");
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(socket.closed(), (1011, "actor.destroyed_by_request".to_owned()));
    assert_eq!(world.send("DELETE /actors/ac70000000000001", "").refusal(), "404 actor/not_found");
}

#[test]
fn managing_is_off_until_somebody_allows_it() {
    let world = World::with(|config| config.actors.manage = Manage::Off);
    world.send("PUT /actors", NEW);
    for line in ["GET /actors?name=counter", "DELETE /actors/ac70000000000001"] {
        let refused = world.send(line, "");
        assert_eq!(refused.refusal(), "403 request/forbidden", "{line}");
        assert!(refused.text().contains("`actors.manage`"), "{}", refused.text());
    }
    for query in ["name=counter&key=room%5C%2Fx%2Fa", "actor_ids=ac70000000000001"] {
        let found = world.get(&format!("/actors?{query}")).json();
        assert_eq!(found["actors"][0]["actor_id"], "ac70000000000001", "{query}");
    }
}

#[test]
fn a_token_lets_one_manage() {
    let world = World::with(|config| config.actors.manage = Manage::Token("correct-horse-battery".into()));
    world.send("PUT /actors", NEW);
    let ask = |line: &str, name: &str, value: &str| world.ask(line, &[(name, value.as_bytes())], b"");
    for (name, value) in [
        ("accept", "*/*"),
        ("authorization", "Bearer correct-horse-batter"),
        ("authorization", "Basic correct-horse-battery"),
        ("authorization", "correct-horse-battery"),
        ("x-rivet-token", ""),
        ("x-rivet-token", "off"),
    ] {
        for line in ["GET /actors?name=counter", "DELETE /actors/ac70000000000001"] {
            assert_eq!(
                ask(line, name, value).refusal(),
                "401 request/unauthorized",
                "{line} {name}: {value}"
            );
        }
    }
    let listed = ask("GET /actors?name=counter", "x-rivet-token", "correct-horse-battery");
    assert_eq!(listed.json()["actors"][0]["actor_id"], "ac70000000000001");
    let gone = ask("DELETE /actors/ac70000000000001", "authorization", "bearer correct-horse-battery");
    assert_eq!((gone.status, gone.json()), (200, json!({})));
}

#[test]
fn pages_of_other_origins_destroy_nothing() {
    use playhouse_core::config::Origins;
    let world = World::with(|config| {
        config.websocket.server.origins = Origins::List(vec!["https://a.example".into()]);
    });
    world.send("PUT /actors", NEW);
    let foreign: [(&str, &[u8]); 1] = [("Origin", b"https://b.example")];
    for line in ["DELETE /actors/ac70000000000001", "GET /actors?name=counter", "PUT /actors"] {
        assert_eq!(
            world.ask(line, &foreign, NEW.as_bytes()).refusal(),
            "403 request/forbidden_origin",
            "{line}"
        );
    }
    assert_eq!(world.get("/actors?actor_ids=ac70000000000001").json()["actors"][0]["name"], "counter");
}

#[test]
fn pages_of_allowed_origins_may_ask() {
    use playhouse_core::config::Origins;
    let origins = |config: &mut playhouse_core::config::Config| {
        config.websocket.server.origins = Origins::List(vec!["https://a.example".into()]);
    };
    let world = World::with(origins);
    let preflight: [(&str, &[u8]); 3] = [
        ("Origin", b"https://a.example"),
        ("Access-Control-Request-Method", b"PUT"),
        ("Access-Control-Request-Headers", b"content-type,x-rivet-encoding"),
    ];
    let answer = world.ask("OPTIONS /actors", &preflight, b"");
    let header = |name: &str| answer.headers.get(name).map(String::as_str);
    assert_eq!(answer.status, 204);
    assert_eq!(header("access-control-allow-origin"), Some("https://a.example"));
    assert_eq!(header("access-control-allow-credentials"), Some("true"));
    assert_eq!(header("access-control-allow-headers"), Some("content-type,x-rivet-encoding"));
    assert!(header("access-control-allow-methods").is_some_and(|methods| methods.contains("PUT")));
    let answer = world.ask("GET /metadata", &preflight[..1], b"");
    assert_eq!(answer.headers["access-control-allow-origin"], "https://a.example");
    assert_eq!((&*answer.headers["access-control-expose-headers"], answer.status), ("*", 200));
    let other: [(&str, &[u8]); 1] = [("Origin", b"https://b.example")];
    assert_eq!(world.ask("GET /metadata", &other, b"").refusal(), "403 request/forbidden_origin");
    let refused = world.upgrade("/gateway/a/connect", &[("Origin", "https://b.example")]).err().unwrap();
    assert_eq!(refused.refusal(), "403 request/forbidden_origin");
}

#[test]
fn mounts_move_together_and_one_by_one() {
    use playhouse_core::config::Mount;
    let world = World::with(|config| {
        config.actors.path = Mount::At("/rivet".into());
        config.mounts.gateway = Mount::At("/gate".into());
        config.mounts.health = Mount::Off;
    });
    assert_eq!(world.get("/rivet/metadata").status, 200);
    let made = world.send("PUT /rivet/actors", NEW).json();
    let id = made["actor"]["actor_id"].as_str().unwrap();
    let answer = world.send(&format!("POST /rivet/gate/{id}/action/nothing"), r#"{"args":[]}"#);
    assert_eq!(answer.json(), json!({ "output": null }));
    for path in ["/metadata", "/rivet/health", "/rivet/gateway/a/health", "/health"] {
        let answer = world.get(path);
        assert_eq!(
            (answer.status, &*answer.headers["content-type"]),
            (404, "text/html"),
            "{path} is a file's"
        );
    }
}

#[test]
fn a_server_without_actors_says_so() {
    let world = World::without_actors();
    assert_eq!(world.get("/metadata").json()["actorNames"], json!({}));
    assert_eq!(world.get("/health").status, 200);
    assert_eq!(world.send("PUT /actors", NEW).refusal(), "501 feature/not_implemented");
    assert_eq!(world.get("/actors?name=counter").refusal(), "501 feature/not_implemented");
    let call = world.send("POST /gateway/a/action/b", r#"{"args":[]}"#);
    assert_eq!(call.refusal(), "501 feature/not_implemented");
    let mut socket = world.rivet("a", "json", "");
    assert_eq!(socket.json()["body"]["val"]["group"], "feature");
    assert_eq!(socket.closed(), (1011, "feature.not_implemented".to_owned()));
}
