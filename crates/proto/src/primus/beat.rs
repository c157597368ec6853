//! The server's heartbeat of one connection.
//!
//! Owns when to ping and when a peer counts as dead. It must not have a clock: times are milliseconds from
//! any fixed start, given by the caller, and never run backwards.

/// How often, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds between our pings, and for an answer; 0 switches the heartbeat off. More than 30,000 makes
    /// clients give up by themselves, whose own limit is one and a half of the 30,000 they expect.
    pub every: u64,
    /// Milliseconds for which a client that pings us (Primus 6, every 25,000) may be silent.
    pub silence: u64,
}

/// What the heartbeat is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The time has come, or may have; see [`Beat::due`].
    Clock,
    /// A sign of life: a pong of Primus or a ping frame of the websocket. Other messages are none.
    Sign,
    /// A ping of Primus from the client: it is of version 6, answers none of ours, and wants none.
    ClientPing,
    /// We stop reading, so what the peer says is not heard.
    Paused,
    /// We read again.
    Resumed,
}

/// What the caller shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Nothing.
    Nothing,
    /// Send a ping with the current time.
    Ping,
    /// End the link without the close packet, so that the client comes back. Said once.
    GiveUp,
}

/// Where the heartbeat of a connection stands. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Switched off.
    Off,
    /// The peer is alive; a ping is due.
    Alive {
        /// When to ping.
        ping_at: u64,
    },
    /// A ping was sent; a sign of life is due.
    Waiting {
        /// When the peer is dead.
        dead_at: u64,
    },
    /// The peer pings by itself.
    Listening {
        /// When the peer is dead.
        dead_at: u64,
    },
    /// We do not read. The client still needs our pings, but need not answer them.
    Paused {
        /// When to ping.
        ping_at: u64,
    },
    /// We do not read, and the peer pings by itself.
    PausedListening,
    /// The peer was given up.
    Dead,
}

impl Beat {
    /// The heartbeat of a connection that opens now. The first ping comes after one interval.
    #[must_use]
    pub fn open(now: u64, limits: &Limits) -> Self {
        match limits.every {
            0 => Self::Off,
            every => Self::Alive { ping_at: now.saturating_add(every) },
        }
    }

