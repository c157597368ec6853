//! `call`: one action, run in this process without a socket.

use super::print;
use super::serve::background;
use crate::app::App;
use crate::assemble::{Ground, StartError};
use crate::nobody::Nobody;
use playhouse_core::clock::Clock;
use playhouse_core::codes;
use playhouse_core::config::Config;
use playhouse_core::manifest::{Action, Manifest};
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_node::action::Params;
use playhouse_node::web::WebReply;
use playhouse_server::indented;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;

/// The command line means nothing.
const MEANINGLESS: u8 = 2;

/// The action refused.
const REFUSED: u8 = 3;

/// Inputs that any action has.
const ANY: &str = "apiVersion";

/// What to call.
#[derive(Debug)]
pub(super) struct Call {
    /// The action's name.
    pub(super) action: String,
    /// The version that was asked for.
    pub(super) version: Option<String>,
    /// Inputs as a JSON object, or `-` for standard input.
    pub(super) json: Option<String>,
    /// Inputs that were given by their flags.
    pub(super) inputs: Vec<(String, Typed)>,
}

/// A value that was given by a flag.
#[derive(Debug, PartialEq)]
pub(super) enum Typed {
    /// It becomes what the action asks for.
    Text(String),
    Json(String),
}

/// Runs the action and prints its answer as JSON: a result on standard output, a refusal on standard error.
pub(super) fn run(
    app: App,
    config: Config,
    manifest: &Manifest,
    call: &Call,
) -> Result<ExitCode, StartError> {
    let params = match params(call, manifest, std::io::stdin()) {
        Ok(params) => params,
        Err(text) => {
            eprintln!("error: {text}");
            return Ok(ExitCode::from(MEANINGLESS));
        }
    };
    let runtime = background()?;
    let ground = Ground {
        config,
        clock: Clock::system(),
        rng: Rng::system(),
        tasks: Tasks::new(runtime.handle().clone()),
        actor_tasks: Tasks::new(runtime.handle().clone()),
        encoder: Arc::new(Nobody),
        files: Arc::new(Nobody),
        yields: true,
    };
    let mut assembled = app.assemble(ground)?;
    runtime.block_on(async {
        assembled.begin().await?;
        let handle = assembled.handle.clone();
        let reply = handle.call(&call.action, params).await.map_err(StartError::Start)?;
        assembled.end().await;
        Ok(show(&reply))
    })
}

/// All that was given, after a look for names that nobody has and for what is missing.
fn params(call: &Call, manifest: &Manifest, stdin: impl Read) -> Result<Params, String> {
    let mut params = Params::default();
    let versions = || manifest.actions.iter().filter(|action| action.name == call.action);
    if let Some(text) = &call.json {
        let json = if text == "-" { read(stdin)? } else { text.clone() };
        let object: Map<String, Value> =
            serde_json::from_str(&json).map_err(|error| format!("`--json` is no JSON object: {error}"))?;
        let known: Vec<&str> =
            versions().flat_map(|action| &action.inputs).map(|input| &*input.name).collect();
        object.keys().try_for_each(|name| is_known(&call.action, name, &known))?;
        params.merge_json(&json);
    }
    for (name, value) in &call.inputs {
        match value {
            Typed::Text(text) => params.set_text(name, text),
            Typed::Json(raw) => params.set_json(name, raw),
        }
    }
    if let Some(version) = &call.version {
        params.set_text(ANY, version);
    }
    // Of a version that was named the action itself tells what is missing.
    let latest = versions().find(|action| action.is_latest && params.get(ANY).is_none());
    latest.map_or(Ok(()), |action| is_whole(action, &params))?;
    Ok(params)
}

fn read(mut stdin: impl Read) -> Result<String, String> {
    let mut json = String::new();
    stdin.read_to_string(&mut json).map_err(|error| format!("standard input can't be read: {error}"))?;
    Ok(json)
}

fn is_known(action: &str, name: &str, known: &[&str]) -> Result<(), String> {
    if name == ANY || known.contains(&name) {
        return Ok(());
    }
    Err(format!("`{action}` has no input `{name}`: {}", meant(name, known)))
}

