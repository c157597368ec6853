//! The page that clients load into a frame to get across domains (sockjs.md, 3).
//!
//! Its wording is part of the protocol: the protocol's test compares all of it but the script's address. It
//! must not know how the page is cached.

/// The page, as `text/html; charset=UTF-8`. `script` is the address of the client script, absolute or from
/// the root.
#[must_use]
pub fn page(script: &str) -> String {
    let mut source = String::with_capacity(script.len());
    for character in script.chars() {
        match character {
            '&' => source.push_str("&amp;"),
            '"' => source.push_str("&quot;"),
            '<' => source.push_str("&lt;"),
            '>' => source.push_str("&gt;"),
            _ => source.push(character),
        }
    }
    [HEAD, &source, TAIL].concat()
}

const HEAD: &str = r#"<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script src=""#;

const TAIL: &str = r#""></script>
  <script>
    document.domain = document.domain;
    SockJS.bootstrap_iframe();
  </script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>"#;

/// Whether the last part of a path asks for the page: `iframe`, then digits, small letters, `-`, `.` and
/// `_`, then `.html`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let version = name.strip_prefix("iframe").and_then(|rest| rest.strip_suffix(".html"));
    let allowed = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'.' | b'_');
    version.is_some_and(|version| version.bytes().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_of_the_script_is_free() {
        let page = page("/sockjs.js?a=1&b=\"'><script>");
        let line = "\n  <script src=\"/sockjs.js?a=1&amp;b=&quot;'&gt;&lt;script&gt;\"></script>\n";
        assert!(page.contains(line), "{page}");
        assert!(page.starts_with("<!DOCTYPE html>\n<html>\n<head>\n  <meta http-equiv=\"X-UA"), "{page}");
        assert!(page.ends_with("magic.</p>\n</body>\n</html>"), "{page}");
        assert_eq!(page.matches('\n').count(), 15);
    }

    #[test]
    fn names() {
        for (name, expected) in [
            ("iframe.html", true),
            ("iframe-a.html", true),
            ("iframe-.html", true),
            ("iframe-0.1.2.html", true),
            ("iframe-0.1.2abc-dirty.2144.html", true),
            ("iframe_.html", true),
            ("iframe.htm", false),
            ("iframe", false),
            ("IFRAME.HTML", false),
            ("IFRAME", false),
            ("iframe.HTML", false),
            ("iframe.xml", false),
            ("iframe-/.html", false),
            ("iframe-A.html", false),
            ("iframe-é.html", false),
            ("iframehtml", false),
            ("xiframe.html", false),
            ("iframe.html/", false),
            ("", false),
        ] {
            assert_eq!(is_name(name), expected, "{name}");
        }
    }
}
