//! Connections that come and go: connect, upgrade, welcome, reset, and the next in its place.

use crate::load::client::Client;
use crate::load::crowd::{Crowd, unasked};
use crate::load::dialect::check_welcome;
use crate::load::{Failure, Load, Sample, Target, measure};

/// Connections being opened at a time.
const AT_A_TIME: usize = 32;

struct Connects<'a> {
    target: &'a Target,
    done: u64,
}

/// Measures welcomed connections per second.
pub(crate) fn run(target: &Target) -> Result<Sample, Failure> {
    let mut crowd = Crowd::empty()?;
    for _ in 0..AT_A_TIME {
        crowd.add(Client::websocket(target.address)?)?;
    }
    measure(&mut Connects { target, done: 0 }, &mut crowd, target)
}

impl Load for Connects<'_> {
    fn ready(&mut self, crowd: &mut Crowd, token: usize) -> Result<(), Failure> {
        let client = &mut crowd.clients[token];
        client.flush()?;
        let mut welcomed = false;
        client.pump(&mut crowd.scratch, |text| {
            if welcomed {
                return Err(unasked(text));
            }
            welcomed = true;
            check_welcome(text)
        })?;
        if welcomed {
            self.done += 1;
            // The old socket closes here, with a reset, and leaves the epoll instance by that.
            *client = Client::websocket(self.target.address)?;
            crowd.poll.watch(client.socket(), token).map_err(Failure::while_("watching"))?;
        }
        Ok(())
    }

    fn end_turn(&mut self, _: &mut Crowd) -> Result<(), Failure> {
        Ok(())
    }

    fn done(&self) -> u64 {
        self.done
    }
}
