//! The page of the book about the configuration, made from the tables of the sections.

use super::Config;
use super::declare::Section;
use super::legacy::{NAMES, Old};
use super::sections::ALL;

const INTRODUCTION: &str = "\
# Configuration

<!-- Made from the tables in `crates/core/src/config/sections`; a test compares. -->

A setting is looked for in this order, the later one wins:

1. its default, below;
2. `playhouse.toml`;
3. the environment: `PLAYHOUSE_` and the path in capitals with `__` between its parts, as in
   `PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL=1200`; `PORT` is the port, as people expect;
4. the command line: `--set actions.simultaneous=10`.

Durations are written `\"30s\"`, `\"500ms\"`, `\"5m\"`, `\"1h\"`, `\"30 days\"`, or as a number of milliseconds.
Sizes are written `\"10 MiB\"`, or as a number of bytes. Lists are written as lists, or as a text with commas.
What may be without limit takes `\"Infinity\"` or `inf`. In the environment and on the command line texts need no quotes.

An unknown key, a value of the wrong type or out of its range, and settings that contradict each other stop
the start; all of them are told at once, each with its place and with what was meant. `my-app config`
prints what is in force and where each value came from.
";

const OLD_NAMES: &str = "
## Old names

Configurations of older Primus and ActionHero versions may hold these. They are accepted with a warning. So are
the settings of `[websocket]` and the sections below it in ActionHero's spelling: `clientJsName` is
`client_js_name`, `maxAge` is `max_age`, `\"reconnect timeout\"` is `timeout`.

| setting | what becomes of it |
|---|---|
";

/// The page, as Markdown.
#[must_use]
pub fn docs() -> String {
    let defaults = Config::default();
    let mut out = INTRODUCTION.to_owned();
    for section in ALL {
        push_section(&mut out, section, &defaults);
    }
    out.push_str(OLD_NAMES);
    for (path, old) in NAMES {
        let fate = match old {
            Old::ServerTimeout => "`ping_interval`, five seconds shorter, unless that is set".to_owned(),
            Old::ClientPing => "`ping_timeout`, twenty seconds longer, unless that is set".to_owned(),
            Old::Ignored(why) => format!("ignored: {why}"),
            Old::Rust(how) => format!("refused, unless it is set to nothing: {how}"),
        };
        out.push_str(&format!("| `{path}` | {fate} |\n"));
    }
    out
}

fn push_section(out: &mut String, section: &Section, defaults: &Config) {
    let title = match section.path {
        [] => "Top level".to_owned(),
        path => format!("`[{}]`", path.join(".")),
    };
    out.push_str(&format!("\n## {title}\n\n{}\n", paragraph(section.about)));
    out.push_str("\n| setting | default | it must be | what it does |\n|---|---|---|---|\n");
    for setting in section.settings {
        let default = (setting.show)(defaults);
        out.push_str(&format!(
            "| `{}` | `{default}` | {} | {} |\n",
            setting.key,
            (setting.words)(),
            paragraph(setting.doc)
        ));
    }
}

/// The lines of a doc comment as one.
fn paragraph(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
