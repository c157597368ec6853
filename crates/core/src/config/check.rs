//! What no setting can check by itself: settings that belong together, follow each other or contradict
//! each other.

use std::time::Duration;

use super::Client;
use super::Mount;
use super::load::Loading;

/// A client whose library another server made gives up after this time without a ping (Primus 7 and 8).
const STOCK_PING_TIMEOUT: Duration = Duration::from_secs(45);

/// Brings settings that follow each other in line and adds a problem for each contradiction.
pub(super) fn check(loading: &mut Loading) {
    primus_has_one_path(loading);
    primus_is_on_or_off(loading);
    client_follows_the_api(loading);
    client_knows_the_cookie(loading);
    client_has_a_strategy(loading);
    client_waits_for_pings(loading);
    mounts_differ(loading);
    pings_come_in_time(loading);
    limits_fit(loading);
}

/// `websocket.server.pathname` is Primus's name for `mounts.primus`.
fn primus_has_one_path(loading: &mut Loading) {
    const MOUNT: &str = "mounts.primus";
    const PATHNAME: &str = "websocket.server.pathname";
    let pathname = loading.config.websocket.server.pathname.clone();
    let Mount::At(mount) = loading.config.mounts.primus.clone() else { return };
    match (loading.is_set(MOUNT), loading.is_set(PATHNAME)) {
        (true, true) if mount != pathname => loading.problem(
            format!("`{MOUNT}` is \"{mount}\" and `{PATHNAME}` is \"{pathname}\", but both mean the same"),
            loading.spot(PATHNAME).clone(),
            format!("leave one of them out; the other is set here: {}", loading.spot(MOUNT)),
        ),
        (true, _) => {
            loading.config.websocket.server.pathname = mount;
            loading.derived(PATHNAME, loading.spot(MOUNT).clone());
        }
        (false, true) => {
            loading.config.mounts.primus = Mount::At(pathname);
            loading.derived(MOUNT, loading.spot(PATHNAME).clone());
        }
        (false, false) => {}
    }
}

/// Without websockets there is no mount, and without the mount no websockets.
fn primus_is_on_or_off(loading: &mut Loading) {
    const ENABLED: &str = "websocket.enabled";
    const MOUNT: &str = "mounts.primus";
    if !loading.config.websocket.enabled {
        loading.config.mounts.primus = Mount::Off;
        loading.derived(MOUNT, loading.spot(ENABLED).clone());
    } else if loading.config.mounts.primus == Mount::Off {
        loading.config.websocket.enabled = false;
        loading.derived(ENABLED, loading.spot(MOUNT).clone());
    }
}

/// The generated client calls actions where they are.
fn client_follows_the_api(loading: &mut Loading) {
    const API_PATH: &str = "websocket.client.api_path";
    if let (false, Mount::At(path)) = (loading.is_set(API_PATH), loading.config.mounts.api.clone()) {
        loading.config.websocket.client.api_path = loading.config.mounts.seen_by_clients(&path);
        loading.derived(API_PATH, loading.spot("mounts.api").clone());
    }
}

/// The generated client sends what the server's cookie holds, in a query parameter of the same name.
fn client_knows_the_cookie(loading: &mut Loading) {
    const OURS: &str = "http.cookie_key";
    const CLIENT: &str = "websocket.client.cookie_key";
    let ours = loading.config.http.cookie_key.clone();
    if !loading.is_set(CLIENT) {
        loading.config.websocket.client.cookie_key = ours;
        loading.derived(CLIENT, loading.spot(OURS).clone());
    } else if loading.config.websocket.client.cookie_key != ours {
        loading.warnings.push(format!(
            "{}: `{CLIENT}` is not `{OURS}`, which is \"{ours}\": websockets of the generated client will not have \
             the fingerprint of their page",
            loading.spot(CLIENT)
        ));
    }
}

/// Primus takes an empty list for its own default; never is `false`.
fn client_has_a_strategy(loading: &mut Loading) {
    if loading.config.websocket.client.strategy.as_ref().is_some_and(Vec::is_empty) {
        loading.config.websocket.client.strategy = Client::default().strategy;
    }
}

