//! What the head of a request must be before anything else is looked at: not too large, and with one `Host`.

use super::Web;
use super::body::Body;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode, Version};

/// What a head has beside its target, names and values: the version and the ends of two lines.
const FIRST_LINE: usize = "  HTTP/1.1\r\n\r\n".len();

/// What a header line has beside its name and value.
const LINE: usize = ": \r\n".len();

impl Web {
    /// The answer to a request whose head alone is reason to refuse it; the connection ends with it.
    pub(crate) fn unfit(&self, request: &Parts) -> Option<Response<Body>> {
        let max = self.node().config().limits.headers;
        if size(request) > max {
            let text = format!("the headers of a request may have {max} bytes");
            return Some(refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text));
        }
        if !has_host(request.version, &request.headers) {
            return Some(refusal(StatusCode::BAD_REQUEST, "a request names its host once".to_owned()));
        }
        None
    }
}

/// The bytes of a head as most clients write it: one space behind each colon.
fn size(request: &Parts) -> usize {
    let uri = &request.uri;
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    let origin = uri.authority().map_or(0, |authority| authority.as_str().len());
    let lines: usize =
        request.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + LINE).sum();
    FIRST_LINE + request.method.as_str().len() + target + origin + lines
}

/// RFC 9112, section 3.2: HTTP/1.1 has exactly one `Host`, and no version more than one.
fn has_host(version: Version, headers: &HeaderMap) -> bool {
    let hosts = headers.get_all(HOST).iter().count();
    hosts == 1 || (hosts == 0 && version < Version::HTTP_11)
}

fn refusal(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[test]
    fn a_head_has_the_size_that_it_was_sent_with() {
        let request =
            Request::builder().uri("/a?b=c").header("host", "h").header("x-y", "z").body(()).unwrap();
        let (request, ()) = request.into_parts();
        let head = "GET /a?b=c HTTP/1.1\r\nhost: h\r\nx-y: z\r\n\r\n";
        assert_eq!(size(&request), head.len());
    }

    #[test]
    fn one_host_and_none_only_in_old_requests() {
        for (version, hosts, fit) in [
            (Version::HTTP_11, 0, false),
            (Version::HTTP_11, 1, true),
            (Version::HTTP_11, 2, false),
            (Version::HTTP_10, 0, true),
            (Version::HTTP_10, 1, true),
            (Version::HTTP_10, 2, false),
        ] {
            let mut headers = HeaderMap::new();
            for _ in 0..hosts {
                headers.append(HOST, HeaderValue::from_static("h"));
            }
            assert_eq!(has_host(version, &headers), fit, "{version:?} {hosts}");
        }
    }
}
