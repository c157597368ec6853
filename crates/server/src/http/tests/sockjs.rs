//! SockJS as its clients see it, with settings and at times that tests with real clients don't have.

use super::*;

const BUSY: &str = "c[2010,\"Another connection still open\"]\n";
const LOST: &str = "c[1002,\"Connection interrupted\"]\n";
const HEARTBEAT: Duration = Duration::from_secs(25);
const DELAY: Duration = Duration::from_secs(5);

impl Site {
    fn post(&self, target: &str) -> Answer {
        self.ask("POST", target, &[], "")
    }

    fn send(&self, target: &str, body: &'static str) -> (u16, String) {
        let answer = self.ask("POST", target, &[], body);
        (answer.status, answer.body)
    }

    /// Lets tasks run, and time pass.
    fn pass(&self, duration: Duration) {
        self.rest();
        self._hand.advance(duration);
        self.rest();
    }

    fn rest(&self) {
        self.runtime.block_on(async {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        });
    }

    /// What a request that receives comes to while time passes; `None` if it still waits.
    fn while_passes(&self, target: &str, duration: Duration) -> Option<String> {
        let request = Request::builder().method("POST").uri(target).body(()).unwrap();
        let (request, ()) = request.into_parts();
        let (body, peer) = (Full::new(Bytes::new()), peer());
        let mut waiting = Box::pin(self.web.respond(&request, body, &peer));
        assert!(waiting.as_mut().now_or_never().is_none(), "it waits");
        self.pass(duration);
        let response = waiting.as_mut().now_or_never()?;
        let body = taken(response.into_body()).now_or_never().expect("all is there");
        Some(String::from_utf8(body.to_vec()).unwrap())
    }
}

#[test]
fn a_poll_ends_with_its_frame_and_the_next_with_a_heartbeat() {
    let site = Site::plain();
    for at in ["/sockjs/a/b/xhr", "/primus/a/b/xhr"] {
        let first = site.post(at);
        assert_eq!((first.status, first.body.as_str()), (200, "o\n"), "{at}");
        for _ in 0..3 {
            assert_eq!(site.while_passes(at, HEARTBEAT).as_deref(), Some("h\n"), "{at}");
        }
        site.pass(DELAY);
        assert_eq!(site.post(at).body, LOST, "{at}");
        assert_eq!(site.send(&format!("{at}_send"), "[]").0, 404, "{at}");
    }
}

#[test]
fn a_name_is_free_again_some_time_after_its_session() {
    let site = Site::plain();
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
    site.pass(DELAY);
    site.pass(DELAY * 3 - Duration::from_millis(100));
    assert_eq!(site.post("/sockjs/a/b/xhr").body, LOST);
    site.pass(Duration::from_millis(200));
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
}

#[test]
fn who_drops_a_poll_has_lost_the_session() {
    let site = Site::plain();
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
    assert_eq!(site.while_passes("/sockjs/a/b/xhr", Duration::ZERO), None);
    assert_eq!(site.send("/sockjs/a/b/xhr_send", "[]").0, 404, "at once");
    site.rest();
    assert_eq!(site.post("/sockjs/a/b/xhr").body, LOST);
}

#[test]
fn a_poll_that_a_browser_sends_again_by_itself_has_lost_the_session() {
    let site = Site::plain();
    assert_eq!(site.post("/sockjs/a/b/xhr?_turn=1").body, "o\n");
    assert_eq!(site.while_passes("/sockjs/a/b/xhr?_turn=3", HEARTBEAT).as_deref(), Some("h\n"));
    assert_eq!(
        site.while_passes("/sockjs/a/b/xhr", HEARTBEAT).as_deref(),
        Some("h\n"),
        "it need not have one"
    );
    assert_eq!(site.send("/sockjs/a/b/xhr_send?_turn=1", "[]").0, 204, "sending has numbers of its own");
    assert_eq!(site.post("/sockjs/a/b/xhr?_turn=3").body, LOST);
    assert_eq!(site.send("/sockjs/a/b/xhr_send?_turn=4", "[]").0, 404);
}

#[test]
fn one_receives_at_a_time() {
    let site = Site::plain();
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
    let request = Request::builder().method("POST").uri("/sockjs/x/b/xhr").body(()).unwrap();
    let (request, ()) = request.into_parts();
    let peer = peer();
    let mut waiting = Box::pin(site.web.respond(&request, Full::new(Bytes::new()), &peer));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(site.post("/sockjs/a/b/xhr").body, BUSY);
    let stream = site.post("/sockjs/a/b/xhr_streaming").body;
    assert!(stream.starts_with("hhh") && stream.ends_with(&format!("h\n{BUSY}")), "{stream}");
    assert_eq!(
        site.ask("GET", "/sockjs/a/b/eventsource", &[], "").body,
        "\r\ndata: c[2010,\"Another connection still open\"]\r\n\r\n"
    );
    site.pass(HEARTBEAT);
    assert!(waiting.now_or_never().is_some(), "it goes on");
}

#[test]
fn a_stream_ends_behind_its_limit_and_the_session_goes_on() {
    let site = Site::new(|config, _| config.sockjs.response_limit = 1);
    let first = site.post("/sockjs/a/b/xhr_streaming");
    assert_eq!(first.body.trim_start_matches('h'), "\no\n");
    assert_eq!(first.header("x-accel-buffering"), "no");
    assert_eq!(site.while_passes("/sockjs/a/b/xhr", HEARTBEAT).as_deref(), Some("h\n"));
}

