//! Chance: ids, tokens, jitter. Secrets are bytes of the operating system, each used once; a seeded form
//! exists for simulations, where one seed must give one run. Knows nothing of what the ids are for.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use compact_str::CompactString;

/// Bytes asked of the operating system at once. A call for each id costs a microsecond or more; one call
/// for 256 ids does not show at 12,000 connects a second.
const BUFFER: usize = 4_096;

/// Where chance comes from. Cloning is cheap; clones of a seeded one draw from one sequence.
#[derive(Clone, Debug)]
pub enum Rng {
    /// The operating system's generator, through a buffer for each thread.
    System,
    /// A sequence that its seed determines. Never for secrets.
    Seeded(Arc<Seeded>),
}

/// The state of a seeded sequence (`SplitMix64`: equidistributed, and any seed will do).
#[derive(Debug)]
pub struct Seeded(Mutex<u64>);

impl Rng {
    /// Chance from the operating system.
    #[must_use]
    pub fn system() -> Self {
        Self::System
    }

    /// The sequence of `seed`, for simulations.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Seeded(Mutex::new(seed))))
    }

    /// Fills `out` with random bytes.
    ///
    /// # Panics
    /// When the operating system has no random bytes to give; no id or secret could be made then.
    pub fn fill(&self, out: &mut [u8]) {
        match self {
            Self::System => from_system(out),
            Self::Seeded(seeded) => seeded.fill(out),
        }
    }

    /// A version 4 UUID (RFC 9562, section 5.4) as lower-case text.
    #[must_use]
    pub fn uuid_v4(&self) -> CompactString {
        let text = self.uuid_v4_text();
        CompactString::from_utf8(text).expect("hex digits and dashes")
    }

    /// The same as 36 bytes of ASCII, for who writes it straight into a frame.
    #[must_use]
    pub fn uuid_v4_text(&self) -> [u8; 36] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        uuid_text(&bytes)
    }

    /// `BYTES` random bytes as lower-case hex, two digits each, in ASCII.
    #[must_use]
    pub fn hex<const BYTES: usize>(&self) -> [[u8; 2]; BYTES] {
        let mut random = [0; BYTES];
        self.fill(&mut random);
        random.map(hex_of)
    }

    /// `bytes` random bytes as URL-safe base64 without padding (RFC 4648, section 5).
    #[must_use]
    pub fn token(&self, bytes: usize) -> String {
        let mut random = vec![0; bytes];
        self.fill(&mut random);
        base64url(&random)
    }

    /// A random number of 64 bits.
    #[must_use]
    pub fn u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `n`, each equally likely; 0 where `n` is 0.
    #[must_use]
    pub fn below(&self, n: u64) -> u64 {
        // Lemire's multiplication; the few draws that would favour small numbers are drawn again.
        let refused = n.wrapping_neg().checked_rem(n).unwrap_or(0);
        loop {
            let product = u128::from(self.u64()) * u128::from(n);
            let [high, low] = halves(product);
            if low >= refused {
                return high;
            }
        }
    }

    /// A number in 0 ≤ x < 1, a multiple of 2⁻⁵³.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    pub fn f64(&self) -> f64 {
        (self.u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `duration`, longer or shorter by at most `share` of it (0 to 1): `jitter(10 s, 0.2)` lies between 8
    /// and 12 seconds. Shares outside are taken as the nearest limit, a NaN as 0.
    #[must_use]
    pub fn jitter(&self, duration: Duration, share: f64) -> Duration {
        let share = if share > 0.0 { share.min(1.0) } else { 0.0 };
        let factor = 1.0 + share * (2.0 * self.f64() - 1.0);
        Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(duration)
    }
}

impl Seeded {
    fn fill(&self, out: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in out.chunks_mut(8) {
            piece.copy_from_slice(&split_mix(&mut state).to_le_bytes()[..piece.len()]);
        }
    }
}

/// One step of `SplitMix64` (Steele, Lea and Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Random bytes of this thread that nobody has had yet: those from `used` on.
struct Buffer {
    bytes: [u8; BUFFER],
    used: usize,
}

impl Buffer {
    fn take(&mut self, out: &mut [u8]) {
        if out.len() > BUFFER - self.used {
            if out.len() > BUFFER / 4 {
                return ask_system(out);
            }
            ask_system(&mut self.bytes);
            self.used = 0;
        }
        let given = &mut self.bytes[self.used..self.used + out.len()];
        out.copy_from_slice(given);
        // What was given away is a secret of somebody else's now.
        given.fill(0);
        self.used += out.len();
    }
}

