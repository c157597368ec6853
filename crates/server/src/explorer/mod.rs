//! The explorer's page: its files, as they are in this folder. Plain JavaScript and CSS; there is no build.
//!
//! The page learns from `manifest.json` beside it what the application offers and where it is. Knows no mount, and not
//! how files are sent.

const PAGE: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

/// Name, content type and text of each file. The page itself is what stands at the mount, so it has no name.
pub(crate) const FILES: &[(&str, &str, &str)] = &[
    ("", PAGE, include_str!("index.html")),
    ("action.js", SCRIPT, include_str!("action.js")),
    ("connection.js", SCRIPT, include_str!("connection.js")),
    ("dom.js", SCRIPT, include_str!("dom.js")),
    ("explorer.css", STYLE, include_str!("explorer.css")),
    ("explorer.js", SCRIPT, include_str!("explorer.js")),
    ("form.js", SCRIPT, include_str!("form.js")),
    ("frames.js", SCRIPT, include_str!("frames.js")),
    ("icon.svg", IMAGE, include_str!("icon.svg")),
    ("json.js", SCRIPT, include_str!("json.js")),
    ("keys.js", SCRIPT, include_str!("keys.js")),
    ("link.js", SCRIPT, include_str!("link.js")),
    ("list.js", SCRIPT, include_str!("list.js")),
    ("look.js", SCRIPT, include_str!("look.js")),
    ("markdown.js", SCRIPT, include_str!("markdown.js")),
    ("overview.js", SCRIPT, include_str!("overview.js")),
    ("places.js", SCRIPT, include_str!("places.js")),
    ("room.js", SCRIPT, include_str!("room.js")),
    ("rooms.js", SCRIPT, include_str!("rooms.js")),
    ("run.js", SCRIPT, include_str!("run.js")),
    ("schema.js", SCRIPT, include_str!("schema.js")),
    ("snippets.js", SCRIPT, include_str!("snippets.js")),
    ("theme.js", SCRIPT, include_str!("theme.js")),
    ("types.js", SCRIPT, include_str!("types.js")),
    ("wire.js", SCRIPT, include_str!("wire.js")),
];

#[cfg(test)]
mod tests {
    use super::FILES;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explorer");
        let there =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<String> =
            there.filter(|name| !["mod.rs", "index.html"].contains(&name.as_str())).collect();
        there.sort();
        let served: Vec<&str> =
            FILES.iter().map(|(name, ..)| *name).filter(|name| !name.is_empty()).collect();
        assert_eq!(served, there);
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for (name, _, text) in FILES {
            for part in
                ["src=\"http", "url(http", "from 'http", "import('", "@import", "innerHTML", "style=\""]
            {
                assert!(!text.contains(part), "{name} contains {part}");
            }
        }
    }
}