#[test]
fn what_is_switched_off_is_not_there() {
    let site = Site::new(|config, _| config.sockjs.websocket = false);
    let info = site.get("/sockjs/info").body;
    assert!(info.starts_with(r#"{"websocket":false,"origins":["*:*"],"cookie_needed":false"#), "{info}");
    for target in ["/sockjs/a/b/websocket", "/sockjs/websocket", "/sockjs/a/b/jsonp?c=x"] {
        assert_eq!(site.get(target).status, 404, "{target}");
    }
    assert_eq!(site.post("/sockjs/a/b/jsonp_send").status, 404);
    let site = Site::new(|config, _| config.sockjs.jsonp = true);
    let jsonp = site.get("/sockjs/a/b/jsonp?c=x");
    assert_eq!((jsonp.status, jsonp.body.as_str()), (200, "/**/x(\"o\");\r\n"));
    assert_eq!(jsonp.header("x-content-type-options"), "nosniff");
    let answer = site.get("/sockjs/a/c/websocket");
    assert_eq!((answer.status, answer.body.as_str()), (400, "Can \"Upgrade\" only to \"WebSocket\"."));
    use playhouse_core::config::Mount;
    let site = Site::new(|config, _| config.mounts.sockjs = Mount::Off);
    assert_eq!((site.get("/sockjs/info").status, site.get("/primus/info").status), (404, 200));
}

#[test]
fn load_balancers_get_their_cookie() {
    let site = Site::new(|config, _| config.sockjs.jsessionid = true);
    let asked = |target, cookie| site.ask("POST", target, &[("cookie", cookie)], "");
    assert_eq!(asked("/sockjs/a/b/xhr", "a=b").header("set-cookie"), "JSESSIONID=dummy; path=/");
    let known = asked("/sockjs/a/c/xhr", "a=b; JSESSIONID=abc; c=d");
    assert_eq!(known.header("set-cookie"), "JSESSIONID=abc; path=/");
    let info = site.get("/sockjs/info");
    assert!(info.body.contains(r#""cookie_needed":true"#) && info.header("set-cookie").is_empty());
}

#[test]
fn origins_that_may_not() {
    let site = Site::plain();
    let asked =
        |method, target| site.ask(method, target, &[("origin", "http://x.example"), ("host", "h")], "");
    for (method, target) in
        [("GET", "/sockjs/info"), ("POST", "/sockjs/a/b/xhr"), ("OPTIONS", "/primus/a/b/xhr")]
    {
        assert_eq!(asked(method, target).status, 403, "{target}");
    }
    assert_eq!(asked("GET", "/sockjs/iframe.html").status, 200);
}

#[test]
fn the_application_is_asked_about_new_sessions_only() {
    let site = Site::new(|_, hooks| {
        hooks.authorize(|head| async move {
            match head.target().contains("nobody") {
                true => Err(Reject::new("x", "not you").status(403).into()),
                false => Ok(()),
            }
        });
    });
    let refused = site.post("/sockjs/a/b/xhr?nobody");
    assert_eq!((refused.status, refused.body.as_str()), (403, "not you"));
    assert_eq!(refused.header("content-type"), "text/plain; charset=UTF-8");
    let refused = site.post("/primus/a/b/xhr?nobody");
    assert_eq!((refused.status, refused.body.as_str()), (403, r#"{"error":"not you"}"#));
    assert_eq!(site.get("/sockjs/info?nobody").status, 200);
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n", "the name is still free");
    assert_eq!(site.while_passes("/sockjs/a/b/xhr?nobody", HEARTBEAT).as_deref(), Some("h\n"));
}

#[test]
fn there_are_no_more_sessions_than_may_be() {
    let site = Site::new(|config, _| config.limits.sessions = 2);
    assert_eq!(site.post("/sockjs/a/1/xhr").body, "o\n");
    assert_eq!(site.post("/primus/a/1/xhr").body, "o\n");
    let refused = site.post("/sockjs/a/2/xhr");
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"));
    site.pass(DELAY);
    assert_eq!(site.post("/sockjs/a/2/xhr").body, "o\n");
}

#[test]
fn a_node_that_stops_begins_no_session_and_tells_the_others() {
    let site = Site::plain();
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
    site.web.node().drain();
    assert_eq!(site.post("/sockjs/a/c/xhr").status, 503);
    assert_eq!(site.get("/sockjs/info").status, 200);
    site.web.node().served().iter().for_each(|served| served.outbox().close(&codes::DRAINING));
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "c[1001,\"Going away\"]\n");
}

#[test]
fn an_ended_session_says_so_until_its_time_is_over() {
    let site = Site::plain();
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
    site.web.node().served().iter().for_each(|served| served.outbox().close(&codes::ENDED));
    site.rest();
    for _ in 0..3 {
        assert_eq!(site.post("/sockjs/a/b/xhr").body, "c[1000,\"Normal closure\"]\n");
        assert_eq!(site.send("/sockjs/a/b/xhr_send", "[\"x\"]"), (204, String::new()));
    }
    site.pass(DELAY);
    assert_eq!(site.post("/sockjs/a/b/xhr").body, LOST);
}

#[test]
fn a_message_above_the_limit_is_refused_with_all_that_came_with_it() {
    let site = Site::new(|config, _| config.sockjs.message_limit = 10);
    assert_eq!(site.post("/sockjs/a/b/xhr").body, "o\n");
    assert_eq!(site.send("/sockjs/a/b/xhr_send", r#"["12345","67890","12345"]"#).0, 204);
    assert_eq!(site.send("/sockjs/a/b/xhr_send", r#"["1","12345678901"]"#).0, 413);
    assert_eq!(site.send("/sockjs/a/b/xhr_send", r#"["1"]"#).0, 204, "the session goes on");
}
