//! Loading: the sources in their order, each value with the place it came from. Default, then file, then
//! environment, then command line. Every problem is found before any is told.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::Config;
use super::check::check;
use super::declare::Setting;
use super::file::{Entry, File};
use super::legacy::{self, Old};
use super::problem::{ConfigError, Problem, Spot};
use super::raw::{Raw, Wrong};
use super::sections::settings;
use super::unknown;

/// Where settings come from, the weakest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `playhouse.toml`, where there is one. A file that is named here must be readable.
    pub file: Option<PathBuf>,
    /// Names and values of environment variables; only `PORT` and `PLAYHOUSE_…` are looked at.
    pub env: Vec<(String, String)>,
    /// Paths and values from the command line (`--set actions.simultaneous=10`).
    pub set: Vec<(String, String)>,
}

impl Sources {
    /// What the environment of this process says. Values that are no Unicode are read with U+FFFD in
    /// their place, which no setting but a text takes.
    #[must_use]
    pub fn process_env() -> Vec<(String, String)> {
        let texts = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()));
        texts.filter(|(name, _)| is_ours(name)).collect()
    }
}

fn is_ours(variable: &str) -> bool {
    variable == "PORT" || variable.starts_with("PLAYHOUSE_")
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nobody set it.
    Default,
    /// A line of a file, counted from 1.
    File {
        /// The file as it was named.
        file: String,
        /// The line.
        line: usize,
    },
    /// The environment variable of this name.
    Variable(String),
    /// The command line.
    CommandLine,
    /// The application's own code, where nobody else said.
    Application,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Variable(name) => f.write_str(name),
            Self::CommandLine => f.write_str("command line"),
            Self::Application => f.write_str("the application"),
        }
    }
}

/// A configuration and what is to be known about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values in force.
    pub config: Config,
    /// What should be changed some day, a sentence with its place each. To be logged once the log is set up.
    pub warnings: Vec<String>,
    /// In the order of [`settings`].
    spots: Vec<Spot>,
}

