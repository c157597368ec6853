//! Runs suites beside each other, in a lane for those that wait and one for those that work. What a suite says is held
//! back until it has ended, so that two that fail can be read one after the other. Which these are, `plan` says.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::board::Board;
use crate::plan::{BUILDS, Plan};
use crate::run::spoken;
use crate::suites::Suite;
use crate::summary::Row;
use crate::trial::{Course, Trial};

/// How often people hear who runs.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);
/// News that wait to be told; a lane that has more waits until they are.
const NEWS: usize = 16;

/// What a lane tells.
enum News<'a> {
    Begins(&'static Suite),
    Ended(Box<Trial<'a>>),
}

/// Builds for all suites that may run beside each other, one after the other, and then runs them. The error is a
/// sentence: a log could not be written.
pub(crate) fn run(plan: &Plan, course: Course<'_>, board: &mut Board) -> Result<Vec<Row>, String> {
    if plan.beside().count() == 0 || course.stopped() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    let ready = built(plan, course, board, &mut rows)?;
    rows.extend(tested(plan, ready, course, board));
    Ok(rows)
}

/// The suites for which all is ready; the rows of the others are added to `rows`.
fn built<'a>(
    plan: &Plan,
    course: Course<'a>,
    board: &mut Board,
    rows: &mut Vec<Row>,
) -> Result<Vec<Trial<'a>>, String> {
    let names: Vec<&str> = plan.beside().map(|suite| suite.name).collect();
    println!("building for {}, which then run two at a time", names.join(", "));
    let begun = Instant::now();
    let mut left = BUILDS;
    let mut ready = Vec::new();
    for suite in plan.beside() {
        let mut trial = Trial::begin(suite, course)?;
        let is_ready = trial.prepare(left);
        left = left.saturating_sub(trial.spent());
        if is_ready {
            ready.push(trial);
        } else if !course.stopped() {
            println!("{}", board.begins(suite, begun));
            println!("{}", board.ended(&trial.row(), Instant::now()));
            rows.push(trial.row());
        }
        if course.stopped() {
            return Ok(Vec::new());
        }
    }
    println!("       built after {}", spoken(begun.elapsed()));
    Ok(ready)
}

