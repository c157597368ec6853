//! The explorer's mount: its page, and the documents that are made from the manifest (`api`). Knows what is served
//! under which name, and nothing of what it says.

use super::body::Body;
use super::path::below;
use super::standard::JSON;
use super::{Web, without_body};
use crate::api;
use crate::explorer::FILES;
use crate::files::is_known;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue, LOCATION,
    X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use playhouse_core::config::Config;
use playhouse_core::manifest::Manifest;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

const TEXT: &str = "text/plain; charset=utf-8";

/// The page shows what anybody wrote: should markup find a way into it, it can load and run nothing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Document = fn(&Manifest, &Config) -> String;

/// What is made from the manifest.
const DOCUMENTS: &[(&str, &str, Document)] = &[
    ("openapi.json", JSON, |manifest, config| pretty(&api::openapi(manifest, config))),
    ("asyncapi.json", JSON, |manifest, config| pretty(&api::asyncapi(manifest, config))),
    ("manifest.json", JSON, |manifest, config| pretty(&api::manifest(manifest, config))),
    ("types.d.ts", TEXT, |manifest, _| {
        format!("declare namespace Application {{\n{}}}\n", api::types(manifest))
    }),
];

fn pretty(document: &serde_json::Value) -> String {
    serde_json::to_string_pretty(document).expect("a document has texts as keys")
}

/// The explorer of one node.
pub(super) struct Explorer {
    /// Its path, without the first slash.
    mount: String,
    /// Made when somebody asks first: most applications are never asked.
    files: OnceLock<Vec<File>>,
}

/// One of its files.
struct File {
    name: &'static str,
    content_type: &'static str,
    etag: HeaderValue,
    bytes: Bytes,
}

impl Explorer {
    /// Where there is one.
    pub(super) fn new(config: &Config) -> Option<Self> {
        let mount = config.mounts.explorer.path()?.trim_start_matches('/').to_owned();
        Some(Self { mount, files: OnceLock::new() })
    }

    /// What is left of `path`, which has no first slash, behind the mount: nothing, or a slash and more.
    pub(super) fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        below(path, &self.mount)
    }

    fn files(&self, web: &Web) -> &[File] {
        self.files.get_or_init(|| {
            let (manifest, config) = (web.node().manifest(), web.node().config());
            let page = FILES.iter().map(|(name, content_type, text)| File::new(name, content_type, *text));
            let documents = DOCUMENTS.iter().map(|(name, content_type, document)| {
                File::new(name, content_type, document(manifest, config))
            });
            page.chain(documents).collect()
        })
    }

    /// Where the page is, from the path without the slash at its end. Relative, as a proxy may show the mount
    /// under another path.
    fn page(&self) -> HeaderValue {
        let last = self.mount.rsplit('/').next().unwrap_or_default();
        HeaderValue::try_from(format!("{last}/")).expect("a mount has only letters of a path")
    }
}

impl File {
    fn new(name: &'static str, content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let etag = format!("\"{:x}-{:x}\"", bytes.len(), hasher.finish());
        let etag = HeaderValue::try_from(etag).expect("hex digits, a dash and quotes");
        Self { name, content_type, etag, bytes }
    }
}

/// Answers a request for `path`, which is what stands behind the mount.
pub(super) fn answer(web: &Web, explorer: &Explorer, request: &Parts, path: &str) -> Response<Body> {
    let mut response = if !matches!(request.method, Method::GET | Method::HEAD) {
        let mut response =
            say(web, request, StatusCode::METHOD_NOT_ALLOWED, "the explorer is read with GET and HEAD");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
        response
    } else if let Some(name) = path.strip_prefix('/') {
        match explorer.files(web).iter().find(|file| file.name == name) {
            Some(file) => send(web, request, file),
            None => missing(web, request, explorer),
        }
    } else {
        let mut response = say(web, request, StatusCode::FOUND, "the explorer's path ends with a slash");
        response.headers_mut().insert(LOCATION, explorer.page());
        response
    };
    if request.method == Method::HEAD {
        without_body(&mut response);
    }
    response
}

fn send(web: &Web, request: &Parts, file: &File) -> Response<Body> {
    let known = file.etag.to_str().is_ok_and(|etag| is_known(&request.headers, etag));
    let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let fingerprint = web.fingerprints().of_request(&request.headers, web.node().rng());
    let mut response = web.standard(&request.headers, &fingerprint, status, file.content_type);
    let headers = response.headers_mut();
    headers.insert(ETAG, file.etag.clone());
    // The next start may have other actions: a browser asks each time, and is mostly told that it has it.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if known {
        headers.remove(CONTENT_TYPE);
    } else {
        *response.body_mut() = file.bytes.clone().into();
    }
    response
}

fn missing(web: &Web, request: &Parts, explorer: &Explorer) -> Response<Body> {
    let mounts = &web.node().config().mounts;
    let mount = mounts.seen_by_clients(&format!("/{}", explorer.mount));
    let names = explorer.files(web).iter().map(|file| format!("{mount}/{}", file.name));
    let names = names.collect::<Vec<_>>().join(", ");
    say(web, request, StatusCode::NOT_FOUND, format!("the explorer has no such file; there are {names}"))
}

fn say(web: &Web, request: &Parts, status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let fingerprint = web.fingerprints().of_request(&request.headers, web.node().rng());
    let mut response = web.standard(&request.headers, &fingerprint, status, TEXT);
    *response.body_mut() = text.into().into();
    response
}
