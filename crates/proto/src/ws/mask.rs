//! Masking, RFC 6455, 5.3: the same operation hides and shows.
//!
//! Owns the hot loop. It must not make keys: the protocol asks for unpredictable ones, and there is no
//! randomness in this crate.

/// The key of a masked frame.
pub type Key = [u8; 4];

/// Masks or unmasks `data`, which begins at the start of a payload.
///
/// Eight bytes at a time in plain Rust: the compiler turns the loop into vector instructions, so that
/// hand-written ones would gain nothing.
pub fn apply(key: Key, data: &mut [u8]) {
    let [a, b, c, d] = key;
    let twice = [a, b, c, d, a, b, c, d];
    let wide = u64::from_ne_bytes(twice);
    let (words, rest) = data.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(twice) {
        *byte ^= key;
    }
}

/// The key for what follows after `done` bytes of the payload have been masked with `key`.
#[must_use]
pub fn advanced(key: Key, done: usize) -> Key {
    let mut turned = key;
    turned.rotate_left(done % 4);
    turned
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn example_of_the_rfc() {
        // RFC 6455, 5.7: a single-frame masked text message, "Hello".
        let mut hello = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        apply([0x37, 0xfa, 0x21, 0x3d], &mut hello);
        assert_eq!(&hello, b"Hello");
    }

    proptest! {
        #[test]
        fn pieces_give_the_same_as_the_whole(key: Key, data: Vec<u8>, cut: usize) {
            let cut = if data.is_empty() { 0 } else { cut % data.len() };
            let plain: Vec<u8> = data.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
            let mut whole = data.clone();
            apply(key, &mut whole);
            prop_assert_eq!(&whole, &plain);
            let mut pieces = data;
            let (left, right) = pieces.split_at_mut(cut);
            apply(key, left);
            apply(advanced(key, cut), right);
            prop_assert_eq!(&pieces, &plain);
        }
    }
}
