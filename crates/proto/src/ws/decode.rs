//! Bytes to messages: the reading half of one link.
//!
//! Owns what must be remembered between two reads, and the rules that need it. It must not copy a frame
//! that is there as a whole, and must not let the peer's announcements decide how much memory is taken.

use std::borrow::Cow;

use super::frame::{HEAD_MAX, Head, Opcode, Start};
use super::message::{Frame, Message};
use super::{Item, Violation, deflate, mask};

/// Which side of the link we are. A server takes masked frames only, a client unmasked ones only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We answered the upgrade.
    Server,
    /// We asked for it.
    Client,
}

/// How much one message may be. What exceeds a limit ends the link with 1009.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Payload bytes of one frame, as announced by its header.
    pub frame: usize,
    /// Payload bytes of one message, over all its frames; for a compressed one also when unpacked.
    pub message: usize,
    /// Frames of one message.
    pub fragments: usize,
}

/// What one call of [`Decoder::next`] found.
#[derive(Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Bytes of the input that are done with.
    pub used: usize,
    /// At most one item; the input may hold more.
    pub item: Option<Item<'a>>,
}

/// Turns the bytes of one link into items. Small while nothing is half-read: what a partial message needs is
/// allocated when it begins and handed out with it.
///
/// ```
/// use playhouse_proto::ws::{Decoder, Item, Limits, Role, encode};
///
/// let mut decoder = Decoder::new(Role::Client, Limits { frame: 1000, message: 1000, fragments: 10 }, None);
/// let mut bytes = Vec::new();
/// encode::text(&mut bytes, b"one");
/// encode::ping(&mut bytes, b"two");
///
/// let mut seen = Vec::new();
/// let (buffer, mut pos) = (&mut bytes[..], 0);
/// while pos < buffer.len() {
///     let step = decoder.next(&mut buffer[pos..])?;
///     pos += step.used;
///     match step.item {
///         Some(Item::Text(text)) => seen.push(text.into_owned()),
///         Some(Item::Ping(payload)) => seen.push(format!("ping of {} bytes", payload.len())),
///         Some(Item::Binary(_) | Item::Pong(_) | Item::Close(_)) | None => {}
///     }
/// }
/// assert_eq!(seen, ["one", "ping of 3 bytes"]);
/// # Ok::<(), playhouse_proto::ws::Violation>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    partial: Option<Box<Partial>>,
    role: Role,
    deflate: bool,
    spent: bool,
}

/// What is half-read. Exists only while something is.
#[derive(Debug, Default)]
struct Partial {
    /// The first bytes of a header whose end has not come.
    head: [u8; HEAD_MAX],
    head_len: usize,
    /// The frame whose payload is coming.
    frame: Option<Frame>,
    /// The message whose frames are coming; control frames may come between them.
    message: Option<Message>,
    /// The payload of a control frame, as far as it is here.
    control: Vec<u8>,
}

impl Decoder {
    /// A decoder at the first byte after the handshake. With `deflate`, as agreed there, compressed messages
    /// are taken and unpacked; without it they are a [`Violation::ReservedBit`].
    #[must_use]
    pub fn new(role: Role, limits: Limits, deflate: Option<deflate::Agreed>) -> Self {
        Self { limits, partial: None, role, deflate: deflate.is_some(), spent: false }
    }