/// What was meant by a name that nobody has: the nearest, if a third of its letters or fewer differ, else any of them.
pub(super) fn meant(name: &str, known: &[&str]) -> String {
    let near =
        known.iter().map(|known| (strsim::osa_distance(&name.to_lowercase(), &known.to_lowercase()), known));
    let near = near.min().filter(|(far, _)| *far <= name.chars().count().max(3) / 3);
    match (near, known) {
        (Some((_, near)), _) => format!("did you mean `{near}`?"),
        (None, []) => "there are none.".to_owned(),
        (None, known) => format!("there are `{}`.", known.join("`, `")),
    }
}

/// Tells all that is missing at once.
fn is_whole(action: &Action, params: &Params) -> Result<(), String> {
    let is_missing = |name: &str| params.get(name).is_none_or(|value| value.is_empty());
    let missing = action.inputs.iter().filter(|input| input.required && is_missing(&input.name));
    let mut text = String::new();
    for input in missing {
        let about = if input.description.is_empty() { "" } else { ": " };
        // Writing to a text can't fail.
        let _ = write!(text, "\n  {}{about}{}", input.name, input.description);
    }
    if text.is_empty() {
        return Ok(());
    }
    let name = &action.name;
    Err(format!("`{name}` needs more inputs:{text}\n`call {name} --help` shows how they are given"))
}

fn show(reply: &WebReply) -> ExitCode {
    match (&reply.result, &reply.file) {
        (Ok(_), Some(file)) => print(&pretty(&json!({ "file": file }).to_string())),
        // As the action wrote it: a value would have its keys in another order.
        (Ok(reply), None) => print(&pretty(reply.raw().unwrap_or("null"))),
        (Err(reject), _) => {
            let refusal = json!({ "error": reject.message, "code": reject.code, "fields": reject.fields });
            eprint!("{}", pretty(&refusal.to_string()));
            let is_ours = reject.code == codes::INTERNAL.name;
            return if is_ours { ExitCode::FAILURE } else { ExitCode::from(REFUSED) };
        }
    }
    ExitCode::SUCCESS
}

fn pretty(raw: &str) -> String {
    String::from_utf8_lossy(&indented(raw.as_bytes(), 2)).into_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::offer::tests::toys;
    use super::*;
    use playhouse_node::action::Input;

    fn given(json: &str, inputs: &[(&str, &str)]) -> Result<Params, String> {
        let text = |text: &str| Typed::Text(text.to_owned());
        let call = Call {
            action: "greet".into(),
            version: None,
            json: (!json.is_empty()).then(|| json.to_owned()),
            inputs: inputs.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect(),
        };
        params(&call, &toys(), r#"{"name":"Ann"}"#.as_bytes())
    }

    #[test]
    fn inputs_come_as_json_and_as_texts_and_texts_win() {
        let params = given(r#"{"name":"Ben","times":1}"#, &[("times", "2")]).unwrap();
        assert_eq!(params.get("name"), Some(Input::Json("\"Ben\"")));
        assert_eq!(params.get("times"), Some(Input::Text("2")));
        assert_eq!(given("-", &[]).unwrap().get("name"), Some(Input::Json("\"Ann\"")));
    }

    #[test]
    fn what_is_no_object_is_told() {
        assert!(given("[1]", &[]).is_err_and(|text| text.starts_with("`--json` is no JSON object")));
    }

    #[test]
    fn an_input_that_nobody_has_is_told_with_the_nearest() {
        let told = |json: &str| given(json, &[("name", "Ben")]).map(|_| ()).unwrap_err();
        assert_eq!(told(r#"{"tiems":1}"#), "`greet` has no input `tiems`: did you mean `times`?");
        assert!(told(r#"{"q":1}"#).starts_with("`greet` has no input `q`: there are `name`, `times`"));
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let told = given("", &[("name", "")]).map(|_| ()).unwrap_err();
        assert_eq!(
            told,
            "`greet` needs more inputs:\n  name: The name.\n`call greet --help` shows how they are given"
        );
    }
}
