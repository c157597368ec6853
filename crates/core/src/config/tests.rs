//! Loading as a whole: order of the sources, places, old names, and the exact words of every complaint.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::sections::{ALL, settings};
use super::*;

mod actionhero;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(file: &str, env: &[(&str, &str)], set: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    Config::load_text(Some(("playhouse.toml", file)), &pairs(env), &pairs(set))
}

fn ok(file: &str, env: &[(&str, &str)], set: &[(&str, &str)]) -> Loaded {
    load(file, env, set).unwrap_or_else(|error| panic!("{error}"))
}

fn place(loaded: &Loaded, path: &str) -> String {
    loaded.place(path).unwrap().to_string()
}

/// The complaint about a file, without the closing line.
fn complaint(file: &str) -> String {
    complaint_of(load(file, &[], &[]))
}

fn complaint_of(result: Result<Loaded, ConfigError>) -> String {
    let error = result.expect_err("something is wrong");
    error.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn without_sources_everything_is_default() {
    let loaded = Config::load(&Sources::default()).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.warnings.is_empty());
    assert!(settings().all(|setting| loaded.place(&setting.path()) == Some(Place::Default)));
    assert_eq!(loaded.place("no.such.setting"), None);
}

#[test]
fn defaults_are_the_safe_ones_and_what_the_design_names() {
    let config = Config::default();
    assert_eq!(config.websocket.server.origins, Origins::Same);
    assert!(!config.http.jsonp && !config.http.metadata && !config.websocket.server.compression);
    assert!(config.http.trusted_proxies.is_empty() && !config.log.client_values);
    assert_eq!(config.actions.simultaneous, 5);
    assert_eq!(config.actions.timeout, Duration::from_secs(60));
    assert_eq!(config.websocket.server.ping_interval, Some(Duration::from_secs(30)));
    assert_eq!(config.websocket.server.max_length, 10_485_760);
    assert_eq!((config.limits.outbox, config.limits.half_read), (4 << 20, 256 << 20));
    assert_eq!((config.limits.headers, config.limits.http_fields), (64 << 10, 20 << 20));
    assert_eq!(config.mounts.primus.path(), Some("/primus"));
}

#[test]
fn every_setting_reads_what_it_shows_and_has_a_name_of_its_own() {
    let defaults = Config::default();
    let (mut paths, mut variables) = (HashSet::new(), HashSet::new());
    for setting in settings() {
        let mut file = String::new();
        let (section, key) = setting.path().rsplit_once('.').map_or_else(
            || (String::new(), setting.path()),
            |(section, key)| (format!("[{section}]\n"), key.to_owned()),
        );
        writeln!(file, "{section}{key} = {}", (setting.show)(&defaults)).unwrap();
        assert_eq!(ok(&file, &[], &[]).config, defaults, "{file}");
        assert!(!setting.doc.is_empty() && !(setting.words)().is_empty(), "{}", setting.path());
        assert!(paths.insert(setting.path()) && variables.insert(setting.variable()));
    }
    assert!(ALL.iter().all(|section| !section.about.is_empty()));
}

#[test]
fn later_sources_win_and_every_value_knows_its_place() {
    let file = "port = 1\n\n[actions]\nsimultaneous = 1\ntimeout = 1_000\n\n[rooms]\nstarting = [\"a\"]\n";
    let env =
        [("PLAYHOUSE_ACTIONS__SIMULTANEOUS", "2"), ("PLAYHOUSE_ROOMS__STARTING", "b, c"), ("HOME", "x")];
    let set = [("actions.simultaneous", "3"), ("log", "debug")];
    let loaded = ok(file, &env, &set);
    let config = &loaded.config;
    assert_eq!((config.port, config.actions.simultaneous), (1, 3));
    assert_eq!(config.rooms.starting, ["b", "c"]);
    assert_eq!(config.log.filter, "debug");
    let rows = [
        ("port", "playhouse.toml:1"),
        ("actions.simultaneous", "command line"),
        ("actions.timeout", "playhouse.toml:5"),
        ("rooms.starting", "PLAYHOUSE_ROOMS__STARTING"),
        ("log.filter", "command line"),
        ("host", "default"),
    ];
    for (path, came_from) in rows {
        assert_eq!(place(&loaded, path), came_from, "{path}");
    }
}

