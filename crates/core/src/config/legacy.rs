//! Old names in configurations that people bring along (Primus 6 and before, ActionHero's samples), and
//! ActionHero's spelling of today's: they are accepted, translated, and warned about.

use std::time::Duration;

use super::declare::Setting;
use super::file::Entry;
use super::kind::time::{hours, millis, plain, time};
use super::kind::{Kind, off};
use super::load::{Loading, wrong_value};
use super::raw::Raw;
use super::sections::settings;
use super::unknown::snake_case;

/// An old name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Old {
    /// How long Primus 6 waited for a ping of its client: five seconds longer than the time between pings.
    ServerTimeout,
    /// How often a client of Primus 6 pinged; its successor is how long a client waits for our ping.
    ClientPing,
    /// Has no meaning here; why.
    Ignored(&'static str),
    /// Is written in Rust; how. Something that is set to nothing may stay.
    Rust(&'static str),
}

/// The old names with their paths.
pub(super) const NAMES: &[(&str, Old)] = &[
    ("websocket.server.timeout", Old::ServerTimeout),
    ("websocket.server.transport", Old::Ignored("it was for another server's websocket library")),
    (
        "websocket.server.iknowclusterwillbreakconnections",
        Old::Ignored("there is no warning here that it would silence"),
    ),
    (
        "websocket.server.plugin",
        Old::Rust("a plugin is written in Rust: `App::plugin`, which takes the file for the client too"),
    ),
    (
        "websocket.server.authorization",
        Old::Rust(
            "authorization is written in Rust: `App::authorize`, which sees the request before the upgrade",
        ),
    ),
    ("websocket.client.ping", Old::ClientPing),
    ("websocket.client.pong", Old::Ignored("since Primus 7 the server pings, and it has no successor")),
    ("websocket.client.transport", Old::Ignored("it was for another client's websocket library")),
];

/// The server's timeout was this much longer than the time between pings (35 and 30 seconds).
const TIMEOUT_MARGIN: Duration = Duration::from_secs(5);

/// The client's time without pings is this much longer than the old time between them (45 and 25 seconds).
const PING_MARGIN: Duration = Duration::from_secs(20);

/// The old name at `path`.
pub(super) fn old(path: &str) -> Option<Old> {
    NAMES.iter().find(|(known, _)| *known == path).map(|(_, old)| *old)
}

/// The path of the old name that an environment variable stands for.
pub(super) fn path_of(variable: &str) -> Option<String> {
    let path = variable.strip_prefix("PLAYHOUSE_")?.replace("__", ".").to_lowercase();
    old(&path).map(|_| path)
}

/// Where the setting is that `path` names in `ActionHero`'s spelling, or the old name: `websocket.clientUrl` is
/// `websocket.client_url`.
pub(super) fn respelt(path: &str) -> Option<String> {
    if path == "websocket.client.reconnect.reconnect timeout" {
        return Some("websocket.client.reconnect.timeout".into());
    }
    let ours = snake_case(path);
    let known = settings().any(|setting| setting.path() == ours) || old(&ours).is_some();
    (path.starts_with("websocket.") && ours != path && known).then_some(ours)
}

/// Takes over what an old name says, where its successor is not set.
pub(super) fn translate(loading: &mut Loading, old: Old, entry: &Entry) {
    match old {
        Old::Ignored(why) => {
            loading.warnings.push(format!("{}: `{}` is ignored: {why}", entry.key, entry.path));
        }
        Old::Rust(_) if is_nothing(&entry.raw) => {
            loading
                .warnings
                .push(format!("{}: `{}` is ignored: it is set to nothing", entry.key, entry.path));
        }
        // Not a warning: a server that nobody guards, or that lacks its plugin, is not what was asked for.
        Old::Rust(how) => {
            loading.problem(format!("`{}` is no setting here", entry.path), entry.key.clone(), how.into());
        }
        Old::ServerTimeout => {
            let made =
                |timeout: Duration| timeout.saturating_sub(TIMEOUT_MARGIN).clamp(millis(1_000), hours(1));
            translate_to(loading, entry, "websocket.server.ping_interval", made, |config, made| {
                config.websocket.server.ping_interval = made;
            });
        }
        Old::ClientPing => {
            let least = loading.config.websocket.server.ping_interval.map_or(Duration::ZERO, |i| i * 3 / 2);
            let made = |ping: Duration| (ping + PING_MARGIN).max(least).min(hours(2));
            translate_to(loading, entry, "websocket.client.ping_timeout", made, |config, made| {
                config.websocket.client.ping_timeout = made;
            });
        }
    }
}

fn translate_to(
    loading: &mut Loading,
    entry: &Entry,
    successor: &str,
    made: impl Fn(Duration) -> Duration,
    set: impl Fn(&mut super::Config, Option<Duration>),
) {
    let kind = off(time(Duration::ZERO, hours(24)), "off");
    let value = match kind.read(&entry.raw) {
        Ok(value) => value.map(made),
        Err(wrong) => {
            let (title, label) = wrong_value(entry, &kind.words(), wrong);
            return loading.problem(title, entry.value.clone(), label);
        }
    };
    let line = format!("{} = {}", key_of(successor), show(value));
    if loading.is_set(successor) {
        return loading.warnings.push(format!(
            "{}: `{}` is an old name and is ignored, because `{successor}` is set",
            entry.key, entry.path
        ));
    }
    set(&mut loading.config, value);
    loading.derived(successor, entry.value.clone());
    loading.warnings.push(format!(
        "{}: `{}` is an old name; it is taken as `{line}`, which is what to write",
        entry.key, entry.path
    ));
}

/// Whether a value stands for none: `false`, an empty text, list or table.
fn is_nothing(raw: &Raw) -> bool {
    match raw.opened() {
        Raw::Bool(yes) => !yes,
        Raw::Bare(text) => text.is_empty() || text == "false" || text == "null",
        Raw::Text(text) => text.is_empty(),
        Raw::List(items) => items.is_empty(),
        Raw::Table(rows) => rows.is_empty(),
        Raw::Integer(_) | Raw::Float(_) | Raw::Other(_) => false,
    }
}

fn show(value: Option<Duration>) -> String {
    value.map_or_else(|| "false".into(), |value| format!("\"{}\"", plain(value)))
}

fn key_of(path: &str) -> &'static str {
    let setting: Option<&Setting> = settings().find(|setting| setting.path() == path);
    setting.map_or("", |setting| setting.key)
}
