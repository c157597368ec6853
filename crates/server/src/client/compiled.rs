//! What is compiled into the client: the settings that it begins with, as an object of JavaScript.

use playhouse_core::config::{Client, ClientUrl, Config, Reconnect, Strategy};
use playhouse_core::json;
use std::time::Duration;

/// The object, as an expression.
pub(super) fn literal(config: &Config, pathname: &str, authorization: bool) -> String {
    let client = &config.websocket.client;
    let fields = [
        ("url", format!("function () {{ return {} }}", url(&config.websocket.client_url))),
        ("apiPath", quoted(&client.api_path)),
        ("cookieKey", quoted(&client.cookie_key)),
        ("pathname", quoted(pathname)),
        ("authorization", authorization.to_string()),
        ("pingTimeout", ping_timeout(config).map_or_else(|| "false".into(), millis)),
        ("timeout", millis(client.timeout)),
        ("reconnect", reconnect(&client.reconnect)),
        ("strategy", strategy(client, authorization)),
        ("manual", client.manual.to_string()),
        ("websockets", client.websockets.to_string()),
        ("network", client.network.to_string()),
        ("queueSize", or_null(client.queue_size)),
        ("version", quoted(env!("CARGO_PKG_VERSION"))),
    ];
    object(&fields)
}

/// A host alone takes the page's scheme; a client outside of a page is not told less than the safe one.
fn url(url: &ClientUrl) -> String {
    match url {
        ClientUrl::Page(expression) => expression.clone(),
        ClientUrl::Server(text) => quoted(text),
        ClientUrl::Host(host) => format!(
            "(typeof location === \"object\" && /^https?:$/.test(location.protocol) ? location.protocol : \
             \"https:\") + {}",
            quoted(&format!("//{host}"))
        ),
    }
}

/// How long a client waits for a ping. A server that never pings would lose all of its clients.
fn ping_timeout(config: &Config) -> Option<Duration> {
    let websocket = &config.websocket;
    websocket.client.ping_timeout.filter(|_| websocket.server.ping_interval.is_some())
}

fn reconnect(reconnect: &Reconnect) -> String {
    object(&[
        ("min", millis(reconnect.min)),
        ("max", reconnect.max.map_or_else(|| "null".into(), millis)),
        ("retries", reconnect.retries.map_or_else(|| "Infinity".into(), |retries| retries.to_string())),
        ("factor", reconnect.factor.to_string()),
        ("timeout", millis(reconnect.timeout)),
    ])
}

/// Who is refused by an authorization hook looks as one who could not connect: Primus then leaves `timeout` out of
/// its default.
fn strategy(client: &Client, authorization: bool) -> String {
    let Some(wanted) = &client.strategy else { return "false".into() };
    let is_default = *wanted == Client::default().strategy.unwrap_or_default();
    let counts = |strategy: &&Strategy| !(authorization && is_default && **strategy == Strategy::Timeout);
    let names = wanted.iter().filter(counts).map(|strategy| match strategy {
        Strategy::Disconnect => "\"disconnect\"",
        Strategy::Online => "\"online\"",
        Strategy::Timeout => "\"timeout\"",
    });
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{ {} }}", fields.join(", "))
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

fn or_null(number: Option<usize>) -> String {
    number.map_or_else(|| "null".into(), |number| number.to_string())
}

fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    json::push_str(&mut out, text);
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::config::Config;

    fn of(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        literal(&config, "/primus", false)
    }

    #[test]
    fn the_defaults() {
        let expected = format!(
            "{{ url: function () {{ return window.location.origin }}, apiPath: \"/api\", cookieKey: \"sessionID\", \
             pathname: \"/primus\", authorization: false, pingTimeout: 45000, timeout: 10000, reconnect: {{ min: 500, \
             max: null, retries: 10, factor: 2, timeout: 30000 }}, strategy: [\"disconnect\", \"online\", \
             \"timeout\"], manual: false, websockets: true, network: true, queueSize: null, version: \"{}\" }}",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(of(|_| {}), expected);
    }

    #[test]
    fn each_setting_arrives() {
        type Change = fn(&mut Config);
        let rows: &[(Change, &str)] = &[
            (
                |c| c.websocket.client_url = ClientUrl::Server("https://a.b".into()),
                "{ return \"https://a.b\" }",
            ),
            (
                |c| c.websocket.client_url = ClientUrl::Host("a.b".into()),
                "location.protocol : \"https:\") + \"//a.b\"",
            ),
            (|c| c.websocket.client.api_path = "/v1".into(), "apiPath: \"/v1\""),
            (|c| c.websocket.client.cookie_key = "k\"</script>".into(), "cookieKey: \"k\\\""),
            (|c| c.websocket.server.ping_interval = None, "pingTimeout: false"),
            (|c| c.websocket.client.ping_timeout = Some(Duration::from_secs(60)), "pingTimeout: 60000"),
            (|c| c.websocket.client.ping_timeout = None, "pingTimeout: false"),
            (|c| c.websocket.client.timeout = Duration::from_millis(1), "timeout: 1,"),
            (|c| c.websocket.client.reconnect.min = Duration::from_millis(7), "min: 7,"),
            (|c| c.websocket.client.reconnect.max = Some(Duration::from_millis(8)), "max: 8,"),
            (|c| c.websocket.client.reconnect.retries = None, "retries: Infinity"),
            (|c| c.websocket.client.reconnect.factor = 1.5, "factor: 1.5"),
            (|c| c.websocket.client.reconnect.timeout = Duration::from_millis(9), "timeout: 9 }"),
            (|c| c.websocket.client.strategy = Some(vec![Strategy::Online]), "strategy: [\"online\"]"),
            (|c| c.websocket.client.strategy = None, "strategy: false"),
            (|c| c.websocket.client.manual = true, "manual: true"),
            (|c| c.websocket.client.websockets = false, "websockets: false"),
            (|c| c.websocket.client.network = false, "network: false"),
            (|c| c.websocket.client.queue_size = Some(3), "queueSize: 3"),
        ];
        for (change, part) in rows {
            let made = of(change);
            assert!(made.contains(part), "{part}\n{made}");
        }
    }

    #[test]
    fn with_authorization_nobody_insists() {
        let mut config = Config::default();
        let made = literal(&config, "/live", true);
        assert!(made.contains("strategy: [\"disconnect\", \"online\"], "), "{made}");
        assert!(made.contains("authorization: true") && made.contains("pathname: \"/live\""), "{made}");
        config.websocket.client.strategy = Some(vec![Strategy::Timeout]);
        assert!(literal(&config, "/live", true).contains("strategy: [\"timeout\"]"));
    }
}
