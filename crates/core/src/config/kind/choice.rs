//! Settings that are one of a few words, as closed enums.

use std::time::Duration;

use super::Kind;
use super::text::UrlPath;
use super::time::{Time, plain};
use crate::config::raw::{Raw, Wrong, quoted};

/// One of a few words.
pub(in crate::config) struct Choice<T: 'static>(&'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Kind for Choice<T> {
    type Value = T;

    fn words(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|(word, _)| quoted(word)).collect();
        words.join(" or ")
    }

    fn read(&self, raw: &Raw) -> Result<T, Wrong> {
        let word = raw.text().ok_or(Wrong::Kind)?;
        self.0.iter().find(|(name, _)| *name == word).map(|(_, value)| *value).ok_or(Wrong::Kind)
    }

    fn show(&self, value: &T) -> String {
        let word = self.0.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word);
        quoted(word)
    }
}

/// What a path belongs to that no mount takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootEndpoint {
    /// Files of the public folder.
    File,
    /// Actions.
    Api,
}

pub(in crate::config) const ROOT_ENDPOINT: Choice<RootEndpoint> =
    Choice(&[("file", RootEndpoint::File), ("api", RootEndpoint::Api)]);

/// How lines of the log are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people, with colours where the output is a terminal.
    Text,
    /// One JSON object for each line.
    Json,
}

pub(in crate::config) const LOG_FORMAT: Choice<LogFormat> =
    Choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]);

/// When a change of an actor is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Once the disk has it.
    Full,
    /// Once the operating system has it.
    Relaxed,
}

pub(in crate::config) const DURABILITY: Choice<Durability> =
    Choice(&[("full", Durability::Full), ("relaxed", Durability::Relaxed)]);

/// When a client connects again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// After it lost its connection.
    Disconnect,
    /// When the browser says that the network is back.
    Online,
    /// After a first connection that took too long.
    Timeout,
}

pub(in crate::config) const STRATEGY: Choice<Strategy> = Choice(&[
    ("disconnect", Strategy::Disconnect),
    ("online", Strategy::Online),
    ("timeout", Strategy::Timeout),
]);

/// Which engine fulfils the contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One node by itself, everything within its process.
    Embedded,
    /// Nodes that share a Redis.
    Redis,
}

pub(in crate::config) const ENGINE: Choice<Engine> =
    Choice(&[("embedded", Engine::Embedded), ("redis", Engine::Redis)]);

/// How messages of Primus clients are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parser {
    /// One JSON text for each message.
    Json,
}

/// The parsers of this build. Primus takes `JSON` in any letter case.
pub(in crate::config) struct ParserKind;

impl Kind for ParserKind {
    type Value = Parser;

    fn words(&self) -> String {
        quoted("json")
    }

    fn read(&self, raw: &Raw) -> Result<Parser, Wrong> {
        let name = raw.text().ok_or(Wrong::Kind)?;
        if name.eq_ignore_ascii_case("json") {
            return Ok(Parser::Json);
        }
        Err(Wrong::Because(format!("this build speaks JSON only, not {}; write \"json\"", raw.shown())))
    }

    fn show(&self, value: &Parser) -> String {
        match value {
            Parser::Json => quoted("json"),
        }
    }
}

/// Which transport Primus clients use, as configurations that people bring along name it. All are served to everybody who
/// asks for them, so it changes nothing but what `/spec` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformer {
    /// The plain websocket. `faye` and `uws` are other servers' implementations of the same wire.
    Websockets,
    /// engine.io.
    EngineIo,
    /// SockJS.
    SockJs,
}

impl Transformer {
    /// Its name in Primus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Websockets => "websockets",
            Self::EngineIo => "engine.io",
            Self::SockJs => "sockjs",
        }
    }
}

/// The transformers of Primus that are served.
pub(in crate::config) struct TransformerKind;

impl Kind for TransformerKind {
    type Value = Transformer;

    fn words(&self) -> String {
        "\"websockets\", \"faye\", \"uws\", \"engine.io\" or \"sockjs\"; all of them are served whatever it is".into()
    }

    fn read(&self, raw: &Raw) -> Result<Transformer, Wrong> {
        let name = raw.text().ok_or(Wrong::Kind)?.to_lowercase();
        let sentence = match name.as_str() {
            "websockets" | "faye" | "uws" => return Ok(Transformer::Websockets),
            "engine.io" => return Ok(Transformer::EngineIo),
            "sockjs" => return Ok(Transformer::SockJs),
            "socket.io" => {
                "socket.io left Primus with version 6 and is no transformer here: its clients have a mount of \
                 their own, /socket.io/; write \"websockets\""
            }
            "browserchannel" => {
                "browserchannel is not served, nobody keeps it up any more; the accepted names are \"websockets\", \
                 \"faye\", \"uws\", \"engine.io\" and \"sockjs\""
            }
            _ => {
                "the accepted names are \"websockets\", \"faye\", \"uws\", \"engine.io\" and \"sockjs\", and all of \
                 them are served whatever stands here"
            }
        };
        Err(Wrong::Because(sentence.into()))
    }

