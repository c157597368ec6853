//! The turns of one session: which request or socket carries what, and the change from polling to a websocket
//! (engineio.md, 4 and 6).
//!
//! Owns what may overlap and what may not. It holds no bytes and no queue, and has no clock: deadlines are the caller's.

/// What a session is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A GET has come.
    Get,
    /// The GET that waits was answered.
    GetAnswered,
    /// The client dropped the connection of the GET that waits.
    GetLost,
    /// A POST has come, or its beginning.
    Post,
    /// All of a POST was taken.
    PostDone,
    /// The client dropped a POST half-way.
    PostLost,
    /// A websocket for this session has come.
    Socket,
    /// That websocket, which carries nothing yet, said `2probe`.
    Probe,
    /// It said `5`.
    Upgrade,
    /// It said anything else, or took too long.
    SocketOdd,
    /// It has gone.
    SocketLost,
}

/// What the caller shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Go on with what has come: the GET waits from now on, the POST is read, the websocket is listened to.
    Go,
    /// Refuse what has come as a bad request; nothing else changes.
    Refuse,
    /// Refuse what has come as a bad request and end the session: the client has lost its order.
    Clash,
    /// Answer the probe, on the websocket that it came on.
    AnswerProbe,
    /// Read nothing more from the websocket until this is told to be otherwise: a POST is on its way whose messages come
    /// first.
    Hold,
    /// The websocket carries the session from now on. Release a GET that still waits.
    Switch,
    /// Close the websocket; the session stays where it is.
    CloseSocket,
    /// End the session: nobody knows what has arrived.
    End,
    /// Nothing.
    Nothing,
}

/// What carries a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    /// Requests, and no websocket is there.
    #[default]
    Polling,
    /// Requests; a websocket is there and has said nothing.
    Candidate,
    /// Requests; the websocket's probe was answered.
    Probed,
    /// Requests; the websocket has said that it takes over, and waits for a POST.
    Waiting,
    /// A websocket.
    Websocket,
}

/// Where the turns of a session stand. Begins with polling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Session {
    way: Way,
    get: bool,
    post: bool,
}

impl Session {
    /// A session that began with a websocket.
    #[must_use]
    pub fn on_websocket() -> Self {
        Self { way: Way::Websocket, ..Self::default() }
    }

    /// Whether requests carry it.
    #[must_use]
    pub fn is_polling(&self) -> bool {
        self.way != Way::Websocket
    }

    /// Whether a GET waits.
    #[must_use]
    pub fn has_get(&self) -> bool {
        self.get
    }

    /// Whether the client is changing to a websocket: until it has, every GET is answered at once, with a noop where
    /// there is nothing else, so that the client comes to stop polling.
    #[must_use]
    pub fn releases(&self) -> bool {
        matches!(self.way, Way::Probed | Way::Waiting)
    }

