//! What each HTTP transport puts around a frame, and before the first (sockjs.md, 5).
//!
//! It must not know when a response ends, nor its headers beside the content type.

use super::{Callback, escape};

/// A receiving transport over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// A poll: a line.
    Xhr,
    /// Lines, after one that fills the buffers of old browsers.
    XhrStreaming,
    /// Server-sent events.
    EventSource,
    /// A page that grows by scripts.
    HtmlFile {
        /// The object of the parent that hears of them.
        callback: Callback,
    },
    /// A poll: a script.
    Jsonp {
        /// The function that hears of it.
        callback: Callback,
    },
}

/// What a browser wants to see before it believes in a stream of lines.
const LINE: [u8; 2048] = [b'h'; 2048];

/// How long the head of a page must be before old browsers run its scripts, in bytes.
const PAGE_MIN: usize = 1024;

impl Wrap {
    /// Whether the response goes on after a frame; polls end.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        match self {
            Self::XhrStreaming | Self::EventSource | Self::HtmlFile { .. } => true,
            Self::Xhr | Self::Jsonp { .. } => false,
        }
    }

    /// The value of `Content-Type`. Jsonp needs `X-Content-Type-Options: nosniff` beside it.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Xhr | Self::XhrStreaming | Self::Jsonp { .. } => "application/javascript; charset=UTF-8",
            Self::EventSource => "text/event-stream",
            Self::HtmlFile { .. } => "text/html; charset=UTF-8",
        }
    }

    /// Appends what comes before the first frame of a response; it does not count for the response limit.
    pub fn prelude(&self, out: &mut Vec<u8>) {
        match self {
            Self::Xhr | Self::Jsonp { .. } => {}
            Self::XhrStreaming => {
                out.extend_from_slice(&LINE);
                out.push(b'\n');
            }
            Self::EventSource => out.extend_from_slice(b"\r\n"),
            Self::HtmlFile { callback } => page_head(out, callback),
        }
    }

    /// Appends a frame as it travels.
    pub fn frame(&self, out: &mut Vec<u8>, frame: &[u8]) {
        match self {
            Self::Xhr | Self::XhrStreaming => {
                out.extend_from_slice(frame);
                out.push(b'\n');
            }
            Self::EventSource => {
                out.extend_from_slice(b"data: ");
                event_data(out, frame);
                out.extend_from_slice(b"\r\n\r\n");
            }
            Self::HtmlFile { .. } => {
                out.extend_from_slice(b"<script>\np(\"");
                script_string(out, frame);
                out.extend_from_slice(b"\");\n</script>\r\n");
            }
            Self::Jsonp { callback } => {
                // The comment keeps a plug-in from taking the answer for a file of its own format.
                out.extend_from_slice(b"/**/");
                out.extend_from_slice(callback.as_str().as_bytes());
                out.extend_from_slice(b"(\"");
                script_string(out, frame);
                out.extend_from_slice(b"\");\r\n");
            }
        }
    }
}

/// The beginning of a page that never ends while the stream does not. When it does, the page has loaded, and
/// `c.stop()` makes the client ask for the next.
fn page_head(out: &mut Vec<u8>, callback: &Callback) {
    let from = out.len();
    out.extend_from_slice(
        b"<!doctype html>\n<html><head><meta charset=\"UTF-8\"><title>SockJS</title></head><body>\n",
    );
    out.extend_from_slice(b"<script>\ndocument.domain = document.domain;\nvar c = parent.");
    out.extend_from_slice(callback.as_str().as_bytes());
    out.extend_from_slice(
        b"; c.start(); function p(d){c.message(d);}\nwindow.onload = function(){c.stop();};\n</script>\n",
    );
    let end = out.len().max(from + PAGE_MIN);
    out.resize(end, b' ');
    out.extend_from_slice(b"\r\n\r\n");
}

/// Data of an event may have no line ends, and clients undo percent-escapes.
fn event_data(out: &mut Vec<u8>, frame: &[u8]) {
    let special = |byte| matches!(byte, b'%' | b'\r' | b'\n' | 0);
    escape::replaced(out, frame, special, |out, rest| {
        out.extend_from_slice(match rest {
            [b'%', ..] => b"%25",
            [b'\r', ..] => b"%0D",
            [b'\n', ..] => b"%0A",
            _ => b"%00",
        });
        1
    });
}

