//! Which process has which core.
//!
//! The generator has one of its own wherever there are two. The other processes get cores of their own as far as
//! there are any: first the second server, then Redis.

/// The cores of the processes under load; `None` leaves a process to the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Places {
    /// Of the first server, the only one unless several are one, and of the second.
    pub(crate) servers: [Option<usize>; 2],
    /// Of the Redis between them.
    pub(crate) redis: Option<usize>,
}

impl Places {
    /// The places on a machine with these cores, of which the second one is the generator's.
    pub(crate) fn on(cores: &[usize]) -> Self {
        let (first, second, redis) = match *cores {
            [] | [_] => return Self::default(),
            [first, _] => (first, first, first),
            // The first server has the sayer: of the three it has most to do.
            [first, _, third] => (first, third, third),
            [first, _, third, fourth, ..] => (first, third, fourth),
        };
        Self { servers: [Some(first), Some(second)], redis: Some(redis) }
    }

    /// Whether two servers and Redis have a core each: only then can rates of two servers say what a second
    /// machine brings.
    pub(crate) fn are_apart(&self) -> bool {
        let [first, second] = self.servers;
        first.is_some() && first != second && first != self.redis && second != self.redis
    }
}

/// The generator's core, if it has one of its own.
pub(crate) fn generator(cores: &[usize]) -> Option<usize> {
    cores.get(1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_shares_the_generators_core() {
        for (cores, first, second, redis, apart) in [
            (&[4, 5][..], 4, 4, 4, false),
            (&[0, 1, 2], 0, 2, 2, false),
            (&[0, 1, 2, 3], 0, 2, 3, true),
            (&[1, 3, 5, 7, 9], 1, 5, 7, true),
        ] {
            let places = Places::on(cores);
            assert_eq!(places, Places { servers: [Some(first), Some(second)], redis: Some(redis) });
            assert_eq!(places.are_apart(), apart, "{cores:?}");
            let own = generator(cores).unwrap();
            assert!(![first, second, redis].contains(&own), "{cores:?}");
        }
        assert_eq!((Places::on(&[3]), generator(&[3])), (Places::default(), None));
        assert!(!Places::default().are_apart());
    }
}