/// As Primus compiles it in: one and a half of the time between pings. No pings, no waiting.
fn client_waits_for_pings(loading: &mut Loading) {
    const INTERVAL: &str = "websocket.server.ping_interval";
    const TIMEOUT: &str = "websocket.client.ping_timeout";
    if !loading.is_set(TIMEOUT) {
        let interval = loading.config.websocket.server.ping_interval;
        loading.config.websocket.client.ping_timeout = interval.map(|interval| interval * 3 / 2);
        loading.derived(TIMEOUT, loading.spot(INTERVAL).clone());
    }
}

fn mounts_differ(loading: &mut Loading) {
    let (mounts, actors) = (&loading.config.mounts, &loading.config.actors);
    let plain = |mount: &Mount| mount.path().map(str::to_owned);
    let all = [
        ("mounts.primus", plain(&mounts.primus)),
        ("mounts.engineio", plain(&mounts.engineio)),
        ("mounts.sockjs", plain(&mounts.sockjs)),
        ("mounts.socketio", plain(&mounts.socketio)),
        ("mounts.gateway", actors.below(&mounts.gateway)),
        ("mounts.actors", actors.below(&mounts.actors)),
        ("mounts.manager", actors.below(&mounts.manager)),
        ("mounts.metadata", actors.below(&mounts.metadata)),
        ("mounts.health", actors.below(&mounts.health)),
        ("mounts.api", plain(&mounts.api)),
        ("mounts.files", plain(&mounts.files)),
        ("mounts.explorer", plain(&mounts.explorer)),
    ];
    let mut same = Vec::new();
    for (index, (name, mount)) in all.iter().enumerate() {
        let other = all[..index].iter().find(|(_, other)| mount.is_some() && mount == other);
        if let (Some((first, _)), Some(path)) = (other, mount) {
            same.push((*first, *name, path.clone()));
        }
    }
    for (first, second, path) in same {
        let spot = [second, first].into_iter().find(|name| loading.is_set(name)).unwrap_or(second);
        loading.problem(
            format!("`{first}` and `{second}` are both \"{path}\""),
            loading.spot(spot).clone(),
            "each mount has a path of its own, or false".into(),
        );
    }
}

fn pings_come_in_time(loading: &mut Loading) {
    const INTERVAL: &str = "websocket.server.ping_interval";
    const TIMEOUT: &str = "websocket.client.ping_timeout";
    let Some(interval) = loading.config.websocket.server.ping_interval else { return };
    if loading.config.websocket.client.ping_timeout.is_some_and(|timeout| timeout <= interval) {
        loading.problem(
            format!("`{TIMEOUT}` is not longer than `{INTERVAL}`: every client would give up"),
            loading.spot(TIMEOUT).clone(),
            "one and a half of the interval is usual, and what you get without it".into(),
        );
    }
    if interval >= STOCK_PING_TIMEOUT {
        loading.warnings.push(format!(
            "{}: `{INTERVAL}` is 45 seconds or more: clients whose library this server did not make give up \
             before their next ping",
            loading.spot(INTERVAL)
        ));
    }
}

/// A limit that another one can never reach is a mistake.
fn limits_fit(loading: &mut Loading) {
    let limits = &loading.config.limits;
    let max_length = loading.config.websocket.server.max_length;
    let rows = [
        ("limits.outbox", limits.outbox, "limits.outbox_total", limits.outbox_total),
        ("websocket.server.max_length", max_length, "limits.half_read", limits.half_read),
        ("engineio.max_payload", loading.config.engineio.max_payload, "limits.half_read", limits.half_read),
        ("sockjs.message_limit", loading.config.sockjs.message_limit, "limits.half_read", limits.half_read),
        ("limits.http_fields", limits.http_fields, "limits.half_read", limits.half_read),
    ];
    for (one, size, all, total) in rows {
        if size > total {
            let set = [one, all].into_iter().find(|name| loading.is_set(name)).unwrap_or(one);
            loading.problem(
                format!("`{one}` is larger than `{all}`"),
                loading.spot(set).clone(),
                "what one may have must fit into what there is for all".into(),
            );
        }
    }
}
