//! A plugin: what it does with connections on the server, and the script that it brings for clients.
//!
//! It is written down here and read when the application starts. Knows no script's meaning.

use crate::assemble::StartError;
use playhouse_core::error::Result;
use playhouse_node::Connection;
use playhouse_node::hooks::{ConnectionHooks, Incoming};
use playhouse_server::PluginScript;
use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// An extension with two halves, as Primus has them: hooks on the server, and a script that is appended to the
/// generated client and to `/primus/primus.js`. Either half may be left out.
///
/// The script runs once, behind the client's own, in a function of its own: its names stay its own, and it reaches
/// `Primus` and `ActionheroWebsocketClient` as any script of the page does. What it sends beside `ActionHero`'s
/// messages, [`Plugin::on_incoming`] takes out on the server.
///
/// ```
/// use playhouse::prelude::*;
/// use playhouse::{Incoming, Plugin};
///
/// /// Clients tell whether their page is seen, in messages of their own.
/// fn visibility() -> Plugin {
///     Plugin::new("visibility")
///         .client_script(
///             "Primus.prototype.tellVisible = function () { this.write('visible:' + !document.hidden) }",
///         )
///         .on_incoming(|connection, message| match message.strip_prefix("\"visible:") {
///             Some(state) => {
///                 connection.set_data(state.starts_with("true"));
///                 Incoming::Swallow
///             }
///             None => Incoming::Pass,
///         })
/// }
///
/// fn app() -> App {
///     App::new().plugin(visibility())
/// }
/// ```
#[must_use = "a plugin does nothing until an application has it: `App::plugin`"]
pub struct Plugin {
    name: String,
    scripts: Vec<Script>,
    pub(crate) hooks: ConnectionHooks,
}

/// Where a client's half is.
enum Script {
    File(PathBuf),
    Text(Cow<'static, str>),
}

impl Plugin {
    /// A plugin that does nothing yet. Its name stands in front of its script and in errors.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), scripts: Vec::new(), hooks: ConnectionHooks::default() }
    }

    /// Appends a file to the client's scripts. It is read when the application starts, from the working directory
    /// unless the path says otherwise; a file that can't be read stops the start.
    pub fn client_file(mut self, path: impl AsRef<Path>) -> Self {
        self.scripts.push(Script::File(path.as_ref().to_owned()));
        self
    }

    /// Appends a text to the client's scripts: `include_str!("visibility.js")` travels within the program.
    pub fn client_script(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.scripts.push(Script::Text(text.into()));
        self
    }

    /// Runs when a connection begins, as [`App::on_create`](crate::App::on_create) does.
    pub fn on_create<R>(mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.hooks.on_create(hook);
        self
    }

    /// Runs once when a connection has gone, as [`App::on_destroy`](crate::App::on_destroy) does.
    pub fn on_destroy<R>(mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = ()> + Send + 'static,
    {
        self.hooks.on_destroy(hook);
        self
    }

    /// Sees every message of a lasting connection as the JSON it came in, before anybody makes sense of it, and says
    /// whether it goes on, goes on as another one, or ends here. Several see what the one before let through. It must
    /// not wait: nothing else of the connection goes on meanwhile.
    pub fn on_incoming(
        mut self,
        hook: impl Fn(&Connection, &str) -> Incoming + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_incoming(hook);
        self
    }

    fn read(&self) -> impl Iterator<Item = Result<PluginScript, StartError>> {
        self.scripts.iter().map(|script| {
            let (file, text) = match script {
                Script::File(path) => (path.display().to_string(), self.read_file(path)?),
                Script::Text(text) => ("within the program".to_owned(), text.clone().into_owned()),
            };
            Ok(PluginScript { plugin: self.name.clone(), file, text })
        })
    }

    fn read_file(&self, path: &Path) -> Result<String, StartError> {
        std::fs::read_to_string(path).map_err(|source| self.unreadable(path, source))
    }

    fn unreadable(&self, path: &Path, source: io::Error) -> StartError {
        // A relative path alone does not say where it was looked for.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        StartError::Plugin { plugin: self.name.clone(), path, source }
    }
}

/// Reads the scripts of all plugins, in order.
///
/// # Errors
/// A file that can't be read, or two plugins of one name.
pub(crate) fn scripts(plugins: &[Plugin]) -> Result<Vec<PluginScript>, StartError> {
    let mut names = HashSet::new();
    let twice = plugins.iter().filter(|plugin| !names.insert(&plugin.name));
    let twice: Vec<_> = twice.map(|plugin| format!("two plugins are called `{}`", plugin.name)).collect();
    if !twice.is_empty() {
        return Err(StartError::App(twice));
    }
    plugins.iter().flat_map(Plugin::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_is_told_with_its_plugin_and_a_remedy() {
        let error = scripts(&[Plugin::new("emit").client_file("no/such/emit.js")]).unwrap_err().to_string();
        let place = std::path::absolute("no/such/emit.js").unwrap();
        let begin = format!(
            "the plugin `emit` brings a file for the client that can't be read, {}: ",
            place.display()
        );
        assert!(error.starts_with(&begin), "{error}");
        assert!(error.contains("Put it there") && error.contains("`client_script(include_str!"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_text_is_told_too() {
        let path = std::env::temp_dir().join(format!("playhouse-plugin-{}", std::process::id()));
        std::fs::write(&path, [0xff]).unwrap();
        let error = scripts(&[Plugin::new("emit").client_file(&path)]).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(error.contains("UTF-8"), "{error}");
    }

    #[test]
    fn scripts_keep_their_order_and_names_are_their_own() {
        let plugins = [
            Plugin::new("a").client_script("1").client_script("2"),
            Plugin::new("b"),
            Plugin::new("c").client_script("3"),
        ];
        let scripts = scripts(&plugins).unwrap();
        let texts: Vec<_> = scripts.iter().map(|script| (&*script.plugin, &*script.text)).collect();
        assert_eq!(texts, [("a", "1"), ("a", "2"), ("c", "3")]);
        let twice = super::scripts(&[Plugin::new("a"), Plugin::new("a")]).unwrap_err();
        assert_eq!(twice.to_string(), "two plugins are called `a`");
    }
}
