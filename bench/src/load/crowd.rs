//! Many websocket clients on one epoll instance, opened with bounded haste and each welcomed.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::load::client::{Client, SCRATCH_BYTES};
use crate::load::failure::Failure;
use crate::load::meter::STALLED;
use crate::net::Poll;
use crate::wire;

/// Connections being opened at a time: enough to keep a server busy, few enough for any backlog.
const OPENING_MAX: usize = 64;

/// How long one wait lasts when nothing happens; then the time is looked at.
pub(crate) const WAIT: Duration = Duration::from_millis(50);

/// Clients, ready for work. A client's token in `poll` is its index.
pub(crate) struct Crowd {
    pub(crate) poll: Poll,
    pub(crate) clients: Vec<Client>,
    pub(crate) scratch: Vec<u8>,
}

#[derive(Deserialize)]
struct Welcome {
    welcome: String,
    context: String,
}

/// Checks a server's first frame.
pub(crate) fn check_welcome(text: &[u8]) -> Result<(), Failure> {
    match serde_json::from_slice::<Welcome>(text) {
        Ok(first) if first.context == "api" && !first.welcome.is_empty() => Ok(()),
        Ok(_) | Err(_) => Err(Failure::Wrong(format!("no welcome: {}", wire::printable(text)))),
    }
}

impl Crowd {
    /// Nobody yet.
    pub(crate) fn empty() -> Result<Self, Failure> {
        let poll = Poll::new().map_err(Failure::while_("making an epoll instance"))?;
        Ok(Self { poll, clients: Vec::new(), scratch: vec![0; SCRATCH_BYTES] })
    }

    /// Connects, upgrades and awaits the welcome of `count` more clients.
    pub(crate) fn grow(&mut self, to: SocketAddrV4, count: usize) -> Result<(), Failure> {
        self.admit(count, |_| Client::websocket(to), check_welcome)
    }

    /// The same with clients that are `made` otherwise, each from its number among the new ones, and whose first message
    /// is checked otherwise.
    pub(crate) fn admit(
        &mut self,
        count: usize,
        mut made: impl FnMut(usize) -> Result<Client, Failure>,
        check: impl Fn(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let first = self.clients.len();
        let mut welcomed = vec![false; count];
        let (mut ready, mut tokens, mut last) = (0, Vec::new(), Instant::now());
        while ready < count {
            while self.clients.len() < first + count && self.clients.len() - first - ready < OPENING_MAX {
                self.add(made(self.clients.len() - first)?)?;
            }
            self.poll.wait(&mut tokens, Some(WAIT)).map_err(Failure::while_("waiting"))?;
            let before = ready;
            for &token in &tokens {
                let client = &mut self.clients[token];
                client.flush()?;
                client.pump(&mut self.scratch, |text| {
                    let place = token.checked_sub(first).and_then(|at| welcomed.get_mut(at));
                    let Some(place @ false) = place else { return Err(unasked(text)) };
                    check(text)?;
                    *place = true;
                    ready += 1;
                    Ok(())
                })?;
            }
            if ready > before {
                last = Instant::now();
            } else if last.elapsed() > STALLED {
                return Err(Failure::Stalled(STALLED));
            }
        }
        Ok(())
    }

    /// Takes in a client; its token is its index.
    pub(crate) fn add(&mut self, client: Client) -> Result<(), Failure> {
        self.poll.watch(client.socket(), self.clients.len()).map_err(Failure::while_("watching"))?;
        self.clients.push(client);
        Ok(())
    }
}

/// A frame that nobody asked for.
pub(crate) fn unasked(text: &[u8]) -> Failure {
    Failure::Wrong(format!("nobody asked for {}", wire::printable(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welcomes() {
        assert!(check_welcome(br#"{"welcome":"Hello!","context":"api"}"#).is_ok());
        assert!(check_welcome(br#"{ "context": "api", "x": 1, "welcome": "H" }"#).is_ok());
        for wrong in
            ["", "{}", "null", r#"{"welcome":"","context":"api"}"#, r#"{"welcome":"x","context":"user"}"#]
        {
            assert!(check_welcome(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