    /// Whether the websocket that takes over waits for a POST, and nothing is read from it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.way == Way::Waiting
    }

    /// The next state, and what to do.
    pub fn step(&mut self, told: Told) -> Do {
        match told {
            Told::Get | Told::Post if !self.is_polling() => Do::Refuse,
            Told::Get if self.get => Do::Clash,
            Told::Post if self.post => Do::Clash,
            Told::Get => {
                self.get = true;
                Do::Go
            }
            Told::Post => {
                self.post = true;
                Do::Go
            }
            Told::GetAnswered => {
                self.get = false;
                Do::Nothing
            }
            Told::GetLost | Told::PostLost => Do::End,
            Told::PostDone => {
                self.post = false;
                if self.way == Way::Waiting { self.switch() } else { Do::Nothing }
            }
            Told::Socket | Told::Probe | Told::Upgrade | Told::SocketOdd | Told::SocketLost => {
                self.upgrade(told)
            }
        }
    }

    fn upgrade(&mut self, told: Told) -> Do {
        match (self.way, told) {
            (Way::Polling, Told::Socket) => {
                self.way = Way::Candidate;
                Do::Go
            }
            (_, Told::Socket) => Do::Refuse,
            (Way::Candidate | Way::Probed, Told::Probe) => {
                self.way = Way::Probed;
                Do::AnswerProbe
            }
            (Way::Candidate | Way::Probed, Told::Upgrade) if self.post => {
                self.way = Way::Waiting;
                Do::Hold
            }
            (Way::Candidate | Way::Probed, Told::Upgrade) => self.switch(),
            (Way::Candidate | Way::Probed, Told::SocketOdd | Told::SocketLost) => {
                self.way = Way::Polling;
                Do::CloseSocket
            }
            // It has stopped polling, and what it would go on with is gone.
            (Way::Waiting | Way::Websocket, Told::SocketLost) => Do::End,
            (Way::Waiting, Told::SocketOdd) => Do::Nothing,
            (_, Told::Probe | Told::Upgrade | Told::SocketOdd | Told::SocketLost) => Do::Nothing,
            (
                _,
                Told::Get | Told::GetAnswered | Told::GetLost | Told::Post | Told::PostDone | Told::PostLost,
            ) => Do::Nothing,
        }
    }

    fn switch(&mut self) -> Do {
        self.way = Way::Websocket;
        Do::Switch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a script of (told, expected).
    fn run(script: &[(Told, Do)]) -> Session {
        let mut session = Session::default();
        for (line, (told, expected)) in script.iter().enumerate() {
            assert_eq!(session.step(*told), *expected, "line {line}: {session:?}");
        }
        session
    }

    #[test]
    fn an_upgrade() {
        let session = run(&[
            (Told::Get, Do::Go),
            (Told::Socket, Do::Go),
            (Told::Post, Do::Go),
            (Told::PostDone, Do::Nothing),
            (Told::Probe, Do::AnswerProbe),
            (Told::GetAnswered, Do::Nothing),
            (Told::Upgrade, Do::Switch),
            (Told::Get, Do::Refuse),
            (Told::Post, Do::Refuse),
            (Told::Socket, Do::Refuse),
        ]);
        assert!(!session.is_polling() && !session.releases());
    }

    #[test]
    fn from_the_probe_on_gets_are_released() {
        let mut session = run(&[(Told::Socket, Do::Go), (Told::Get, Do::Go)]);
        assert!(!session.releases());
        session.step(Told::Probe);
        assert!(session.releases() && session.has_get());
        session.step(Told::SocketLost);
        assert!(!session.releases());
    }

    #[test]
    fn a_post_goes_before_the_change() {
        run(&[
            (Told::Socket, Do::Go),
            (Told::Probe, Do::AnswerProbe),
            (Told::Post, Do::Go),
            (Told::Upgrade, Do::Hold),
            (Told::PostDone, Do::Switch),
        ]);
        run(&[
            (Told::Socket, Do::Go),
            (Told::Post, Do::Go),
            (Told::Upgrade, Do::Hold),
            (Told::SocketLost, Do::End),
        ]);
    }

    #[test]
    fn a_websocket_that_fails_leaves_the_session_where_it_is() {
        run(&[
            (Told::Socket, Do::Go),
            (Told::Socket, Do::Refuse),
            (Told::SocketOdd, Do::CloseSocket),
            (Told::Socket, Do::Go),
            (Told::Probe, Do::AnswerProbe),
            (Told::SocketLost, Do::CloseSocket),
            (Told::Socket, Do::Go),
            (Told::Upgrade, Do::Switch),
        ]);
    }

    #[test]
    fn what_overlaps_ends_the_session() {
        run(&[(Told::Get, Do::Go), (Told::Get, Do::Clash)]);
        run(&[(Told::Post, Do::Go), (Told::Post, Do::Clash)]);
        run(&[(Told::Get, Do::Go), (Told::Post, Do::Go), (Told::GetLost, Do::End)]);
        run(&[(Told::Post, Do::Go), (Told::PostLost, Do::End)]);
    }
}
