//! Packets whose bytes come behind them: the machine of outstanding attachments of one engine connection.
//!
//! Owns what is half read. It must not know namespaces, since attachments belong to the connection of the engine
//! (socketio.md, 1), nor how long somebody may take: outstanding attachments time out with that connection.

use super::packet::Head;
use super::{Malformed, Packet, binary};

/// What one packet may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many attachments it may have; 10 with the stock parser.
    pub attachments: usize,
    /// How many bytes its text and its attachments may have together.
    pub bytes: usize,
}

/// What came in several messages, its bytes inside of its JSON; see [`inline`](binary::inline).
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    text: String,
}

impl Whole {
    /// Its text, with its bytes in place: what [`Packet::read`] takes.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// The packet.
    ///
    /// # Errors
    /// None that is known: its text kept the rules before its bytes were put into it.
    pub fn packet(&self) -> Result<Packet<'_>, Malformed> {
        Packet::read(&self.text, usize::MAX)
    }
}

/// Puts together what belongs together. Nothing is kept between packets. After an error nothing of what it held
/// will come to be: the connection is to be closed.
#[derive(Debug, Default)]
pub struct Assembly {
    /// Apart, since hardly any connection ever has one.
    half: Option<Box<Half>>,
}

#[derive(Debug)]
struct Half {
    text: String,
    /// Where in the text its JSON begins.
    data: usize,
    /// How many attachments are to come; not 0.
    outstanding: usize,
    attachments: Vec<Vec<u8>>,
    /// Bytes of the text and of all attachments.
    held: usize,
}

impl Assembly {
    /// Takes a text message: a packet without bytes, as it stands there, or `None` if attachments are to follow.
    ///
    /// # Errors
    /// When it is no packet, is larger than the limit, or comes before an outstanding attachment.
    pub fn text<'a>(&mut self, text: &'a str, limits: Limits) -> Result<Option<Packet<'a>>, Malformed> {
        if self.half.take().is_some() {
            return Err(Malformed::Interrupted);
        }
        if text.len() > limits.bytes {
            return Err(Malformed::TooLarge);
        }
        let head = Head::read(text, limits.attachments)?;
        let packet = head.packet()?;
        if packet.attachments == 0 {
            return Ok(Some(packet));
        }
        self.half = Some(Box::new(Half {
            text: text.to_owned(),
            data: text.len() - head.data.len(),
            outstanding: packet.attachments,
            attachments: Vec::new(),
            held: text.len(),
        }));
        Ok(None)
    }

    /// Takes a binary message: the packet, if it was the last of its attachments.
    ///
    /// # Errors
    /// When no attachment is outstanding, when the packet grows beyond the limit, and with the last attachment
    /// when the packet's placeholders do not fit.
    pub fn binary(&mut self, bytes: impl Into<Vec<u8>>, limits: Limits) -> Result<Option<Whole>, Malformed> {
        let mut half = self.half.take().ok_or(Malformed::AttachmentUnasked)?;
        let bytes = bytes.into();
        half.held = half.held.saturating_add(bytes.len());
        if half.held > limits.bytes {
            return Err(Malformed::TooLarge);
        }
        half.attachments.push(bytes);
        half.outstanding -= 1;
        if half.outstanding == 0 {
            return half.whole().map(Some);
        }
        self.half = Some(half);
        Ok(None)
    }

    /// How many bytes are half read: 0 if no attachment is outstanding.
    #[must_use]
    pub fn held(&self) -> usize {
        self.half.as_ref().map_or(0, |half| half.held)
    }
}

impl Half {
    fn whole(self) -> Result<Whole, Malformed> {
        let (head, data) = self.text.split_at(self.data);
        let data = binary::inline(data, &self.attachments)?;
        Ok(Whole { text: [head, &data].concat() })
    }
}