    /// When to tell it [`Told::Clock`] next, if ever. Changes with every step.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        match *self {
            Self::Alive { ping_at } | Self::Paused { ping_at } => Some(ping_at),
            Self::Waiting { dead_at } | Self::Listening { dead_at } => Some(dead_at),
            Self::Off | Self::PausedListening | Self::Dead => None,
        }
    }

    /// The next state, and what to do. Telling the clock too early or too often does no harm.
    pub fn step(&mut self, now: u64, told: Told, limits: &Limits) -> Do {
        let after_interval = now.saturating_add(limits.every);
        let after_silence = now.saturating_add(limits.silence);
        let (next, what) = match (*self, told) {
            (Self::Off | Self::Dead, _) => return Do::Nothing,

            (Self::Alive { ping_at }, Told::Clock) if now >= ping_at => {
                (Self::Waiting { dead_at: after_interval }, Do::Ping)
            }
            (Self::Paused { ping_at }, Told::Clock) if now >= ping_at => {
                (Self::Paused { ping_at: after_interval }, Do::Ping)
            }
            (Self::Waiting { dead_at } | Self::Listening { dead_at }, Told::Clock) if now >= dead_at => {
                (Self::Dead, Do::GiveUp)
            }
            (same, Told::Clock) => (same, Do::Nothing),

            // The next ping stays where it was, so that pings come at an even pace.
            (Self::Waiting { dead_at }, Told::Sign) => (Self::Alive { ping_at: dead_at }, Do::Nothing),
            (Self::Listening { .. }, Told::Sign) => (Self::Listening { dead_at: after_silence }, Do::Nothing),
            (same @ (Self::Alive { .. } | Self::Paused { .. } | Self::PausedListening), Told::Sign) => {
                (same, Do::Nothing)
            }

            (Self::Alive { .. } | Self::Waiting { .. } | Self::Listening { .. }, Told::ClientPing) => {
                (Self::Listening { dead_at: after_silence }, Do::Nothing)
            }
            (Self::Paused { .. } | Self::PausedListening, Told::ClientPing) => {
                (Self::PausedListening, Do::Nothing)
            }

            (Self::Alive { ping_at: at } | Self::Waiting { dead_at: at }, Told::Paused) => {
                (Self::Paused { ping_at: at }, Do::Nothing)
            }
            (Self::Listening { .. }, Told::Paused) => (Self::PausedListening, Do::Nothing),
            (same @ (Self::Paused { .. } | Self::PausedListening), Told::Paused) => (same, Do::Nothing),

            // What came meanwhile is about to be read: the peer gets a whole turn from here.
            (Self::Paused { ping_at }, Told::Resumed) => (Self::Alive { ping_at }, Do::Nothing),
            (Self::PausedListening, Told::Resumed) => {
                (Self::Listening { dead_at: after_silence }, Do::Nothing)
            }
            (same @ (Self::Alive { .. } | Self::Waiting { .. } | Self::Listening { .. }), Told::Resumed) => {
                (same, Do::Nothing)
            }
        };
        *self = next;
        what
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { every: 30, silence: 35 };

    /// Runs a script of (time, told, expected) from an opening at 0.
    fn run(limits: Limits, script: &[(u64, Told, Do)]) -> Beat {
        let mut beat = Beat::open(0, &limits);
        for (line, (now, told, expected)) in script.iter().enumerate() {
            assert_eq!(beat.step(*now, *told, &limits), *expected, "line {line} at {now}: {beat:?}");
        }
        beat
    }

    #[test]
    fn a_client_that_answers_is_pinged_at_an_even_pace() {
        let beat = run(
            LIMITS,
            &[
                (29, Told::Clock, Do::Nothing),
                (30, Told::Clock, Do::Ping),
                (31, Told::Sign, Do::Nothing),
                (59, Told::Clock, Do::Nothing),
                (60, Told::Clock, Do::Ping),
                (61, Told::Clock, Do::Nothing),
                (89, Told::Sign, Do::Nothing),
                (90, Told::Clock, Do::Ping),
            ],
        );
        assert_eq!(beat.due(), Some(120));
    }

    #[test]
    fn a_client_that_is_silent_dies_when_the_next_ping_is_due() {
        let beat = run(
            LIMITS,
            &[
                (30, Told::Clock, Do::Ping),
                (59, Told::Clock, Do::Nothing),
                (60, Told::Clock, Do::GiveUp),
                (61, Told::Sign, Do::Nothing),
                (99, Told::Clock, Do::Nothing),
            ],
        );
        assert_eq!((beat, beat.due()), (Beat::Dead, None));
    }

    #[test]
    fn a_sign_before_the_ping_does_not_count_for_it() {
        run(
            LIMITS,
            &[(10, Told::Sign, Do::Nothing), (30, Told::Clock, Do::Ping), (60, Told::Clock, Do::GiveUp)],
        );
    }

    #[test]
    fn a_client_of_6_is_not_pinged() {
        run(
            LIMITS,
            &[
                (25, Told::ClientPing, Do::Nothing),
                (30, Told::Clock, Do::Nothing),
                (50, Told::ClientPing, Do::Nothing),
                (84, Told::Clock, Do::Nothing),
                (84, Told::Sign, Do::Nothing),
                (118, Told::Clock, Do::Nothing),
                (119, Told::Clock, Do::GiveUp),
            ],
        );
    }

    #[test]
    fn a_client_of_6_may_reveal_itself_after_our_ping() {
        run(
            LIMITS,
            &[
                (30, Told::Clock, Do::Ping),
                (40, Told::ClientPing, Do::Nothing),
                (60, Told::Clock, Do::Nothing),
                (75, Told::Clock, Do::GiveUp),
            ],
        );
    }

    #[test]
    fn silence_is_not_death_while_we_do_not_read() {
        run(
            LIMITS,
            &[
                (30, Told::Clock, Do::Ping),
                (40, Told::Paused, Do::Nothing),
                (60, Told::Clock, Do::Ping),
                (90, Told::Clock, Do::Ping),
                (100, Told::Resumed, Do::Nothing),
                (119, Told::Clock, Do::Nothing),
                (120, Told::Clock, Do::Ping),
                (150, Told::Clock, Do::GiveUp),
            ],
        );
        run(
            LIMITS,
            &[
                (20, Told::ClientPing, Do::Nothing),
                (30, Told::Paused, Do::Nothing),
                (500, Told::Clock, Do::Nothing),
                (500, Told::Resumed, Do::Nothing),
                (534, Told::Clock, Do::Nothing),
                (535, Told::Clock, Do::GiveUp),
            ],
        );
    }

    #[test]
    fn a_late_clock_brings_one_ping_and_not_many() {
        run(
            LIMITS,
            &[(500, Told::Clock, Do::Ping), (500, Told::Clock, Do::Nothing), (530, Told::Clock, Do::GiveUp)],
        );
    }

    #[test]
    fn switched_off() {
        let off = Limits { every: 0, silence: 35 };
        let beat = run(off, &[(1000, Told::Clock, Do::Nothing), (1000, Told::ClientPing, Do::Nothing)]);
        assert_eq!((beat, beat.due()), (Beat::Off, None));
    }

    proptest! {
        /// However it is told, it gives up at most once, and never while we do not read.
        #[test]
        fn gives_up_once_and_only_while_reading(script in prop::collection::vec((0_u64..40, 0_usize..5), 0..60)) {
            let all = [Told::Clock, Told::Sign, Told::ClientPing, Told::Paused, Told::Resumed];
            let (mut beat, mut now, mut paused, mut ends) = (Beat::open(0, &LIMITS), 0, false, 0);
            for (wait, told) in script {
                now += wait;
                match all[told] {
                    Told::Paused => paused = true,
                    Told::Resumed => paused = false,
                    Told::Clock | Told::Sign | Told::ClientPing => {}
                }
                if beat.step(now, all[told], &LIMITS) == Do::GiveUp {
                    prop_assert!(!paused);
                    ends += 1;
                }
                prop_assert!(beat.due().is_none_or(|due| due <= now + 35 || told != 0));
            }
            prop_assert!(ends <= 1);
        }
    }
}
