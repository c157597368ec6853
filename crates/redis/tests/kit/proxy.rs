//! What stands between one node and Redis, and can part them.

use super::Server;
use playhouse_core::Later;
use playhouse_core::contract::Cut;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

/// Passes connections on to a server, until it is cut. Lives on the runtime of the test.
pub(crate) struct Proxy {
    port: u16,
    links: Arc<Links>,
    accepts: JoinHandle<()>,
}

/// What is passed on now; nothing while it is cut.
type Links = Mutex<Option<JoinSet<()>>>;

impl Proxy {
    pub(crate) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let links = Arc::new(Mutex::new(Some(JoinSet::new())));
        let accepts = tokio::spawn(accept(listener, links.clone(), server.port()));
        Self { port, links, accepts }
    }

    /// What `redis.url` is for the node behind it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

/// The port stays taken while it is cut, so that nobody else gets it: who comes then is turned away at once.
async fn accept(listener: TcpListener, links: Arc<Links>, port: u16) {
    loop {
        let (mut from, _) = listener.accept().await.unwrap();
        if let Some(links) = &mut *links.lock().await {
            links.spawn(async move {
                let Ok(mut to) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                let _ = from.set_nodelay(true).and(to.set_nodelay(true));
                // Either side may break it off.
                let _ = copy_bidirectional(&mut from, &mut to).await;
            });
        }
    }
}

impl Cut for Proxy {
    fn cut(&self) -> Later<'_, ()> {
        Box::pin(async {
            if let Some(mut links) = self.links.lock().await.take() {
                links.shutdown().await;
            }
        })
    }

    fn mend(&self) -> Later<'_, ()> {
        Box::pin(async {
            self.links.lock().await.get_or_insert_default();
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}
