//! An application as a service of somebody else's server: started on the caller's runtime, and stopped when it is
//! told to or when nobody has it any more.

use crate::app::App;
use crate::assemble::{Assembled, Ground, StartError};
use crate::handle::Handle;
use crate::settings::Given;
use http::{Request, Response};
use hyper::body::{Body, Bytes};
use playhouse_core::clock::Clock;
use playhouse_core::config::Sources;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_server::{Answer, Footing, Mounted};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::Handle as Runtime;
use tokio::sync::{oneshot, watch};

/// An application that has started and listens nowhere: what requests it is given it answers, and websockets are its
/// connections from then on. Made by [`App::into_service`]. Cheap to clone; a clone is the same.
#[derive(Clone)]
pub struct Service {
    mounted: Mounted,
    handle: Handle,
    end: End,
    /// The last one to go stops the application.
    _kept: Arc<watch::Sender<()>>,
}

/// Says when all is over.
#[derive(Clone)]
struct End(watch::Receiver<bool>);

impl App {
    /// Starts the application as a service for [tower](tower_service) and hyper, such as for a path of an axum
    /// application:
    ///
    /// ```no_run
    /// # use playhouse::prelude::*;
    /// # async fn site() -> std::result::Result<(), Box<dyn std::error::Error>> {
    /// let service = App::new().room("lobby").into_service_at("/realtime").await?;
    /// let drain = service.drain();
    /// let site = axum::Router::new().nest_service("/realtime", service);
    ///
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    /// axum::serve(listener, site).with_graceful_shutdown(async {
    ///     // .. wait for a signal, then:
    ///     drain.await;
    /// }).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It runs on the runtime that this is called on. It reads the configuration's file and the environment, but not
    /// `host`, `port` and `workers`; log and signals are the program's own affair. It stops when [`Handle::stop`] is
    /// called, when [`Service::drain`] is awaited, or when the last clone of the service is dropped.
    ///
    /// # Errors
    /// Why it could not start.
    pub async fn into_service(self) -> Result<Service, StartError> {
        self.start_service(Given { env: Sources::process_env(), ..Given::default() }).await
    }

    /// The same below a path that is taken off before the service sees a request, as axum's `nest_service` does. The
    /// path is only what generated clients are told, so that they find their way; the setting `mounts.prefix` says
    /// the same.
    ///
    /// # Errors
    /// Why it could not start.
    pub async fn into_service_at(self, path: &str) -> Result<Service, StartError> {
        let set = vec![("mounts.prefix".to_owned(), path.to_owned())];
        self.start_service(Given { env: Sources::process_env(), set, ..Given::default() }).await
    }

    async fn start_service(self, given: Given) -> Result<Service, StartError> {
        let loaded = self.configured(&given)?;
        loaded.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let footing = Footing::open(&loaded.config).map_err(StartError::Folder)?;
        let ground = Ground {
            config: loaded.config,
            clock: Clock::system(),
            rng: Rng::system(),
            tasks: Tasks::new(Runtime::current()),
            actor_tasks: Tasks::new(Runtime::current()),
            encoder: footing.encoder(),
            files: footing.files(),
            yields: false,
        };
        let assembled = self.assemble(ground)?;
        let mounted = footing.serve(&assembled.node, &assembled.scripts);
        // Of its own, so that who stops waiting leaves nothing half-begun: the service is then dropped, which ends it.
        let (begun, service) = oneshot::channel();
        let begin = async move { drop(begun.send(begin(assembled, mounted).await)) };
        Tasks::new(Runtime::current())
            .spawn("begin", begin)
            .expect("nobody has closed what was made for this task");
        let panicked = || StartError::System(io::Error::other("code of `on_start` panicked"));
        service.await.unwrap_or_else(|_| Err(panicked()))
    }
}

async fn begin(mut assembled: Assembled, mounted: Mounted) -> Result<Service, StartError> {
    if let Err(error) = assembled.begin().await {
        // The caller's program may well go on: nothing of this one is to run in it.
        assembled.node.drain();
        assembled.node.tasks().close();
        return Err(error);
    }
    Ok(Service::of(assembled, mounted))
}

impl Service {
    fn of(assembled: Assembled, mounted: Mounted) -> Self {
        let (kept, left) = watch::channel(());
        let (over, end) = watch::channel(false);
        let handle = assembled.handle.clone();
        let life = live(assembled, mounted.clone(), left, over);
        // Of its own: it waits for the node's tasks.
        let spawned = Tasks::new(Runtime::current()).spawn("service", life);
        spawned.expect("nobody has closed what was made for this task");
        Self { mounted, handle, end: End(end), _kept: Arc::new(kept) }
    }

    /// Reaches the node, from anywhere.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Stops the application and resolves when it has stopped: running actions have ended, connections are closed and
    /// `on_stop` has run. Meanwhile the service answers new requests with 503, so a server that is to stop awaits
    /// this first. Not awaited it does nothing.
    pub fn drain(&self) -> impl Future<Output = ()> + Send + 'static {
        let (handle, stopped) = (self.handle(), self.stopped());
        async move {
            handle.stop();
            stopped.await;
        }
    }

    /// Resolves when the application has stopped, whoever stopped it.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let End(mut end) = self.end.clone();
        async move {
            // An error means that its runtime has ended, and all of it with that.
            let _ = end.wait_for(|over| *over).await;
        }
    }
}

/// The life of a service, until it is told to stop or nobody is left who could call it.
async fn live(
    mut assembled: Assembled,
    mounted: Mounted,
    mut left: watch::Receiver<()>,
    over: watch::Sender<bool>,
) {
    let abandoned = pin!(left.changed());
    futures_util::future::select(pin!(assembled.handle.stopped()), abandoned).await;
    mounted.drain().await;
    assembled.end().await;
    tracing::info!("stopped");
    over.send_replace(true);
}

/// Always ready: a node that is full or stopping says so in its answer.
impl<B> tower_service::Service<Request<B>> for Service
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        Answering(Box::pin(self.mounted.clone().answer(request)))
    }
}

/// An answer on its way.
#[must_use = "an answer is made while it is polled"]
pub struct Answering(Pin<Box<dyn Future<Output = Response<Answer>> + Send>>);

impl Future for Answering {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service({:?})", self.handle)
    }
}
