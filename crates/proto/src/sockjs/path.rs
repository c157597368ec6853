//! Addresses below a mount: what a path names, and which methods it takes (sockjs.md, 2).
//!
//! It must not know where the mount is, which transports are switched on, or which sessions there are.

use super::page;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// The mount itself: [`GREETING`](super::GREETING).
    Greeting,
    /// `/info`.
    Info,
    /// `/iframe.html` and its versions, which are all the same page.
    Iframe,
    /// `/websocket`: messages without frames.
    Raw,
    /// `/<server>/<session>/<kind>`; the server's name is for balancers and means nothing here.
    Session {
        /// The name of the session as it stands in the path, still percent-encoded. It is the key to the
        /// session: keep it out of logs. Never empty.
        session: &'a str,
        /// The transport, and which side of it.
        kind: Kind,
    },
}

impl<'a> Place<'a> {
    /// Reads what follows the mount in a path, without the query and still percent-encoded. `None` is 404.
    #[must_use]
    pub fn read(rest: &'a str) -> Option<Self> {
        match rest {
            "" | "/" => Some(Self::Greeting),
            "/websocket" => Some(Self::Raw),
            _ => Self::read_shared(rest),
        }
    }

    /// The same on a mount that is shared with other protocols and has neither a greeting nor raw websockets
    /// of ours (mounts.md, rule 2). `None` is a path for somebody else.
    #[must_use]
    pub fn read_shared(rest: &'a str) -> Option<Self> {
        let path = rest.strip_prefix('/')?;
        if path == "info" {
            return Some(Self::Info);
        }
        if page::is_name(path) {
            return Some(Self::Iframe);
        }
        let mut parts = path.strip_suffix('/').unwrap_or(path).split('/');
        let (server, session, kind) = (parts.next()?, parts.next()?, Kind::named(parts.next()?)?);
        let named = |part: &str| !part.is_empty() && !part.contains('.');
        let sound = named(server) && named(session) && parts.next().is_none();
        sound.then_some(Self::Session { session, kind })
    }

    /// Which methods it takes.
    #[must_use]
    pub fn methods(&self) -> Methods {
        match self {
            Self::Greeting | Self::Iframe | Self::Raw => Methods::Get,
            Self::Info => Methods::OptionsGet,
            Self::Session { kind, .. } => kind.methods(),
        }
    }
}

/// What the last part of a session's path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A websocket with frames.
    Websocket,
    /// A poll.
    Xhr,
    /// A stream.
    XhrStreaming,
    /// Messages from a client that receives by anything but websocket or jsonp.
    XhrSend,
    /// A stream.
    EventSource,
    /// A stream of scripts.
    HtmlFile,
    /// A poll that is answered with a script.
    Jsonp,
    /// Messages from a client that receives by jsonp.
    JsonpSend,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Websocket,
        Self::Xhr,
        Self::XhrStreaming,
        Self::XhrSend,
        Self::EventSource,
        Self::HtmlFile,
        Self::Jsonp,
        Self::JsonpSend,
    ];

    /// How it stands in a path. Case counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::Xhr => "xhr",
            Self::XhrStreaming => "xhr_streaming",
            Self::XhrSend => "xhr_send",
            Self::EventSource => "eventsource",
            Self::HtmlFile => "htmlfile",
            Self::Jsonp => "jsonp",
            Self::JsonpSend => "jsonp_send",
        }
    }

    /// Which methods it takes.
    #[must_use]
    pub fn methods(self) -> Methods {
        match self {
            Self::Websocket | Self::EventSource | Self::HtmlFile | Self::Jsonp => Methods::Get,
            Self::Xhr | Self::XhrStreaming | Self::XhrSend => Methods::OptionsPost,
            Self::JsonpSend => Methods::Post,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The methods that a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `GET`, and `OPTIONS` for what browsers ask before it.
    OptionsGet,
    /// `POST`, and `OPTIONS` likewise.
    OptionsPost,
}

/// What a request wants by its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What the place is there for.
    Place,
    /// Whether another origin may: `OPTIONS`, answered with 204.
    Preflight,
}

impl Methods {
    /// What a request of this method wants; case counts, as everywhere in HTTP. `None` is 405.
    #[must_use]
    pub fn asked(self, method: &str) -> Option<Asked> {
        match (self, method) {
            (Self::Get | Self::OptionsGet, "GET") | (Self::Post | Self::OptionsPost, "POST") => {
                Some(Asked::Place)
            }
            (Self::OptionsGet | Self::OptionsPost, "OPTIONS") => Some(Asked::Preflight),
            _ => None,
        }
    }

