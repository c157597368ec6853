//! HTTP and websockets that an actor answers itself (actors.md, section 8).

use crate::kit::World;
use crate::kit::fake::{counter, named};
use crate::kit::wire::Seen;
use playhouse_proto::ws::Opcode;
use serde_json::json;

#[test]
fn requests_pass_untouched() {
    let world = World::new();
    let path = format!("/gateway/{}/request", counter(&world.fake, "a"));
    let count = world.get(&format!("{path}/count"));
    assert_eq!(count.json(), json!({ "count": 0 }));
    let echo = world.send(&format!("PATCH {path}/echo?q=%20a/b"), "body");
    assert_eq!((echo.status, echo.text()), (201, "body".to_owned()));
    assert_eq!((&*echo.headers["x-demo"], &*echo.headers["x-method"]), ("q=%20a/b", "PATCH"));
    assert_eq!(world.get(&format!("{path}/else")).status, 404);
    let by_name = world.get("/gateway/counter/request/echo?x=1&rvt-method=getOrCreate&rvt-key=a&y=2");
    assert_eq!(
        (by_name.status, &*by_name.headers["x-demo"]),
        (201, "x=1&y=2"),
        "the client's own parameters are not seen"
    );
    let room = named(&world.fake, "chatRoom", "a");
    let params: [(&str, &[u8]); 1] = [("x-rivet-conn-params", br#"{"token":"letmein"}"#)];
    let answer = world.ask(&format!("GET /gateway/{room}/request/"), &params, b"");
    assert_eq!(answer.refusal(), "404 handler/request_not_defined");
    assert_eq!(world.get(&format!("/gateway/{room}/request/")).refusal(), "400 user/invalid_token");
}

#[test]
fn frames_pass_unread() {
    let world = World::new();
    let path = format!("/gateway/{}/websocket/some/path?a=1", counter(&world.fake, "a"));
    let offer = [("Sec-WebSocket-Protocol", "rivet, rivet_encoding.bare")];
    let mut socket = world.upgrade(&path, &offer).ok().unwrap();
    assert_eq!(socket.headers["sec-websocket-protocol"], "rivet");
    socket.text("hello");
    assert_eq!(socket.next(), Seen::Text("echo:hello".into()), "and no Init before");
    socket.write(Opcode::Binary, &[0, 255]);
    assert_eq!(socket.next(), Seen::Binary(vec![0, 255]));
    socket.text("bye");
    assert_eq!(socket.closed(), (4001, "bye".to_owned()));
    let room = named(&world.fake, "chatRoom", "a");
    let mut refused = world.upgrade(&format!("/gateway/{room}/websocket"), &offer).ok().unwrap();
    assert_eq!(refused.closed(), (1011, "handler.websocket_not_defined".to_owned()));
    let mut left = world.upgrade(&path, &offer).ok().unwrap();
    left.close(4100, "mine");
    assert_eq!(left.closed(), (4100, String::new()));
    crate::kit::until("the seat is free", || {
        world.fake.log().contains(&"left websocket /some/path?a=1".to_owned())
    });
}
