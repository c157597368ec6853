//! `[http]`: answers over HTTP, whom to believe, and how long things may take.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{ROOT_ENDPOINT, RootEndpoint};
use crate::config::kind::list::list;
use crate::config::kind::net::{Network, NetworkKind};
use crate::config::kind::number::{YesNo, whole};
use crate::config::kind::text::{Headers, Word};
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// Actions over HTTP, and what holds for all of HTTP.
    Http [http] as TABLE {
        /// Whether answers carry `serverInformation` and `requesterInformation`.
        metadata: bool = false, YesNo;
        /// By how many blanks the JSON of answers is indented; 0 is compact.
        indent: usize = 0, whole(0, 10);
        /// Whether a parameter `callback` turns the answer into JavaScript (JSONP).
        jsonp: bool = false, YesNo;
        /// Whether errors change the status of the answer. Otherwise it is 200 always.
        return_error_codes: bool = true, YesNo;
        /// The status of an error that names none itself.
        default_error_status_code: u16 = 500, whole(400, 599);
        /// Whether `/api/<action>` runs an action that no route names.
        simple_routing: bool = true, YesNo;
        /// Whether `/api?action=<action>` runs an action.
        query_routing: bool = true, YesNo;
        /// What a path belongs to that no mount takes.
        root_endpoint_type: RootEndpoint = RootEndpoint::File, ROOT_ENDPOINT;
        /// The cookie, and the query parameter of websockets, that carries a client's fingerprint.
        cookie_key: String = "sessionID".into(), Word;
        /// How long the fingerprint's cookie is kept.
        cookie_max_age: Duration = hours(1), time(secs(1), hours(24 * 3_650));
        /// Headers for every answer; one with an empty text is left out where it would be sent by itself.
        headers: BTreeMap<String, String> = BTreeMap::from([(
            "Strict-Transport-Security".into(),
            "max-age=31536000; includeSubDomains".into(),
        )]), Headers;
        /// Whose `X-Forwarded-*` and `X-Real-IP` headers are believed.
        trusted_proxies: Vec<Network> = vec![], list(NetworkKind);
        /// How long a client may take for the headers of a request.
        header_timeout: Duration = secs(10), time(millis(10), hours(1));
        /// How long a client may take for the body of a request.
        body_timeout: Duration = secs(60), time(millis(10), hours(24));
        /// How long a connection may wait for its next request.
        keep_alive: Duration = secs(60), time(millis(10), hours(24));
    }
}