fn from_system(out: &mut [u8]) {
    thread_local! {
        static BYTES: RefCell<Box<Buffer>> =
            RefCell::new(Box::new(Buffer { bytes: [0; BUFFER], used: BUFFER }));
    }
    // While a thread ends its buffer may be gone; then each draw asks for itself.
    if BYTES.try_with(|buffer| buffer.borrow_mut().take(out)).is_err() {
        ask_system(out);
    }
}

fn ask_system(out: &mut [u8]) {
    getrandom::fill(out).expect("the operating system has random bytes");
}

fn hex_of(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

fn uuid_text(bytes: &[u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at..at + 2].copy_from_slice(&hex_of(*byte));
        at += 2;
    }
    text
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for piece in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..piece.len()].copy_from_slice(piece);
        let [a, b, c] = three.map(usize::from);
        let four = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
        text.extend(four[..=piece.len()].iter().map(|digit| char::from(DIGITS[*digit])));
    }
    text
}

#[allow(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
fn halves(wide: u128) -> [u64; 2] {
    [(wide >> 64) as u64, wide as u64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn both() -> [Rng; 2] {
        [Rng::system(), Rng::seeded(7)]
    }

    #[test]
    fn uuids_are_valid_version_4_and_differ() {
        for rng in both() {
            let mut seen = HashSet::new();
            for _ in 0..2_000 {
                let id = rng.uuid_v4();
                let bytes = id.as_bytes();
                assert_eq!(bytes.len(), 36);
                for (at, byte) in bytes.iter().enumerate() {
                    match at {
                        8 | 13 | 18 | 23 => assert_eq!(*byte, b'-'),
                        14 => assert_eq!(*byte, b'4', "version, {id}"),
                        19 => assert!(b"89ab".contains(byte), "variant, {id}"),
                        _ => assert!(b"0123456789abcdef".contains(byte), "{id}"),
                    }
                }
                assert!(seen.insert(id));
            }
        }
    }

    #[test]
    fn tokens_have_their_length_and_letters() {
        for rng in both() {
            for (bytes, length) in [(0, 0), (1, 2), (2, 3), (3, 4), (16, 22), (20, 27)] {
                let token = rng.token(bytes);
                assert_eq!(token.len(), length);
                assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            }
        }
    }

    #[test]
    fn hex_is_of_the_same_bytes() {
        let mut bytes = [0; 5];
        Rng::seeded(3).fill(&mut bytes);
        let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(Rng::seeded(3).hex::<5>().as_flattened(), expected.as_bytes());
    }

    #[test]
    fn base64url_as_rfc_4648_has_it() {
        let rows = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")];
        for (bytes, text) in rows {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xbf]), "-_-_");
    }

    #[test]
    fn no_byte_is_given_twice() {
        let mut buffer = Buffer { bytes: [0; BUFFER], used: BUFFER };
        let mut out = [0; 16];
        buffer.take(&mut out);
        assert_eq!(buffer.used, 16);
        assert_eq!(buffer.bytes[..16], [0; 16]);
        let mut large = vec![0; BUFFER * 2];
        buffer.take(&mut large);
        assert_eq!(buffer.used, 16, "large draws pass the buffer by");
        assert!(large.iter().any(|byte| *byte != 0));
    }

    #[test]
    fn threads_have_buffers_of_their_own() {
        let draws: Vec<_> = (0..4).map(|_| std::thread::spawn(|| Rng::System.uuid_v4())).collect();
        let ids: HashSet<_> = draws.into_iter().map(|draw| draw.join().unwrap()).collect();
        assert_eq!(ids.len(), 4);
    }

    #[test]
    fn one_seed_one_sequence() {
        let draw = |seed| {
            let rng = Rng::seeded(seed);
            (rng.uuid_v4(), rng.token(9), rng.below(1_000), rng.f64().to_bits())
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        // The first value of SplitMix64 for the seed 0, as published with it.
        assert_eq!(Rng::seeded(0).u64(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        for rng in both() {
            let mut seen = [0_u32; 6];
            for _ in 0..6_000 {
                seen[usize::try_from(rng.below(6)).unwrap()] += 1;
                let x = rng.f64();
                assert!((0.0..1.0).contains(&x));
                let jittered = rng.jitter(Duration::from_secs(10), 0.2);
                assert!((Duration::from_secs(8)..=Duration::from_secs(12)).contains(&jittered));
            }
            assert!(seen.iter().all(|count| (800..1_200).contains(count)), "{seen:?}");
            assert_eq!((rng.below(0), rng.below(1)), (0, 0));
            for share in [0.0, -3.0, f64::NAN] {
                assert_eq!(rng.jitter(Duration::from_secs(1), share), Duration::from_secs(1));
            }
        }
    }
}
