//! What somebody meant who wrote a name that we do not know.

use super::declare::Setting;
use super::legacy;
use super::sections::ALL;

/// Names of ActionHero and Primus whose setting has another name here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("simultaneousActions", "actions.simultaneous"),
    ("flatFileCacheDuration", "files.cache_duration"),
    ("enableEtag", "files.etag"),
    ("directoryFileType", "files.index"),
    ("urlPathForActions", "mounts.api"),
    ("urlPathForFiles", "mounts.files"),
    ("metadataOptions", "http.metadata"),
    ("padding", "http.indent"),
    ("httpHeaders", "http.headers"),
    ("fingerprintOptions", "http.cookie_key"),
    ("bindIP", "host"),
    ("serverName", "app.name"),
    ("startingChatRooms", "rooms.starting"),
    ("reconnect timeout", "websocket.client.reconnect.timeout"),
];

/// Names whose successor is no setting.
const NO_SETTING: &[(&str, &str)] = &[
    (
        "authorization",
        "here it is written in Rust: `App::authorize`, which sees the request before the upgrade",
    ),
    ("plugin", "here it is written in Rust: `App::plugin`, which takes the file for the client too"),
    ("idGenerator", "ids are made by the server and cannot be chosen"),
    ("global", "the class in the client library is always `Primus`"),
    ("allowedRequestHosts", LATER),
    ("allowed_request_hosts", LATER),
    ("compress", LATER),
];

const LATER: &str = "it belongs to a later version; this build has no use for it";

/// What to write in the place of the unknown key at `path`.
pub(super) fn advice(path: &str, settings: &[&'static Setting]) -> String {
    let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
    if let Some((_, why)) = NO_SETTING.iter().find(|(name, _)| *name == key) {
        return (*why).into();
    }
    if let Some((_, here)) = ELSEWHERE.iter().find(|(name, _)| *name == key) {
        return format!("here it is `{here}`");
    }
    renamed(section, key, settings).unwrap_or_else(|| nearest_key(section, key, settings))
}

/// The same name in snake case, in its section or in those that have it.
fn renamed(section: &str, key: &str, settings: &[&'static Setting]) -> Option<String> {
    let snake = snake_case(key);
    let own = dotted(section, &snake);
    let known = |path: &str| settings.iter().any(|s| s.path() == path) || legacy::old(path).is_some();
    if snake != key && known(&own) {
        return Some(format!("here it is written `{snake}`"));
    }
    let mut elsewhere: Vec<String> =
        settings.iter().filter(|setting| setting.key == snake).map(|setting| setting.path()).collect();
    let below = dotted(section, "");
    if elsewhere.iter().any(|path| path.starts_with(&below)) {
        elsewhere.retain(|path| path.starts_with(&below));
    }
    let elsewhere: Vec<_> = elsewhere.iter().map(|path| format!("`{path}`")).collect();
    (1..=MEANT_MAX).contains(&elsewhere.len()).then(|| format!("here it is {}", elsewhere.join(" or ")))
}

/// So many settings of one name are named; a name that more of them have says nothing.
const MEANT_MAX: usize = 2;

/// The nearest name of the section, or else all of them.
fn nearest_key(section: &str, key: &str, settings: &[&'static Setting]) -> String {
    let mut names: Vec<String> = settings
        .iter()
        .map(|setting| setting.path())
        .chain(ALL.iter().map(|section| section.path.join(".")))
        .filter_map(|path| {
            let (parent, name) = path.rsplit_once('.').unwrap_or(("", &path));
            (parent == section && !name.is_empty()).then(|| name.to_owned())
        })
        .collect();
    if let Some(name) = nearest(key, names.iter().map(String::as_str)) {
        return format!("did you mean `{name}`?");
    }
    let paths: Vec<String> = settings.iter().map(|setting| setting.path()).collect();
    let path = dotted(section, key);
    if let Some(near) = nearest(&path, paths.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    names.sort();
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match (section, names.is_empty()) {
        ("", _) => format!("at the top level there are {names}"),
        (_, true) => format!("there is no section `{section}`"),
        (_, false) => format!("in `{section}` there are {names}"),
    }
}

/// A warning about an environment variable that looks like ours.
pub(super) fn variable(name: &str, known: impl Iterator<Item = String>) -> String {
    let meant = match nearest_variable(name, known) {
        meant if meant.is_empty() => meant,
        meant => format!("; {meant}"),
    };
    format!("environment variable {name} is ignored: there is no such setting{meant}")
}

/// What was meant by a variable, as a question; empty where nothing is near.
pub(super) fn nearest_variable(name: &str, known: impl Iterator<Item = String>) -> String {
    let known: Vec<String> = known.collect();
    let near = nearest(name, known.iter().map(String::as_str));
    near.map_or_else(String::new, |near| format!("did you mean {near}?"))
}

fn dotted(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// `pingInterval` as `ping_interval`, `client-url` as `client_url`, `remoteIP` as `remote_ip`.
pub(super) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower_before = false;
    for letter in name.chars() {
        if letter.is_uppercase() && lower_before {
            out.push('_');
        }
        lower_before = letter.is_lowercase() || letter.is_ascii_digit();
        if matches!(letter, '-' | ' ') { out.push('_') } else { out.extend(letter.to_lowercase()) }
    }
    out
}

/// The name that is fewest changes away, if a third of its letters or fewer have to change.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|known| (distance(name, known), known)).min()?;
    (near.0 <= name.chars().count().max(3) / 3).then_some(near.1)
}

/// How many letters have to be put in, left out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let above = &rows[i - 1];
            let change = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::sections::settings;
    use super::*;

    #[test]
    fn every_other_name_leads_to_a_setting() {
        for (name, here) in ELSEWHERE {
            assert!(settings().any(|setting| setting.path() == *here), "{name} -> {here}");
        }
    }

    #[test]
    fn snake_case_of_what_people_write() {
        let rows = [
            ("pingInterval", "ping_interval"),
            ("clientJsPath", "client_js_path"),
            ("ping-interval", "ping_interval"),
            ("remoteIP", "remote_ip"),
            ("host", "host"),
        ];
        for (written, snake) in rows {
            assert_eq!(snake_case(written), snake);
        }
    }

    #[test]
    fn distances() {
        for (a, b, changes) in
            [("", "", 0), ("a", "", 1), ("port", "prot", 1), ("host", "hots", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), changes, "{a} {b}");
            assert_eq!(distance(b, a), changes, "{b} {a}");
        }
    }
}
