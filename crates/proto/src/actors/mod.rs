//! What clients of actors write and read: the two encodings of their values, the messages, and the places of
//! a request where they put their addresses. Facts are from rivetkit 2.0.33, 2.2.1 and 2.3 and from
//! actor-core 0.6.3; sections are those of actors.md.
//!
//! It must not know what an actor is, and builds no trees: the caller makes its own values of the tokens.
//!
//! - [`cbor`]: values, as tokens (section 4.1).
//! - [`bare`]: messages around values, in the clients' default encoding (4.2, 5, 6.2, 6.3).
//! - [`offer`]: what a websocket's subprotocols say (6.1).
//! - [`path`], [`query`]: what the address of a request says (3, 10).

pub mod bare;
pub mod cbor;
pub mod offer;
pub mod path;
pub mod query;

/// How a client wants its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Texts, with marks for what JSON lacks. What counts where a client names none.
    #[default]
    Json,
    /// CBOR as a whole.
    Cbor,
    /// BARE around values in CBOR; what clients use by default.
    Bare,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 3] = [Self::Json, Self::Cbor, Self::Bare];

    /// Its name in headers, queries and subprotocols.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Cbor => "cbor",
            Self::Bare => "bare",
        }
    }

    /// The encoding of this name, in exactly these letters.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name() == name)
    }
}
