//! Who has woken another lets it go first.
//!
//! tokio keeps the task that was woken last in a slot of the thread that woke it, where no other thread looks. There it waits
//! until the poll under way has ended: for as long as an actor computes that begins its next call in the same poll, though it
//! may be anybody's, and other threads are free. So an actor that has woken somebody polls no function before it has let its
//! thread go.

use std::cell::Cell;

/// What a thread polls.
#[derive(Clone, Copy, Default)]
struct Polled {
    /// The address of an actor's place.
    place: usize,
    owes: bool,
}

thread_local! {
    static POLLED: Cell<Polled> = const { Cell::new(Polled { place: 0, owes: false }) };
}

fn address<P>(place: &P) -> usize {
    std::ptr::from_ref(place).addr()
}

/// This thread polls the actor of that place from now on.
pub(crate) fn begin<P>(place: &P) {
    POLLED.set(Polled { place: address(place), owes: false });
}

/// The actor of that place is woken. One that wakes itself keeps nobody waiting.
pub(crate) fn wakes<P>(place: &P) {
    let polled = POLLED.get();
    if polled.place != address(place) {
        POLLED.set(Polled { owes: true, ..polled });
    }
}

/// Somebody is woken who waits for this actor, or for an alarm.
pub(crate) fn wakes_somebody() {
    POLLED.set(Polled { owes: true, ..POLLED.get() });
}

/// Whether the actor that this thread polls has woken somebody.
pub(crate) fn is_owed() -> bool {
    POLLED.get().owes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_others_are_owed_the_thread() {
        let (mine, other) = (1, 2);
        begin(&mine);
        wakes(&mine);
        assert!(!is_owed());
        wakes(&other);
        assert!(is_owed());
        begin(&mine);
        assert!(!is_owed());
        wakes_somebody();
        assert!(is_owed());
    }
}
