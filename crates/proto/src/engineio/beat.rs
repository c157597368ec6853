//! The heartbeat of one session (engineio.md, 7). In protocol 4 the server pings, in 3 the client.
//!
//! Owns when to ping and when a peer counts as dead. It must not have a clock: times are milliseconds from any
//! fixed start, given by the caller, and never run backwards. Nor does it answer pings: that is the session's.

use super::Protocol;

/// How late the clock may come. Later than this the process stood still, and who was silent meanwhile is unknown:
/// answers may lie unread. It is far beyond what a timer's wheel and a busy turn add up to.
pub const STALL: u64 = 1_000;

/// How often, and how long: as told in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds from the handshake and from each pong to the next ping; 0 switches the heartbeat off.
    pub interval: u64,
    /// Milliseconds for the answer.
    pub timeout: u64,
}

impl Limits {
    /// For how long a client that pings may be silent, in milliseconds.
    fn silence(&self) -> u64 {
        self.interval.saturating_add(self.timeout)
    }
}

/// What the heartbeat is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The time has come, or may have; see [`Beat::due`]. Tell what was read in the same turn first.
    Clock,
    /// A pong came, on whichever transport.
    Pong,
    /// Any other packet came. The pings of protocol 3 are such.
    Packet,
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
    /// Send a ping. Only in protocol 4.
    Ping,
    /// Close the session: `ping timeout`. Said once.
    GiveUp,
}

