//! Takes in the body of a request: bounded, within its time, and drained where nobody reads it, so that the
//! next request on the same connection can follow.

use crate::link::{Crowded, HalfRead, Share};
use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};
use playhouse_core::clock::Clock;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Why a body was not taken in. The connection is closed then: what follows on it is the rest of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoBody {
    /// It is over the limit.
    #[error("the request's body is larger than {0} bytes")]
    TooLarge(usize),
    /// It did not come within its time.
    #[error("the request's body did not come within {} ms", .0.as_millis())]
    TooSlow(Duration),
    /// It ended before its end, or broke the rules of HTTP.
    #[error("the request's body is incomplete")]
    Broken,
    /// The node holds as many bytes half-read as it may.
    #[error("the server has no room for the request's body; try again after a pause")]
    Crowded,
}

/// What a body may be.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'r> {
    /// Its bytes.
    pub(super) bytes: usize,
    /// Its time.
    pub(super) time: Duration,
    /// All that the node holds half-read, which shares its memory.
    pub(super) half_read: &'r HalfRead,
}

/// Takes in a body; only drains it unless it is `wanted`.
pub(super) async fn receive<B>(
    body: B,
    wanted: bool,
    bounds: Bounds<'_>,
    clock: &Clock,
) -> Result<Bytes, NoBody>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // The length that the client announces: one that is too large is refused before anything is read.
    if body.size_hint().lower() > bounds.bytes as u64 {
        return Err(NoBody::TooLarge(bounds.bytes));
    }
    let taken = clock.timeout(bounds.time, take(body, wanted, bounds)).await;
    taken.unwrap_or(Err(NoBody::TooSlow(bounds.time)))
}

async fn take<B>(mut body: B, wanted: bool, bounds: Bounds<'_>) -> Result<Bytes, NoBody>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut whole = Whole::default();
    let mut share = bounds.half_read.body();
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|cx| poll_frame(cx, &mut body, &mut share)).await {
        let Ok(data) = frame?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > bounds.bytes {
            return Err(NoBody::TooLarge(bounds.bytes));
        }
        if wanted {
            share.grow(data.len()).map_err(|Crowded| NoBody::Crowded)?;
            whole.push(data);
        }
    }
    Ok(whole.finish())
}

/// The next frame of a body, unless it is given up for others.
fn poll_frame<B>(
    cx: &mut Context<'_>,
    body: &mut B,
    share: &mut Share<'_>,
) -> Poll<Option<Result<Frame<Bytes>, NoBody>>>
where
    B: Body<Data = Bytes> + Unpin,
{
    match Pin::new(body).poll_frame(cx) {
        Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(|_| NoBody::Broken))),
        Poll::Pending => share.poll_crowded(cx).map(|Crowded| Some(Err(NoBody::Crowded))),
    }
}

/// A body put together: one piece is kept as it came, most bodies are that.
#[derive(Default)]
struct Whole {
    first: Bytes,
    rest: BytesMut,
}

impl Whole {
    fn push(&mut self, piece: Bytes) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = piece;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
        }
        self.rest.extend_from_slice(&piece);
    }

    fn finish(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, StreamExt, stream};
    use http_body_util::StreamBody;
    use std::convert::Infallible;

    fn pieces(pieces: &'static [&'static str]) -> impl Body<Data = Bytes, Error = Infallible> + Unpin {
        StreamBody::new(stream::iter(
            pieces.iter().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))),
        ))
    }

    fn received(body: impl Body<Data = Bytes> + Unpin, wanted: bool) -> Result<Bytes, NoBody> {
        let (clock, _hand) = Clock::manual();
        let half_read = HalfRead::new(1_000);
        let bounds = Bounds { bytes: 6, time: Duration::from_secs(1), half_read: &half_read };
        receive(body, wanted, bounds, &clock).now_or_never().expect("all is there")
    }

    #[test]
    fn pieces_are_put_together_within_the_limit() {
        assert_eq!(received(pieces(&[]), true), Ok(Bytes::new()));
        assert_eq!(received(pieces(&["abc"]), true), Ok(Bytes::from("abc")));
        assert_eq!(received(pieces(&["ab", "", "cd", "ef"]), true), Ok(Bytes::from("abcdef")));
        assert_eq!(received(pieces(&["abc", "defg"]), true), Err(NoBody::TooLarge(6)));
        assert_eq!(received(pieces(&["abc", "defg"]), false), Err(NoBody::TooLarge(6)));
        assert_eq!(received(pieces(&["abc"]), false), Ok(Bytes::new()));
    }

    #[test]
    fn an_announced_length_is_refused_unread() {
        let body = http_body_util::Full::new(Bytes::from("1234567"));
        assert_eq!(received(body, true), Err(NoBody::TooLarge(6)));
    }

    #[test]
    fn a_body_that_does_not_come_is_not_waited_for() {
        let (clock, hand) = Clock::manual();
        let time = Duration::from_secs(1);
        let body = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let half_read = HalfRead::new(1_000);
        let mut taking =
            Box::pin(receive(body, true, Bounds { bytes: 6, time, half_read: &half_read }, &clock));
        assert_eq!(taking.as_mut().now_or_never(), None);
        hand.advance(time);
        assert_eq!(taking.now_or_never(), Some(Err(NoBody::TooSlow(time))));
    }

    #[test]
    fn the_largest_body_is_given_up_for_others() {
        let (clock, _hand) = Clock::manual();
        let half_read = HalfRead::new(100_000);
        let bounds = Bounds { bytes: 1 << 20, time: Duration::from_secs(1), half_read: &half_read };
        let begun = |length| {
            let piece = Ok::<_, Infallible>(Frame::data(Bytes::from(vec![0; length])));
            StreamBody::new(stream::iter([piece]).chain(stream::pending()))
        };
        let mut large = Box::pin(receive(begun(70_000), true, bounds, &clock));
        let mut small = Box::pin(receive(begun(20_000), true, bounds, &clock));
        assert_eq!((large.as_mut().now_or_never(), small.as_mut().now_or_never()), (None, None));
        let mut unwanted = Box::pin(receive(begun(90_000), false, bounds, &clock));
        assert_eq!((unwanted.as_mut().now_or_never(), large.as_mut().now_or_never()), (None, None));
        let mut next = Box::pin(receive(begun(30_000), true, bounds, &clock));
        assert_eq!((next.as_mut().now_or_never(), small.as_mut().now_or_never()), (None, None));
        assert_eq!(large.as_mut().now_or_never(), Some(Err(NoBody::Crowded)));
        assert_eq!(small.as_mut().now_or_never(), None);
    }
}
