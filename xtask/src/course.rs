//! The course of `cargo xtask test` and `setup`: suite after suite, what is said meanwhile, and the
//! exit code. What a suite consists of stands in `suites`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::TestArgs;
use crate::log::Log;
use crate::os;
use crate::place::Place;
use crate::run::{Bounds, End, spoken};
use crate::setup::{Ground, Need};
use crate::suites::{self, Ask, Suite};
use crate::summary::{Row, Summary};

/// What a shell expects of a program that was interrupted.
const STOPPED: u8 = 130;

/// `cargo xtask test`
pub(crate) fn test(place: &Place, args: &TestArgs) -> Result<ExitCode, String> {
    let suites = suites::chosen(&args.suites, args.quick, args.soak.is_some())?;
    if args.list {
        suites.iter().for_each(|suite| println!("{:<9} {}", suite.name, suite.about));
        return Ok(ExitCode::SUCCESS);
    }
    let stop = os::stop_flag();
    let ask = Ask { place: place.clone(), quick: args.quick, soak: args.soak.unwrap_or_default() };
    let mut summary = Summary::default();
    for (n, suite) in suites.iter().enumerate() {
        println!("[{}/{}] {}: {}", n + 1, suites.len(), suite.name, suite.about);
        let row = run_suite(suite, &ask, args.verbose, &stop)?;
        if stop.load(Ordering::Relaxed) {
            println!("stopped; nothing that was started is left running");
            return Ok(ExitCode::from(STOPPED));
        }
        println!("       {} after {}", row.verdict(), spoken(row.time));
        summary.add(row);
    }
    print!("\n{summary}");
    Ok(if summary.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// `cargo xtask setup`
pub(crate) fn setup(place: &Place, names: &[String]) -> Result<ExitCode, String> {
    let suites = suites::chosen(names, false, names.iter().any(|name| name == suites::SOAK))?;
    let mut needs: Vec<Need> = suites.iter().flat_map(|suite| suite.needs).copied().collect();
    needs.sort_unstable();
    needs.dedup();
    let stop = os::stop_flag();
    let mut log = log_for(place, "setup", false)?;
    let mut failed = false;
    for need in needs {
        match need.meet(Ground { place, stop: &stop }, &mut log) {
            Ok(()) => println!("ready: {}", need.about()),
            Err(why) => {
                failed = true;
                println!("missing: {}: {why}", need.about());
                log.tail().iter().for_each(|line| println!("     | {line}"));
            }
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(ExitCode::from(STOPPED));
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn log_for(place: &Place, name: &str, live: bool) -> Result<Log, String> {
    let path = place.kept("logs").join(format!("{name}.log"));
    Log::create(&path, live).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

fn run_suite(suite: &Suite, ask: &Ask, live: bool, stop: &AtomicBool) -> Result<Row, String> {
    let begun = Instant::now();
    let mut log = log_for(&ask.place, suite.name, live)?;
    let outcome = run_steps(suite, ask, &mut log, stop);
    if let Err(why) = &outcome
        && !stop.load(Ordering::Relaxed)
    {
        log.failed();
        log.say(why);
    }
    Ok(Row {
        suite: suite.name,
        counts: log.counts().verdict(outcome.is_ok()),
        time: begun.elapsed(),
        failure: outcome.err(),
        log: log.path().map(|path| ask.place.shown(path)).unwrap_or_default(),
    })
}

/// Everything that a suite does; the error is the sentence that says why it failed.
fn run_steps(suite: &Suite, ask: &Ask, log: &mut Log, stop: &AtomicBool) -> Result<(), String> {
    if let Some(why) = suite.missing(ask) {
        return Err(why);
    }
    for need in suite.needs {
        need.meet(Ground { place: &ask.place, stop }, log)?;
    }
    let steps = suite.steps(ask)?;
    let bounds = Bounds::from_now(suite.budget(ask), stop);
    for (n, step) in steps.iter().enumerate() {
        if n + 1 == steps.len() {
            log.expect(suite.runner);
        }
        match step.run(log, bounds) {
            End::Passed => {}
            End::Stopped => return Err("stopped".into()),
            End::Failed(why) => return Err(format!("`{}`: {why}", step.in_short())),
        }
    }
    if log.counts().saw_failures() {
        return Err("the runner counted failures and ended as if there were none".into());
    }
    Ok(())
}
