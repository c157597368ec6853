//! Requests for files of the public folder: methods, names, and what is said when there is none
//! (actionhero.md, section 5.5).

use super::body::Body;
use super::fingerprint::Fingerprint;
use super::{Web, without_body};
use http::header::{ALLOW, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use playhouse_node::files::NoFile;
use playhouse_proto::percent;

const HTML: &str = "text/html";

/// Answers a request for the file at `path`, still percent-encoded.
pub(super) async fn answer(web: &Web, request: &Parts, path: &str) -> Response<Body> {
    let fingerprint = web.fingerprints().of_request(&request.headers, web.node().rng());
    if !matches!(request.method, Method::GET | Method::HEAD) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let mut response = web.standard(&request.headers, &fingerprint, status, "text/plain");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
        *response.body_mut() = "files are read with GET and HEAD".into();
        return response;
    }
    match percent::decoded(path) {
        Some(path) => send(web, request, &fingerprint, StatusCode::OK, &path).await,
        None => missing(web, request, &fingerprint, &NoFile::NotFound),
    }
}

/// Sends a file, or says that there is none.
pub(super) async fn send(
    web: &Web,
    request: &Parts,
    fingerprint: &Fingerprint,
    status: StatusCode,
    path: &str,
) -> Response<Body> {
    let response = web.standard(&request.headers, fingerprint, status, HTML);
    let is_head = request.method == Method::HEAD;
    let filled = web.folder().fill(response, path, &request.headers, is_head).await;
    filled.unwrap_or_else(|cause| missing(web, request, fingerprint, &cause))
}

fn missing(web: &Web, request: &Parts, fingerprint: &Fingerprint, cause: &NoFile) -> Response<Body> {
    tracing::debug!(%cause, "a file was asked for in vain");
    let mut response = web.standard(&request.headers, fingerprint, StatusCode::NOT_FOUND, HTML);
    *response.body_mut() = web.node().texts().file_not_found().into();
    if request.method == Method::HEAD {
        without_body(&mut response);
    }
    response
}
