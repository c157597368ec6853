//! permessage-deflate, RFC 7692, without context takeover on either side.
//!
//! Owns the negotiation and the compression of single messages. It must not keep anything for a link: every
//! message stands alone, so an idle link costs nothing, and a shared frame can go to many.
//!
//! One compressor and one inflater per thread are reused (256 and 40 KiB); each use begins with a reset, so
//! no message can see another.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::Violation;
use super::handshake::unquoted;

/// The name of the extension.
const NAME: &str = "permessage-deflate";

/// What a client of ours puts into `Sec-WebSocket-Extensions`.
pub const OFFER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Messages below this size are not compressed: the result would hardly be smaller.
const WORTHWHILE: usize = 64;

/// zlib's level, 0 to 9. On 57 KB of chat-like JSON level 6 saved another tenth for 2.4 times the time, and
/// level 1 gave 40 % more bytes for less than half of it.
const LEVEL: u32 = 3;

/// What a flush leaves at the end of every message, and what the sender takes off (RFC 7692, 7.2.1).
const FLUSHED: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// The four bytes that the sender took off, then a final empty block. The latter ends the data exactly if the
/// former ended the message; so a truncated message is told from a whole one.
const TAIL: [u8; 9] = [0, 0, 0xFF, 0xFF, 1, 0, 0, 0xFF, 0xFF];

/// Blocks with the final bit that one message may have (RFC 7692, 7.2.3.4, allows them). Each costs a reset
/// with 32 KiB of history; real senders have none or one.
const FINALS_MAX: usize = 16;

/// Room that every call of the compressor gets at least. With less than six bytes it would repeat the mark
/// of a flush.
const SPARE: usize = 64;

/// How far back a DEFLATE block may refer.
const HISTORY: usize = 32 * 1024;

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The window for what we send, 9 to 15: the base-2 logarithm of its bytes.
    window: u8,
}

/// Chooses the first acceptable offer of a client. `values` are the values of its `Sec-WebSocket-Extensions`
/// headers, in order. `None` means that the link goes without compression, which is never an error.
#[must_use]
pub fn negotiate<'h>(values: impl IntoIterator<Item = &'h str>) -> Option<Agreed> {
    values.into_iter().flat_map(|value| value.split(',')).find_map(acceptable)
}

impl Agreed {
    /// An agreement on the window for what we send: the base-2 logarithm of its bytes, 9 to 15. For who keeps
    /// [`Agreed::window`] in place of the agreement.
    #[must_use]
    pub fn with_window(window: u8) -> Self {
        Self { window: window.clamp(9, 15) }
    }

    /// The window for what we send: the base-2 logarithm of its bytes, 9 to 15.
    #[must_use]
    pub fn window(&self) -> u8 {
        self.window
    }

    /// The value of `Sec-WebSocket-Extensions` in the answer.
    #[must_use]
    pub fn answer(&self) -> String {
        match self.window {
            15 => OFFER.to_owned(),
            bits => format!("{OFFER}; server_max_window_bits={bits}"),
        }
    }

    /// Reads a server's answer to [`OFFER`]. `None` if the server answered what was not offered: the client
    /// must then fail the connection (RFC 7692, 5.1).
    #[must_use]
    pub fn from_answer(value: &str) -> Option<Self> {
        let mut parameters = parameters(value)?;
        let alone = parameters.any(|(name, value)| (name, value) == ("server_no_context_takeover", None));
        // The server's own window may be smaller than ours; an inflater with the full one reads it.
        let known = |(name, value): (&str, Option<&str>)| match name {
            "server_no_context_takeover" | "client_no_context_takeover" => value.is_none(),
            "server_max_window_bits" => value.and_then(window).is_some(),
            _ => false,
        };
        let all_known = self::parameters(value)?.all(known);
        (alone && all_known).then_some(Self { window: 15 })
    }
}

