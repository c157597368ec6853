//! The texts of the scripts and types: the build of `client/`, with what is compiled into it and with the plugins'
//! own scripts behind it.

/// The client's half of a plugin: a script that is appended to those of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginScript {
    /// The plugin's name.
    pub plugin: String,
    /// Where its text comes from, for a comment in front of it.
    pub file: String,
    /// The script.
    pub text: String,
}

/// What all our files begin with: by it a file of an earlier start is known.
pub(super) const MARK: &str = "// Made by Playhouse at each start: what is changed here is lost.\n";

/// What stands in the build where the compiled settings belong.
const COMPILED: &str = "\"%%COMPILED%%\"";

/// What stands in the types where the application's own belong.
const APPLICATION: &str = "//%%APPLICATION%%";

/// A file of the client's build, which is committed: whoever builds the server needs no node. It travels within the
/// program, so that a server needs nothing beside its binary.
macro_rules! built {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../client/dist/", $name))
    };
}

/// The client with `ActionHero`'s interface.
pub(super) fn actionhero(compiled: &str, plugins: &[PluginScript]) -> String {
    script(built!("actionhero.js"), compiled, plugins)
}

/// The same, minified.
pub(super) fn actionhero_min(compiled: &str, plugins: &[PluginScript]) -> String {
    script(built!("actionhero.min.js"), compiled, plugins)
}

/// The client with Primus' interface.
pub(super) fn primus(compiled: &str, plugins: &[PluginScript]) -> String {
    script(built!("primus.js"), compiled, plugins)
}

/// The same, minified.
pub(super) fn primus_min(compiled: &str, plugins: &[PluginScript]) -> String {
    script(built!("primus.min.js"), compiled, plugins)
}

/// The types, with those of the application.
pub(super) fn types(application: &str) -> String {
    format!("{MARK}{}", built!("client.d.ts").replacen(APPLICATION, application, 1))
}

fn script(build: &str, compiled: &str, plugins: &[PluginScript]) -> String {
    let mut text = format!("{MARK}{}", build.replacen(COMPILED, compiled, 1));
    plugins.iter().for_each(|plugin| append(&mut text, plugin));
    text
}

/// In a function of its own, so that its names are its own, with `this` as at the top of a script. The line breaks end
/// a comment in which a file may end; the semicolons end an expression.
fn append(text: &mut String, plugin: &PluginScript) {
    let told = |text: &str| {
        // What ends a line of JavaScript, so that it can't end the comment.
        text.replace(|letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}'), " ")
    };
    text.push_str(&format!(
        "\n;// Plugin {} ({})\n;(function () {{\n{}\n}}).call(typeof globalThis === \"undefined\" ? this : globalThis);\n",
        told(&plugin.plugin),
        told(&plugin.file),
        plugin.text.trim_start_matches('\u{feff}'),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(text: &str) -> PluginScript {
        PluginScript { plugin: "greet".into(), file: "a/greet.js".into(), text: text.into() }
    }

    #[test]
    fn the_build_has_its_places_once() {
        let built = [
            built!("actionhero.js"),
            built!("actionhero.min.js"),
            built!("primus.js"),
            built!("primus.min.js"),
        ];
        for build in built {
            assert_eq!(build.matches(COMPILED).count(), 1);
        }
        assert_eq!(built!("client.d.ts").matches(APPLICATION).count(), 1);
    }

    #[test]
    fn settings_and_plugins_come_in() {
        let made = script("a = \"%%COMPILED%%\"", "{ x: 1 }", &[plugin("var b // last"), plugin("c")]);
        let begin = "\n;// Plugin greet (a/greet.js)\n;(function () {\n";
        let end = "\n}).call(typeof globalThis === \"undefined\" ? this : globalThis);\n";
        assert_eq!(made, format!("{MARK}a = {{ x: 1 }}{begin}var b // last{end}{begin}c{end}"));
        let types = types("interface Actions { a: 1 }");
        assert!(types.starts_with(MARK) && types.contains("\ninterface Actions { a: 1 }"), "{types}");
    }

    #[test]
    fn a_name_cannot_leave_its_comment() {
        let odd = PluginScript { plugin: "a\nalert()".into(), ..plugin("") };
        assert!(script("", "", &[odd]).contains("// Plugin a alert() ("));
    }
}
