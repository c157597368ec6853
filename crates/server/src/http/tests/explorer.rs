//! The explorer's mount as a client sees it.

use super::*;
use playhouse_core::config::Mount;

fn site(path: &str) -> Site {
    Site::new(|config, _| config.mounts.explorer = Mount::At(path.to_owned()))
}

#[test]
fn there_is_none_unless_it_is_wanted() {
    assert_eq!(Site::plain().get("/explorer/").body, MISSING);
}

#[test]
fn a_page_and_documents() {
    let site = site("/explorer");
    for (target, content_type, begins) in [
        ("/explorer/", "text/html; charset=utf-8", "<!doctype html>"),
        ("//explorer/?x", "text/html; charset=utf-8", "<!doctype html>"),
        ("/explorer/explorer.js", "text/javascript; charset=utf-8", ""),
        ("/explorer/explorer.css", "text/css; charset=utf-8", ""),
        ("/explorer/openapi.json", "application/json; charset=utf-8", "{"),
        ("/explorer/asyncapi.json", "application/json; charset=utf-8", "{"),
        ("/explorer/manifest.json", "application/json; charset=utf-8", "{\n  \"actions\": ["),
        ("/explorer/types.d.ts", "text/plain; charset=utf-8", "declare namespace Application {\n  "),
    ] {
        let answer = site.get(target);
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{target}");
        assert!(answer.body.starts_with(begins), "{target} {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none';"), "{target}");
    }
    let manifest: serde_json::Value =
        serde_json::from_str(&site.get("/explorer/manifest.json").body).unwrap();
    assert_eq!(manifest["places"]["api"], "/api");
    assert_eq!(manifest["places"]["client"], "/public/javascript/ActionheroWebsocketClient.js");
}

#[test]
fn what_a_browser_has_is_not_sent_again() {
    let site = site("/explorer");
    let etag = site.get("/explorer/").header("etag").to_owned();
    let again = site.ask("GET", "/explorer/", &[("if-none-match", &etag)], "");
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", etag.as_str()));
    assert_eq!(site.ask("GET", "/explorer/", &[("if-none-match", "\"x\"")], "").status, 200);
    let (head, get) = (site.ask("HEAD", "/explorer/", &[], ""), site.get("/explorer/"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
}

#[test]
fn other_paths_and_methods_are_told_in_words() {
    let site = site("/deep/docs");
    for target in ["/deep/docs", "/deep/docs?x=1", "//deep/docs"] {
        let answer = site.get(target);
        assert_eq!((answer.status, answer.header("location")), (302, "docs/"), "{target}");
    }
    let missing = site.get("/deep/docs/nope.js");
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("/deep/docs/openapi.json"), "{}", missing.body);
    let posted = site.ask("POST", "/deep/docs/", &[], "");
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD, OPTIONS"));
    assert_eq!(posted.body, "the explorer is read with GET and HEAD");
    assert_eq!(site.get("/deep/docsx").body, MISSING);
}

#[test]
fn it_may_be_below_the_actions() {
    let site = site("/api/docs");
    assert_eq!(site.get("/api/docs/openapi.json").status, 200);
    assert_eq!(site.get("/api/created").status, 201);
}
