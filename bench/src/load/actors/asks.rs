//! Many requests over HTTP, one in flight on each of some connections; how long each took.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use crate::load::client::Client;
use crate::load::crowd::{Crowd, WAIT, unasked};
use crate::load::failure::Failure;
use crate::load::meter::STALLED;

/// What one request brought.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) body: Vec<u8>,
    pub(super) time: Duration,
}

/// A connection and the request that it waits for.
struct Asker {
    nth: usize,
    since: Instant,
}

/// Makes `count` requests over so many connections and returns what each brought, in their order. Each answer must be a
/// 200.
pub(super) fn ask(
    to: SocketAddrV4,
    connections: usize,
    count: usize,
    request: impl Fn(usize) -> Vec<u8>,
) -> Result<Vec<Answered>, Failure> {
    let mut crowd = Crowd::empty()?;
    let mut answers: Vec<Answered> = (0..count).map(|_| Answered::default()).collect();
    let mut askers = Vec::new();
    for nth in 0..connections.min(count) {
        let mut client = Client::http(to)?;
        client.out().extend(request(nth));
        askers.push(Asker { nth, since: Instant::now() });
        crowd.add(client)?;
    }
    let (mut asked, mut answered, mut tokens, mut last) = (askers.len(), 0, Vec::new(), Instant::now());
    while answered < count {
        crowd.poll.wait(&mut tokens, Some(WAIT)).map_err(Failure::while_("waiting"))?;
        let before = answered;
        for &token in &tokens {
            let (client, asker) = (&mut crowd.clients[token], &mut askers[token]);
            let mut heard = None;
            client.pump(&mut crowd.scratch, |body| match heard.replace(body.to_vec()) {
                None if asker.nth < count => Ok(()),
                None | Some(_) => Err(unasked(body)),
            })?;
            if let Some(body) = heard {
                answers[asker.nth] = Answered { body, time: asker.since.elapsed() };
                answered += 1;
                *asker = Asker { nth: asked.min(count), since: Instant::now() };
                if asked < count {
                    client.out().extend(request(asked));
                    asked += 1;
                }
            }
            client.flush()?;
        }
        if answered > before {
            last = Instant::now();
        } else if last.elapsed() > STALLED {
            return Err(Failure::Stalled(STALLED));
        }
    }
    Ok(answers)
}