/// The inside of a string in a script that may stand in a page. All of `<` is escaped and not just `</`: a
/// page that has read `<!--<script` does not see the end of its script.
fn script_string(out: &mut Vec<u8>, frame: &[u8]) {
    let special = |byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'<' | 0xE2);
    escape::replaced(out, frame, special, |out, rest| match (rest, escape::three_bytes(rest)) {
        (_, Some(unit @ (0x2028 | 0x2029))) => {
            out.extend_from_slice(&escape::unicode(unit));
            3
        }
        ([byte @ (b'"' | b'\\'), ..], _) => {
            out.extend_from_slice(&[b'\\', *byte]);
            1
        }
        ([byte @ (0..0x20 | b'<'), ..], _) => {
            out.extend_from_slice(&escape::unicode((*byte).into()));
            1
        }
        (rest, _) => {
            out.extend_from_slice(&rest[..rest.len().min(1)]);
            1
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback() -> Callback {
        Callback::read("c=_jp.a1").expect("a name")
    }

    fn all() -> [Wrap; 5] {
        let (html, jsonp) = (Wrap::HtmlFile { callback: callback() }, Wrap::Jsonp { callback: callback() });
        [Wrap::Xhr, Wrap::XhrStreaming, Wrap::EventSource, html, jsonp]
    }

    fn wrapped(wrap: &Wrap, frame: &str) -> String {
        let mut out = b"before ".to_vec();
        wrap.frame(&mut out, frame.as_bytes());
        let out = String::from_utf8(out).expect("text stays text");
        out.strip_prefix("before ").expect("what was there stays").to_owned()
    }

    #[test]
    fn frames() {
        let table = [
            (
                "o",
                [
                    "o\n",
                    "o\n",
                    "data: o\r\n\r\n",
                    "<script>\np(\"o\");\n</script>\r\n",
                    "/**/_jp.a1(\"o\");\r\n",
                ],
            ),
            (
                "a[\"x\"]",
                [
                    "a[\"x\"]\n",
                    "a[\"x\"]\n",
                    "data: a[\"x\"]\r\n\r\n",
                    "<script>\np(\"a[\\\"x\\\"]\");\n</script>\r\n",
                    "/**/_jp.a1(\"a[\\\"x\\\"]\");\r\n",
                ],
            ),
            (
                "%\r\n\0\\</\u{2028}\u{2029}…é",
                [
                    "%\r\n\0\\</\u{2028}\u{2029}…é\n",
                    "%\r\n\0\\</\u{2028}\u{2029}…é\n",
                    "data: %25%0D%0A%00\\</\u{2028}\u{2029}…é\r\n\r\n",
                    "<script>\np(\"%\\u000d\\u000a\\u0000\\\\\\u003c/\\u2028\\u2029…é\");\n</script>\r\n",
                    "/**/_jp.a1(\"%\\u000d\\u000a\\u0000\\\\\\u003c/\\u2028\\u2029…é\");\r\n",
                ],
            ),
        ];
        for (frame, expected) in table {
            for (wrap, expected) in all().iter().zip(expected) {
                assert_eq!(wrapped(wrap, frame), expected, "{wrap:?}");
            }
        }
    }

    #[test]
    fn preludes_and_types() {
        let script = "application/javascript; charset=UTF-8";
        let expected = [
            (0, "", script, false),
            (2049, "h\n", script, true),
            (2, "\r\n", "text/event-stream", true),
            (1028, "\r\n", "text/html; charset=UTF-8", true),
            (0, "", script, false),
        ];
        for (wrap, (len, end, content_type, stream)) in all().iter().zip(expected) {
            let mut out = b"before".to_vec();
            wrap.prelude(&mut out);
            let prelude = String::from_utf8(out.split_off(6)).expect("text");
            assert_eq!((prelude.len(), prelude.ends_with(end)), (len, true), "{wrap:?}");
            assert_eq!((wrap.content_type(), wrap.is_stream()), (content_type, stream), "{wrap:?}");
        }
    }

    #[test]
    fn the_head_of_a_page_names_the_callback() {
        let mut out = Vec::new();
        Wrap::HtmlFile { callback: callback() }.prelude(&mut out);
        let head = String::from_utf8(out).expect("text");
        let shape = "var c = parent._jp.a1; c.start(); function p(d){c.message(d);}";
        assert!(head.contains(shape) && head.contains("c.stop()"), "{head}");
    }
}
