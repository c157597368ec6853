//! `[websocket]`, its server, and the client that is generated for it: ActionHero's options with their
//! names in snake case.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{
    Parser, ParserKind, STRATEGY, Strategy, Transformer, TransformerKind, Welcome, WelcomeKind,
};
use crate::config::kind::client::{Below, ClientUrl, ClientUrlKind, ScriptName};
use crate::config::kind::list::list;
use crate::config::kind::net::{Method, Origins, OriginsKind};
use crate::config::kind::number::{GIB, KIB, MIB, YesNo, factor, size, whole};
use crate::config::kind::text::{UrlPath, Word};
use crate::config::kind::time::{hours, millis, secs, time, time_with_unit};
use crate::config::kind::{off, unlimited};

section! {
    /// Websockets, spoken as Primus speaks them: by ActionHero's client and by plain Primus clients.
    Websocket [websocket] as TABLE {
        /// Whether websockets are served.
        enabled: bool = true, YesNo;
        /// Whether a connection is welcomed, or how long after it was opened.
        welcome: Welcome = Welcome::After(Duration::ZERO), WelcomeKind(time(millis(0), secs(10)));
        /// Where the generated client connects to: a value of the page, which is the page's own server by default,
        /// or a server by its name. Without a scheme the page's own is taken.
        client_url: ClientUrl = ClientUrl::default(), ClientUrlKind;
        /// The folder of the generated client, below the public folder.
        client_js_path: String = "javascript/".into(), Below;
        /// The name of the generated client's files, without extension. They are written at each start, over
        /// those of earlier starts and of ActionHero, but never over a file that somebody wrote.
        client_js_name: Option<String> = Some("ActionheroWebsocketClient".into()),
            off(ScriptName, "no client is made");
        /// Whether a node that stops tells its clients to stay away. Otherwise they come back.
        destroy_clients_on_shutdown: bool = false, YesNo;
    }
    with {
        /// The server's side.
        server: Server,
        /// The generated client.
        client: Client,
    }
}

section! {
    /// The server's side of websockets.
    Server [websocket server] as SERVER {
        /// Where clients connect. The same as `mounts.primus`.
        pathname: String = "/primus".into(), UrlPath;
        /// How messages are written.
        parser: Parser = Parser::Json, ParserKind;
        /// Which transport clients use.
        transformer: Transformer = Transformer::Websockets, TransformerKind;
        /// How often a connection is pinged. One that has not answered when the next ping is due is
        /// closed. Clients give up after 45 seconds without a ping unless this server made their library.
        ping_interval: Option<Duration> = Some(secs(30)), off(time(millis(50), hours(1)), "no pings");
        /// Which pages may connect, and may read answers over HTTP. The page's own server always may.
        origins: Origins = Origins::Same, OriginsKind;
        /// The methods that other origins may use over HTTP.
        methods: Vec<String> = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"].map(String::from).into(),
            list(Method);
        /// Whether other origins may send cookies.
        credentials: bool = true, YesNo;
        /// How long a browser may remember what other origins may do.
        max_age: Duration = hours(24 * 30), time_with_unit(secs(0), hours(24 * 365));
        /// The headers that other origins may send; none allows what the browser asks for.
        headers: Vec<String> = vec![], list(Word);
        /// The headers of answers that other origins may read.
        exposed: Option<Vec<String>> = None, off(list(Word), "none");
        /// The longest message a client may send. Above it the connection is closed with code 1009.
        max_length: usize = 10 * MIB, size(KIB, GIB);
        /// Whether messages are compressed (permessage-deflate) for clients that offer it.
        compression: bool = false, YesNo;
        /// How long the upgrade and its hooks may take.
        connect_timeout: Duration = secs(10), time(millis(100), hours(1));
        /// How long a close waits for the client's own before the socket is cut.
        close_timeout: Duration = secs(5), time(millis(10), secs(60));
    }
}

section! {
    /// Options that are written into the generated client.
    Client [websocket client] as CLIENT {
        /// The base of the HTTP fallback for actions.
        api_path: String = "/api".into(), UrlPath;
        /// The cookie whose value the client sends as its fingerprint. The same as `http.cookie_key`, unless
        /// another server sets the cookie.
        cookie_key: String = "sessionID".into(), Word;
        /// How long a first connection may take.
        timeout: Duration = secs(10), time(millis(100), hours(1));
        /// The longest time without a ping of the server; then the client connects again. One and a half of the
        /// server's `ping_interval`, unless it is set.
        ping_timeout: Option<Duration> = Some(secs(45)),
            off(time(millis(50), hours(2)), "it waits for no pings");
        /// When the client connects again. With an authorization hook all three mean the first two, as in Primus:
        /// who was refused is not let in by asking again.
        strategy: Option<Vec<Strategy>> =
            Some(vec![Strategy::Disconnect, Strategy::Online, Strategy::Timeout]),
            off(list(STRATEGY), "never");
        /// Whether the page opens the connection itself.
        manual: bool = false, YesNo;
        /// Whether the client uses websockets. Otherwise it polls from the start, as it does by itself where no websocket
        /// passes.
        websockets: bool = true, YesNo;
        /// Whether the client listens to the browser's online and offline events.
        network: bool = true, YesNo;
        /// How many messages are kept while the connection is down; then the oldest go.
        queue_size: Option<usize> = None, unlimited(whole(0, 1_000_000_000));
    }
    with {
        /// How the client waits between its attempts.
        reconnect: Reconnect,
    }
}

section! {
    /// How the generated client waits between its attempts to connect again.
    Reconnect [websocket client reconnect] as RECONNECT {
        /// The wait before the first attempt.
        min: Duration = millis(500), time(millis(1), hours(1));
        /// The longest wait.
        max: Option<Duration> = None, unlimited(time(millis(1), hours(24)));
        /// How many attempts are made.
        retries: Option<usize> = Some(10), unlimited(whole(0, 1_000_000_000));
        /// By how much each wait is longer than the one before.
        factor: f64 = 2.0, factor(1.0, 100.0);
        /// How long one attempt may take.
        timeout: Duration = secs(30), time(millis(100), hours(1));
    }
}
