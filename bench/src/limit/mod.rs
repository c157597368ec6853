//! The limit: a server that does the least possible work for the same wire. One thread, one epoll instance,
//! one read and one write per connection and turn.
//!
//! It knows exactly the requests that `load` sends, in the shape in which it sends them, and hangs up on all
//! others: it is a yardstick, not a server.

mod answer;
mod connection;
mod socketio;

use std::io;
use std::net::TcpListener;

use crate::net::{self, Poll};

use answer::Room;
use connection::Connection;

/// Room for one read: a client's 32 requests in flight many times over.
const READ_BYTES: usize = 64 * 1024;

const LISTENER: usize = usize::MAX;

struct Limit {
    poll: Poll,
    listener: TcpListener,
    /// A connection's token is its index.
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    /// Indices of those in the room.
    members: Vec<usize>,
    room: Room,
    read: Box<[u8]>,
    replies: Vec<u8>,
}

/// Serves on the loopback address until the process is ended; prints where (port 0: the system chooses).
pub(crate) fn serve(port: u16) -> io::Result<()> {
    let listener = net::listen(port)?;
    net::raise_files_limit()?;
    println!("http://{}", listener.local_addr()?);
    let poll = Poll::new()?;
    poll.watch(&listener, LISTENER)?;
    let mut limit = Limit {
        poll,
        listener,
        connections: Vec::new(),
        free: Vec::new(),
        members: Vec::new(),
        room: Room::default(),
        read: vec![0; READ_BYTES].into_boxed_slice(),
        replies: Vec::new(),
    };
    let mut tokens = Vec::new();
    loop {
        limit.poll.wait(&mut tokens, None)?;
        for &token in &tokens {
            if token == LISTENER { limit.accept()? } else { limit.turn(token) }
        }
        limit.deliver();
    }
}

impl Limit {
    fn accept(&mut self) -> io::Result<()> {
        while let Some(stream) = net::accept(&self.listener)? {
            let index = self.free.pop().unwrap_or(self.connections.len());
            self.poll.watch(&stream, index)?;
            let connection = Connection::new(stream, index);
            match self.connections.get_mut(index) {
                Some(place) => *place = Some(connection),
                None => self.connections.push(Some(connection)),
            }
        }
        Ok(())
    }

    /// Reads what one client asks and answers all of it with one write.
    fn turn(&mut self, index: usize) {
        let Some(Some(connection)) = self.connections.get_mut(index) else { return };
        self.replies.clear();
        let said_before = self.room.len();
        let joined_before = connection.joined;
        let outcome = connection.read(&mut self.read, &mut self.room, &mut self.replies);
        // A sender's reply goes out with its own copy of the message, when the room gets it.
        let sent = outcome.and_then(|()| {
            if self.room.len() > said_before {
                connection.keep(&self.replies);
                Ok(())
            } else {
                connection.write(&self.replies)
            }
        });
        match sent {
            Ok(()) if connection.joined && !joined_before => self.members.push(index),
            Ok(()) => {}
            Err(_) => self.close(index),
        }
    }

    /// Writes what was said in this turn to every member: one frame for all, one write each.
    fn deliver(&mut self) {
        if self.room.len() == 0 {
            return;
        }
        let mut gone = Vec::new();
        for &index in &self.members {
            let Some(Some(connection)) = self.connections.get_mut(index) else { continue };
            if connection.write(self.room.frames()).is_err() {
                gone.push(index);
            }
        }
        self.room.clear();
        for index in gone {
            self.close(index);
        }
    }

    fn close(&mut self, index: usize) {
        let Some(connection) = self.connections[index].take() else { return };
        if connection.joined {
            self.members.retain(|&member| member != index);
        }
        self.free.push(index);
    }
}