#[test]
fn port_works_as_people_expect() {
    let rows = [
        (vec![("PORT", "3000")], 3000, "PORT"),
        (vec![("PORT", "3000"), ("PLAYHOUSE_PORT", "4000")], 4000, "PLAYHOUSE_PORT"),
        (vec![("PLAYHOUSE_PORT", "4000"), ("PORT", "3000")], 4000, "PLAYHOUSE_PORT"),
        (vec![("PORT", "")], 8080, "default"),
        (vec![("PLAYHOUSE_PORT", "tcp://10.0.0.1:80")], 8080, "default"),
    ];
    for (env, port, came_from) in rows {
        let loaded = ok("", &env, &[]);
        assert_eq!((loaded.config.port, place(&loaded, "port").as_str()), (port, came_from), "{env:?}");
        assert!(loaded.warnings.is_empty());
    }
}

#[test]
fn what_the_report_prints_is_the_same_configuration() {
    let file = "
        host = \"::1\"
        workers = 2
        log = \"warn,playhouse_node=debug\"
        [websocket]
        welcome = \"200ms\"
        [websocket.server]
        origins = [\"https://a.example\", \"http://b.example:81\"]
        ping_interval = false
        [websocket.client]
        strategy = \"online,timeout\"
        queue_size = 9
        reconnect = { max = \"1m\", factor = 1.5 }
        [http]
        headers = { X-A = \"1\" }
        trusted_proxies = [\"10.0.0.0/8\", \"::1\"]
        [mounts]
        files = false
        [texts]
        welcome_message = \"Hello\\n\\\"{app}\\\"\"
    ";
    let loaded = ok(file, &[("PORT", "81")], &[]);
    let report = loaded.report();
    assert_eq!(ok(&report, &[], &[]).config, loaded.config, "{report}");
    assert!(report.contains("port = 81                                     # PORT\n"), "{report}");
    assert!(report.contains("\n[websocket.client.reconnect]\n"), "{report}");
    let welcome = report.lines().find(|line| line.starts_with("welcome = ")).unwrap();
    assert_eq!(welcome, "welcome = \"200ms\"                             # playhouse.toml:6");
}

#[test]
fn old_names_are_translated_with_a_warning() {
    let file = "[websocket.server]\ntimeout = 35000\ntransport = {}\n\n[websocket.client]\nping = 25000\npong = 10000\n";
    let loaded = ok(file, &[], &[]);
    assert_eq!(loaded.config.websocket.server.ping_interval, Some(Duration::from_secs(30)));
    assert_eq!(loaded.config.websocket.client.ping_timeout, Some(Duration::from_secs(45)));
    assert_eq!(place(&loaded, "websocket.server.ping_interval"), "playhouse.toml:2");
    let mut warnings = loaded.warnings;
    warnings.sort();
    let expected = [
        "playhouse.toml:2: `websocket.server.timeout` is an old name; it is taken as `ping_interval = \"30s\"`, \
         which is what to write",
        "playhouse.toml:3: `websocket.server.transport` is ignored: it was for another server's websocket library",
        "playhouse.toml:6: `websocket.client.ping` is an old name; it is taken as `ping_timeout = \"45s\"`, which \
         is what to write",
        "playhouse.toml:7: `websocket.client.pong` is ignored: since Primus 7 the server pings, and it has no \
         successor",
    ];
    assert_eq!(warnings, expected);
}

#[test]
fn old_names_give_way_to_their_successors() {
    for (file, env) in [
        ("websocket.server.timeout = 99000\nwebsocket.server.ping_interval = 2000", None),
        ("websocket.server.ping_interval = 2000", Some(("PLAYHOUSE_WEBSOCKET__SERVER__TIMEOUT", "99000"))),
        ("websocket.server.timeout = 99000", Some(("PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL", "2000"))),
    ] {
        let env: Vec<_> = env.into_iter().collect();
        let loaded = ok(file, &env, &[]);
        assert_eq!(loaded.config.websocket.server.ping_interval, Some(Duration::from_secs(2)), "{file}");
        assert!(loaded.warnings[0].ends_with("is ignored, because `websocket.server.ping_interval` is set"));
    }
    let least = ok("websocket.server.timeout = 10", &[], &[]);
    assert_eq!(least.config.websocket.server.ping_interval, Some(Duration::from_secs(1)));
    let off = ok("websocket.server.timeout = false", &[], &[]);
    assert_eq!(off.config.websocket.server.ping_interval, None);
}

#[test]
fn primus_has_one_path_by_either_name() {
    let by_pathname = ok("websocket.server.pathname = \"live\"", &[], &[]);
    assert_eq!(by_pathname.config.mounts.primus, Mount::At("/live".into()));
    let by_mount = ok("mounts.primus = \"/live/\"", &[], &[]);
    assert_eq!(by_mount.config.websocket.server.pathname, "/live");
    assert_eq!(place(&by_mount, "websocket.server.pathname"), "playhouse.toml:1");
    assert!(!ok("mounts.primus = false", &[], &[]).config.websocket.enabled);
    assert_eq!(ok("websocket.enabled = false", &[], &[]).config.mounts.primus, Mount::Off);
    let client = ok("mounts.api = \"/v1\"", &[], &[]).config.websocket.client;
    assert_eq!(client.api_path, "/v1");
    let mounted = ok("[mounts]\nprefix = \"realtime\"", &[], &[]).config;
    assert_eq!(mounted.websocket.client.api_path, "/realtime/api");
    assert_eq!(mounted.mounts.seen_by_clients("/primus"), "/realtime/primus");
    assert_eq!(mounted.mounts.api.path(), Some("/api"), "requests come without it");
}

#[test]
fn unknown_variables_are_warned_about_and_misspelt_settings_refused() {
    let loaded = ok("", &[("PLAYHOUSE_SERVICE_HOST", "10.0.0.1")], &[]);
    let ignored = "environment variable PLAYHOUSE_SERVICE_HOST is ignored: there is no such setting";
    assert_eq!(loaded.warnings, [ignored]);
    let misspelt = [("PLAYHOUSE_ACTIONS__SIMULTANOUS".to_owned(), "9".to_owned())];
    let error = Config::load_text(None, &misspelt, &[]).expect_err("no such setting").to_string();
    assert!(error.contains("unknown setting `PLAYHOUSE_ACTIONS__SIMULTANOUS`"), "{error}");
    assert!(error.contains("did you mean PLAYHOUSE_ACTIONS__SIMULTANEOUS?"), "{error}");
}

#[test]
fn a_ping_interval_that_stock_clients_do_not_survive_is_warned_about() {
    let warnings = ok("websocket.server.ping_interval = \"45s\"", &[], &[]).warnings;
    assert!(
        warnings[0].starts_with("playhouse.toml:1: `websocket.server.ping_interval` is 45 seconds or more")
    );
}

#[test]
fn all_problems_are_told_at_once_in_these_words() {
    let file = "\
port = 70000
simultaneousActions = 5

[websocket.server]
ping_intervall = 1200 # a secret may follow an unknown name
simultaneous = 1200
origins = \"example.com\"
parser = \"ejson\"

[websokcet]
enabled = true
";
    let env = [("PLAYHOUSE_ACTIONS__TIMEOUT", "soon"), ("PORT", "http")];
    let set = [("acitons.timeout", "1s"), ("workers", "many")];
    let text = format!("{}\n", load(file, &env, &set).expect_err("much is wrong"));
    assert_eq!(text, include_str!("tests/complaints.txt"), "\n{text}");
}

#[test]
fn what_is_no_toml_is_told_alone() {
    assert_eq!(
        complaint("port = 1\nhost = \nunknown = 1\n"),
        "\
error: this is no TOML: string values must be quoted, expected literal string
 --> playhouse.toml:2:8
  |
2 | host =
  |        ^"
    );
}

#[test]
fn unknown_keys_are_told_what_was_meant() {
    let rows = [
        ("prot = 1", "did you mean `port`?"),
        ("actions.simultanous = 1", "did you mean `simultaneous`?"),
        ("[action]\ntimeout = 1", "did you mean `actions`?"),
        ("ping_interval = 1", "here it is `websocket.server.ping_interval` or `engineio.ping_interval`"),
        ("websocket.pingInterval = 1", "here it is `websocket.server.ping_interval`"),
        ("app.Name = 1", "here it is written `name`"),
        ("http.enableEtag = true", "here it is `files.etag`"),
        ("http.urlPathForActions = 'api'", "here it is `mounts.api`"),
        ("welcomeMessage = 'x'", "here it is `texts.welcome_message`"),
        ("http.returnErrorCodes = true", "here it is written `return_error_codes`"),
        (
            "websocket.server.authorization = 1",
            "authorization is written in Rust: `App::authorize`, which sees the request before the upgrade",
        ),
        ("drain.zebra = 1", "in `drain` there are `actions`, `closing`, `closings_per_second`"),
    ];
    for (file, label) in rows {
        let text = complaint(file);
        assert!(text.ends_with(&format!("^ {label}")), "{file}\n{text}");
    }
}

#[test]
fn wrong_values_are_told_what_they_must_be() {
    let rows = [
        ("port = \"80\"", "`port` cannot be \"80\"", "it must be a whole number from 0 to 65535"),
        ("port = 1.5", "`port` cannot be 1.5", "it must be a whole number from 0 to 65535"),
        (
            "port = 99999999999999999999",
            "`port` cannot be 99999999999999999999",
            "it must be a whole number from 0 to 65535",
        ),
        ("[port]", "`port` cannot be a table", "it must be a whole number from 0 to 65535"),
        (
            "actions.timeout = \"25 hours\"",
            "`actions.timeout` cannot be \"25 hours\"",
            "it must be a duration from 1ms to 1 day (\"30s\", or a number of milliseconds)",
        ),
        (
            "limits.outbox = \"1 TiB\"",
            "`limits.outbox` cannot be \"1 TiB\"",
            "it must be a size from 1 KiB to 1 GiB (\"10 MiB\", or a number of bytes)",
        ),
        (
            "websocket.server.max_age = 2592000",
            "`websocket.server.max_age` cannot be 2592000",
            "write the unit, such as \"2592000s\": the number alone meant seconds in Primus and means \
             milliseconds here",
        ),
        (
            "websocket.server.transformer = \"pigeon\"",
            "`websocket.server.transformer` cannot be \"pigeon\"",
            "the accepted names are \"websockets\", \"faye\", \"uws\", \"engine.io\" and \"sockjs\", and all of \
             them are served whatever stands here",
        ),
        ("engine = \"mysql\"", "`engine` cannot be \"mysql\"", "it must be \"embedded\" or \"redis\""),
        ("rooms.starting = [1]", "`rooms.starting` cannot be [1]", "it must be a list, each of it a text"),
        (
            "websocket = true",
            "`websocket` is a section, not a setting",
            "write `[websocket]` and its settings below",
        ),
        (
            "[[websocket]]",
            "`websocket` is a section, not a setting",
            "write `[websocket]` and its settings below",
        ),
        (
            "mounts.api = \"/x\"\nmounts.files = \"/x\"",
            "`mounts.api` and `mounts.files` are both \"/x\"",
            "each mount has a path of its own, or false",
        ),
        (
            "mounts.primus = \"/x\"\nwebsocket.server.pathname = \"/y\"",
            "`mounts.primus` is \"/x\" and `websocket.server.pathname` is \"/y\", but both mean the same",
            "leave one of them out; the other is set here: playhouse.toml:1",
        ),
        (
            "websocket.client.ping_timeout = \"30s\"",
            "`websocket.client.ping_timeout` is not longer than `websocket.server.ping_interval`: every client \
             would give up",
            "one and a half of the interval is usual, and what you get without it",
        ),
        (
            "limits.half_read = \"1 MiB\"",
            "`websocket.server.max_length` is larger than `limits.half_read`",
            "what one may have must fit into what there is for all",
        ),
        (
            "websocket.server.timeout = \"soon\"",
            "`websocket.server.timeout` cannot be \"soon\"",
            "it must be a duration from 0s to 1 day (\"30s\", or a number of milliseconds), or false: off",
        ),
    ];
    for (file, title, label) in rows {
        let text = complaint(file);
        assert!(text.starts_with(&format!("error: {title}\n")), "{file}\n{text}");
        assert!(text.split("\n\n").next().unwrap().contains(&format!("^ {label}")), "{file}\n{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let sources = Sources { file: Some("no/such/playhouse.toml".into()), ..Sources::default() };
    let text = Config::load(&sources).expect_err("there is no such file").to_string();
    assert!(text.starts_with("error: no/such/playhouse.toml cannot be read: "), "{text}");
    assert!(text.ends_with("\n\nthe configuration has an error"), "{text}");
}

#[test]
fn whatever_the_file_holds_loading_does_not_panic() {
    let good = "port = 1\n[websocket.server]\norigins = [\"*\"]\n[http]\nheaders = { A = \"b\" }\n# ü\n";
    for end in (0..=good.len()).filter(|end| good.is_char_boundary(*end)) {
        let _ = load(&good[..end], &[], &[]).map_err(|error| error.to_string());
        let mut broken = good.to_owned();
        broken.insert(end, '"');
        let _ = load(&broken, &[], &[]).map_err(|error| error.to_string());
        broken.insert(end, '\u{1F3AD}');
        let _ = load(&broken, &[], &[]).map_err(|error| error.to_string());
    }
}

#[test]
fn the_page_of_the_book_names_every_setting() {
    let page = docs();
    for setting in settings() {
        assert!(page.contains(&format!("| `{}` | `{}` |", setting.key, (setting.show)(&Config::default()))));
    }
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        assert!(matches!(line.matches(" | ").count(), 1 | 3), "{line}");
    }
}