/// One offer, if it is ours and can be met.
fn acceptable(offer: &str) -> Option<Agreed> {
    let mut seen = Vec::new();
    let mut agreed = Agreed { window: 15 };
    for (name, value) in parameters(offer)? {
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
        match (name, value) {
            (
                "server_no_context_takeover" | "client_no_context_takeover" | "client_max_window_bits",
                None,
            ) => {}
            // Whatever the client's window, ours is as large as any. Only the form is checked.
            ("client_max_window_bits", Some(bits)) => drop(window(bits)?),
            // zlib cannot keep to a window of 8; such an offer is passed over.
            ("server_max_window_bits", Some(bits)) => {
                agreed.window = window(bits).filter(|bits| *bits > 8)?;
            }
            _ => return None,
        }
    }
    Some(agreed)
}

/// Name and value of each parameter, if the extension is this one.
fn parameters(extension: &str) -> Option<impl Iterator<Item = (&str, Option<&str>)>> {
    let mut parts = extension.split(';').map(str::trim);
    parts.next().filter(|name| name.eq_ignore_ascii_case(NAME))?;
    Some(parts.map(|part| match part.split_once('=') {
        Some((name, value)) => (name.trim(), Some(unquoted(value.trim()))),
        None => (part, None),
    }))
}

/// Window bits, 8 to 15, without leading zeros (RFC 7692, 7.1.2).
fn window(value: &str) -> Option<u8> {
    let bits = value.parse().ok().filter(|bits| (8..=15).contains(bits))?;
    (value.len() == if bits < 10 { 1 } else { 2 }).then_some(bits)
}

thread_local! {
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
    static COMPRESSOR: RefCell<Option<(u8, Compress)>> = const { RefCell::new(None) };
}

/// Compresses one message. The result may be larger than the payload; [`pack_if_smaller`] looks at that.
#[must_use]
pub fn pack(payload: &[u8], agreed: Agreed) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|kept| match kept {
        Some((window, compressor)) if *window == agreed.window => {
            compressor.reset();
            squeeze(compressor, payload)
        }
        _ => squeeze(&mut kept.insert((agreed.window, compressor(agreed.window))).1, payload),
    })
}

/// Compresses one message, if that makes it smaller; else it is sent as it is, which is always allowed.
#[must_use]
pub fn pack_if_smaller(payload: &[u8], agreed: Agreed) -> Option<Vec<u8>> {
    if payload.len() < WORTHWHILE {
        return None;
    }
    Some(pack(payload, agreed)).filter(|packed| packed.len() < payload.len())
}

fn compressor(window: u8) -> Compress {
    Compress::new_with_window_bits(Compression::new(LEVEL), false, window)
}

fn squeeze(compressor: &mut Compress, payload: &[u8]) -> Vec<u8> {
    if payload.is_empty() {
        // Nothing to flush makes no block, but there must be one (RFC 7692, 7.2.3.6).
        return vec![0];
    }
    let mut out = Vec::with_capacity(payload.len() / 2 + SPARE);
    loop {
        let done = usize::try_from(compressor.total_in()).expect("at most the payload");
        let status = compressor.compress_vec(&payload[done..], &mut out, FlushCompress::Sync);
        status.expect("deflate fails only when its state is damaged");
        if compressor.total_in() == payload.len() as u64 && out.len() < out.capacity() {
            break;
        }
        out.reserve(out.len() / 2 + SPARE);
    }
    let packed = out.strip_suffix(&FLUSHED).map_or(out.len(), <[u8]>::len);
    out.truncate(packed);
    out
}

/// Unpacks one message of at most `max` bytes.
///
/// # Errors
/// [`Violation::MessageTooLarge`] as soon as one byte more than `max` has come out, and
/// [`Violation::NotDeflate`] for anything that is not whole and sound.
pub fn unpack(payload: &[u8], max: usize) -> Result<Vec<u8>, Violation> {
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        let mut unpacking = Unpacking { inflater, max, out: Vec::new(), finals: 0 };
        let ended = unpacking.feed(payload)?;
        // A final block as the very last thing needs no tail, whatever the RFC says of the byte after it.
        if !ended && !unpacking.feed(&TAIL)? {
            return Err(Violation::NotDeflate);
        }
        Ok(unpacking.out)
    })
}

