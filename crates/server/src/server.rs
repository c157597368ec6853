//! The server of one node: sockets bound, workers running, and the way to stop.

use crate::client::{Client, PluginScript};
use crate::dialect::Encoders;
use crate::drain::drain;
use crate::entrance::Entrance;
use crate::files::PublicFolder;
use crate::listen::{Accepting, Permits, Requests};
use crate::os;
use crate::upgrade::{Gate, http_settings};
use playhouse_core::bell;
use playhouse_core::config::Config;
use playhouse_core::encoder::Encoder;
use playhouse_node::Node;
use playhouse_node::files::Files;
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

/// A server whose port is bound and whose public folder is open; it accepts nobody yet.
pub struct Server {
    listeners: Vec<TcpListener>,
    address: SocketAddr,
    encoder: Arc<Encoders>,
    folder: Arc<PublicFolder>,
}

/// Why a server can't start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// `host` is no address and no name that has one.
    #[error("`host = \"{host}\"` is no address of this machine: {source}")]
    Host {
        /// The setting.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// The port can't be had.
    #[error("can't listen on {address}: {source}{}", hint(.source))]
    Port {
        /// What was wanted.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The public folder can't be read.
    #[error("{0}")]
    Folder(String),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            ". Another program listens there: stop it, or choose another `port` (or PORT)"
        }
        io::ErrorKind::PermissionDenied => ". Ports below 1024 want rights that this process does not have",
        _ => "",
    }
}

/// Why a server stopped serving.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A worker could not be started.
    #[error("a worker could not be started: {0}")]
    Worker(#[from] io::Error),
}

impl Server {
    /// Binds the port and opens the public folder.
    ///
    /// # Errors
    /// What is wrong with either, in a sentence that names the setting.
    pub fn bind(config: &Config) -> Result<Self, BindError> {
        let folder = PublicFolder::open(config).map_err(BindError::Folder)?;
        let wanted = (config.host.as_str(), config.port);
        let host = |source| BindError::Host { host: config.host.clone(), source };
        let address = wanted.to_socket_addrs().map_err(host)?.next();
        let address = address.ok_or_else(|| host(io::ErrorKind::NotFound.into()))?;
        let port = |source| BindError::Port { address, source };
        let listeners = os::listen(address, workers(config)).map_err(port)?;
        let bound = listeners[0].local_addr().map_err(port)?;
        let encoder = Encoders::of(config);
        let (encoder, folder) = (Arc::new(encoder), Arc::new(folder));
        Ok(Self { listeners, address: bound, encoder, folder })
    }

    /// Where it listens; the port is the real one where the system chose it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who writes events for wire forms.
    #[must_use]
    pub fn encoder(&self) -> Arc<dyn Encoder> {
        self.encoder.clone()
    }

    /// Who reads the public folder.
    #[must_use]
    pub fn files(&self) -> Arc<dyn Files> {
        self.folder.clone()
    }

    /// Makes the client for a node, with the plugins' own scripts: writes it into the public folder where that can be,
    /// and serves it. May block; for the start.
    pub fn make_client(&self, node: &Node, plugins: &[PluginScript]) {
        self.folder.serve_client(|root| Client::make(node, plugins, root));
    }

    /// Serves a node until `stop` resolves and all that ran is done; blocks the calling thread. `stop` is
    /// polled on the first worker.
    ///
    /// # Errors
    /// A worker that could not be started.
    pub fn run(self, node: &Node, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        let (stopping, stopped) = watch::channel(Phase::Serving);
        let (ear, mut heard) = mpsc::channel(1);
        let gate = Arc::new(self.gate(node, stopping.subscribe(), ear.downgrade()));
        let permits = Permits::new(node.config().limits.connections);
        let mut workers = Vec::new();
        for (nth, listener) in self.listeners.into_iter().enumerate() {
            let runtime = runtime()?;
            let (gate, permits) = (gate.clone(), permits.clone());
            let (phase, ear) = (stopped.clone(), ear.clone());
            let name = format!("worker-{nth}");
            let accepting = Accepting::new(permits, node.clock().clone(), gate);
            let work = move || work(&runtime, (listener, ear), &accepting, phase);
            workers.push(thread::Builder::new().name(name).spawn(work)?);
        }
        drop(ear);
        let runtime = runtime()?;
        runtime.block_on(stop);
        tracing::info!("stopping: nobody new is let in, running actions may finish");
        node.drain();
        stopping.send_replace(Phase::Draining);
        // A worker that hangs is not waited for longer than an action.
        let _ = runtime.block_on(node.clock().timeout(node.config().drain.actions, heard.recv()));
        // Requests of the listener's own are tasks, and waited for as such.
        runtime.block_on(drain(node, &Requests::default(), || 0));
        stopping.send_replace(Phase::Over);
        for worker in workers {
            if worker.join().is_err() {
                tracing::error!("a worker ended with a panic");
            }
        }
        Ok(())
    }

    fn gate(&self, node: &Node, phase: watch::Receiver<Phase>, ears: mpsc::WeakSender<Infallible>) -> Gate {
        let entrance = Entrance::new(node, self.folder.clone(), self.encoder.clone());
        Gate { entrance, phase, ears, http: http_settings(node) }
    }
}

/// Held by whoever may have something that was asked before a stop and is not heard yet: nothing is closed before.
pub(crate) type Ear = mpsc::Sender<Infallible>;

/// How far a server's stopping is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Everybody is served.
    Serving,
    /// Nobody new is let in.
    Draining,
    /// Nothing runs any more.
    Over,
}

fn workers(config: &Config) -> usize {
    let cores = || thread::available_parallelism().map_or(1, std::num::NonZero::get);
    config.workers.unwrap_or_else(cores)
}

/// A worker's runtime: one thread, sockets, and no timers, which are the clock's.
fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_io().event_interval(EVENT_INTERVAL).build()
}

/// Tasks polled before the sockets are looked at again. A room of a thousand is a thousand tasks: with
/// tokio's 61 there would be sixteen looks during one message.
const EVENT_INTERVAL: u32 = 256;

/// Serves a listener until the server stops.
fn work(
    runtime: &Runtime,
    (listener, ear): (TcpListener, Ear),
    accepting: &Accepting<Gate>,
    mut phase: watch::Receiver<Phase>,
) {
    runtime.block_on(bell::attended(async {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!(%error, "a worker can't use its listener"),
        };
        accepting.until(listener, phase.wait_for(|phase| *phase != Phase::Serving)).await;
        drop(ear);
        // The listener is closed; what runs on this worker runs on. An error would mean that the server is gone,
        // which is the same.
        let _ = phase.wait_for(|phase| *phase == Phase::Over).await;
    }));
}