/// Where the heartbeat of a session stands. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Switched off.
    Off,
    /// The peer is alive; a ping is due.
    Alive {
        /// When to ping.
        ping_at: u64,
    },
    /// A ping was sent; a pong is due.
    Waiting {
        /// When it was sent.
        pinged_at: u64,
        /// When the peer is dead.
        dead_at: u64,
        /// Another packet has come since, and earned the peer more time. It does so once.
        is_extended: bool,
    },
    /// The peer pings by itself: protocol 3.
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
    /// The heartbeat of a session whose handshake is now.
    #[must_use]
    pub fn open(now: u64, protocol: Protocol, limits: &Limits) -> Self {
        match (limits.interval, protocol) {
            (0, _) => Self::Off,
            (interval, Protocol::V4) => Self::Alive { ping_at: now.saturating_add(interval) },
            (_, Protocol::V3) => Self::Listening { dead_at: now.saturating_add(limits.silence()) },
        }
    }

    /// When to tell it [`Told::Clock`] next, if ever. Changes with every step.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        match *self {
            Self::Alive { ping_at } | Self::Paused { ping_at } => Some(ping_at),
            Self::Waiting { dead_at, .. } | Self::Listening { dead_at } => Some(dead_at),
            Self::Off | Self::PausedListening | Self::Dead => None,
        }
    }

    /// The next state, and what to do. Telling the clock too early or too often does no harm.
    pub fn step(&mut self, now: u64, told: Told, limits: &Limits) -> Do {
        let after_interval = now.saturating_add(limits.interval);
        let after_silence = now.saturating_add(limits.silence());
        let (next, what) = match (*self, told) {
            (Self::Off | Self::Dead, _) => return Do::Nothing,
            (same, Told::Clock) => same.at(now, limits),

            (Self::Waiting { .. }, Told::Pong) => (Self::Alive { ping_at: after_interval }, Do::Nothing),
            (Self::Waiting { pinged_at, dead_at, is_extended: false }, Told::Packet) => {
                let dead_at = dead_at.saturating_add(limits.timeout);
                (Self::Waiting { pinged_at, dead_at, is_extended: true }, Do::Nothing)
            }
            (Self::Listening { .. }, Told::Pong | Told::Packet) => {
                (Self::Listening { dead_at: after_silence }, Do::Nothing)
            }
            // A pong that nobody asked for moves no ping: it could do so for ever.
            (
                same @ (Self::Alive { .. }
                | Self::Waiting { .. }
                | Self::Paused { .. }
                | Self::PausedListening),
                Told::Pong | Told::Packet,
            ) => (same, Do::Nothing),

            (Self::Alive { ping_at }, Told::Paused) => (Self::Paused { ping_at }, Do::Nothing),
            (Self::Waiting { pinged_at, .. }, Told::Paused) => {
                (Self::Paused { ping_at: pinged_at.saturating_add(limits.interval) }, Do::Nothing)
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

    /// What the clock brings.
    fn at(self, now: u64, limits: &Limits) -> (Self, Do) {
        let pinged = || {
            let dead_at = now.saturating_add(limits.timeout);
            Self::Waiting { pinged_at: now, dead_at, is_extended: false }
        };
        let is_stall = |due: u64| now - due > STALL;
        match self {
            Self::Alive { ping_at } if now >= ping_at => (pinged(), Do::Ping),
            Self::Paused { ping_at } if now >= ping_at => {
                (Self::Paused { ping_at: now.saturating_add(limits.interval) }, Do::Ping)
            }
            // The client gives up by itself an interval and a timeout after our last ping. So the fresh start is
            // a ping as soon as one is allowed, and not another interval without any.
            Self::Waiting { pinged_at, dead_at, .. } if now >= dead_at && is_stall(dead_at) => {
                Self::Alive { ping_at: pinged_at.saturating_add(limits.interval) }.at(now, limits)
            }
            Self::Listening { dead_at } if now >= dead_at && is_stall(dead_at) => {
                (Self::Listening { dead_at: now.saturating_add(limits.silence()) }, Do::Nothing)
            }
            Self::Waiting { dead_at, .. } | Self::Listening { dead_at } if now >= dead_at => {
                (Self::Dead, Do::GiveUp)
            }
            Self::Off
            | Self::Alive { .. }
            | Self::Waiting { .. }
            | Self::Listening { .. }
            | Self::Paused { .. }
            | Self::PausedListening
            | Self::Dead => (self, Do::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { interval: 25_000, timeout: 20_000 };

    /// Runs a script of (time, told, expected) from a handshake at 0.
    fn run(protocol: Protocol, script: &[(u64, Told, Do)]) -> Beat {
        let mut beat = Beat::open(0, protocol, &LIMITS);
        for (line, (now, told, expected)) in script.iter().enumerate() {
            assert_eq!(beat.step(*now, *told, &LIMITS), *expected, "line {line} at {now}: {beat:?}");
        }
        beat
    }

    #[test]
    fn a_ping_comes_an_interval_after_handshake_and_pong() {
        let beat = run(
            Protocol::V4,
            &[
                (24_999, Told::Clock, Do::Nothing),
                (25_000, Told::Clock, Do::Ping),
                (25_000, Told::Clock, Do::Nothing),
                (26_000, Told::Pong, Do::Nothing),
                (50_000, Told::Clock, Do::Nothing),
                (50_999, Told::Clock, Do::Nothing),
                (51_000, Told::Clock, Do::Ping),
            ],
        );
        assert_eq!(beat.due(), Some(71_000));
    }

    #[test]
    fn a_client_that_does_not_answer_dies_after_the_timeout() {
        let beat = run(
            Protocol::V4,
            &[
                (25_000, Told::Clock, Do::Ping),
                (44_999, Told::Clock, Do::Nothing),
                (45_000, Told::Clock, Do::GiveUp),
                (45_001, Told::Pong, Do::Nothing),
                (99_000, Told::Clock, Do::Nothing),
            ],
        );
        assert_eq!((beat, beat.due()), (Beat::Dead, None));
    }

    #[test]
    fn other_packets_extend_the_wait_once() {
        run(
            Protocol::V4,
            &[
                (10_000, Told::Packet, Do::Nothing),
                (25_000, Told::Clock, Do::Ping),
                (44_000, Told::Packet, Do::Nothing),
                (45_000, Told::Clock, Do::Nothing),
                (60_000, Told::Packet, Do::Nothing),
                (64_999, Told::Clock, Do::Nothing),
                (65_000, Told::Clock, Do::GiveUp),
            ],
        );
        let extended_then_answered = run(
            Protocol::V4,
            &[
                (25_000, Told::Clock, Do::Ping),
                (26_000, Told::Packet, Do::Nothing),
                (64_000, Told::Pong, Do::Nothing),
                (89_000, Told::Clock, Do::Ping),
            ],
        );
        assert_eq!(extended_then_answered.due(), Some(109_000));
    }

    #[test]
    fn a_pong_that_nobody_asked_for_moves_nothing() {
        run(Protocol::V4, &[(24_000, Told::Pong, Do::Nothing), (25_000, Told::Clock, Do::Ping)]);
    }

    #[test]
    fn a_client_of_3_dies_of_silence_and_is_never_pinged() {
        run(
            Protocol::V3,
            &[
                (25_000, Told::Packet, Do::Nothing),
                (45_000, Told::Clock, Do::Nothing),
                (60_000, Told::Pong, Do::Nothing),
                (104_999, Told::Clock, Do::Nothing),
                (105_000, Told::Clock, Do::GiveUp),
                (105_000, Told::Clock, Do::Nothing),
            ],
        );
    }

    #[test]
    fn silence_is_not_death_while_we_do_not_read() {
        let beat = run(
            Protocol::V4,
            &[
                (25_000, Told::Clock, Do::Ping),
                (30_000, Told::Paused, Do::Nothing),
                (45_000, Told::Clock, Do::Nothing),
                (49_999, Told::Clock, Do::Nothing),
                (50_000, Told::Clock, Do::Ping),
                (75_000, Told::Clock, Do::Ping),
                (80_000, Told::Resumed, Do::Nothing),
                (80_000, Told::Pong, Do::Nothing),
                (99_999, Told::Clock, Do::Nothing),
                (100_000, Told::Clock, Do::Ping),
                (120_000, Told::Clock, Do::GiveUp),
            ],
        );
        assert_eq!(beat, Beat::Dead);
        run(
            Protocol::V3,
            &[
                (20_000, Told::Packet, Do::Nothing),
                (30_000, Told::Paused, Do::Nothing),
                (500_000, Told::Clock, Do::Nothing),
                (500_000, Told::Resumed, Do::Nothing),
                (544_999, Told::Clock, Do::Nothing),
                (545_000, Told::Clock, Do::GiveUp),
            ],
        );
    }

    #[test]
    fn a_stall_of_the_process_kills_nobody() {
        run(
            Protocol::V4,
            &[
                (25_000, Told::Clock, Do::Ping),
                (47_001, Told::Clock, Do::Nothing),
                (50_000, Told::Clock, Do::Ping),
                (69_999, Told::Clock, Do::Nothing),
                (70_000, Told::Clock, Do::GiveUp),
            ],
        );
        run(
            Protocol::V4,
            &[
                (25_000, Told::Clock, Do::Ping),
                (90_000, Told::Clock, Do::Ping),
                (90_000, Told::Pong, Do::Nothing),
                (115_000, Told::Clock, Do::Ping),
            ],
        );
        run(
            Protocol::V3,
            &[
                (47_001, Told::Clock, Do::Nothing),
                (92_000, Told::Clock, Do::Nothing),
                (92_001, Told::Clock, Do::GiveUp),
            ],
        );
    }

    #[test]
    fn a_clock_that_is_merely_late_is_no_stall() {
        run(Protocol::V4, &[(25_000, Told::Clock, Do::Ping), (46_000, Told::Clock, Do::GiveUp)]);
        run(Protocol::V3, &[(46_000, Told::Clock, Do::GiveUp)]);
    }

    #[test]
    fn a_late_clock_brings_one_ping_and_not_many() {
        run(
            Protocol::V4,
            &[
                (500_000, Told::Clock, Do::Ping),
                (500_000, Told::Clock, Do::Nothing),
                (520_000, Told::Clock, Do::GiveUp),
            ],
        );
    }

    #[test]
    fn switched_off() {
        let off = Limits { interval: 0, timeout: 20_000 };
        for protocol in [Protocol::V3, Protocol::V4] {
            let mut beat = Beat::open(0, protocol, &off);
            assert_eq!(beat.step(1_000_000, Told::Clock, &off), Do::Nothing);
            assert_eq!((beat, beat.due()), (Beat::Off, None));
        }
    }

    proptest! {
        /// However it is told: it gives up once at most, never while we do not read, never in less than a timeout
        /// of silence; pings are an interval apart.
        #[test]
        fn keeps_its_promises(four: bool, script in prop::collection::vec((0_u64..30_000, 0_usize..6), 0..60)) {
            let protocol = if four { Protocol::V4 } else { Protocol::V3 };
            let all = [Told::Clock, Told::Clock, Told::Pong, Told::Packet, Told::Paused, Told::Resumed];
            let mut beat = Beat::open(0, protocol, &LIMITS);
            let (mut now, mut paused, mut ends, mut pinged_at, mut heard_at) = (0, false, 0, 0, 0);
            for (wait, told) in script {
                now += wait;
                let told = all[told];
                match told {
                    Told::Paused => paused = true,
                    Told::Resumed => paused = false,
                    Told::Pong | Told::Packet => heard_at = now,
                    Told::Clock => {}
                }
                match beat.step(now, told, &LIMITS) {
                    Do::Nothing => {}
                    Do::Ping => {
                        prop_assert!(four && now >= pinged_at + LIMITS.interval);
                        pinged_at = now;
                    }
                    Do::GiveUp => {
                        prop_assert!(!paused);
                        let patience = if four { pinged_at + LIMITS.timeout } else { heard_at + LIMITS.silence() };
                        prop_assert!(now >= patience);
                        ends += 1;
                    }
                }
                prop_assert!(told != Told::Clock || beat.due().is_none_or(|due| due > now));
            }
            prop_assert!(ends <= 1);
        }
    }
}
