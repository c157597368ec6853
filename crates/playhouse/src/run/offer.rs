//! What `call` offers: a word for each action of the application, with a flag for each of its inputs, and help made
//! from their definitions. Runs nothing.

use super::call::{Call, meant};
use super::flag::{Flag, OWN, is_flag, kebab};
use super::form::Form;
use clap::{Arg, ArgAction, ArgMatches, Command as Words};
use playhouse_core::manifest::{Action, Input, Manifest};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// How many examples stand below the list of actions.
const EXAMPLES: usize = 3;

/// All actions, by name.
pub(super) struct Offer<'m> {
    program: String,
    actions: Vec<Named<'m>>,
    definitions: &'m Map<String, Value>,
}

/// The versions of one action, the highest first.
struct Named<'m> {
    versions: Vec<&'m Action>,
    flags: Vec<Flag<'m>>,
}

impl<'m> Offer<'m> {
    pub(super) fn of(manifest: &'m Manifest, program: &str) -> Self {
        let definitions = &manifest.definitions;
        let versions = manifest.actions.chunk_by(|a, b| a.name == b.name);
        let actions = versions.map(|versions| Named::of(versions.iter().collect(), definitions)).collect();
        Self { program: program.to_owned(), actions, definitions }
    }

    /// The word `call` with all that can follow it.
    pub(super) fn words(&self, settings: &[Arg]) -> Words {
        let examples: Vec<String> = self.examples().map(|line| format!("  {line}")).collect();
        let after = match examples.as_slice() {
            [] => "This application has no actions yet.".to_owned(),
            lines => format!(
                "Examples:\n{}\n\n`call ACTION --help` shows the inputs of an action. It runs in this process, \
                 without a server; its answer is JSON on standard output, a refusal JSON on standard error with \
                 the exit code 3.",
                lines.join("\n")
            ),
        };
        let mut taken: HashSet<String> = self.actions.iter().map(|named| named.name().to_owned()).collect();
        let words = self.actions.iter().map(|named| {
            let alias = kebab(named.name());
            let alias = taken.insert(alias.clone()).then_some(alias);
            named.words(settings, &self.program, self.definitions).aliases(alias)
        });
        Words::new("call")
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommand_required(true)
            .subcommand_value_name("ACTION")
            .subcommand_help_heading("Actions")
            .args(settings)
            .subcommands(words)
            .after_help(after)
    }

    /// An example that can be typed as it stands.
    pub(super) fn example(&self) -> Option<String> {
        self.examples().next()
    }

    /// Those with the fewest required inputs, but with some, teach most.
    fn examples(&self) -> impl Iterator<Item = String> {
        let mut named: Vec<&Named<'_>> = self.actions.iter().collect();
        named.sort_by_key(|named| match named.required().count() {
            0 if named.flags.is_empty() => (2, 0),
            0 => (1, 0),
            some => (0, some),
        });
        named.into_iter().take(EXAMPLES).map(|named| named.example(&self.program, self.definitions))
    }

    /// That there is no such action.
    pub(super) fn no_action(&self, word: &str) -> String {
        let names: Vec<&str> = self.actions.iter().map(Named::name).collect();
        format!("there is no action `{word}`: {} `call --help` lists them all", meant(word, &names))
    }

    /// That an action has no such flag; `None` where there is no such action.
    pub(super) fn no_flag(&self, action: &str, word: &str) -> Option<String> {
        let named =
            self.actions.iter().find(|named| named.name() == action || kebab(named.name()) == action)?;
        let longs: Vec<String> = named.flags.iter().map(|flag| format!("--{}", flag.long)).collect();
        let longs: Vec<&str> = longs.iter().map(String::as_str).collect();
        let name = named.name();
        Some(format!(
            "`{name}` has no input `{word}`: {} `call {name} --help` lists them all",
            meant(word, &longs)
        ))
    }

    /// The call that was written.
    pub(super) fn call(&self, action: &str, matches: &ArgMatches) -> Call {
        let flags = self.actions.iter().find(|named| named.name() == action).map(|named| &named.flags[..]);
        let given = flags.unwrap_or_default().iter().filter_map(|flag| {
            let texts = matches.try_get_many::<String>(&flag.id()).ok().flatten()?;
            Some((flag.input.name.clone(), flag.form.typed(texts.cloned().collect())))
        });
        Call {
            action: action.to_owned(),
            version: matches.get_one::<String>("call.version").cloned(),
            json: matches.get_one::<String>("call.json").cloned(),
            inputs: given.collect(),
        }
    }
}

