//! `ActionHero`'s configuration of websockets, value by value as its samples write them: each is taken.

use super::*;

/// All of `ActionHero`'s sample, commented lines included, with the keys as they stand there.
const SAMPLE: &str = r#"
[websocket]
enabled = true
clientUrl = 'window.location.origin'
clientJsPath = 'javascript/'
clientJsName = 'actionheroClient'
destroyClientsOnShutdown = false

[websocket.server]
authorization = false # null
pathname = '/primus'
parser = 'JSON'
transformer = 'websockets'
plugin = {}
timeout = 35000
origins = '*'
methods = ['GET','HEAD','PUT','POST','DELETE','OPTIONS']
credentials = true
maxAge = '30 days'
exposed = false

[websocket.client]
apiPath = '/api'
cookieKey = 'sessionID'
reconnect = {}
timeout = 10000
ping = 25000
pong = 10000
strategy = "online"
manual = false
websockets = true
network = true
transport = {}
queueSize = "Infinity"
"#;

#[test]
fn the_sample_is_taken_as_it_stands() {
    let loaded = ok(SAMPLE, &[], &[]);
    let mut expected = Config::default();
    expected.websocket.client_js_name = Some("actionheroClient".into());
    expected.websocket.server.origins = Origins::Any;
    expected.websocket.client.strategy = Some(vec![Strategy::Online]);
    assert_eq!(loaded.config, expected);
    assert_eq!(place(&loaded, "websocket.client_js_name"), "playhouse.toml:6");
    for line in [
        "playhouse.toml:6: `websocket.clientJsName` is ActionHero's spelling; here it is written `client_js_name`",
        "playhouse.toml:10: `websocket.server.authorization` is ignored: it is set to nothing",
        "playhouse.toml:14: `websocket.server.plugin` is ignored: it is set to nothing",
        "playhouse.toml:28: `websocket.client.pong` is ignored: since Primus 7 the server pings, and it has no successor",
        "playhouse.toml:33: `websocket.client.transport` is ignored: it was for another client's websocket library",
    ] {
        assert!(loaded.warnings.iter().any(|warning| warning == line), "{line}\n{:#?}", loaded.warnings);
    }
    assert_eq!(ok(&loaded.report(), &[], &[]).config, loaded.config);
}

/// What a line makes of the configuration.
type Effect = fn(&mut Config);

