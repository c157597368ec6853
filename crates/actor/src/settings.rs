//! The bounds of actors, as the configuration gives them.

use std::time::Duration;

/// Every bound of an actor.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long an actor without calls stays in memory.
    pub sleep_after: Duration,
    /// How long a call may take that has no limit of its own, its wait for other calls counted.
    pub timeout: Duration,
    /// After how long a turn that still waits is named in the log.
    pub slow_turn: Duration,
    /// Calls that wait at one actor, those that run counted; more are refused with `overloaded`.
    pub mailbox: usize,
    /// Calls of one connection that wait or run; more are refused with `too_many_pending`.
    pub pending_calls: usize,
    /// Bytes of an actor's state, as JSON; as many of each connection's state, and of the arguments of each alarm.
    pub state_size: usize,
    /// Alarms that one actor may have.
    pub alarms: usize,
    /// How often an alarm's action may fail before it is given up.
    pub alarm_attempts: u32,
    /// Bytes of a key.
    pub key_length: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sleep_after: Duration::from_secs(30),
            timeout: Duration::from_secs(60),
            slow_turn: Duration::from_secs(5),
            mailbox: 1_000,
            pending_calls: 1_000,
            state_size: 1 << 20,
            alarms: 1_000,
            alarm_attempts: 10,
            key_length: 1_024,
        }
    }
}