    /// The value of `Allow` on a 405, and of `Access-Control-Allow-Methods` on a preflight.
    #[must_use]
    pub fn allow(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::OptionsGet => "OPTIONS, GET",
            Self::OptionsPost => "OPTIONS, POST",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(session: &str, kind: Kind) -> Option<Place<'_>> {
        Some(Place::Session { session, kind })
    }

    #[test]
    fn places_of_every_mount() {
        for (rest, expected) in [
            ("/info", Some(Place::Info)),
            ("/info/", None),
            ("/information", None),
            ("info", None),
            ("/iframe.html", Some(Place::Iframe)),
            ("/iframe-0.1.2abc-dirty.2144.html", Some(Place::Iframe)),
            ("/iframe-/.html", None),
            ("/a/iframe.html", None),
            ("/000/s3ss10n_/websocket", at("s3ss10n_", Kind::Websocket)),
            ("/a/b/xhr", at("b", Kind::Xhr)),
            ("/a/b/xhr/", at("b", Kind::Xhr)),
            ("/a/b/xhr_streaming", at("b", Kind::XhrStreaming)),
            ("/a/b/xhr_send", at("b", Kind::XhrSend)),
            ("/a/b/eventsource", at("b", Kind::EventSource)),
            ("/a/b/htmlfile", at("b", Kind::HtmlFile)),
            ("/a/b/jsonp", at("b", Kind::Jsonp)),
            ("/a/b/jsonp_send/", at("b", Kind::JsonpSend)),
            ("/_/%C3%A9%2e/xhr", at("%C3%A9%2e", Kind::Xhr)),
            ("//b/xhr", None),
            ("/a//xhr", None),
            ("///xhr", None),
            ("/a.b/c/xhr", None),
            ("/a/b.c/xhr", None),
            ("/a/b/XHR", None),
            ("/a/b/xhr//", None),
            ("/a/b/xhr/more", None),
            ("/a/b/c/xhr", None),
            ("/a/b/", None),
            ("/a/b", None),
            ("/b/xhr", None),
            ("/xhr", None),
            ("a/b/xhr", None),
            ("/é/é/é", None),
        ] {
            assert_eq!(Place::read(rest), expected, "{rest}");
            assert_eq!(Place::read_shared(rest), expected, "{rest}");
        }
    }

    #[test]
    fn places_of_a_mount_of_our_own() {
        for (rest, expected) in [
            ("", Some(Place::Greeting)),
            ("/", Some(Place::Greeting)),
            ("//", None),
            ("/websocket", Some(Place::Raw)),
            ("/websocket/", None),
            ("websocket", None),
        ] {
            assert_eq!(Place::read(rest), expected, "{rest}");
            assert_eq!(Place::read_shared(rest), None, "{rest}");
        }
    }

    #[test]
    fn methods_of_every_place() {
        let session = |kind| Place::Session { session: "s", kind };
        for (place, allow) in [
            (Place::Greeting, "GET"),
            (Place::Info, "OPTIONS, GET"),
            (Place::Iframe, "GET"),
            (Place::Raw, "GET"),
            (session(Kind::Websocket), "GET"),
            (session(Kind::Xhr), "OPTIONS, POST"),
            (session(Kind::XhrStreaming), "OPTIONS, POST"),
            (session(Kind::XhrSend), "OPTIONS, POST"),
            (session(Kind::EventSource), "GET"),
            (session(Kind::HtmlFile), "GET"),
            (session(Kind::Jsonp), "GET"),
            (session(Kind::JsonpSend), "POST"),
        ] {
            let methods = place.methods();
            assert_eq!(methods.allow(), allow, "{place:?}");
            for method in ["GET", "POST", "OPTIONS", "HEAD", "PUT", "get", ""] {
                let taken = allow.split(", ").any(|one| one == method);
                let asked = if method == "OPTIONS" { Asked::Preflight } else { Asked::Place };
                assert_eq!(methods.asked(method), taken.then_some(asked), "{place:?} {method}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_path_is_read_or_refused(rest in "[/a.é]{0,4}(/xhr|/websocket|\\PC{0,8})/{0,2}") {
            if let Some(Place::Session { session, .. }) = Place::read(&rest) {
                prop_assert!(!session.is_empty() && !session.contains(['/', '.']));
            }
        }
    }
}
