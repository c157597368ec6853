//! A Redis of the run's own: started on a free port, keeping nothing on disk, asked what it has done, ended with us.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::child::Process;
use crate::cluster::traffic::{self, Account};
use crate::net;
use crate::wire;

const PROGRAM: &str = "redis-server";

/// How long Redis may take until it answers, and how long any answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(5);
/// A port that was free a moment ago may be somebody's by now: so many are tried.
const PORTS_MAX: usize = 5;
/// An answer that is longer is none of Redis's: `INFO` takes a few KiB.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// A head that is longer is no length.
const HEAD_BYTES_MAX: usize = 32;

/// The question, as one of Redis's protocol: what has been done, by command and in bytes, and who is asked.
const INFO: &[u8] = b"*4\r\n$4\r\nINFO\r\n$6\r\nserver\r\n$5\r\nstats\r\n$12\r\ncommandstats\r\n";

/// A running Redis. Dropping it ends the process and waits for it.
pub(crate) struct Redis {
    process: Process,
    address: SocketAddrV4,
    stream: TcpStream,
}

/// What came back, and how many bytes that took on the wire.
struct Answer {
    body: Vec<u8>,
    bytes: usize,
}

/// Why there is no Redis, or no answer of it.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no such program.
    Missing,
    /// The system refused something; what we were doing, and its reason.
    System(&'static str, io::Error),
    /// It ended as it started; what it said.
    Ended(String),
    /// It runs but does not answer.
    Silent,
    /// It answered something else; what that was.
    Answer(String),
}

impl Trouble {
    fn while_(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::System(doing, error)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(
                out,
                "there is no {PROGRAM} on PATH, which the works over several machines need: install it \
                 (`cargo xtask setup`, or Debian's package {PROGRAM}), or name other works with --work"
            ),
            Self::System(doing, error) => write!(out, "{PROGRAM}: {doing}: {error}"),
            Self::Ended(said) => write!(out, "{PROGRAM} ended as it started, it said: {said}"),
            Self::Silent => write!(out, "{PROGRAM} does not answer within {} s", ANSWER_MAX.as_secs()),
            Self::Answer(what) => write!(out, "{PROGRAM} answered something else: {what}"),
        }
    }
}

impl Redis {
    /// Whether one could be started: to be asked before anything is measured.
    pub(crate) fn look_for() -> Result<PathBuf, Trouble> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut places = env::split_paths(&path).map(|folder| folder.join(PROGRAM));
        places
            .find(|program| fs::metadata(program).is_ok_and(|found| found.is_file()))
            .ok_or(Trouble::Missing)
    }

    /// Starts an empty one on `core` (`None`: wherever) and waits until it answers.
    pub(crate) fn start(core: Option<usize>) -> Result<Self, Trouble> {
        let program = Self::look_for()?;
        let mut last = Trouble::Silent;
        for _ in 0..PORTS_MAX {
            match Self::start_at(&program, free_port()?, core) {
                Err(Trouble::Ended(said)) => last = Trouble::Ended(said),
                outcome => return outcome,
            }
        }
        Err(last)
    }

    fn start_at(program: &PathBuf, port: u16, core: Option<usize>) -> Result<Self, Trouble> {
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--protected-mode", "yes"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]);
        // It writes nothing, but it must be somewhere that nobody else takes away.
        command.arg("--dir").arg(env::temp_dir());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        net::tie(&mut command, core);
        let mut process = Process::spawn(&mut command).map_err(Trouble::while_("starting it"))?;
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let begun = Instant::now();
        while begun.elapsed() < ANSWER_MAX {
            if let Some(said) = process.last_words().map_err(Trouble::while_("looking after it"))? {
                return Err(Trouble::Ended(said));
            }
            // Somebody else may answer at this port; then ours will end, and say why.
            if let Some(stream) = connected(address)?.filter(|stream| is_process(stream, process.id())) {
                return Ok(Self { process, address, stream });
            }
            thread::sleep(PAUSE);
        }
        Err(Trouble::Silent)
    }

    /// Where it is, as the application is told.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// The process, to look at its processor time.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has done so far.
    pub(crate) fn account(&self) -> Result<Account, Trouble> {
        let answer = ask(&self.stream)?;
        Account::read(&answer.text(), INFO.len(), answer.bytes)
            .ok_or_else(|| Trouble::Answer(wire::printable(&answer.body)))
    }
}

impl Answer {
    fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// A port that nobody listens at. Redis can't be told to take any: its port 0 means none.
fn free_port() -> Result<u16, Trouble> {
    let address = net::listen(0).and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(Trouble::while_("looking for a free port"))
}

/// A connection that waits for answers, but not for ever; `None` while nobody listens.
fn connected(address: SocketAddrV4) -> Result<Option<TcpStream>, Trouble> {
    let Ok(stream) = TcpStream::connect(address) else { return Ok(None) };
    stream.set_read_timeout(Some(ANSWER_MAX)).map_err(Trouble::while_("connecting"))?;
    stream.set_nodelay(true).map_err(Trouble::while_("connecting"))?;
    Ok(Some(stream))
}

/// Whether this is the Redis with that process id.
fn is_process(stream: &TcpStream, pid: u32) -> bool {
    ask(stream).is_ok_and(|answer| traffic::field(&answer.text(), "process_id") == Some(pid.into()))
}

/// Asks for the account. The answer is a text with its length before it: `$<bytes>\r\n<text>\r\n`.
fn ask(mut stream: impl Read + Write) -> Result<Answer, Trouble> {
    stream.write_all(INFO).map_err(Trouble::while_("asking"))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n") && head.len() < HEAD_BYTES_MAX {
        let mut byte = [0];
        stream.read_exact(&mut byte).map_err(Trouble::while_("reading its answer"))?;
        head.extend_from_slice(&byte);
    }
    let length = head.strip_prefix(b"$").and_then(|rest| rest.strip_suffix(b"\r\n")).and_then(wire::number);
    let length = length.and_then(|length| usize::try_from(length).ok()).filter(|&l| l <= ANSWER_BYTES_MAX);
    let Some(length) = length else { return Err(Trouble::Answer(wire::printable(&head))) };
    let mut body = vec![0; length + 2];
    stream.read_exact(&mut body).map_err(Trouble::while_("reading its answer"))?;
    body.truncate(length);
    Ok(Answer { bytes: head.len() + length + 2, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection that has its answer ready, and takes whatever is asked.
    struct Ready(&'static [u8]);

    impl Read for Ready {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Ready {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_answer_is_as_long_as_it_says() {
        let answer = ask(Ready(b"$7\r\na:1\r\nb:\r\n$3\r\n")).unwrap();
        assert_eq!((answer.text().as_ref(), answer.bytes), ("a:1\r\nb:", 13));
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let trouble = |bytes| ask(Ready(bytes)).map(|answer| answer.bytes).unwrap_err().to_string();
        assert!(trouble(b"-NOAUTH Authentication required.\r\n").contains("NOAUTH"));
        assert!(trouble(b"$99999999999\r\n").contains("something else"));
        assert!(trouble(b"$7\r\na:1").contains("reading its answer"));
        assert!(trouble(b"HTTP/1.1 400 Bad Request, and more than a head may have\r\n").contains("HTTP"));
    }

    #[test]
    fn who_has_none_is_told_what_to_do() {
        let told = Trouble::Missing.to_string();
        assert!(
            told.contains("redis-server") && told.contains("install") && told.contains("--work"),
            "{told}"
        );
    }
}
