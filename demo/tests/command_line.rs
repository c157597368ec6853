//! The command line of an application: what its people type, and what they read.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Exit code, standard output, standard error.
fn told(arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse-demo"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Set by nobody who tests, and yet by somebody's shell.
    command.env("PLAYHOUSE_LOG__FILTER", "error");
    let mut child = command.spawn().expect("the demo starts");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(stdin.as_bytes()).and_then(|()| input.flush()).ok();
    drop(input);
    let output = child.wait_with_output().expect("the demo ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the demo writes UTF-8");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn an_action_answers_as_json() {
    let (code, out, err) = told(&["call", "createChatRoom", "--name", "tea"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, "{\n  \"name\": \"tea\",\n  \"didCreate\": true\n}\n");
}

#[test]
fn inputs_come_from_flags_json_and_standard_input() {
    let same = told(&["call", "createChatRoom", "--name", "tea"], "");
    assert_eq!(told(&["call", "create-chat-room", "--json", r#"{"name":"tea"}"#], ""), same);
    assert_eq!(told(&["call", "createChatRoom", "--json", "-"], r#"{"name":"tea"}"#), same);
    assert_eq!(told(&["call", "createChatRoom", "--json", r#"{"name":"x"}"#, "--name", "tea"], ""), same);
    let sleep = |flag| told(&["call", "sleepTest", flag, "1"], "");
    assert!(sleep("--sleepDuration").1.contains("\"sleepDuration\": 1"), "{:?}", sleep("--sleepDuration"));
    assert_eq!(sleep("--sleep-duration").0, 0);
}

#[test]
fn a_refusal_goes_to_standard_error_with_its_code() {
    let (code, out, err) = told(&["call", "cacheTest", "--key", "a", "--value", "b"], "");
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains(r#""code": "invalid_param""#) && err.contains(r#""key""#), "{err}");
}

#[test]
fn mistakes_are_told_with_what_was_meant() {
    for (arguments, text) in [
        (&["call", "cacheTst"][..], "there is no action `cacheTst`: did you mean `cacheTest`?"),
        (&["call", "cacheTest"], "`cacheTest` needs more inputs:\n  key\n  value\n"),
        (&["call", "cacheTest", "--kye", "a"], "`cacheTest` has no input `--kye`: did you mean `--key`?"),
        (&["call", "cacheTest", "--json", r#"{"kye":1}"#], "did you mean `key`?"),
        (&["call", "cacheTest", "--json", "[1]"], "is no JSON object"),
        (&["conifg"], "config"),
    ] {
        let (code, out, err) = told(arguments, "");
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains(text), "{arguments:?}: {err}");
    }
}

#[test]
fn help_shows_the_applications_own_actions() {
    let (code, out, _) = told(&["call", "--help"], "");
    assert_eq!(code, 0);
    for text in [
        "cacheTest",
        "I will create a chatroom with the given name",
        "playhouse-demo call createChatRoom --name",
    ] {
        assert!(out.contains(text), "{text} in {out}");
    }
    let (_, out, _) = told(&["call", "cacheTest", "--help"], "");
    assert!(out.contains("--key <text>") && out.contains("[required]") && out.contains("not_kept"), "{out}");
}

#[test]
fn a_shell_completes_actions_and_inputs() {
    let (code, out, _) = told(&["completions", "bash"], "");
    assert_eq!(code, 0);
    assert!(out.contains("createChatRoom") && out.contains("--sleep-duration"));
}

/// Nothing of what a server needs is there.
#[test]
fn documents_need_no_port_and_no_redis() {
    let away = ["--set", "engine=redis", "--set", "redis.url=redis://127.0.0.1:1", "--port", "1"];
    for command in [&["openapi"][..], &["openapi", "--format", "asyncapi"], &["types"]] {
        let (code, out, err) = told(&[command, &away].concat(), "");
        assert_eq!((code, err.as_str()), (0, ""), "{command:?}");
        assert!(out.contains("createChatRoom"), "{command:?}: {out}");
    }
}

#[test]
fn a_document_can_be_written_into_a_file() {
    let folder = std::env::temp_dir().join(format!("playhouse-documents-{}", std::process::id()));
    let file = folder.join("docs/openapi.json");
    let write = || told(&["openapi", "--out", &file.to_string_lossy()], "");
    assert!(write().2.ends_with("is written\n"));
    assert!(std::fs::read_to_string(&file).is_ok_and(|text| text.contains("createChatRoom")));
    assert!(write().2.ends_with("is as it should be\n"));
    let (code, _, err) = told(&["types", "--out", &file.join("below").to_string_lossy()], "");
    assert!(code == 1 && err.contains("can't be written"), "{err}");
    std::fs::remove_dir_all(&folder).ok();
}
