//! `serve`: a server, its background runtime, and the ways in which it is told to stop.

use super::{StartError, print};
use crate::app::App;
use crate::assemble::{Assembled, Ground};
use crate::handle::Handle;
use playhouse_core::clock::Clock;
use playhouse_core::config::{Config, Loaded};
use playhouse_core::os::Termination;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_server::Server;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// Threads of the background runtime: hooks, tasks of the application, callers that have left. Connections are
/// served by the server's own workers.
const BACKGROUND_THREADS: usize = 2;

/// How long what runs in the background may take to notice that all is over.
const BACKGROUND_END: Duration = Duration::from_secs(2);

/// The runtime of everything that is no connection.
pub(super) fn background() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(BACKGROUND_THREADS)
        .thread_name("background")
        .enable_all()
        .build()
}

/// Where an application's code runs beside connections.
struct Runtimes {
    background: Runtime,
    /// Actors: apart from all else, so that one that computes for long keeps nobody else waiting.
    stage: Option<Runtime>,
}

impl Runtimes {
    fn of(app: &App, config: &Config) -> io::Result<Self> {
        let stage = if app.kinds.is_empty() { None } else { Some(stage(config)?) };
        Ok(Self { background: background()?, stage })
    }

    fn stage(&self) -> &Runtime {
        self.stage.as_ref().unwrap_or(&self.background)
    }

    fn end(self) {
        if let Some(stage) = self.stage {
            stage.shutdown_timeout(BACKGROUND_END);
        }
        self.background.shutdown_timeout(BACKGROUND_END);
    }
}

fn stage(config: &Config) -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = config.actors.threads.unwrap_or_else(|| cores.max(2));
    Builder::new_multi_thread().worker_threads(threads).thread_name("actors").enable_all().build()
}

/// Serves as a program of its own: says where it listens, stops on SIGTERM and Ctrl-C.
pub(super) fn standing(app: App, config: Config) -> Result<(), StartError> {
    let runtimes = Runtimes::of(&app, &config)?;
    let runtime = &runtimes.background;
    let (server, mut assembled) = open(app, config, &runtimes)?;
    let (name, address) = (assembled.node.config().app.name.clone(), server.address());
    listen_for_signals(runtime, assembled.handle.clone())?;
    runtime.block_on(assembled.begin())?;
    assembled.watch_actors();
    print(&format!("{name} listens on http://{} (Ctrl-C stops it)\n", reachable(address)));
    serve(server, &mut assembled, runtime)?;
    runtimes.end();
    Ok(())
}

/// Serves within another program: on a thread of its own, as a worker blocks it.
pub(super) async fn embedded(app: App, loaded: Loaded) -> Result<(), StartError> {
    loaded.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let stop_when_dropped = StopWhenDropped(app.handle());
    let (done, over) = oneshot::channel();
    let work = move || {
        // Nobody waits any more where the future was dropped.
        let _ = done.send(on_this_thread(app, loaded.config));
    };
    thread::Builder::new().name("playhouse".into()).spawn(work)?;
    let result = over.await.unwrap_or_else(|_| Err(io::Error::other("the server's thread panicked").into()));
    drop(stop_when_dropped);
    result
}

fn on_this_thread(app: App, config: Config) -> Result<(), StartError> {
    let runtimes = Runtimes::of(&app, &config)?;
    let runtime = &runtimes.background;
    let (server, mut assembled) = open(app, config, &runtimes)?;
    runtime.block_on(assembled.begin())?;
    assembled.watch_actors();
    tracing::info!(address = %server.address(), "listening");
    serve(server, &mut assembled, runtime)?;
    runtimes.end();
    Ok(())
}

struct StopWhenDropped(Handle);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Binds the port, makes the node, and the client that speaks with it.
fn open(app: App, config: Config, runtimes: &Runtimes) -> Result<(Server, Assembled), StartError> {
    let tasks = Tasks::new(runtimes.background.handle().clone());
    let actor_tasks = Tasks::new(runtimes.stage().handle().clone());
    let server = Server::bind(&config)?;
    let ground = Ground {
        config,
        clock: Clock::system(),
        rng: Rng::system(),
        tasks,
        actor_tasks,
        encoder: server.encoder(),
        files: server.files(),
        yields: false,
    };
    app.handle.listens_on(server.address());
    let assembled = app.assemble(ground)?;
    server.make_client(&assembled.node, &assembled.scripts);
    Ok((server, assembled))
}

/// Serves until somebody wants it to stop, then runs `on_stop`.
fn serve(server: Server, assembled: &mut Assembled, runtime: &Runtime) -> Result<(), StartError> {
    let served = server.run(&assembled.node, assembled.handle.stopped());
    runtime.block_on(assembled.end());
    tracing::info!("stopped");
    Ok(served?)
}

/// The first signal stops politely, the second at once.
fn listen_for_signals(runtime: &Runtime, handle: Handle) -> io::Result<()> {
    let _entered = runtime.enter();
    let mut termination = Termination::listen()?;
    // Not one of the node's tasks: a drain waits for those, and this one waits for the drain.
    runtime.spawn(async move {
        termination.wanted().await;
        handle.stop();
        termination.wanted().await;
        eprintln!("stopped at once, as asked for twice");
        std::process::exit(1);
    });
    Ok(())
}

/// The address that a person on this machine can open.
fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => ([127, 0, 0, 1], bound.port()).into(),
        // All addresses of the machine, those of IPv4 too.
        IpAddr::V6(ip) if ip.is_unspecified() => ([127, 0, 0, 1], bound.port()).into(),
        IpAddr::V4(_) | IpAddr::V6(_) => bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_reached_at_this_machine() {
        for (bound, shown) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "127.0.0.1:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            let (bound, shown): (SocketAddr, SocketAddr) = (bound.parse().unwrap(), shown.parse().unwrap());
            assert_eq!(reachable(bound), shown);
        }
    }
}
