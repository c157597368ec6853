//! `call`: one action, run in this process without a socket.

use super::cli::Call;
use super::print;
use super::serve::background;
use crate::app::App;
use crate::assemble::{Ground, StartError};
use crate::nobody::Nobody;
use playhouse_core::clock::Clock;
use playhouse_core::config::Config;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_node::action::Params;
use playhouse_node::web::WebReply;
use playhouse_server::indented;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the action and prints its answer as JSON: a result on standard output, a refusal on standard error.
pub(super) fn run(app: App, config: Config, call: &Call) -> Result<ExitCode, StartError> {
    let params = match params(call) {
        Ok(params) => params,
        Err(text) => {
            eprintln!("error: {text}");
            return Ok(ExitCode::from(2));
        }
    };
    let runtime = background()?;
    let ground = Ground {
        config,
        clock: Clock::system(),
        rng: Rng::system(),
        tasks: Tasks::new(runtime.handle().clone()),
        encoder: Arc::new(Nobody),
        files: Arc::new(Nobody),
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

fn params(call: &Call) -> Result<Params, String> {
    let mut params = Params::default();
    if let Some(json) = &call.json {
        let object: Result<serde_json::Map<_, _>, _> = serde_json::from_str::<serde_json::Map<_, _>>(json);
        object.map_err(|error| format!("the parameters are no JSON object: {error}"))?;
        params.merge_json(json);
    }
    for (name, text) in &call.params {
        params.set_text(name, text.as_str());
    }
    Ok(params)
}

fn show(reply: &WebReply) -> ExitCode {
    match (&reply.result, &reply.file) {
        (Ok(_), Some(file)) => print(&format!("(the file {file} of the public folder)\n")),
        // As the action wrote it: a value would have its keys in another order.
        (Ok(reply), None) => print(&pretty(reply.raw().unwrap_or("null"))),
        (Err(reject), _) => {
            let refusal = json!({ "error": reject.message, "code": reject.code, "fields": reject.fields });
            eprint!("{}", pretty(&refusal.to_string()));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn pretty(raw: &str) -> String {
    String::from_utf8_lossy(&indented(raw.as_bytes(), 2)).into_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_node::action::Input;

    #[test]
    fn parameters_come_as_json_and_as_texts() {
        let call = Call {
            action: "a".into(),
            json: Some(r#"{"a":1,"b":"x"}"#.into()),
            params: vec![("b".into(), "2".into())],
        };
        let params = params(&call).unwrap();
        assert_eq!((params.get("a"), params.get("b")), (Some(Input::Json("1")), Some(Input::Text("2"))));
    }

    #[test]
    fn what_is_no_object_is_told() {
        let call = Call { action: "a".into(), json: Some("[1]".into()), params: Vec::new() };
        assert!(params(&call).is_err_and(|text| text.starts_with("the parameters are no JSON object")));
    }
}
