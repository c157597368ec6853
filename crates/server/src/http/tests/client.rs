//! The generated client as a page gets it: which URLs, with which headers, and what of it is in the folder.

use super::*;
use crate::PluginScript;
use crate::client::Client;
use playhouse_core::config::ClientUrl;

const SCRIPT: &str = "/public/javascript/ActionheroWebsocketClient.js";

/// A site as a server starts it.
fn started(change: impl FnOnce(&mut Config, &mut ConnectionHooks)) -> Site {
    let site = Site::new(change);
    let plugin =
        PluginScript { plugin: "greet".into(), file: "greet.js".into(), text: "self.greet = 1".into() };
    site.web.folder().serve_client(|root| Client::make(site.web.node(), &[plugin], root));
    site
}

fn of_folder(site: &Site, name: &str) -> Option<String> {
    std::fs::read_to_string(site.folder.path().join("javascript").join(name)).ok()
}

#[test]
fn the_client_is_in_the_folder_and_under_both_urls() {
    let site = started(|_, _| {});
    for (extension, mime) in [
        (".js", "application/javascript"),
        (".min.js", "application/javascript"),
        (".d.ts", "application/typescript"),
    ] {
        let name = format!("ActionheroWebsocketClient{extension}");
        let text = of_folder(&site, &name).expect("it was written");
        for below in ["/public", ""] {
            let answer = site.get(&format!("{below}/javascript/{name}"));
            assert_eq!((answer.status, answer.header("content-type")), (200, mime), "{name}");
            assert_eq!(answer.body, text);
            assert_eq!(answer.header("cache-control"), "max-age=60, must-revalidate, public");
            assert!(answer.header("etag").starts_with("W/\""), "{name}");
        }
        assert!(!text.contains("%%"), "all places are filled in:\n{text}");
    }
    let script = of_folder(&site, "ActionheroWebsocketClient.js").unwrap();
    assert!(
        script.contains("pathname: \"/primus\"") && script.contains("// Plugin greet (greet.js)"),
        "{script}"
    );
    let types = of_folder(&site, "ActionheroWebsocketClient.d.ts").unwrap();
    let known = types.contains("interface Actions {") && types.contains("interface Rooms {");
    assert!(known && !types.contains("Plugin greet"), "{types}");
}

#[test]
fn where_nothing_can_be_written_pages_notice_nothing() {
    let folder = started(|_, _| {});
    let site = Site::plain();
    site.folder.write("javascript", b"a file in the folder's place");
    site.web.folder().serve_client(|root| Client::make(site.web.node(), &[], root));
    let (one, other) = (site.get(SCRIPT), folder.get(SCRIPT));
    assert_eq!((one.status, other.status), (200, 200));
    for name in ["content-type", "cache-control", "accept-ranges"] {
        assert_eq!(one.header(name), other.header(name));
    }
    let tag = one.header("etag").to_owned();
    let again = site.ask("GET", SCRIPT, &[("if-none-match", &tag)], "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let head = site.ask("HEAD", SCRIPT, &[], "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), one.body.len().to_string());
    let part = site.ask("GET", SCRIPT, &[("range", "bytes=3-6")], "");
    assert_eq!((part.status, part.body.as_str()), (206, &one.body[3..7]));
    for odd in [
        "/public/javascript/./x/../ActionheroWebsocketClient.js",
        "/public/javascript%2FActionheroWebsocketClient.js",
    ] {
        assert_eq!(site.get(odd).status, 200, "{odd}");
    }
    assert_eq!(site.get(&format!("{SCRIPT}/")).status, 404);
}

#[test]
fn the_verb_file_reads_it_too() {
    let site = started(|_, _| {});
    let read = |path| site.runtime.block_on(playhouse_node::files::Files::read(site.web.folder(), path));
    let content = read("javascript/ActionheroWebsocketClient.js").unwrap();
    assert_eq!(content.text, of_folder(&site, "ActionheroWebsocketClient.js").unwrap());
    assert_eq!(
        (content.mime.as_str(), content.length),
        ("application/javascript", content.text.len() as u64)
    );
}

#[test]
fn the_library_of_primus_is_for_everybody() {
    let site = started(|config, hooks| {
        config.websocket.client_url = ClientUrl::Server("https://a.example".into());
        hooks.authorize(|_| async { Err(Reject::new("no", "no").into()) });
    });
    for name in ["primus.js", "primus.min.js"] {
        let answer = site.get(&format!("/primus/{name}?x=1"));
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/javascript; charset=utf-8"));
        assert!(!answer.header("cache-control").contains("no-"), "{}", answer.header("cache-control"));
        assert_eq!(answer.header("pragma"), "");
        for part in ["return \"https://a.example\"", "authorization: true", "// Plugin greet (greet.js)"] {
            assert!(answer.body.contains(part), "{part}\n{}", answer.body);
        }
        let tag = answer.header("etag").to_owned();
        assert_eq!(site.ask("GET", &format!("/primus/{name}"), &[("if-none-match", &tag)], "").status, 304);
        let head = site.ask("HEAD", &format!("/primus/{name}"), &[], "");
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(head.header("content-length"), answer.body.len().to_string());
    }
    assert_eq!((site.status("GET", "/primus"), site.status("POST", "/primus/primus.js")), (401, 401));
}

#[test]
fn settings_say_where_and_whether() {
    let site = started(|config, _| {
        (config.websocket.client_js_path, config.websocket.client_js_name) =
            ("js/own/".into(), Some("chat".into()));
        config.mounts.primus = playhouse_core::config::Mount::At("/live".into());
    });
    assert!(site.get("/public/js/own/chat.min.js").body.contains("pathname: \"/live\""));
    assert_eq!((site.get("/live/primus.js").status, site.get(SCRIPT).status), (200, 404));
    let site = started(|config, _| config.websocket.client_js_name = None);
    assert_eq!((site.get("/primus/primus.js").status, site.get(SCRIPT).status), (200, 404));
    assert_eq!(of_folder(&site, "ActionheroWebsocketClient.js"), None);
    let site = started(|config, _| config.websocket.enabled = false);
    assert_eq!((site.get("/primus/primus.js").status, site.get(SCRIPT).status), (404, 404));
}

#[test]
fn what_somebody_wrote_by_hand_is_served_as_it_is() {
    let site = Site::plain();
    std::fs::create_dir(site.folder.path().join("javascript")).unwrap();
    site.folder.write("javascript/ActionheroWebsocketClient.js", b"alert('mine')");
    site.web.folder().serve_client(|root| Client::make(site.web.node(), &[], root));
    assert_eq!(site.get(SCRIPT).body, "alert('mine')");
    assert!(of_folder(&site, "ActionheroWebsocketClient.min.js").is_some());
}
