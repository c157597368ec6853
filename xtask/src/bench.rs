//! `cargo xtask bench`: two release builds, then the load generator with the terminal to itself.
//! What is measured, and how, is the load generator's affair.

use std::process::{Command, ExitCode};

use crate::place::Place;

/// Builds the demo and the load generator and runs the one against the other.
pub(crate) fn main(place: &Place, args: &[String]) -> Result<ExitCode, String> {
    // Apart, so that the demo has exactly the features it has when built alone.
    for package in ["playhouse-demo", "playhouse-bench"] {
        let mut build = Command::new("cargo");
        build.args(["build", "--release", "--package", package]).current_dir(&place.root);
        if !ran(&mut build)? {
            return Err(format!("{package} does not build"));
        }
    }
    let mut bench = Command::new(place.binary("release", "playhouse-bench"));
    bench.arg("--server").arg(place.binary("release", "playhouse-demo")).args(args).current_dir(&place.root);
    Ok(if ran(&mut bench)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ran(command: &mut Command) -> Result<bool, String> {
    let status = command.status();
    status.map(|s| s.success()).map_err(|e| format!("{} did not start: {e}", command.get_program().display()))
}
