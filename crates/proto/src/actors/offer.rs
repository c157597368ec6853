//! What a client says in the subprotocols that it offers with a websocket, the only place where a browser
//! lets it say anything but the address (actors.md, 6.1).
//!
//! It must not check the parameters or the token, nor decide what to do about what cannot be read.

use std::borrow::Cow;
use std::fmt;

use super::Encoding;
use crate::percent;
use crate::ws::handshake;

/// The subprotocol to select. A client that gets none or another gives up.
pub const PROTOCOL: &str = "rivet";

/// What was offered. Of what is said twice the first counts; what is unknown is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Whether [`PROTOCOL`] may be selected.
    pub rivet: bool,
    /// How messages are to be written.
    pub encoding: Encoding,
    /// The connection's parameters, a JSON text, if there are any.
    pub params: Option<Cow<'a, str>>,
    /// What the websocket is for if the path does not say it: `actor`.
    pub target: Option<&'a str>,
    /// The actor's id if the path does not say it.
    pub actor: Option<Cow<'a, str>>,
    /// The token.
    pub token: Option<Cow<'a, str>>,
}

/// Something in an offer that cannot be read. A websocket is made all the same, to say so on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which part.
    pub part: Part,
    /// How to write the message that says so.
    pub encoding: Encoding,
}

/// A part of an offer that may be unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `rivet_encoding.`
    Encoding,
    /// `rivet_conn_params.`
    Params,
    /// `rivet_actor.`
    Actor,
    /// `rivet_token.`
    Token,
}

impl Part {
    /// What the subprotocol begins with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Encoding => "rivet_encoding.",
            Self::Params => "rivet_conn_params.",
            Self::Actor => "rivet_actor.",
            Self::Token => "rivet_token.",
        }
    }
}

impl std::error::Error for Unreadable {}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.part.prefix();
        match self.part {
            Part::Encoding => write!(out, "what follows `{prefix}` is none of json, cbor and bare"),
            Part::Params | Part::Actor | Part::Token => {
                write!(out, "what follows `{prefix}` is not URL-encoded UTF-8")
            }
        }
    }
}

impl<'a> Offer<'a> {
    /// Reads all values of the header `Sec-WebSocket-Protocol`.
    ///
    /// # Errors
    /// The first part that cannot be read.
    pub fn read(values: impl IntoIterator<Item = &'a str>) -> Result<Self, Unreadable> {
        let tokens: Vec<&str> = handshake::tokens(values).collect();
        let after = |prefix| tokens.iter().find_map(|token| token.strip_prefix(prefix));
        let encoding = after(Part::Encoding.prefix()).map_or(Some(Encoding::default()), Encoding::named);
        let unreadable = |part| Unreadable { part, encoding: encoding.unwrap_or_default() };
        let decoded = |part: Part| {
            let text = after(part.prefix());
            text.map(|text| percent::decoded(text).ok_or_else(|| unreadable(part))).transpose()
        };
        Ok(Self {
            rivet: tokens.contains(&PROTOCOL),
            encoding: encoding.ok_or_else(|| unreadable(Part::Encoding))?,
            params: decoded(Part::Params)?,
            target: after("rivet_target."),
            actor: decoded(Part::Actor)?,
            token: decoded(Part::Token)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_clients_offer() {
        let params = "rivet_conn_params.%7B%22username%22%3A%22alice%22%7D";
        let both = format!("rivet, rivet_encoding.bare, {params}");
        let expected = Offer {
            rivet: true,
            encoding: Encoding::Bare,
            params: Some(r#"{"username":"alice"}"#.into()),
            ..Offer::default()
        };
        assert_eq!(Offer::read([&*both]), Ok(expected.clone()));
        assert_eq!(Offer::read(["rivet", "rivet_encoding.bare ,, what_is_this", params]), Ok(expected));
        assert_eq!(Offer::read(["rivet"]), Ok(Offer { rivet: true, ..Offer::default() }));
        assert_eq!(Offer::read([]), Ok(Offer::default()));
    }

    #[test]
    fn an_address_instead_of_a_path() {
        let offer =
            Offer::read(["rivet,rivet_target.actor,rivet_actor.a%2Fb,rivet_token.t%40,rivet_token.u"]);
        let expected = Offer {
            rivet: true,
            target: Some("actor"),
            actor: Some("a/b".into()),
            token: Some("t@".into()),
            ..Offer::default()
        };
        assert_eq!(offer, Ok(expected));
    }

    #[test]
    fn letters_that_no_token_has() {
        let offer = Offer::read([r#"rivet, rivet_conn_params.{"name":"ü"}"#]).expect("an offer");
        assert_eq!(offer.params.as_deref(), Some(r#"{"name":"ü"}"#));
    }

    #[test]
    fn what_cannot_be_read() {
        for (value, part, encoding) in [
            ("rivet, rivet_encoding.xml", Part::Encoding, Encoding::Json),
            ("rivet, rivet_encoding.", Part::Encoding, Encoding::Json),
            ("rivet, rivet_conn_params.%7, rivet_encoding.cbor", Part::Params, Encoding::Cbor),
            ("rivet, rivet_actor.%FF", Part::Actor, Encoding::Json),
            ("rivet, rivet_encoding.bare, rivet_token.%", Part::Token, Encoding::Bare),
        ] {
            let unreadable = Offer::read([value]).expect_err(value);
            assert_eq!(unreadable, Unreadable { part, encoding }, "{value}");
            assert!(unreadable.to_string().contains(part.prefix()));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String, rest: String) {
            let _ = Offer::read([&*text, &*format!("rivet_conn_params.{rest}")]);
        }
    }
}
