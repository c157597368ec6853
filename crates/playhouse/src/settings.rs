//! The configuration of an application: where its file is, and what the application itself says about it.

use crate::app::App;
use playhouse_core::config::{Config, ConfigError, Loaded, Place, Sources};
use std::path::{Path, PathBuf};

/// What the command line, or who embeds the application, adds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) file: Option<PathBuf>,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) env: Vec<(String, String)>,
}

/// Where a configuration has a text.
type Field = fn(&mut Config) -> &mut String;

impl App {
    /// Reads the configuration: the file, then the environment, then what was given.
    pub(crate) fn configured(&self, given: &Given) -> Result<Loaded, ConfigError> {
        let file = given.file.clone().or_else(|| self.config_file.clone()).or_else(default_file);
        let sources = Sources { file: file.clone(), env: given.env.clone(), set: given.set.clone() };
        let mut loaded = Config::load(&sources)?;
        if let Some(folder) = file.as_deref().and_then(Path::parent) {
            beside(&mut loaded, folder);
        }
        self.name_itself(&mut loaded);
        Ok(loaded)
    }

    /// What the application calls itself, where nobody else said.
    fn name_itself(&self, loaded: &mut Loaded) {
        let about = &self.about;
        let own: [(&str, &Option<String>, Field); 3] = [
            ("app.name", &about.name, |config| &mut config.app.name),
            ("app.version", &about.version, |config| &mut config.app.version),
            ("app.description", &about.description, |config| &mut config.app.description),
        ];
        for (path, own, field) in own {
            let unsaid = loaded.place(path) == Some(Place::Default);
            if let Some(own) = own.as_ref().filter(|_| unsaid) {
                field(&mut loaded.config).clone_from(own);
                loaded.set_by_application(path);
            }
        }
    }
}

/// `playhouse.toml` in the working directory, if it is there.
fn default_file() -> Option<PathBuf> {
    Some(PathBuf::from("playhouse.toml")).filter(|file| file.exists())
}

/// Paths in a file are meant from the file's own folder, wherever the program was started.
fn beside(loaded: &mut Loaded, folder: &Path) {
    let in_file = |path: &str| matches!(loaded.place(path), Some(Place::File { .. }));
    let (files, data, ca) = (in_file("files.folder"), in_file("data_dir"), in_file("redis.ca_file"));
    if files {
        loaded.config.files.folder = folder.join(&loaded.config.files.folder);
    }
    if data {
        loaded.config.data_dir = folder.join(&loaded.config.data_dir);
    }
    if let Some(file) = loaded.config.redis.ca_file.as_mut().filter(|_| ca) {
        *file = folder.join(&*file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("playhouse-settings-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("playhouse.toml");
        std::fs::write(&file, text).unwrap();
        file
    }

    #[test]
    fn paths_in_a_file_are_meant_from_its_folder() {
        let file = written("paths", "[files]\nfolder = \"public\"\n");
        let given = Given { file: Some(file.clone()), ..Given::default() };
        let config = App::new().configured(&given).unwrap().config;
        assert_eq!(config.files.folder, file.parent().unwrap().join("public"));
        assert_eq!(config.data_dir, PathBuf::from("./data"));
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[test]
    fn the_file_names_the_application_before_it_names_itself() {
        let file = written("names", "[app]\nname = \"file\"\n");
        let given = Given { file: Some(file.clone()), ..Given::default() };
        let loaded = App::new().name("own").version("1.2.3").configured(&given).unwrap();
        let app = &loaded.config.app;
        assert_eq!((app.name.as_str(), app.version.as_str()), ("file", "1.2.3"));
        let place = |path| loaded.place(path).unwrap().to_string();
        assert_eq!(place("app.version"), "the application");
        assert_eq!(place("app.name"), format!("{}:2", file.display()));
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let given = Given { file: Some("no/such/file.toml".into()), ..Given::default() };
        let error = App::new().configured(&given).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("no/such/file.toml"), "{error}");
    }
}