impl<'m> Named<'m> {
    fn of(versions: Vec<&'m Action>, definitions: &Map<String, Value>) -> Self {
        let mut longs: HashSet<String> = OWN.iter().map(|name| (*name).to_owned()).collect();
        let mut flags: Vec<Flag<'_>> = Vec::new();
        for input in versions.iter().flat_map(|action| &action.inputs) {
            let known = flags.iter().any(|flag| flag.input.name == input.name);
            let long = kebab(&input.name);
            if known || !is_flag(&long) || !longs.insert(long.clone()) {
                continue;
            }
            flags.push(Flag { input, form: Form::of(&input.schema, definitions), long });
        }
        Self { versions, flags }
    }

    fn name(&self) -> &'m str {
        &self.latest().name
    }

    fn latest(&self) -> &'m Action {
        self.versions[0]
    }

    fn required(&self) -> impl Iterator<Item = &'m Input> {
        self.latest().inputs.iter().filter(|input| input.required)
    }

    fn words(&self, settings: &[Arg], program: &str, definitions: &Map<String, Value>) -> Words {
        let longs: HashSet<&str> = self.flags.iter().map(|flag| flag.long.as_str()).collect();
        let wires: HashSet<&str> = self.flags.iter().map(|flag| flag.input.name.as_str()).collect();
        let is_free = |long: &str| !longs.contains(long) && !wires.contains(long);
        let settings = settings.iter().filter(|arg| arg.get_long().is_some_and(is_free));
        let aliases = self.flags.iter().map(|flag| flag.alias(&longs));
        let flags = self.flags.iter().zip(aliases).map(|(flag, alias)| flag.argument(alias));
        Words::new(self.name().to_owned())
            .about(self.latest().summary())
            .disable_help_flag(true)
            .override_usage(format!("{program} call {} [INPUTS]", self.name()))
            .next_help_heading("Inputs")
            .args(flags)
            .next_help_heading("Options")
            .args(own())
            .args(settings)
            .after_help(self.after(program, definitions))
    }

    /// What else there is to say of it, an example, what it refuses with, and which inputs have no flag.
    fn after(&self, program: &str, definitions: &Map<String, Value>) -> String {
        let latest = self.latest();
        let mut text = match latest.description.split_once("\n\n") {
            Some((_, more)) => format!("{}\n\n", more.trim()),
            None => String::new(),
        };
        text += &format!("Example:\n  {}", self.example(program, definitions));
        if !latest.errors.is_empty() {
            text += &format!("\n\nRefuses with: {}", latest.errors.join(", "));
        }
        let versions: Vec<String> = self.versions.iter().map(|action| action.version.to_string()).collect();
        if versions.len() > 1 {
            text += &format!("\n\nVersions: {}", versions.join(", "));
        }
        let flags: HashSet<&str> = self.flags.iter().map(|flag| flag.input.name.as_str()).collect();
        let others =
            latest.inputs.iter().map(|input| input.name.as_str()).filter(|name| !flags.contains(name));
        let others: Vec<&str> = others.collect();
        if !others.is_empty() {
            text += &format!("\n\nOnly in --json: {}", others.join(", "));
        }
        text
    }

    fn example(&self, program: &str, definitions: &Map<String, Value>) -> String {
        let mut line = format!("{program} call {}", self.name());
        let wanted = |flag: &&Flag<'_>| flag.input.required;
        // Where nothing is required, the first input shows how one is given.
        let shown: Vec<&Flag<'_>> = match self.flags.iter().filter(wanted).collect::<Vec<_>>() {
            none if none.is_empty() => self.flags.iter().take(1).collect(),
            some => some,
        };
        for flag in shown {
            line += &format!(" --{} {}", flag.long, flag.form.sample(&flag.input.schema, definitions));
        }
        line
    }
}

