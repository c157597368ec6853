//! Buffers for own replies, kept per thread so that a reply costs no allocation.

use std::cell::RefCell;

const KEPT: usize = 16;
const SIZE_MAX: usize = 64 * 1024;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer.
#[must_use]
pub fn take() -> Vec<u8> {
    BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Gives a buffer back; a large one is freed.
pub fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > SIZE_MAX {
        return;
    }
    buffer.clear();
    BUFFERS.with_borrow_mut(|kept| {
        if kept.len() < KEPT {
            kept.push(buffer);
        }
    });
}
