//! The body of an answer: bytes that are there, a file that is read while it is sent, or a stream of what comes.

use crate::files::Pieces;
use crate::link::Stream;
use crate::listen::{Doubt, Doubtful};
use crate::transport::engineio::Unsure;
use crate::transport::sockjs::Receiving;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The body of an answer.
pub(crate) enum Body {
    /// All of it; empty bytes are no body.
    Full(Bytes),
    /// Pieces of a file.
    File(Box<Pieces>),
    /// Events of an actor, for as long as its connection.
    Stream(Box<Stream>),
    /// All of it, of which somebody wants to know whether it was sent.
    Unsure(Box<(Bytes, Unsure)>),
    /// What a session of SockJS gives to a request, one frame or many.
    Receiving(Box<Receiving>),
}

impl Body {
    /// For how long its client may confirm nothing of it, where it is one that goes on for good.
    pub(crate) fn silence(&self) -> Option<Duration> {
        match self {
            Self::Stream(stream) => stream.silence(),
            Self::Receiving(receiving) => receiving.silence(),
            Self::Full(_) | Self::File(_) | Self::Unsure(_) => None,
        }
    }

    /// Bytes that somebody wants to know to be sent.
    #[must_use]
    pub(crate) fn unsure(bytes: Bytes, unsure: Unsure) -> Self {
        Self::Unsure(Box::new((bytes, unsure)))
    }

    /// No body.
    #[must_use]
    pub(crate) fn empty() -> Self {
        Self::Full(Bytes::new())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Full(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Full(text.into())
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::Full(Bytes::from_static(text.as_bytes()))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::File(pieces) => pieces.poll_next(cx).map_ok(Frame::data),
            Self::Unsure(unsure) => {
                let bytes = std::mem::take(&mut unsure.0);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Stream(stream) => {
                stream.poll_next(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
            Self::Receiving(receiving) => {
                receiving.poll_next(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_empty(),
            Self::File(pieces) => pieces.left() == 0,
            Self::Unsure(unsure) => unsure.0.is_empty(),
            Self::Receiving(receiving) => receiving.is_over(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Full(bytes) => bytes.len() as u64,
            Self::File(pieces) => pieces.left(),
            Self::Unsure(unsure) => unsure.0.len() as u64,
            Self::Receiving(receiving) => match receiving.length() {
                Some(length) => length as u64,
                None => return SizeHint::default(),
            },
            Self::Stream(_) => return SizeHint::default(),
        })
    }
}

impl Doubtful for Body {
    fn take_doubt(&mut self) -> Option<Box<dyn Doubt>> {
        let is_over = match self {
            Self::Unsure(unsure) => unsure.0.is_empty(),
            Self::Receiving(receiving) => receiving.is_over(),
            Self::Full(_) | Self::File(_) | Self::Stream(_) => false,
        };
        if !is_over {
            return None;
        }
        match std::mem::replace(self, Self::empty()) {
            Self::Unsure(unsure) => Some(unsure),
            Self::Receiving(receiving) => Some(receiving),
            Self::Full(_) | Self::File(_) | Self::Stream(_) => None,
        }
    }
}

impl Doubt for (Bytes, Unsure) {
    fn sent(mut self: Box<Self>) {
        self.1.arrived();
    }
}

impl Doubt for Receiving {
    fn sent(self: Box<Self>) {
        self.arrived();
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::File(pieces) => write!(f, "File({} bytes left)", pieces.left()),
            Self::Stream(_) => f.write_str("Stream"),
            Self::Receiving(_) => f.write_str("Receiving"),
            Self::Unsure(unsure) => write!(f, "Unsure({} bytes)", unsure.0.len()),
        }
    }
}
