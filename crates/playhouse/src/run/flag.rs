//! An input of an action as a flag: its name in a shell, and its help. Knows nothing of calls.

use super::form::Form;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction};
use playhouse_core::manifest::Input;
use std::collections::HashSet;

/// Flags of `call` itself. Inputs of these names are given by `--json`.
pub(super) const OWN: [&str; 3] = ["json", "api-version", "help"];

/// An input that has a flag.
pub(super) struct Flag<'m> {
    pub(super) input: &'m Input,
    pub(super) form: Form,
    pub(super) long: String,
}

impl Flag<'_> {
    /// No name of an argument that is not an input's.
    pub(super) fn id(&self) -> String {
        format!("input.{}", self.input.name)
    }

    /// The name as it is on the wire, where it is another and free.
    pub(super) fn alias(&self, longs: &HashSet<&str>) -> Option<String> {
        let name = self.input.name.as_str();
        (!longs.contains(name) && is_flag(name) && !OWN.contains(&name)).then(|| name.to_owned())
    }

    pub(super) fn argument(&self, alias: Option<String>) -> Arg {
        let arg = Arg::new(self.id())
            .long(self.long.clone())
            .aliases(alias)
            .value_name(self.form.name())
            .allow_negative_numbers(true)
            .hide_possible_values(true)
            .hide_default_value(true)
            .help(self.help());
        let arg = match &self.form {
            Form::YesNo => arg.num_args(0..=1).default_missing_value("true"),
            Form::List(_) => arg.action(ArgAction::Append),
            Form::OneOf(_) | Form::Text | Form::Number | Form::Object | Form::Any => arg,
        };
        match &self.form {
            // What the application reads itself may have other forms too.
            _ if self.input.own_parsing => arg,
            Form::OneOf(words) => arg.value_parser(PossibleValuesParser::new(words.clone())),
            Form::YesNo => arg.value_parser(PossibleValuesParser::new(["true", "false", "1", "0"])),
            Form::Number => arg.value_parser(number),
            Form::List(_) | Form::Text | Form::Object | Form::Any => arg,
        }
    }

    fn help(&self) -> String {
        let mut parts = Vec::new();
        if !self.input.description.is_empty() {
            parts.push(self.input.description.clone());
        }
        if self.input.required {
            parts.push("[required]".to_owned());
        }
        parts.extend(self.form.bounds(&self.input.schema).into_iter().map(|bound| format!("[{bound}]")));
        if let Some(value) = self.input.schema.get("default") {
            parts.push(format!("[default: {value}]"));
        }
        parts.join(" ")
    }
}

/// A text that is some number. Whether it is one that the action takes the action tells.
fn number(text: &str) -> Result<String, &'static str> {
    text.trim().parse::<f64>().map(|_| text.to_owned()).map_err(|_| "it must be a number")
}

/// What a shell takes for a flag without quotes.
pub(super) fn is_flag(name: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    name.starts_with(char::is_alphanumeric) && name.chars().all(plain)
}

/// `socketTimeout` as `socket-timeout`.
pub(super) fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_lower {
            kebab.push('-');
        }
        after_lower = letter.is_lowercase() || letter.is_ascii_digit();
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_shells_are_used_to() {
        for (name, long) in [
            ("socketTimeout", "socket-timeout"),
            ("userID", "user-id"),
            ("user_id", "user_id"),
            ("a1B", "a1-b"),
        ] {
            assert_eq!(kebab(name), long);
        }
    }

    #[test]
    fn what_a_shell_would_take_apart_is_no_flag() {
        assert!(["name", "user_id", "a.b", "2nd"].into_iter().all(is_flag));
        assert!(!["", "-x", "my name", "a=b", "$a"].into_iter().any(is_flag));
    }
}
