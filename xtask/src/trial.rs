//! One suite on its way: what is installed and built for it, its tests, and the row that it leaves. Knows not who else
//! runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::log::Log;
use crate::place::Place;
use crate::run::{Bounds, End, Step};
use crate::setup::Ground;
use crate::suites::{Ask, Suite};
use crate::summary::Row;

/// What is the same for all suites of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course<'a> {
    pub(crate) ask: &'a Ask,
    /// Show the whole output as it comes.
    pub(crate) live: bool,
    /// Raised when the whole run is to end.
    pub(crate) stop: &'a AtomicBool,
}

impl Course<'_> {
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A suite that runs: prepared first, and then, perhaps after a while, tested.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    pub(crate) suite: &'static Suite,
    course: Course<'a>,
    pub(crate) log: Log,
    /// The time it took so far, without what it waited between its two parts.
    time: Duration,
    /// What is left of its budget; installs take nothing of it.
    left: Duration,
    /// Its last step, once all is ready for it.
    test: Option<Step>,
    failure: Option<String>,
}

impl<'a> Trial<'a> {
    /// Begins its log. The error is a sentence.
    pub(crate) fn begin(suite: &'static Suite, course: Course<'a>) -> Result<Trial<'a>, String> {
        let log = log_for(&course.ask.place, suite.name, course.live)?;
        let (time, left) = (Duration::ZERO, suite.budget(course.ask));
        Ok(Trial { suite, course, log, time, left, test: None, failure: None })
    }

    /// Installs what it needs and runs all its steps but the last, within its budget, and within `most` if that is
    /// less. Whether it can go on.
    pub(crate) fn prepare(&mut self, most: Duration) -> bool {
        let begun = Instant::now();
        let outcome = self.try_prepare(most);
        self.time += begun.elapsed();
        match outcome {
            Ok(test) => self.test = Some(test),
            Err(why) => self.fails(why),
        }
        self.test.is_some()
    }

    /// Runs its tests. Who could not be prepared has none.
    pub(crate) fn test(&mut self) {
        if let Some(step) = self.test.take() {
            self.run_test(&step);
        }
    }

    /// The same, with what whoever runs beside it leaves of the cores.
    pub(crate) fn test_behind(&mut self) {
        if let Some(step) = self.test.take() {
            self.run_test(&step.behind());
        }
    }

    fn run_test(&mut self, step: &Step) {
        let begun = Instant::now();
        self.log.expect(self.suite.runner);
        let mut outcome = self.run(step, self.left);
        if outcome.is_ok() && self.log.counts().saw_failures() {
            outcome = Err("the runner counted failures and ended as if there were none".into());
        }
        self.time += begun.elapsed();
        if let Err(why) = outcome {
            self.fails(why);
        }
    }

    /// What it took of its budget so far.
    pub(crate) fn spent(&self) -> Duration {
        self.suite.budget(self.course.ask) - self.left
    }

    /// How it went.
    pub(crate) fn row(&self) -> Row {
        Row {
            suite: self.suite.name,
            counts: self.log.counts().verdict(self.failure.is_none()),
            time: self.time,
            failure: self.failure.clone(),
            log: self.log.path().map(|path| self.course.ask.place.shown(path)).unwrap_or_default(),
        }
    }

    fn try_prepare(&mut self, most: Duration) -> Result<Step, String> {
        let Course { ask, stop, .. } = self.course;
        if let Some(why) = self.suite.missing(ask) {
            return Err(why);
        }
        for need in self.suite.needs {
            need.meet(Ground { place: &ask.place, stop }, &mut self.log)?;
        }
        let mut steps = self.suite.steps(ask)?;
        let test = steps.pop().ok_or("it has no steps")?;
        let all = self.left;
        for step in &steps {
            self.run(step, most.saturating_sub(all - self.left))?;
        }
        Ok(test)
    }

    fn run(&mut self, step: &Step, most: Duration) -> Result<(), String> {
        let Course { ask, stop, .. } = self.course;
        let begun = Instant::now();
        // What is said of who is late is the whole budget, not what the steps before have left of it.
        let (budget, time) =
            if most < self.left { (most, most) } else { (self.suite.budget(ask), self.left) };
        let end = step.run(&mut self.log, Bounds { budget, deadline: begun + time, stop });
        self.left = self.left.saturating_sub(begun.elapsed());
        match end {
            End::Passed => Ok(()),
            End::Stopped => Err("stopped".into()),
            End::Failed(why) => Err(format!("`{}`: {why}", step.in_short())),
        }
    }

    fn fails(&mut self, why: String) {
        if !self.course.stopped() {
            self.log.failed();
            self.log.say(&why);
        }
        self.failure = Some(why);
    }
}

/// The log of this name. The error is a sentence.
pub(crate) fn log_for(place: &Place, name: &str, live: bool) -> Result<Log, String> {
    let path = place.kept("logs").join(format!("{name}.log"));
    Log::create(&path, live).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_steps<T>(suite: &'static Suite, test: impl FnOnce(Trial<'_>) -> T) -> T {
        let found = Place::find().unwrap();
        let target = found.kept("tests").join(format!("trial-{}-{}", suite.name, std::process::id()));
        let ask = Ask { place: Place { target: target.clone(), ..found }, quick: false, soak: 0 };
        let course = Course { ask: &ask, live: false, stop: &AtomicBool::new(false) };
        let result = test(Trial::begin(suite, course).unwrap());
        std::fs::remove_dir_all(target).unwrap();
        result
    }

    fn sh(ask: &Ask, script: &str) -> Step {
        Step::new(&ask.place, "sh").args(["-c", script])
    }

    #[test]
    fn what_it_builds_takes_of_its_budget() {
        static SUITE: Suite = Suite::of("slow-build", |ask| Ok(vec![sh(ask, "sleep 0.2"), sh(ask, "true")]));
        with_steps(&SUITE, |mut trial| {
            assert!(trial.prepare(Duration::from_secs(50)));
            let built = trial.spent();
            assert!(built >= Duration::from_millis(200), "{built:?}");
            trial.test();
            assert!(trial.spent() > built);
            assert!(trial.row().time >= trial.spent());
            assert_eq!(trial.row().failure, None);
        });
    }

    #[test]
    fn builds_have_a_bound_of_their_own() {
        static SUITE: Suite = Suite::of("late-build", |ask| Ok(vec![sh(ask, "sleep 500"), sh(ask, "true")]));
        with_steps(&SUITE, |mut trial| {
            assert!(!trial.prepare(Duration::from_millis(300)));
            trial.test();
            let why = "`sh -c 'sleep 500'`: killed: it took more than its 0.3 s";
            assert_eq!(trial.row().failure.as_deref(), Some(why));
        });
    }
}
