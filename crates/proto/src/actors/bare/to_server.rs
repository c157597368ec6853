//! What clients write (actors.md, 5 and 6.3). It must not know what becomes of it.

use super::{Malformed, Reader};

/// A message of a client on its connection, borrowed from the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToServer<'a> {
    /// `ActionRequest`: a call.
    Call {
        /// What the answer is to carry; 0 for the first call.
        id: u64,
        /// The name of the action.
        name: &'a str,
        /// The list of arguments, in CBOR.
        args: &'a [u8],
    },
    /// `SubscriptionRequest`: from now on the client hears an event, or does not.
    Subscription {
        /// The name of the event.
        event: &'a str,
        /// Whether to hear it.
        subscribe: bool,
    },
}

impl<'a> ToServer<'a> {
    /// Reads the whole of a binary frame.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(frame: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(frame)?;
        let message = match reader.choice(1)? {
            0 => Self::Call { id: reader.uint()?, name: reader.str()?, args: reader.data()? },
            _ => Self::Subscription { event: reader.str()?, subscribe: reader.bool()? },
        };
        reader.end().map(|()| message)
    }
}

/// Reads the body of a call over HTTP: the list of arguments, in CBOR.
///
/// # Errors
/// What is wrong with it.
pub fn arguments(body: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(body)?;
    let args = reader.data()?;
    reader.end().map(|()| args)
}
