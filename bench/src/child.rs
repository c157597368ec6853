//! The servers under load as child processes: started on their core, asked where they listen, ended with us.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::folder::Folder;
use crate::net;

/// How long a server may take to say where it listens.
const START_MAX: Duration = Duration::from_secs(10);

/// What the application under test is told. Pings and logs off: they are not part of any work. 32 actions at
/// a time, because `echo-16` has 16 in flight; one worker, because it has one core.
/// Answers over HTTP are as the library makes them by default: the demo's metadata and indentation, which it has for
/// its conformance, are four times the answer itself. Where it keeps things is a folder of the run's own.
const ENVIRONMENT: [(&str, &str); 9] = [
    ("PORT", "0"),
    ("PLAYHOUSE_ACTIONS__SIMULTANEOUS", "32"),
    ("PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL", "0"),
    ("PLAYHOUSE_ENGINEIO__PING_INTERVAL", "3600000"),
    ("PLAYHOUSE_ACTORS__PING_EVERY", "0"),
    ("PLAYHOUSE_LOG", "warn"),
    ("PLAYHOUSE_WORKERS", "1"),
    ("PLAYHOUSE_HTTP__METADATA", "false"),
    ("PLAYHOUSE_HTTP__INDENT", "0"),
];

/// Which server to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    /// The raw epoll server of this binary.
    Limit,
    /// A build of the demo application.
    Demo(PathBuf),
    /// A `server.mjs` for Node, which is told a port and a folder.
    Node(PathBuf),
}

/// A running program. Dropping it ends the process and waits for it.
pub(crate) struct Process(Child);

/// A running server.
pub(crate) struct Server {
    process: Process,
    address: SocketAddrV4,
    /// Behind the process, so that nobody writes there any more when it is removed.
    _folder: Folder,
}

/// Why a server is not there.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The process could not be started, or its output not be read.
    Process(io::Error),
    /// It ended without saying where it listens.
    Ended,
    /// It runs but said nothing within the time.
    Silent,
}

impl fmt::Display for StartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(error) => write!(out, "cannot start it: {error}"),
            Self::Ended => out.write_str("it ended before it printed http://<host>:<port>"),
            Self::Silent => {
                write!(out, "it did not print http://<host>:<port> within {} s", START_MAX.as_secs())
            }
        }
    }
}

impl Server {
    /// Starts a server on `core` (`None`: wherever) and waits until it says where it listens. `more` is what the
    /// application is told besides.
    pub(crate) fn start(
        program: &Program,
        core: Option<usize>,
        more: &[(&str, String)],
    ) -> Result<Self, StartError> {
        let folder = Folder::new().map_err(StartError::Process)?;
        let mut command = command(program, &folder).map_err(StartError::Process)?;
        command.envs(more.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        net::tie(&mut command, core);
        let mut process = Process::spawn(&mut command).map_err(StartError::Process)?;
        let stdout = process.0.stdout.take().expect("stdout is piped");
        // From here on the process has an owner that ends it, also when it never says a word.
        let mut server =
            Self { process, address: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0), _folder: folder };
        let port = match first_port(stdout).recv_timeout(START_MAX) {
            Ok(port) => port,
            Err(RecvTimeoutError::Timeout) => return Err(StartError::Silent),
            Err(RecvTimeoutError::Disconnected) => return Err(StartError::Ended),
        };
        server.address.set_port(port);
        Ok(server)
    }

    /// Where to connect to: always the loopback address.
    pub(crate) fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// The process, to look at its memory and processor time.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Process {
    /// Starts it. It does not survive its owner, if the command was tied.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// To look at it from outside.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// If it has ended, the rest of what it said to its standard output (if that is piped); `None` while it runs.
    pub(crate) fn last_words(&mut self) -> io::Result<Option<String>> {
        if self.0.try_wait()?.is_none() {
            return Ok(None);
        }
        let mut said = String::new();
        if let Some(stdout) = &mut self.0.stdout {
            stdout.read_to_string(&mut said)?;
        }
        Ok(Some(said.trim().to_owned()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when the process is gone already, which is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn command(program: &Program, folder: &Folder) -> io::Result<Command> {
    match program {
        Program::Limit => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["limit", "--port", "0"]);
            Ok(command)
        }
        Program::Demo(path) => {
            let mut command = Command::new(path);
            command.envs(ENVIRONMENT).env("PLAYHOUSE_DATA_DIR", folder.path());
            Ok(command)
        }
        Program::Node(script) => {
            let mut command = Command::new("node");
            command.arg(script).arg("0").arg(folder.path()).env("NODE_ENV", "production");
            Ok(command)
        }
    }
}

/// Reads a server's output to its end, so that it never blocks on a full pipe, and gives on the first port.
fn first_port(stdout: ChildStdout) -> Receiver<u16> {
    let (told, port) = sync_channel(1);
    thread::spawn(move || {
        let mut told = Some(told);
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            if let Some(port) = parse_port(&line) {
                // Whoever waited may have given up; the output is read on in any case.
                if let Some(told) = told.take() {
                    let _gave_up = told.send(port);
                }
            }
        }
    });
    port
}

/// The port of the first `http://<host>:<port>` in a line.
fn parse_port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("http://")?;
    let authority = rest.split(|c: char| c == '/' || c.is_whitespace()).next()?;
    let (_, port) = authority.rsplit_once(':')?;
    let digits = port.find(|c: char| !c.is_ascii_digit()).map_or(port, |end| &port[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_in_lines() {
        for (line, port) in [
            ("http://127.0.0.1:8080", Some(8080)),
            ("Playhouse listens on http://localhost:41233/ (pid 7)", Some(41233)),
            ("at http://[::]:9000, ready", Some(9000)),
            ("\u{1b}[1mhttp://0.0.0.0:80\u{1b}[0m", Some(80)),
            ("http://localhost", None),
            ("starting", None),
        ] {
            assert_eq!(parse_port(line), port, "{line}");
        }
    }

    #[test]
    fn last_words_are_heard_once_it_is_over() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo in use; read x"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::spawn(&mut command).unwrap();
        assert_eq!(process.last_words().unwrap(), None);
        drop(process.0.stdin.take());
        process.0.wait().unwrap();
        assert_eq!(process.last_words().unwrap().as_deref(), Some("in use"));
    }

    #[test]
    fn who_says_nothing_is_not_started() {
        let silent = Server::start(&Program::Demo("true".into()), None, &[]);
        assert!(matches!(silent, Err(StartError::Ended)));
        let missing = Server::start(&Program::Demo("./no-such-program".into()), None, &[]);
        assert!(matches!(missing, Err(StartError::Process(_))));
    }
}
