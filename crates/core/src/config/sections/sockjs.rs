//! `[sockjs]`: sessions of SockJS, on its own mount and on Primus'.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::{GIB, KIB, YesNo, size};
use crate::config::kind::text::Text;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// Sessions of SockJS: on their own mount and on Primus'.
    SockJs [sockjs] as TABLE {
        /// After how much silence of the server a session is sent something.
        heartbeat: Duration = secs(25), time(millis(50), hours(1));
        /// How long a client has to answer the ping of its websocket; then it is closed.
        pong_wait: Duration = secs(10), time(millis(50), hours(1));
        /// How long a session lives without a request that receives.
        disconnect_delay: Duration = secs(5), time(millis(10), hours(1));
        /// After how many bytes an answer that streams ends; the client asks for another one.
        response_limit: usize = 128 * KIB, size(KIB, GIB);
        /// The longest message, in bytes. On Primus' mount it is `websocket.server.max_length`. The body of a request that
        /// sends may have 10 MiB where that is more: clients put all that they have gathered into one, and know no limit.
        message_limit: usize = 1_000_000, size(KIB, GIB);
        /// How long the body of one request may take; then it is refused.
        request_timeout: Duration = secs(45), time(millis(100), hours(1));
        /// Whether clients may use websockets.
        websocket: bool = true, YesNo;
        /// Whether clients may use JSONP, which lets any page read what it asks for.
        jsonp: bool = false, YesNo;
        /// Whether requests are answered with a cookie `JSESSIONID`, for load balancers that want one.
        jsessionid: bool = false, YesNo;
        /// Where the page for frames gets the client's script from.
        client_url: String = "https://cdn.jsdelivr.net/npm/sockjs-client@1/dist/sockjs.min.js".into(), Text;
    }
}
