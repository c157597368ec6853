//! How a section declares its settings: one line each, from which everything about it is made. Knows no
//! setting by name.

use super::Config;
use super::raw::{Raw, Wrong};

/// A section as its table declares it.
pub(super) struct Section {
    /// The names on the way to it, none for the top level.
    pub(super) path: &'static [&'static str],
    /// What the section is about, line by line.
    pub(super) about: &'static [&'static str],
    /// Its settings, in the order of the table.
    pub(super) settings: &'static [Setting],
}

/// A setting as its line declares it.
pub(super) struct Setting {
    section: &'static [&'static str],
    /// Its name within the section.
    pub(super) key: &'static str,
    /// What it does, line by line.
    pub(super) doc: &'static [&'static str],
    /// What may be written: the end of the sentence "it must be …".
    pub(super) words: fn() -> String,
    /// Its value in a configuration, as TOML.
    pub(super) show: fn(&Config) -> String,
    /// Reads a value into a configuration.
    pub(super) set: fn(&mut Config, &Raw) -> Result<(), Wrong>,
}

impl Setting {
    /// Only [`section!`] makes settings; a function because it is called in every section's file.
    pub(super) const fn new(
        section: &'static [&'static str],
        key: &'static str,
        doc: &'static [&'static str],
        words: fn() -> String,
        show: fn(&Config) -> String,
        set: fn(&mut Config, &Raw) -> Result<(), Wrong>,
    ) -> Self {
        Self { section, key, doc, words, show, set }
    }

    /// The names on the way to it and its own, with dots: `websocket.server.ping_interval`.
    pub(super) fn path(&self) -> String {
        join(self.section, self.key)
    }

    /// Its name in the environment: `PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL`.
    pub(super) fn variable(&self) -> String {
        format!("PLAYHOUSE_{}", self.path().replace('.', "__").to_uppercase())
    }
}

/// A section's names and a key below it, with dots.
pub(super) fn join(section: &[&str], key: &str) -> String {
    section.iter().copied().chain([key]).collect::<Vec<_>>().join(".")
}

/// The field of a configuration at a path.
macro_rules! at {
    ($config:ident, [$($part:ident)*], $key:ident) => { $config $(.$part)* .$key };
}

macro_rules! names {
    ([$($part:ident)*]) => { &[$(stringify!($part)),*] };
}

/// Declares a section: `Name [path to it] { /// what it does  key: Type = default, kind; … }`, and after
/// `with` the sections below it. Makes the struct with its defaults and `NAME_SECTION`, its table.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $Name:ident [$($part:ident)*] as $TABLE:ident {
            $($(#[doc = $doc:literal])* $key:ident: $Type:ty = $default:expr, $kind:expr;)*
        }
        $(with { $($(#[doc = $below:literal])* $sub:ident: $Sub:ty,)* })?
    ) => {
        section! { @ [$($part)*] $TABLE $Name [$($about)*]
            { $([$($doc)*] $key: $Type = $default, $kind;)* }
            { $($([$($below)*] $sub: $Sub,)*)? } }
    };
    (
        @ $path:tt $TABLE:ident $Name:ident [$($about:literal)*]
        { $([$($doc:literal)*] $key:ident: $Type:ty = $default:expr, $kind:expr;)* }
        { $([$($below:literal)*] $sub:ident: $Sub:ty,)* }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Name {
            $($(#[doc = $doc])* pub $key: $Type,)*
            $($(#[doc = $below])* pub $sub: $Sub,)*
        }

        impl Default for $Name {
            fn default() -> Self {
                Self { $($key: $default,)* $($sub: <$Sub>::default(),)* }
            }
        }

        pub(in crate::config) const $TABLE: $crate::config::declare::Section =
            $crate::config::declare::Section {
                path: names!($path),
                about: &[$($about),*],
                settings: &[$($crate::config::declare::Setting::new(
                    names!($path),
                    stringify!($key),
                    &[$($doc),*],
                    || $crate::config::kind::Kind::words(&$kind),
                    |config| $crate::config::kind::Kind::show(&$kind, &at!(config, $path, $key)),
                    |config, raw| {
                        at!(config, $path, $key) = $crate::config::kind::Kind::read(&$kind, raw)?;
                        Ok(())
                    },
                ),)*],
            };
    };
}

pub(super) use {at, names, section};
