//! The course of `cargo xtask test` and `setup`: first the suites that run alone, then those in lanes, and the exit
//! code. What a suite consists of stands in `suites`, which run beside each other in `plan`.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use crate::TestArgs;
use crate::board::Board;
use crate::lanes;
use crate::os;
use crate::place::Place;
use crate::plan::Plan;
use crate::setup::{Ground, Need};
use crate::suites::{self, Ask, Suite};
use crate::summary::{Row, Summary};
use crate::trial::{Course, Trial, log_for};

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
    let course = Course { ask: &ask, live: args.verbose, stop: &stop };
    let begun = Instant::now();
    let mut rows = run(&suites, course)?;
    if course.stopped() {
        println!("stopped; nothing that was started is left running");
        return Ok(ExitCode::from(STOPPED));
    }
    rows.sort_by_key(|row| suites.iter().position(|suite| suite.name == row.suite));
    let summary = Summary::new(rows, begun.elapsed());
    print!("\n{summary}");
    Ok(if summary.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Runs them as planned; the rows are in the order in which they ended.
fn run(suites: &[&'static Suite], course: Course<'_>) -> Result<Vec<Row>, String> {
    let plan = Plan::of(suites, thread::available_parallelism().map_or(1, NonZero::get));
    let mut board = Board::new(suites.len());
    let mut rows = Vec::new();
    run_alone(&plan.alone, course, &mut board, &mut rows)?;
    rows.extend(lanes::run(&plan, course, &mut board)?);
    run_alone(&plan.last, course, &mut board, &mut rows)?;
    Ok(rows)
}

/// Runs them one after the other, until all is to end.
fn run_alone(
    suites: &[&'static Suite],
    course: Course<'_>,
    board: &mut Board,
    rows: &mut Vec<Row>,
) -> Result<(), String> {
    for suite in suites {
        if course.stopped() {
            break;
        }
        println!("{}", board.begins(suite, Instant::now()));
        let mut trial = Trial::begin(suite, course)?;
        trial.prepare(suite.budget(course.ask));
        trial.test();
        let row = trial.row();
        if !course.stopped() {
            println!("{}", board.ended(&row, Instant::now()));
        }
        rows.push(row);
    }
    Ok(())
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