fn tested<'a>(plan: &Plan, ready: Vec<Trial<'a>>, course: Course<'a>, board: &mut Board) -> Vec<Row> {
    let in_back = |trial: &Trial<'_>| plan.back.iter().any(|suite| suite.name == trial.suite.name);
    let (back, front): (Vec<_>, Vec<_>) = ready.into_iter().partition(in_back);
    let (tell, told) = sync_channel(NEWS);
    let mut rows = Vec::new();
    thread::scope(|scope| {
        let tell_too = tell.clone();
        scope.spawn(move || lane(front, Trial::test, course, &tell_too));
        let tell_too = tell.clone();
        scope.spawn(move || lane(back, Trial::test_behind, course, &tell_too));
        // The last lane that ends closes the queue.
        drop(tell);
        loop {
            match told.recv_timeout(SIGN_OF_LIFE) {
                Ok(News::Begins(suite)) => println!("{}", board.begins(suite, Instant::now())),
                Ok(News::Ended(mut trial)) => {
                    let row = trial.row();
                    if !course.stopped() {
                        trial.log.release();
                        println!("{}", board.ended(&row, Instant::now()));
                    }
                    rows.push(row);
                }
                Err(RecvTimeoutError::Timeout) => println!("{}", board.sign_of_life(Instant::now())),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    rows
}

/// Runs one suite after the other until none is left or all is to end.
fn lane<'a>(
    trials: Vec<Trial<'a>>,
    test: fn(&mut Trial<'a>),
    course: Course<'a>,
    tell: &SyncSender<News<'a>>,
) {
    for mut trial in trials {
        if course.stopped() {
            return;
        }
        trial.log.hold(trial.suite.name);
        // Who listens ends after all lanes: the news arrive.
        let _ = tell.send(News::Begins(trial.suite));
        test(&mut trial);
        let _ = tell.send(News::Ended(Box::new(trial)));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::place::Place;
    use crate::run::Step;
    use crate::suites::Ask;

    /// A shell's words, run in a folder that the suites of a test share.
    fn sh(ask: &Ask, script: &str) -> Step {
        Step::new(&ask.place, "sh").args(["-c", script]).dir(ask.place.target.clone())
    }

    /// Runs them in two lanes; the rows, and the folder's path for who wants to look.
    fn two_lanes(
        front: &[&'static Suite],
        back: &[&'static Suite],
        stop: &AtomicBool,
        folder: PathBuf,
    ) -> Vec<Row> {
        let place = Place { target: folder, ..Place::find().unwrap() };
        let ask = Ask { place, quick: false, soak: 0 };
        let course = Course { ask: &ask, live: false, stop };
        let mut board = Board::new(front.len() + back.len());
        let plan = Plan { alone: Vec::new(), front: front.to_vec(), back: back.to_vec(), last: Vec::new() };
        run(&plan, course, &mut board).unwrap()
    }

    fn fresh(name: &str) -> PathBuf {
        let folder =
            Place::find().unwrap().kept("tests").join(format!("lanes-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn two_run_at_once_and_each_after_all_builds() {
        /// Ends only if the other one runs meanwhile, and fails if that one is not built.
        const MEET: &str =
            "[ -e $1.built ] || exit 1; touch $0.runs; until [ -e $1.runs ]; do sleep 0.02; done";
        static ONE: Suite =
            Suite::of("one", |ask| Ok(vec![sh(ask, "touch one.built"), sh(ask, MEET).args(["one", "two"])]));
        static TWO: Suite =
            Suite::of("two", |ask| Ok(vec![sh(ask, "touch two.built"), sh(ask, MEET).args(["two", "one"])]));
        static THIRD: Suite = Suite::of("third", |ask| Ok(vec![sh(ask, "[ -e one.runs ]")]));
        let folder = fresh("meet");
        let rows = two_lanes(&[&ONE, &THIRD], &[&TWO], &AtomicBool::new(false), folder.clone());
        for name in ["one", "two", "third"] {
            let row = rows.iter().find(|row| row.suite == name).unwrap();
            assert_eq!(row.failure, None, "{name}");
        }
        assert_eq!(rows.len(), 3);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn who_is_not_built_is_not_run_and_the_others_are() {
        static BROKEN: Suite =
            Suite::of("broken", |ask| Ok(vec![sh(ask, "exit 3"), sh(ask, "touch it.runs")]));
        static WELL: Suite = Suite::of("well", |ask| Ok(vec![sh(ask, "true")]));
        let folder = fresh("broken");
        let rows = two_lanes(&[&BROKEN], &[&WELL], &AtomicBool::new(false), folder.clone());
        let told: Vec<_> = rows.iter().map(|row| (row.suite, row.failure.as_deref())).collect();
        assert_eq!(
            told,
            [("broken", Some("`sh -c 'exit 3'`: it ended with exit status: 3")), ("well", None)]
        );
        assert!(!folder.join("it.runs").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_stop_ends_all_lanes_and_nobody_begins() {
        static ONE: Suite = Suite::of("one", |ask| Ok(vec![sh(ask, "touch one.runs; sleep 500")]));
        static TWO: Suite = Suite::of("two", |ask| Ok(vec![sh(ask, "touch two.runs; sleep 500")]));
        static THIRD: Suite = Suite::of("third", |ask| Ok(vec![sh(ask, "touch third.runs")]));
        let (folder, stop) = (fresh("stop"), AtomicBool::new(false));
        let runs = |name: &str| folder.join(format!("{name}.runs")).exists();
        thread::scope(|scope| {
            scope.spawn(|| {
                let patience = Instant::now() + Duration::from_secs(50);
                while !(runs("one") && runs("two")) && Instant::now() < patience {
                    thread::sleep(Duration::from_millis(5));
                }
                stop.store(true, Ordering::Relaxed);
            });
            two_lanes(&[&ONE, &THIRD], &[&TWO], &stop, folder.clone());
        });
        assert!(runs("one") && runs("two"), "both had begun");
        assert!(!runs("third"));
        fs::remove_dir_all(folder).unwrap();
    }
}
