//! Many websocket clients on one epoll instance, opened with bounded haste and each welcomed.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use crate::load::client::{Client, SCRATCH_BYTES};
use crate::load::dialect::Dialect;
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

impl Crowd {
    /// Nobody yet.
    pub(crate) fn empty() -> Result<Self, Failure> {
        let poll = Poll::new().map_err(Failure::while_("making an epoll instance"))?;
        Ok(Self { poll, clients: Vec::new(), scratch: vec![0; SCRATCH_BYTES] })
    }

    /// Connects, upgrades and awaits the welcome of `count` more clients that speak this.
    pub(super) fn grow(&mut self, to: SocketAddrV4, count: usize, dialect: Dialect) -> Result<(), Failure> {
        self.admit(count, |_| Ok((dialect.client(to)?, dialect.greeting())))
    }

    /// The same with clients that are `made` otherwise, each from its number among the new ones. With each comes what
    /// hears its first messages: it appends what the client says to them, and tells when it is welcome.
    pub(super) fn admit<G>(
        &mut self,
        count: usize,
        mut made: impl FnMut(usize) -> Result<(Client, G), Failure>,
    ) -> Result<(), Failure>
    where
        G: FnMut(&[u8], &mut Vec<u8>) -> Result<bool, Failure>,
    {
        let first = self.clients.len();
        let mut greetings: Vec<Option<G>> = Vec::with_capacity(count);
        let mut said = Vec::new();
        let (mut ready, mut tokens, mut last) = (0, Vec::new(), Instant::now());
        while ready < count {
            while self.clients.len() < first + count && self.clients.len() - first - ready < OPENING_MAX {
                let (client, greeting) = made(self.clients.len() - first)?;
                self.add(client)?;
                greetings.push(Some(greeting));
            }
            self.poll.wait(&mut tokens, Some(WAIT)).map_err(Failure::while_("waiting"))?;
            let before = ready;
            for &token in &tokens {
                let client = &mut self.clients[token];
                client.flush()?;
                client.pump(&mut self.scratch, |text| {
                    let place = token.checked_sub(first).and_then(|at| greetings.get_mut(at));
                    let Some(place) = place else { return Err(unasked(text)) };
                    let Some(greeting) = place else { return Err(unasked(text)) };
                    if greeting(text, &mut said)? {
                        *place = None;
                        ready += 1;
                    }
                    Ok(())
                })?;
                if !said.is_empty() {
                    client.out().append(&mut said);
                    client.flush()?;
                }
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
