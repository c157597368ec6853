//! `counter`: a number that many share, and a log; it also gives back whatever it is given.

use playhouse::Fault;
use playhouse::actor::{Frame, HttpAnswer, HttpAsk, Socket, Value};
use playhouse::prelude::{ActorCx, Duration, Error, Reject, Result, actor, data, event, json};

/// The state.
#[data]
#[derive(Default)]
pub(crate) struct Counter {
    count: i64,
    log: Vec<String>,
}

/// What it begins with.
#[data]
pub(crate) struct Begin {
    start: i64,
}

/// The count has changed.
#[event]
pub(crate) struct NewCount(i64);

#[actor(events(NewCount))]
impl Counter {
    #[hook]
    async fn create(&mut self, input: Option<Begin>) -> Result<()> {
        self.count = input.map_or(0, |begin| begin.start);
        Ok(())
    }

    /// Adds to the count and tells everybody.
    async fn increment(&mut self, cx: &ActorCx<Self>, #[default(1)] by: i64) -> Result<i64> {
        self.count =
            self.count.checked_add(by).ok_or_else(|| Reject::new("too_large", "the count is full"))?;
        cx.broadcast(NewCount(self.count));
        Ok(self.count)
    }

    /// The count.
    async fn get_count(&self) -> Result<i64> {
        Ok(self.count)
    }

    /// Puts something at the end of the log; the log's new length.
    async fn append(&mut self, tag: String) -> Result<usize> {
        self.log.push(tag);
        Ok(self.log.len())
    }

    /// The log.
    async fn get_log(&self) -> Result<Vec<String>> {
        Ok(self.log.clone())
    }

    /// The same value, of the same kind.
    async fn echo(&self, value: Value) -> Result<Value> {
        Ok(value)
    }

    /// Nothing.
    async fn nothing(&self) -> Result<()> {
        Ok(())
    }

    /// A text of so many letters.
    async fn blob(&self, n: usize) -> Result<String> {
        const MOST: usize = 16 << 20;
        if n > MOST {
            return Err(Reject::new("too_large", format!("{n} letters; {MOST} are the most")).into());
        }
        Ok("x".repeat(n))
    }

    /// Fails, in one of three ways.
    async fn fail(&self, kind: String) -> Result<()> {
        Err(match kind.as_str() {
            "user" => Reject::new("insufficient_funds", "insufficient funds")
                .metadata(&json!({ "needed": 5, "have": 2 }))?
                .into(),
            "plain" => Reject::new("user_error", "plain failure").into(),
            _ => Error::Fault(Fault::new("secret detail 8271")),
        })
    }

    /// Waits, and holds nobody up.
    async fn slow(&self, cx: &ActorCx<Self>, ms: u64) -> Result<u64> {
        cx.clock().sleep(Duration::from_millis(ms)).await;
        Ok(ms)
    }

    #[http]
    async fn answer(&self, request: HttpAsk) -> Result<HttpAnswer> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        Ok(match (request.method.as_str(), path) {
            ("GET", "/count") => HttpAnswer {
                status: 200,
                headers: vec![("content-type".into(), "application/json".into())],
                body: json!({ "count": self.count }).to_string().into(),
            },
            (_, "/echo") => HttpAnswer {
                status: 201,
                headers: vec![
                    ("x-demo".into(), parameter(query, "q")),
                    ("content-type".into(), "text/plain".into()),
                ],
                body: request.body,
            },
            _ => HttpAnswer { status: 404, headers: Vec::new(), body: "not found".into() },
        })
    }

    #[websocket]
    async fn talk(&self, mut socket: Socket) -> Result<()> {
        while let Some(frame) = socket.next().await {
            socket.send(match frame {
                Frame::Text(text) => Frame::Text(format!("echo:{text}").into()),
                Frame::Binary(bytes) => Frame::Binary(bytes),
            });
        }
        Ok(())
    }
}

/// A parameter of a query; empty where there is none.
fn parameter(query: &str, name: &str) -> String {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}
