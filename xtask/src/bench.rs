//! `cargo xtask bench`: two release builds, then the load generator with the terminal to itself.
//! What is measured, and how, is the load generator's affair.

use std::process::{Command, ExitCode};
use std::sync::atomic::AtomicBool;

use crate::log::Log;
use crate::place::Place;
use crate::setup::{Ground, Need};

/// Builds the demo and the load generator and runs the one against the other.
pub(crate) fn main(place: &Place, args: &[String]) -> Result<ExitCode, String> {
    if !args.iter().any(|arg| arg == "--help" || arg == "-h") {
        see_to(place, Need::Redis);
        see_to(place, Need::References);
    }
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

/// Brings what some works need. Where it can't be had those who want other works are not to be kept from them: the load
/// generator refuses what it can't measure.
fn see_to(place: &Place, need: Need) {
    let stop = AtomicBool::new(false);
    let met = need.meet(Ground { place, stop: &stop }, &mut Log::in_memory());
    if let Err(why) = met {
        eprintln!("xtask: {}: {why}", need.about());
    }
}

fn ran(command: &mut Command) -> Result<bool, String> {
    let status = command.status();
    status.map(|s| s.success()).map_err(|e| format!("{} did not start: {e}", command.get_program().display()))
}