    /// Consumes bytes from the start of `input`, which are unmasked in place, up to and including the first
    /// whole item. Call it again with what was not used, until that is nothing.
    ///
    /// After a close or a violation the link has nothing more to say (RFC 6455, 5.5.1): whatever comes is
    /// used up without an item.
    ///
    /// # Errors
    /// The first rule that the peer breaks, as soon as the bytes show it.
    pub fn next<'a>(&mut self, input: &'a mut [u8]) -> Result<Step<'a>, Violation> {
        if self.spent {
            return Ok(Step { used: input.len(), item: None });
        }
        let step = self.advance(input);
        if matches!(step, Err(_) | Ok(Step { item: Some(Item::Close(_)), .. })) {
            self.spent = true;
            self.partial = None;
        }
        step
    }

    /// Whether nothing is half-read, so that the link holds no memory here.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.partial.is_none()
    }

    /// Bytes of memory held for what is half-read; 0 when idle.
    #[must_use]
    pub fn held(&self) -> usize {
        self.partial.as_ref().map_or(0, |partial| {
            let message = partial.message.as_ref().map_or(0, Message::held);
            size_of::<Partial>() + partial.control.capacity() + message
        })
    }

    fn advance<'a>(&mut self, input: &'a mut [u8]) -> Result<Step<'a>, Violation> {
        if self.partial.as_ref().is_some_and(|partial| partial.frame.is_some()) {
            return self.fill(input, 0);
        }
        let Some((head, used)) = self.take_head(input)? else {
            return Ok(Step { used: input.len(), item: None });
        };
        let body = &mut input[used..];
        match usize::try_from(head.len) {
            Ok(len) if len <= body.len() && head.fin && head.opcode != Opcode::Continuation => {
                self.settle();
                self.whole(&head, &mut body[..len], used + len)
            }
            _ => {
                self.begin(&head);
                self.fill(body, used)
            }
        }
    }

    /// The header at the start of `input`, or, where a part of it came before, at the end of that.
    fn take_head(&mut self, input: &[u8]) -> Result<Option<(Head, usize)>, Violation> {
        let kept = self.partial.as_ref().map_or(0, |partial| partial.head_len);
        if kept == 0 {
            let found = self.read_head(input)?;
            if found.is_none() && !input.is_empty() {
                self.keep_head(input);
            }
            return Ok(found);
        }
        let mut bytes = self.partial.as_ref().map_or([0; HEAD_MAX], |partial| partial.head);
        let have = HEAD_MAX.min(kept + input.len());
        bytes[kept..have].copy_from_slice(&input[..have - kept]);
        match self.read_head(&bytes[..have])? {
            Some((head, size)) => {
                self.partial.as_mut().expect("a kept header lives there").head_len = 0;
                Ok(Some((head, size - kept)))
            }
            None => {
                self.keep_head(&bytes[..have]);
                Ok(None)
            }
        }
    }

    fn keep_head(&mut self, bytes: &[u8]) {
        let partial = self.partial.get_or_insert_default();
        partial.head[..bytes.len()].copy_from_slice(bytes);
        partial.head_len = bytes.len();
    }

    /// Reads a header and says what is wrong with it at this point of this link; the checks stand in the
    /// order in which the bytes arrive, so that cutting the input elsewhere cannot change the answer.
    fn read_head(&self, bytes: &[u8]) -> Result<Option<(Head, usize)>, Violation> {
        let Some(first) = bytes.first_chunk::<2>() else { return Ok(None) };
        let start = Start::decode(*first)?;
        self.check_start(&start)?;
        let size = start.head_len();
        let Some(bytes) = bytes.get(..size) else { return Ok(None) };
        let head = start.finish(bytes)?;
        self.check_limits(&head)?;
        Ok(Some((head, size)))
    }

    fn check_start(&self, start: &Start) -> Result<(), Violation> {
        match (self.role, start.masked) {
            (Role::Server, false) => return Err(Violation::NotMasked),
            (Role::Client, true) => return Err(Violation::Masked),
            (Role::Server, true) | (Role::Client, false) => {}
        }
        let open = self.message().is_some();
        match start.opcode {
            Opcode::Continuation if !open => Err(Violation::NothingToContinue),
            Opcode::Continuation if start.packed => Err(Violation::ReservedBit),
            Opcode::Text | Opcode::Binary if open => Err(Violation::MessageInterrupted),
            Opcode::Text | Opcode::Binary if start.packed && !self.deflate => Err(Violation::ReservedBit),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => Ok(()),
            Opcode::Close | Opcode::Ping | Opcode::Pong => Ok(()),
        }
    }

    fn check_limits(&self, head: &Head) -> Result<(), Violation> {
        if head.opcode.is_control() {
            return Ok(());
        }
        let (bytes, frames) = self.message().map_or((0, 0), |message| (message.len(), message.frames));
        if head.len > self.limits.frame as u64 {
            Err(Violation::FrameTooLarge)
        } else if head.len > self.limits.message.saturating_sub(bytes) as u64 {
            Err(Violation::MessageTooLarge)
        } else if frames >= self.limits.fragments {
            Err(Violation::TooManyFragments)
        } else {
            Ok(())
        }
    }

    fn message(&self) -> Option<&Message> {
        self.partial.as_ref()?.message.as_ref()
    }

    /// An unfragmented frame that is here as a whole: the way of nearly every message.
    fn whole<'a>(&self, head: &Head, body: &'a mut [u8], used: usize) -> Result<Step<'a>, Violation> {
        if let Some(key) = head.key {
            mask::apply(key, body);
        }
        let payload = if head.packed {
            Cow::Owned(deflate::unpack(body, self.limits.message)?)
        } else {
            Cow::Borrowed(&*body)
        };
        let item = Item::new(head.opcode, payload)?;
        Ok(Step { used, item: Some(item) })
    }

    /// Begins a frame whose payload must be kept.
    fn begin(&mut self, head: &Head) {
        let partial = self.partial.get_or_insert_default();
        partial.frame = Some(Frame::new(head));
        match head.opcode {
            Opcode::Text | Opcode::Binary => partial.message = Some(Message::new(head)),
            Opcode::Continuation => {
                let message = partial.message.as_mut().expect("check_start refuses it otherwise");
                message.frames += 1;
            }
            Opcode::Close | Opcode::Ping | Opcode::Pong => {}
        }
    }

    /// Takes payload for the open frame; `before` bytes of the input were used already.
    fn fill<'a>(&mut self, body: &mut [u8], before: usize) -> Result<Step<'a>, Violation> {
        let partial = self.partial.as_mut().expect("begin made it");
        let frame = partial.frame.as_mut().expect("begin made it");
        let piece = frame.take(body);
        let used = before + piece.len();
        if frame.opcode.is_control() {
            partial.control.extend_from_slice(piece);
        } else {
            let message = partial.message.as_mut().expect("begin made it");
            message.push(piece, frame.left)?;
        }
        let item = if frame.left == 0 { self.end_frame()? } else { None };
        Ok(Step { used, item })
    }

    fn end_frame(&mut self) -> Result<Option<Item<'static>>, Violation> {
        let partial = self.partial.as_mut().expect("a frame is open");
        let frame = partial.frame.take().expect("a frame is open");
        let item = if frame.opcode.is_control() {
            Some(Item::new(frame.opcode, std::mem::take(&mut partial.control).into())?)
        } else if frame.fin {
            let message = partial.message.take().expect("its frame was open");
            Some(message.finish(self.limits.message)?)
        } else {
            None
        };
        self.settle();
        Ok(item)
    }

    /// Lets go of the memory when nothing is half-read any more.
    fn settle(&mut self) {
        let needed =
            |partial: &Partial| partial.message.is_some() || partial.frame.is_some() || partial.head_len > 0;
        self.partial.take_if(|partial| !needed(partial));
    }
}
