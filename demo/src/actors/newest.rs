//! What a visitor may not fill: lists of which the newest are kept. Knows nothing of what is in them.

/// The most items of a list.
const ITEMS: usize = 500;

/// Takes the oldest away until at most 500 are left, of at most `bytes` together.
pub(crate) fn keep_newest<T>(list: &mut Vec<T>, bytes: usize, size: impl Fn(&T) -> usize) {
    let mut room = bytes;
    let fits = |item: &&T| {
        let left = room.checked_sub(size(item));
        room = left.unwrap_or_default();
        left.is_some()
    };
    let kept = list.iter().rev().take(ITEMS).take_while(fits).count();
    list.drain(..list.len() - kept);
}

#[cfg(test)]
mod tests {
    use super::keep_newest;

    #[test]
    fn the_newest_that_have_room() {
        let mut list: Vec<u32> = (0..502).collect();
        keep_newest(&mut list, 10_000, |_| 4);
        assert_eq!((list.len(), list[0]), (500, 2));
        keep_newest(&mut list, 12, |_| 4);
        assert_eq!(list, [499, 500, 501]);
        keep_newest(&mut list, 3, |_| 4);
        assert!(list.is_empty());
        keep_newest(&mut list, 3, |_| 4);
    }
}