impl Loaded {
    /// Where the value of a setting came from, by its path with dots; none for an unknown path.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<Place> {
        let index = settings().position(|setting| setting.path() == path)?;
        Some(match &self.spots[index] {
            Spot::Default => Place::Default,
            Spot::File(spot) => Place::File { file: spot.file.clone(), line: spot.line },
            Spot::Variable(name) => Place::Variable(name.clone()),
            Spot::CommandLine => Place::CommandLine,
            Spot::Application => Place::Application,
        })
    }

    /// Notes that the application has set a value in its own code.
    pub fn set_by_application(&mut self, path: &str) {
        let index = settings().position(|setting| setting.path() == path);
        if let Some(spot) = index.and_then(|index| self.spots.get_mut(index)) {
            *spot = Spot::Application;
        }
    }
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// Everything that is wrong: an unreadable file, what is no TOML, unknown keys, values of a wrong
    /// type or out of range, settings that contradict each other.
    pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
        let Some(path) = &sources.file else {
            return Self::load_text(None, &sources.env, &sources.set);
        };
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(content) => Self::load_text(Some((&name, &content)), &sources.env, &sources.set),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// Like [`Config::load`], with the file given by its name and content.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_text(
        file: Option<(&str, &str)>,
        env: &[(String, String)],
        set: &[(String, String)],
    ) -> Result<Loaded, ConfigError> {
        let mut loading = Loading::new();
        if let Some((name, content)) = file {
            loading.file(name, content);
        }
        loading.environment(env);
        for (path, value) in set {
            loading.command_line(path, value);
        }
        loading.finish()
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConfigError {
    let problem = Problem {
        title: format!("{} cannot be read: {error}", path.display()),
        spot: Spot::Default,
        label: String::new(),
    };
    ConfigError { problems: vec![problem] }
}

/// A configuration on its way.
pub(super) struct Loading {
    pub(super) config: Config,
    settings: Vec<&'static Setting>,
    index: HashMap<String, usize>,
    spots: Vec<Spot>,
    old: Vec<(Old, Entry)>,
    respelt: Vec<(String, Entry)>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

impl Loading {
    fn new() -> Self {
        let settings: Vec<_> = settings().collect();
        let index = settings.iter().enumerate().map(|(index, setting)| (setting.path(), index)).collect();
        Self {
            config: Config::default(),
            spots: vec![Spot::Default; settings.len()],
            settings,
            index,
            old: Vec::new(),
            respelt: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn file(&mut self, name: &str, content: &str) {
        let mut file = File::read(name, content);
        self.problems.append(&mut file.problems);
        for entry in file.entries {
            self.apply(entry);
        }
    }

    /// In order of the names, so that the same environment always gives the same messages. `PORT` comes
    /// before `PLAYHOUSE_PORT`, which is the stronger one.
    fn environment(&mut self, env: &[(String, String)]) {
        let mut ours: Vec<_> = env.iter().filter(|(name, _)| is_ours(name)).collect();
        ours.sort_by_key(|(name, _)| (name != "PORT", name));
        for (name, value) in ours {
            self.variable(name, value);
        }
    }

    fn variable(&mut self, name: &str, value: &str) {
        // Kubernetes gives every container `PLAYHOUSE_PORT=tcp://…` if a service is called playhouse.
        if name.ends_with("PORT") && (value.is_empty() || value.starts_with("tcp://")) {
            return;
        }
        let path = match name {
            "PORT" => Some("port".to_owned()),
            "PLAYHOUSE_LOG" => Some("log.filter".to_owned()),
            _ => self.path_of(name),
        };
        let spot = Spot::Variable(name.to_owned());
        match path {
            Some(path) => {
                self.apply(Entry { path, raw: Raw::Bare(value.to_owned()), key: spot.clone(), value: spot });
            }
            // Only a setting has two underscores in a row; this one is misspelt.
            None if name.contains("__") => {
                let names = self.settings.iter().map(|setting| setting.variable());
                let label = unknown::nearest_variable(name, names);
                self.problem(format!("unknown setting `{name}`"), spot, label);
            }
            // Not an error: whoever starts us sets variables of his own, and may call them as we are called.
            None => {
                let names = self.settings.iter().map(|setting| setting.variable());
                self.warnings.push(unknown::variable(name, names));
            }
        }
    }

    fn path_of(&self, variable: &str) -> Option<String> {
        let setting = self.settings.iter().find(|setting| setting.variable() == variable);
        setting.map(|setting| setting.path()).or_else(|| legacy::path_of(variable))
    }

    fn command_line(&mut self, path: &str, value: &str) {
        let spot = Spot::CommandLine;
        let raw = Raw::Bare(value.to_owned());
        let path = if path == "log" { "log.filter" } else { path }.to_owned();
        self.apply(Entry { path, raw, key: spot.clone(), value: spot });
    }

    /// One entry: a setting, an old name, or nothing we know.
    fn apply(&mut self, entry: Entry) {
        if let Some(index) = self.index.get(&entry.path).copied() {
            self.set(index, entry);
        } else if let Some(old) = legacy::old(&entry.path) {
            self.old.push((old, entry));
        } else if let Some(path) = legacy::respelt(&entry.path) {
            self.respelt.push((path, entry));
        } else {
            let label = unknown::advice(&entry.path, &self.settings);
            self.problem(format!("unknown key `{}`", entry.path), entry.key, label);
        }
    }

    fn set(&mut self, index: usize, entry: Entry) {
        let setting = self.settings[index];
        match (setting.set)(&mut self.config, &entry.raw) {
            Ok(()) => self.spots[index] = entry.value,
            Err(wrong) => {
                let (title, label) = wrong_value(&entry, &(setting.words)(), wrong);
                self.problem(title, entry.value, label);
            }
        }
    }

    /// What is checked over all settings, then the result.
    fn finish(mut self) -> Result<Loaded, ConfigError> {
        self.respell();
        for (old, entry) in std::mem::take(&mut self.old) {
            legacy::translate(&mut self, old, &entry);
        }
        // Settings that could not be read still have their defaults: comparing those would mislead.
        if self.problems.is_empty() {
            check(&mut self);
        }
        if self.problems.is_empty() {
            return Ok(Loaded { config: self.config, warnings: self.warnings, spots: self.spots });
        }
        self.problems.sort_by(|a, b| a.spot.cmp(&b.spot));
        Err(ConfigError { problems: self.problems })
    }

    /// Takes what is spelt as ActionHero spells it, in the order of the sources; who writes our spelling anywhere
    /// means that.
    fn respell(&mut self) {
        let mut taken = HashSet::new();
        for (path, entry) in std::mem::take(&mut self.respelt) {
            let (written, spot) = (entry.path.clone(), entry.key.clone());
            let entry = Entry { path: path.clone(), ..entry };
            let Some(index) = self.index.get(&path).copied() else {
                self.apply(entry);
                continue;
            };
            let key = self.settings[index].key;
            if self.is_set(&path) && !taken.contains(&index) {
                self.warnings.push(format!("{spot}: `{written}` is ignored, because `{path}` is set"));
                continue;
            }
            taken.insert(index);
            self.warnings
                .push(format!("{spot}: `{written}` is ActionHero's spelling; here it is written `{key}`"));
            self.set(index, entry);
        }
    }

    pub(super) fn problem(&mut self, title: String, spot: Spot, label: String) {
        self.problems.push(Problem { title, spot, label });
    }

    /// Where a setting was set.
    pub(super) fn spot(&self, path: &str) -> &Spot {
        &self.spots[self.index[path]]
    }

    /// Whether somebody set it.
    pub(super) fn is_set(&self, path: &str) -> bool {
        *self.spot(path) != Spot::Default
    }

    /// The value at `path` was made of what stands at `spot`.
    pub(super) fn derived(&mut self, path: &str, spot: Spot) {
        let index = self.index[path];
        self.spots[index] = spot;
    }
}

/// Title and label for a value that was not taken.
pub(super) fn wrong_value(entry: &Entry, words: &str, wrong: Wrong) -> (String, String) {
    let path = &entry.path;
    match wrong {
        Wrong::Kind => (format!("`{path}` cannot be {}", entry.raw.shown()), format!("it must be {words}")),
        Wrong::Because(sentence) => (format!("`{path}` cannot be {}", entry.raw.shown()), sentence),
    }
}