fn own() -> [Arg; 3] {
    [
        Arg::new("call.help").long("help").short('h').action(ArgAction::Help).help("Prints this"),
        Arg::new("call.json")
            .long("json")
            .value_name("OBJECT")
            .help("Inputs as a JSON object, or `-` to read it from standard input; flags win over it"),
        Arg::new("call.version")
            .long("api-version")
            .value_name("VERSION")
            .help("The version of the action [default: the highest]"),
    ]
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::call::Typed;
    use super::*;
    use playhouse_core::manifest::Output;
    use serde_json::json;

    fn input(name: &str, required: bool, schema: Value) -> Input {
        let description = format!("The {name}.");
        Input { name: name.into(), description, required, own_parsing: false, schema }
    }

    fn action(name: &str, inputs: Vec<Input>) -> Action {
        Action {
            name: name.into(),
            version: 1.0,
            is_latest: true,
            description: format!("Does {name}.\n\nAt length."),
            inputs,
            output: Output::Nothing,
            errors: vec!["missing_param".into()],
            web: true,
            websocket: true,
            timeout: 1000,
        }
    }

    /// Actions with inputs of every kind.
    pub(in super::super) fn toys() -> Manifest {
        let text = json!({ "type": "string", "minLength": 1, "maxLength": 50 });
        let greet = vec![
            input("name", true, text),
            input("times", false, json!({ "type": "integer", "minimum": 1, "default": 2 })),
            input("isLoud", false, json!({ "type": ["boolean", "null"] })),
            input("tags", false, json!({ "type": "array", "items": { "type": "string" } })),
            input("mood", false, json!({ "enum": ["glad", "sad"] })),
            input("json", false, json!({})),
        ];
        Manifest {
            name: "toys".into(),
            actions: vec![
                action("dial", vec![input("port", false, json!({ "type": "string" }))]),
                action("greet", greet),
                action("listRooms", vec![]),
            ],
            ..Manifest::default()
        }
    }

    fn called(words: &[&str]) -> Result<Call, clap::Error> {
        let manifest = toys();
        let offer = Offer::of(&manifest, "my-app");
        let matches = offer.words(&[]).try_get_matches_from(["call"].iter().chain(words))?;
        let (action, below) = matches.subcommand().unwrap();
        Ok(offer.call(action, below))
    }

    fn help(words: &[&str]) -> String {
        called(words).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn inputs_are_flags_in_both_spellings() {
        for loud in ["--is-loud", "--isLoud"] {
            let call = called(&["greet", "--name", "Ben", loud, "--times", "-2"]).unwrap();
            let typed = [("name", "Ben"), ("times", "-2"), ("isLoud", "true")];
            assert_eq!(
                call.inputs,
                typed.map(|(name, text)| (name.to_owned(), Typed::Text(text.to_owned())))
            );
        }
        assert_eq!(called(&["list-rooms"]).unwrap().action, "listRooms");
        assert_eq!(called(&["listRooms"]).unwrap().action, "listRooms");
    }

    #[test]
    fn a_list_is_given_one_by_one() {
        let call = called(&["greet", "--tags", "a", "--tags", "b"]).unwrap();
        assert_eq!(call.inputs, [("tags".to_owned(), Typed::Json(r#"["a","b"]"#.to_owned()))]);
    }

    #[test]
    fn what_can_be_only_some_words_is_told() {
        assert_eq!(called(&["greet", "--mood", "sad"]).unwrap().inputs[0].1, Typed::Text("sad".into()));
        assert!(help(&["greet", "--mood", "angry"]).contains("glad, sad"));
        assert!(help(&["greet", "--times", "many"]).contains("it must be a number"));
        assert!(help(&["greet", "--is-loud", "very"]).contains("true, false"));
        assert_eq!(called(&["greet", "--times", "-2.5"]).unwrap().inputs[0].1, Typed::Text("-2.5".into()));
    }

    #[test]
    fn help_lists_the_actions_and_examples_of_them() {
        let help = help(&["--help"]);
        for text in ["greet", "Does greet.", "my-app call greet --name text", "ACTION"] {
            assert!(help.contains(text), "{text} in {help}");
        }
        assert!(!help.contains("At length."), "{help}");
    }

    #[test]
    fn help_of_an_action_shows_its_inputs() {
        let help = help(&["greet", "--help"]);
        for text in [
            "At length.",
            "--name <text>",
            "The name. [required] [length 1 to 50]",
            "--times <number>",
            "[at least 1] [default: 2]",
            "--is-loud [<true|false>]",
            "--tags <list>",
            "--mood <glad|sad>",
            "Refuses with: missing_param",
            "Only in --json: json",
        ] {
            assert!(help.contains(text), "{text} in {help}");
        }
    }
}
