//! What a message costs at Redis: its own account (`INFO`), read before and after, divided by the messages.
//!
//! What asking for the account itself costs is taken off, to the byte. What the servers do beside messages, as
//! renewing their leases, is in the figures, and stands there by its name.

use std::collections::BTreeMap;

/// What Redis says that it has done since it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Calls by command.
    calls: BTreeMap<String, u64>,
    /// Bytes that it was sent, up to the question for this account.
    input: u64,
    /// Bytes that it has sent, up to the answer before this account.
    output: u64,
    /// Bytes of the question and of the answer.
    asked: u64,
    answered: u64,
}

/// What Redis had to do for one message, on average.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traffic {
    /// Calls by command, those that were called at all.
    pub(crate) calls: BTreeMap<String, f64>,
    /// Bytes that Redis was sent.
    pub(crate) input: f64,
    /// Bytes that Redis sent.
    pub(crate) output: f64,
}

impl Account {
    /// Reads the text of `INFO server stats commandstats`, for which so many bytes were `asked` and `answered`.
    pub(crate) fn read(info: &str, asked: usize, answered: usize) -> Option<Self> {
        Some(Self {
            calls: info.lines().filter_map(calls).collect(),
            input: field(info, "total_net_input_bytes")?,
            output: field(info, "total_net_output_bytes")?,
            asked: asked as u64,
            answered: answered as u64,
        })
    }
}

/// A number of `INFO`: the line `name:number`.
pub(crate) fn field(info: &str, name: &str) -> Option<u64> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(':')?.trim_end().parse().ok();
    info.lines().find_map(value)
}

/// A line `cmdstat_publish:calls=3,usec=…`.
fn calls(line: &str) -> Option<(String, u64)> {
    let (command, figures) = line.strip_prefix("cmdstat_")?.split_once(':')?;
    let calls = figures.split(',').find_map(|figure| figure.strip_prefix("calls="))?;
    Some((command.to_owned(), calls.trim_end().parse().ok()?))
}

impl Traffic {
    /// What was done between two accounts, for each of `messages`.
    pub(crate) fn between(before: &Account, after: &Account, messages: u64) -> Self {
        let for_each = |count: u64| amount(count) / amount(messages);
        let mut calls = BTreeMap::new();
        for (command, &count) in &after.calls {
            // The first question is in the second account, and the second one is not yet.
            let asking = u64::from(command == "info");
            let known = before.calls.get(command).copied().unwrap_or(0) + asking;
            let done = count.saturating_sub(known);
            if done > 0 {
                calls.insert(command.clone(), for_each(done));
            }
        }
        // The question is counted as it is read, the answer once it is written: after it was made.
        let input = after.input.saturating_sub(before.input + after.asked);
        let output = after.output.saturating_sub(before.output + before.answered);
        Self { calls, input: for_each(input), output: for_each(output) }
    }

    /// Calls of all commands.
    pub(crate) fn commands(&self) -> f64 {
        self.calls.values().sum()
    }
}

/// Counts of a run are far below what a float of this kind holds exactly.
fn amount(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Server\r\nprocess_id:77\r\n\r\n# Stats\r\ntotal_net_input_bytes:1000\r\n\
        total_net_output_bytes:2000\r\ntotal_net_repl_input_bytes:5\r\n\r\n# Commandstats\r\n\
        cmdstat_info:calls=1,usec=90,usec_per_call=90.00,rejected_calls=0,failed_calls=0\r\n\
        cmdstat_client|setname:calls=2,usec=1,usec_per_call=0.50,rejected_calls=0,failed_calls=0\r\n";
    const AFTER: &str = "total_net_input_bytes:1850\r\ntotal_net_output_bytes:3100\r\n\
        cmdstat_publish:calls=10,usec=5,usec_per_call=0.50,rejected_calls=0,failed_calls=0\r\n\
        cmdstat_client|setname:calls=2,usec=1,usec_per_call=0.50,rejected_calls=0,failed_calls=0\r\n\
        cmdstat_expire:calls=1,usec=1\r\n\
        cmdstat_info:calls=2,usec=180,usec_per_call=90.00,rejected_calls=0,failed_calls=0\r\n";

    #[test]
    fn what_a_message_costs_is_all_but_the_asking() {
        let before = Account::read(BEFORE, 50, 600).unwrap();
        let after = Account::read(AFTER, 50, 700).unwrap();
        let traffic = Traffic::between(&before, &after, 10);
        assert_eq!((traffic.input, traffic.output), (80.0, 50.0));
        let calls: Vec<_> = traffic.calls.iter().map(|(name, &calls)| (name.as_str(), calls)).collect();
        assert_eq!(calls, [("expire", 0.1), ("publish", 1.0)]);
        assert!((traffic.commands() - 1.1).abs() < 1e-9);
    }

    #[test]
    fn an_account_needs_its_bytes() {
        assert_eq!(field(BEFORE, "process_id"), Some(77));
        assert_eq!(field(BEFORE, "process"), None);
        assert_eq!(Account::read("cmdstat_info:calls=1\r\n", 1, 1), None);
    }
}