#[test]
fn each_form_of_each_value_has_its_effect() {
    let rows: &[(&str, Effect)] = &[
        ("websocket.enabled = false", |c| {
            c.websocket.enabled = false;
            c.mounts.primus = Mount::Off;
        }),
        ("websocket.clientUrl = 'https://company.com'", |c| {
            c.websocket.client_url = ClientUrl::Server("https://company.com".into());
        }),
        ("websocket.client_url = 'company.com'", |c| {
            c.websocket.client_url = ClientUrl::Host("company.com".into());
        }),
        ("websocket.clientJsPath = '/js'", |c| c.websocket.client_js_path = "js/".into()),
        ("websocket.clientJsName = false", |c| c.websocket.client_js_name = None),
        ("websocket.destroyClientsOnShutdown = true", |c| c.websocket.destroy_clients_on_shutdown = true),
        ("websocket.server.pathname = 'live'", |c| {
            c.websocket.server.pathname = "/live".into();
            c.mounts.primus = Mount::At("/live".into());
        }),
        ("websocket.server.parser = 'json'", |_| {}),
        ("websocket.server.transformer = 'uws'", |_| {}),
        ("websocket.server.timeout = 65000", |c| {
            c.websocket.server.ping_interval = Some(Duration::from_secs(60));
            c.websocket.client.ping_timeout = Some(Duration::from_secs(90));
        }),
        ("websocket.server.pingInterval = 0", |c| {
            c.websocket.server.ping_interval = None;
            c.websocket.client.ping_timeout = None;
        }),
        ("websocket.server.pingInterval = false", |c| {
            c.websocket.server.ping_interval = None;
            c.websocket.client.ping_timeout = None;
        }),
        ("websocket.server.origins = 'http://a.example, http://b.example'", |c| {
            c.websocket.server.origins =
                Origins::List(vec!["http://a.example".into(), "http://b.example".into()]);
        }),
        ("websocket.server.methods = 'GET, post'", |c| {
            c.websocket.server.methods = vec!["GET".into(), "POST".into()];
        }),
        ("websocket.server.credentials = false", |c| c.websocket.server.credentials = false),
        ("websocket.server.maxAge = '1 hour'", |c| {
            c.websocket.server.max_age = Duration::from_secs(3_600);
        }),
        ("websocket.server.headers = 'X-A, X-B'", |c| {
            c.websocket.server.headers = vec!["X-A".into(), "X-B".into()];
        }),
        ("websocket.server.exposed = ['X-A']", |c| c.websocket.server.exposed = Some(vec!["X-A".into()])),
        ("websocket.server.maxLength = 1048576", |c| c.websocket.server.max_length = 1 << 20),
        ("websocket.server.compression = true", |c| c.websocket.server.compression = true),
        ("websocket.server.iknowclusterwillbreakconnections = true", |_| {}),
        ("websocket.client.apiPath = 'v2'", |c| c.websocket.client.api_path = "/v2".into()),
        ("websocket.client.cookieKey = 'other'", |c| c.websocket.client.cookie_key = "other".into()),
        ("http.cookie_key = 'own'", |c| {
            c.http.cookie_key = "own".into();
            c.websocket.client.cookie_key = "own".into();
        }),
        ("websocket.client.timeout = 5000", |c| c.websocket.client.timeout = Duration::from_secs(5)),
        ("websocket.client.pingTimeout = 60000", |c| {
            c.websocket.client.ping_timeout = Some(Duration::from_secs(60));
        }),
        ("websocket.client.pingTimeout = false", |c| c.websocket.client.ping_timeout = None),
        ("websocket.client.strategy = 'disconnect,timeout'", |c| {
            c.websocket.client.strategy = Some(vec![Strategy::Disconnect, Strategy::Timeout]);
        }),
        ("websocket.client.strategy = ['online']", |c| {
            c.websocket.client.strategy = Some(vec![Strategy::Online]);
        }),
        ("websocket.client.strategy = ''", |_| {}),
        ("websocket.client.strategy = false", |c| c.websocket.client.strategy = None),
        ("websocket.client.manual = true", |c| c.websocket.client.manual = true),
        ("websocket.client.websockets = false", |c| c.websocket.client.websockets = false),
        ("websocket.client.network = false", |c| c.websocket.client.network = false),
        ("websocket.client.queueSize = inf", |_| {}),
        ("websocket.client.queueSize = 100", |c| c.websocket.client.queue_size = Some(100)),
        ("websocket.client.reconnect = { max = 'Infinity', min = 500, retries = 10 }", |_| {}),
        ("websocket.client.reconnect = { max = '1m', factor = 3, 'reconnect timeout' = 9000 }", |c| {
            c.websocket.client.reconnect.max = Some(Duration::from_secs(60));
            c.websocket.client.reconnect.factor = 3.0;
            c.websocket.client.reconnect.timeout = Duration::from_secs(9);
        }),
        ("websocket.client.reconnect.retries = inf", |c| c.websocket.client.reconnect.retries = None),
    ];
    for (line, effect) in rows {
        let mut expected = Config::default();
        effect(&mut expected);
        let loaded = ok(line, &[], &[]);
        assert_eq!(loaded.config, expected, "{line}");
        assert_eq!(ok(&loaded.report(), &[], &[]).config, loaded.config, "{line}");
    }
}

#[test]
fn our_spelling_wins_and_later_sources_do() {
    let both = ok("websocket.clientJsName = 'a'\nwebsocket.client_js_name = 'b'", &[], &[]);
    assert_eq!(both.config.websocket.client_js_name.as_deref(), Some("b"));
    let ignored =
        "playhouse.toml:1: `websocket.clientJsName` is ignored, because `websocket.client_js_name` is set";
    assert_eq!(both.warnings, [ignored]);
    let later = ok("websocket.clientJsName = 'a'", &[], &[("websocket.clientJsName", "c")]);
    assert_eq!(later.config.websocket.client_js_name.as_deref(), Some("c"));
    assert_eq!(place(&later, "websocket.client_js_name"), "command line");
    let variable =
        ok("websocket.clientJsName = 'a'", &[("PLAYHOUSE_WEBSOCKET__CLIENT_JS_NAME", "false")], &[]);
    assert_eq!(variable.config.websocket.client_js_name, None);
}

#[test]
fn what_is_written_in_rust_here_is_refused_rather_than_left_out() {
    for (line, word) in [
        ("websocket.server.authorization = 'auth.js'", "App::authorize"),
        ("websocket.server.plugin = 'rooms, emit'", "App::plugin"),
        ("websocket.server.plugin.emit = { server = 'x' }", "App::plugin"),
    ] {
        let text = complaint(line);
        assert!(text.contains("is no setting here") && text.contains(word), "{line}\n{text}");
    }
}

#[test]
fn a_cookie_that_the_server_does_not_know_is_told() {
    let warnings = ok("websocket.client.cookie_key = 'other'", &[], &[]).warnings;
    assert!(warnings[0].contains("will not have the fingerprint of their page"), "{warnings:?}");
}

#[test]
fn the_explorer_has_a_mount_of_its_own() {
    assert_eq!(Config::default().mounts.explorer, Mount::Off);
    let config = ok("mounts.explorer = '/explorer'", &[], &[]).config;
    assert_eq!(config.mounts.explorer.path(), Some("/explorer"));
    let text = complaint("mounts.explorer = '/api'");
    assert!(text.contains("`mounts.api` and `mounts.explorer` are both \"/api\""), "{text}");
}
