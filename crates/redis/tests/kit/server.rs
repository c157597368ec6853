//! A redis-server of one's own, on a port that the system chose, which ends with the test binary however that ends.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a server may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a server until its own input ends, which is when whoever holds the other side ends too: a static is not
/// dropped, and a killed process drops nothing.
const KEEPER: &str =
    r#"folder=$1; shift; "$@" & server=$!; read -r _; kill -9 $server; wait; rm -rf "$folder""#;

/// A server that keeps nothing on disk.
pub(crate) struct Server {
    port: u16,
    keeper: Child,
}

impl Server {
    /// A server for one test alone, to be slowed down or ended. Dropping it kills it.
    pub(crate) fn start() -> Self {
        let version = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        assert!(version.is_ok(), "there is no `redis-server` on PATH: run `cargo xtask setup`");
        loop {
            let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(server) = Self::on(free) {
                return server;
            }
        }
    }

    /// The server of all tests of this binary that leave it as it is.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server where another one was. An outgoing connection of anybody may have the port for a moment.
    pub(crate) fn again(port: u16) -> Self {
        let since = Instant::now();
        loop {
            match Self::on(port) {
                Some(server) => return server,
                None => assert!(since.elapsed() < PATIENCE, "somebody else has the port {port} now"),
            }
        }
    }

    /// A server on this port, unless somebody else was faster there.
    fn on(port: u16) -> Option<Self> {
        let folder = folder();
        let own = folder.file_name().unwrap().to_string_lossy().into_owned();
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(&folder)
            .args(["redis-server", "--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--logfile", "log", "--dir"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let server = Self { port, keeper };
        let since = Instant::now();
        loop {
            if let Some(named) = server.folder() {
                return named.contains(&own).then_some(server);
            }
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            if log.contains("Failed listening") {
                return None;
            }
            assert!(since.elapsed() < PATIENCE, "redis-server does not answer: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The folder of whoever answers on the port, in Redis's own form.
    fn folder(&self) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(b"CONFIG GET dir\r\nQUIT\r\n").ok()?;
        let mut answer = Vec::new();
        // What is no Redis may say anything, or nothing.
        let _ = stream.read_to_end(&mut answer);
        Some(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What `redis.url` is for it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A connection to see what stands there. It blocks.
    pub(crate) fn look(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn folder() -> PathBuf {
    static NTH: AtomicU32 = AtomicU32::new(0);
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("playhouse-redis-{}-{nth}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
