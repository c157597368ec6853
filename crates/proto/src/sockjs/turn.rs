//! The numbers that a client may give its requests: an addition to the protocol, unknown to stock clients.
//!
//! A browser whose connection breaks under a request, after it was used for another, sends the request again by itself,
//! also a POST. What was sent would be done twice, and of two polls the first may have taken messages along. Only the
//! client could tell, and nobody asks it; with a number the server can.
//!
//! It must not know what becomes of a request that came twice.

/// The parameter. The last of its name counts: what the user wrote into the address stands before the client's own.
const NAME: &str = "_turn";

/// A request's number among those of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn(u64);

impl Turn {
    /// The number in a query, without its question mark, if there is one.
    #[must_use]
    pub fn read(query: &str) -> Option<Self> {
        let mut pairs = query.rsplit('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == NAME).and_then(|(_, value)| value.parse().ok()).map(Self)
    }
}

/// What has come of one kind of requests.
#[derive(Debug, Default)]
pub struct Turns {
    last: Option<Turn>,
}

impl Turns {
    /// Whether a request comes for the first time, which is noted. One without a number always does.
    pub fn is_new(&mut self, turn: Option<Turn>) -> bool {
        if turn.is_none() {
            return true;
        }
        let is_new = turn > self.last;
        if is_new {
            self.last = turn;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers() {
        for (query, expected) in [
            ("_turn=1", Some(1)),
            ("a=b&_turn=18446744073709551615", Some(u64::MAX)),
            ("_turn=mine&_primuscb=x&_turn=7", Some(7)),
            ("", None),
            ("_turn", None),
            ("_turn=", None),
            ("_turn=-1", None),
            ("_turn=18446744073709551616", None),
            ("turn=1&_turns=2&x_turn=3", None),
        ] {
            assert_eq!(Turn::read(query), expected.map(Turn), "{query}");
        }
    }

    #[test]
    fn each_comes_once() {
        let mut turns = Turns::default();
        for (turn, expected) in
            [(Some(3), true), (Some(3), false), (None, true), (Some(2), false), (Some(4), true), (None, true)]
        {
            assert_eq!(turns.is_new(turn.map(Turn)), expected, "{turn:?}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read(query: String, value: String) {
            let _ = Turn::read(&query);
            let _ = Turn::read(&format!("_turn={value}"));
        }
    }
}
