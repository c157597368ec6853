//! What stands between one node and Redis, and keeps one answer from the node.

use super::Server;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes connections on to a server, and listens for one request. Lives on the runtime of the test.
pub(crate) struct Tap {
    port: u16,
    wanted: Arc<Wanted>,
    accepts: JoinHandle<()>,
}

struct Wanted {
    request: Mutex<Option<Vec<u8>>>,
    seen: watch::Sender<bool>,
}

impl Tap {
    pub(crate) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wanted = Arc::new(Wanted { request: Mutex::default(), seen: watch::Sender::new(false) });
        let accepts = tokio::spawn(accept(listener, wanted.clone(), server.port()));
        Self { port, wanted, accepts }
    }

    /// What `redis.url` is for the node behind it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Redis gets the next request that has these bytes; the node gets no answer but the end of the connection.
    pub(crate) fn cut_after(&self, bytes: &str) {
        *self.wanted.request.lock().unwrap() = Some(bytes.into());
    }

    /// Resolves when that was done.
    pub(crate) async fn has_cut(&self) {
        let mut seen = self.wanted.seen.subscribe();
        seen.wait_for(|seen| *seen).await.unwrap();
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

impl Wanted {
    /// Whether it is in this part; `true` once.
    fn is_in(&self, part: &[u8]) -> bool {
        let mut request = self.request.lock().unwrap();
        let found = |bytes: &mut Vec<u8>| part.windows(bytes.len()).any(|some| some == bytes);
        request.take_if(found).is_some()
    }
}

async fn accept(listener: TcpListener, wanted: Arc<Wanted>, port: u16) {
    loop {
        let (near, _) = listener.accept().await.unwrap();
        let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
        let _ = near.set_nodelay(true).and(far.set_nodelay(true));
        let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
        let (cut, is_cut) = watch::channel(false);
        tokio::spawn(requests(from_near, to_far, wanted.clone(), cut));
        tokio::spawn(answers(from_far, to_near, wanted.clone(), is_cut));
    }
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    wanted: Arc<Wanted>,
    cut: watch::Sender<bool>,
) {
    let mut part = vec![0; 64 << 10];
    while let Ok(len @ 1..) = from.read(&mut part).await {
        let last = wanted.is_in(&part[..len]);
        // Before Redis has it: the answer is to find it so.
        cut.send_if_modified(|is_cut| std::mem::replace(is_cut, last) != last);
        if to.write_all(&part[..len]).await.is_err() {
            return;
        }
        if last {
            // Until the node has closed it: Redis is not to lose it before it has read.
            while let Ok(1..) = from.read(&mut part).await {}
            return;
        }
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    wanted: Arc<Wanted>,
    is_cut: watch::Receiver<bool>,
) {
    let mut part = vec![0; 64 << 10];
    while let Ok(len @ 1..) = from.read(&mut part).await {
        if *is_cut.borrow() {
            wanted.seen.send_replace(true);
            return;
        }
        if to.write_all(&part[..len]).await.is_err() {
            return;
        }
    }
}
