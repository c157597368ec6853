//! Which suites run when: alone, or beside each other in lanes. Pure: knows no process, no clock, no output.

use std::time::Duration;

use crate::suites::Suite;

/// What all builds for suites that run beside each other may take together. Most are the same build.
pub(crate) const BUILDS: Duration = Duration::from_secs(BUILD_MINUTES * 60);
const BUILD_MINUTES: u64 = 10;

/// What a suite does with its time, which says whether another may run meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It calls cargo to compile: two such would wait for each other's lock.
    Builds,
    /// It measures in time or memory what any neighbour on the same cores would change.
    Measures,
    /// It mostly waits, for leases, heartbeats and pages, but not for long: some of its tests want an answer within a
    /// few hundred milliseconds. So one such at a time, and beside it only who steps back.
    Waits,
    /// It computes, and nothing in it has to be quick. It steps back for whoever runs beside it.
    Works,
    /// It takes as long as it is told to: nobody waits for its end to hear of the others.
    Lasts,
}

/// The course of a run. Who is alone comes first, since those are the checks that soon tell that something is wrong; then
/// all is built for those in the two lanes, and each lane takes one of its own after the other. All in the table's order.
#[derive(Debug)]
pub(crate) struct Plan {
    /// One after the other, with all their steps.
    pub(crate) alone: Vec<&'static Suite>,
    /// The lane of those that wait.
    pub(crate) front: Vec<&'static Suite>,
    /// The lane of those that work, with what the others leave of the cores.
    pub(crate) back: Vec<&'static Suite>,
    /// One after the other, when all the others have ended.
    pub(crate) last: Vec<&'static Suite>,
}

impl Plan {
    /// For these suites on a machine of so many cores. Where nobody could be beside anybody, all run alone.
    pub(crate) fn of(suites: &[&'static Suite], cores: usize) -> Plan {
        let those = |natures: &[Nature]| -> Vec<&'static Suite> {
            suites.iter().filter(|suite| natures.contains(&suite.nature)).copied().collect()
        };
        let (front, back, last) = (those(&[Nature::Waits]), those(&[Nature::Works]), those(&[Nature::Lasts]));
        if cores < 2 || front.is_empty() || back.is_empty() {
            let alone = those(&[Nature::Builds, Nature::Measures, Nature::Waits, Nature::Works]);
            return Plan { alone, front: Vec::new(), back: Vec::new(), last };
        }
        Plan { alone: those(&[Nature::Builds, Nature::Measures]), front, back, last }
    }

    /// All that run in lanes.
    pub(crate) fn beside(&self) -> impl Iterator<Item = &'static Suite> {
        self.front.iter().chain(&self.back).copied()
    }

    /// The most minutes that all of it can take: each suite is killed after its own, and the builds of those in lanes
    /// after theirs.
    #[cfg(test)]
    pub(crate) fn most_minutes(&self) -> u64 {
        let sum = |suites: &[&Suite]| suites.iter().map(|suite| u64::from(suite.minutes)).sum::<u64>();
        let builds = if self.front.is_empty() { 0 } else { BUILD_MINUTES };
        sum(&self.alone) + builds + sum(&self.front).max(sum(&self.back)) + sum(&self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suites::{ALL, chosen};

    fn plan(words: &[&str], quick: bool, cores: usize) -> Plan {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Plan::of(&chosen(&words, quick, false).unwrap(), cores)
    }

    fn names(suites: &[&'static Suite]) -> Vec<&'static str> {
        suites.iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn everything_is_checks_first_and_then_two_lanes() {
        let plan = plan(&[], false, 2);
        assert_eq!(
            names(&plan.alone),
            ["fmt", "clippy", "tidy", "unit", "doc", "clients", "both", "actors", "new"]
        );
        assert_eq!(names(&plan.front), ["cluster", "browser", "transports", "proxies"]);
        assert_eq!(names(&plan.back), ["autobahn", "client", "schema"]);
    }

    #[test]
    fn quick_has_lanes_too() {
        let plan = plan(&[], true, 8);
        assert_eq!(names(&plan.alone), ["fmt", "clippy", "tidy", "unit", "clients", "both", "actors"]);
        assert_eq!((names(&plan.front), names(&plan.back)), (vec!["cluster"], vec!["client"]));
    }

    #[test]
    fn named_suites_are_planned_the_same_way() {
        let plan = plan(&["schema", "cluster", "unit"], false, 2);
        assert_eq!(names(&plan.alone), ["unit"]);
        assert_eq!((names(&plan.front), names(&plan.back)), (vec!["cluster"], vec!["schema"]));
    }

    #[test]
    fn who_has_no_neighbour_runs_as_if_there_were_no_lanes() {
        let beside_nobody = [
            (plan(&["browser", "clients", "cluster"], false, 2), vec!["clients", "cluster", "browser"]),
            (plan(&["schema", "autobahn", "fmt"], false, 2), vec!["fmt", "autobahn", "schema"]),
            // One core is busy with one suite.
            (plan(&["schema", "cluster"], false, 1), vec!["schema", "cluster"]),
        ];
        for (plan, alone) in beside_nobody {
            assert_eq!(names(&plan.alone), alone);
            assert_eq!(plan.beside().count(), 0);
        }
    }

    #[test]
    fn nobody_waits_for_the_soak() {
        let plan = Plan::of(&chosen(&[], false, true).unwrap(), 2);
        assert_eq!(names(&plan.last), ["soak"]);
    }

    #[test]
    fn nobody_runs_twice_or_not_at_all() {
        for cores in [1, 2] {
            let plan = Plan::of(&ALL.iter().collect::<Vec<_>>(), cores);
            let mut planned =
                [names(&plan.alone), names(&plan.front), names(&plan.back), names(&plan.last)].concat();
            let mut all: Vec<&str> = ALL.iter().map(|suite| suite.name).collect();
            planned.sort_unstable();
            all.sort_unstable();
            assert_eq!(planned, all);
        }
    }
}