    fn show(&self, value: &Transformer) -> String {
        quoted(value.name())
    }
}

/// Where something answers, if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mount {
    /// Nowhere.
    Off,
    /// At this path and below it. Begins with a slash, does not end with one.
    At(String),
}

impl Mount {
    /// The path, where it answers.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Off => None,
            Self::At(path) => Some(path),
        }
    }
}

/// A path, or `false`.
pub(in crate::config) struct MountKind;

impl Kind for MountKind {
    type Value = Mount;

    fn words(&self) -> String {
        format!("{}, or false: nowhere", UrlPath.words())
    }

    fn read(&self, raw: &Raw) -> Result<Mount, Wrong> {
        if raw.is_false() { Ok(Mount::Off) } else { UrlPath.read(raw).map(Mount::At) }
    }

    fn show(&self, value: &Mount) -> String {
        value.path().map_or_else(|| "false".into(), quoted)
    }
}

/// Whether and when a connection is welcomed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Welcome {
    /// Never.
    Off,
    /// This long after it was opened; zero is at once, as its first frame.
    After(Duration),
}

/// `true`, `false`, or a delay.
pub(in crate::config) struct WelcomeKind(pub(in crate::config) Time);

impl Kind for WelcomeKind {
    type Value = Welcome;

    fn words(&self) -> String {
        format!("true, false, or {}", self.0.words())
    }

    fn read(&self, raw: &Raw) -> Result<Welcome, Wrong> {
        if raw.is_false() {
            return Ok(Welcome::Off);
        }
        if *raw == Raw::Bool(true) || *raw == Raw::Bare("true".into()) {
            return Ok(Welcome::After(Duration::ZERO));
        }
        self.0.read(raw).map(Welcome::After)
    }

    fn show(&self, value: &Welcome) -> String {
        match value {
            Welcome::Off => "false".into(),
            Welcome::After(Duration::ZERO) => "true".into(),
            Welcome::After(delay) => quoted(&plain(*delay)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::time::{millis, secs, time};
    use super::*;

    fn text(text: &str) -> Raw {
        Raw::Text(text.into())
    }

    #[test]
    fn choices_are_words() {
        assert_eq!(ROOT_ENDPOINT.read(&text("api")), Ok(RootEndpoint::Api));
        assert_eq!(ROOT_ENDPOINT.read(&text("API")), Err(Wrong::Kind));
        assert_eq!(ROOT_ENDPOINT.words(), "\"file\" or \"api\"");
        assert_eq!(STRATEGY.show(&Strategy::Online), "\"online\"");
    }

    #[test]
    fn transformers_are_those_of_primus_that_live() {
        for (name, wanted) in [
            ("websockets", Transformer::Websockets),
            ("faye", Transformer::Websockets),
            ("uws", Transformer::Websockets),
            ("WebSockets", Transformer::Websockets),
            ("engine.io", Transformer::EngineIo),
            ("SockJS", Transformer::SockJs),
        ] {
            assert_eq!(TransformerKind.read(&text(name)), Ok(wanted), "{name}");
        }
        for (name, word) in [
            ("socket.io", "/socket.io/"),
            ("browserchannel", "\"engine.io\" and \"sockjs\""),
            ("pigeon", "\"engine.io\" and \"sockjs\""),
        ] {
            assert!(
                matches!(TransformerKind.read(&text(name)), Err(Wrong::Because(why)) if why.contains(word))
            );
        }
    }

    #[test]
    fn json_in_any_letter_case() {
        for name in ["JSON", "json", "Json"] {
            assert_eq!(ParserKind.read(&text(name)), Ok(Parser::Json));
        }
        assert!(matches!(ParserKind.read(&text("ejson")), Err(Wrong::Because(_))));
    }

    #[test]
    fn mounts_and_welcomes_can_be_off() {
        assert_eq!(MountKind.read(&Raw::Bool(false)), Ok(Mount::Off));
        assert_eq!(MountKind.read(&text("x/y")), Ok(Mount::At("/x/y".into())));
        assert_eq!(MountKind.read(&Raw::Bool(true)), Err(Wrong::Kind));
        let kind = WelcomeKind(time(millis(0), secs(60)));
        assert_eq!(kind.read(&Raw::Bool(true)), Ok(Welcome::After(Duration::ZERO)));
        assert_eq!(kind.read(&Raw::Bare("false".into())), Ok(Welcome::Off));
        assert_eq!(kind.read(&Raw::Integer(200)), Ok(Welcome::After(millis(200))));
        assert_eq!(kind.show(&Welcome::After(millis(200))), "\"200ms\"");
    }
}