struct Unpacking<'i> {
    inflater: &'i mut Decompress,
    max: usize,
    out: Vec<u8>,
    finals: usize,
}

impl Unpacking<'_> {
    /// Unpacks all of `input`, and says whether its last byte ended a final block.
    fn feed(&mut self, mut input: &[u8]) -> Result<bool, Violation> {
        loop {
            self.make_room(input.len());
            let before = self.inflater.total_in();
            let status = self
                .inflater
                .decompress_vec(input, &mut self.out, FlushDecompress::None)
                .map_err(|_| Violation::NotDeflate)?;
            let used = usize::try_from(self.inflater.total_in() - before).expect("at most the input");
            input = &input[used..];
            if self.out.len() > self.max {
                return Err(Violation::MessageTooLarge);
            }
            match status {
                Status::StreamEnd if input.is_empty() => return Ok(true),
                Status::StreamEnd => self.go_on()?,
                Status::Ok | Status::BufError if self.out.len() == self.out.capacity() => {}
                Status::Ok | Status::BufError if input.is_empty() => return Ok(false),
                Status::Ok => {}
                Status::BufError => return Err(Violation::NotDeflate),
            }
        }
    }

    /// Grows with what has come out, to at most one byte above the limit: that one shows the excess.
    fn make_room(&mut self, left: usize) {
        if self.out.len() < self.out.capacity() {
            return;
        }
        let more = self.out.len().max(left.saturating_mul(3)).max(256);
        let most = self.max.saturating_add(1).saturating_sub(self.out.len());
        self.out.reserve_exact(more.min(most));
    }

    /// Goes on after a final block: a new stream that still sees the history of the old one.
    fn go_on(&mut self) -> Result<(), Violation> {
        self.finals += 1;
        if self.finals > FINALS_MAX {
            return Err(Violation::NotDeflate);
        }
        let from = self.out.len().saturating_sub(HISTORY);
        self.inflater.reset(false);
        if !self.out.is_empty() {
            self.inflater.set_dictionary(&self.out[from..]).map_err(|_| Violation::NotDeflate)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AGREED: Agreed = Agreed { window: 15 };

    #[test]
    fn offers() {
        let table: &[(&str, Option<u8>)] = &[
            ("permessage-deflate", Some(15)),
            ("permessage-deflate; client_max_window_bits", Some(15)),
            ("permessage-deflate; client_max_window_bits=8", Some(15)),
            ("Permessage-Deflate;server_no_context_takeover ; client_no_context_takeover", Some(15)),
            ("permessage-deflate; server_max_window_bits=9", Some(9)),
            ("permessage-deflate; server_max_window_bits=\"12\"", Some(12)),
            ("permessage-deflate; server_max_window_bits=8", None),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", Some(15)),
            ("x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=10", Some(10)),
            ("permessage-deflate; server_max_window_bits=16", None),
            ("permessage-deflate; server_max_window_bits=010", None),
            ("permessage-deflate; server_max_window_bits", None),
            ("permessage-deflate; client_max_window_bits=7", None),
            ("permessage-deflate; server_no_context_takeover=1", None),
            ("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", None),
            ("permessage-deflate; unknown", None),
            ("permessage-deflateX", None),
            ("", None),
        ];
        for (offer, expected) in table {
            assert_eq!(negotiate([*offer]), expected.map(|window| Agreed { window }), "{offer}");
        }
        assert_eq!(negotiate(["other", "permessage-deflate"]), Some(AGREED));
    }

    #[test]
    fn answers() {
        assert_eq!(AGREED.answer(), OFFER);
        assert_eq!(Agreed::from_answer(&AGREED.answer()), Some(AGREED));
        assert_eq!(Agreed::from_answer(&Agreed { window: 9 }.answer()), Some(AGREED));
        assert_eq!(Agreed::from_answer("permessage-deflate"), None);
        assert_eq!(Agreed::from_answer("permessage-deflate; server_no_context_takeover; x"), None);
        assert_eq!(Agreed::from_answer("permessage-deflate; client_max_window_bits=9"), None);
        assert_eq!(Agreed::from_answer("other"), None);
    }

    #[test]
    fn examples_of_the_rfc() {
        // RFC 7692, 7.2.3.1, 7.2.3.3, 7.2.3.4, 7.2.3.5 and 7.2.3.6.
        let table: &[(&[u8], &[u8])] = &[
            (&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], b"Hello"),
            (&[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00], b"Hello"),
            (&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], b"Hello"),
            (&[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00], b"Hello"),
            (&[0x00], b""),
        ];
        for (packed, expected) in table {
            assert_eq!(unpack(packed, 5), Ok(expected.to_vec()), "{packed:x?}");
        }
    }

    #[test]
    fn blocks_after_a_final_one_see_its_text() {
        // "Hello" in a final block, then "llollo" as a reference three back into it, then the usual end.
        let final_block = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        let reference = [0x82, 0x20, 0x00, 0x00];
        let packed = [&final_block[..], &reference[..]].concat();
        let text = unpack(&packed, 100).expect("the history is kept");
        assert_eq!(text, b"Hellollollo");
        let many = final_block.repeat(FINALS_MAX + 2);
        assert_eq!(unpack(&many, 1000), Err(Violation::NotDeflate));
    }

    #[test]
    fn unsound_data() {
        let whole = pack(&b"abcdefgh".repeat(100), AGREED);
        for cut in 1..whole.len() {
            assert_eq!(unpack(&whole[..cut], 1000), Err(Violation::NotDeflate), "cut at {cut}");
        }
        assert_eq!(unpack(&[0xFF; 20], 1000), Err(Violation::NotDeflate));
        assert_eq!(unpack(&[], 1000), Err(Violation::NotDeflate), "an empty message is one byte (7.2.3.6)");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = pack(&vec![b' '; 16 << 20], AGREED);
        assert!(bomb.len() < 20_000);
        assert_eq!(unpack(&bomb, 1 << 20), Err(Violation::MessageTooLarge));
        assert_eq!(unpack(&bomb, (16 << 20) - 1), Err(Violation::MessageTooLarge));
        assert_eq!(unpack(&bomb, 16 << 20).map(|text| text.len()), Ok(16 << 20));
    }

    #[test]
    fn a_smaller_window_is_kept_to() {
        let distant: Vec<u8> =
            (0..2000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let twice = distant.repeat(2);
        let wide = pack(&twice, AGREED);
        assert!(wide.len() < twice.len() * 6 / 10);
        let narrow = Agreed { window: 9 };
        assert_eq!(pack_if_smaller(&twice, narrow), None, "512 bytes back there is nothing alike");
        assert_eq!(pack(&twice, AGREED), wide, "the window is changed back");
    }

    /// Texts that shrink and bytes that do not, some longer than a window.
    fn payloads() -> impl Strategy<Value = Vec<u8>> {
        let short = prop_oneof!["[a-e]{0,400}".prop_map(String::into_bytes), any::<Vec<u8>>()];
        (short, 1_usize..200).prop_map(|(bytes, times)| bytes.repeat(times))
    }

    proptest! {
        #[test]
        fn every_message_round_trips(payload in payloads(), window in 9_u8..=15) {
            let packed = pack(&payload, Agreed { window });
            prop_assert_eq!(unpack(&packed, payload.len()), Ok(payload));
        }

        #[test]
        fn arbitrary_bytes_never_pass_the_limit(bytes: Vec<u8>, max in 0_usize..1000) {
            if let Ok(out) = unpack(&bytes, max) {
                prop_assert!(out.len() <= max);
            }
        }
    }
}
