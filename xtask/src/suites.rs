//! The suites: what each is for, what it needs, how long it may take and which processes it is.
//! Only a table and its small functions; nothing is run or installed here.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::counts::Runner;
use crate::place::Place;
use crate::plan::Nature;
use crate::protocols::fixture_build;
use crate::run::Step;
use crate::setup::{AUTOBAHN, Need, SCHEMA, find_chromium, venv_python};

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) about: &'static str,
    /// Whether `--quick` runs it.
    pub(crate) quick: bool,
    /// Minutes for all its steps together, installs not counted.
    pub(crate) minutes: u32,
    /// Whether another may run beside it.
    pub(crate) nature: Nature,
    /// Whose words the last step speaks.
    pub(crate) runner: Runner,
    pub(crate) needs: &'static [Need],
    /// Files without which there is nothing to run: their absence is a failure, never a skip.
    inputs: &'static [&'static str],
    steps: fn(&Ask) -> Result<Vec<Step>, String>,
}

/// What was asked for, as far as it changes the steps.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) place: Place,
    /// A debug build will do.
    pub(crate) quick: bool,
    /// Minutes per file of the soak.
    pub(crate) soak: u32,
}

/// The files of `cluster` that `--quick` runs, together in less than twenty seconds.
const QUICK_CLUSTER: &[&str] = &["cache", "chat", "demo", "kill", "presence", "rooms"];

/// The files of `both` that `--quick` runs, together in less than fifteen seconds.
const QUICK_BOTH: &[&str] = &["plans", "verbs"];

/// The suite that only runs when it is asked for.
pub(crate) const SOAK: &str = "soak";

/// The clients of `actors` that `--quick` runs: one of each family, and frames by hand.
const QUICK_SUBJECTS: &str = "rivetkit 2.2.1 bare,rivetkit by hand,actor-core 0.6.3 cbor websocket";

/// The files of `actors` that `--quick` runs, with few kills.
const QUICK_ACTORS: &[&str] = &["connections", "frames", "kill", "management-http"];

/// All suites, in the order people read of them; in which they run, `plan` says. As planned their minutes stay under the
/// 90 that CI has, see the test.
pub(crate) const ALL: &[Suite] = &[
    Suite {
        name: "fmt",
        about: "the sources are formatted (cargo fmt mends it)",
        quick: true,
        minutes: 1,
        nature: Nature::Builds,
        runner: Runner::Silent,
        needs: &[Need::Rustfmt],
        inputs: &[],
        steps: |ask| Ok(vec![cargo(ask, &["fmt", "--all", "--check", "--", "-l"])]),
    },
    Suite {
        name: "clippy",
        about: "no warning of compiler or clippy, tests included",
        quick: true,
        minutes: 5,
        nature: Nature::Builds,
        runner: Runner::Silent,
        needs: &[Need::Clippy],
        inputs: &[],
        steps: |ask| {
            let all = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            let echo = ["--features", "fixture", "--all-targets", "--", "-D", "warnings"];
            let echo = cargo(ask, &["clippy", "--package", "playhouse-server"]).args(echo);
            Ok(vec![cargo(ask, &all), echo])
        },
    },
    Suite {
        name: "tidy",
        about: "the rules of the house (cargo xtask tidy --help)",
        quick: true,
        minutes: 2,
        nature: Nature::Builds,
        runner: Runner::Silent,
        needs: &[],
        inputs: &[],
        steps: |ask| Ok(vec![cargo(ask, &["run", "--quiet", "--package", "xtask", "--", "tidy"])]),
    },
    Suite {
        name: "unit",
        about: "cargo test over the whole workspace",
        quick: true,
        minutes: 11,
        nature: Nature::Builds,
        runner: Runner::Cargo,
        needs: &[Need::Redis],
        inputs: &[],
        steps: |ask| Ok(vec![cargo(ask, &["test", "--workspace", "--no-fail-fast"])]),
    },
    Suite {
        name: "doc",
        about: "the documentation builds without a warning",
        quick: false,
        minutes: 3,
        nature: Nature::Builds,
        runner: Runner::Silent,
        needs: &[],
        inputs: &[],
        steps: |ask| {
            Ok(vec![cargo(ask, &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings")])
        },
    },
    Suite {
        name: "autobahn",
        about: "the websocket layer against all cases of the Autobahn kind",
        quick: false,
        minutes: 14,
        nature: Nature::Works,
        runner: Runner::Closing,
        needs: &[Need::Venv],
        inputs: &[
            "tests/autobahn/run.py",
            "tests/autobahn/requirements.txt",
            "crates/proto/examples/echo.rs",
        ],
        steps: autobahn,
    },
    Suite {
        name: "client",
        about: "our own browser client: types, units, its build up to date, ActionHero's files on it",
        quick: true,
        minutes: 4,
        nature: Nature::Works,
        runner: Runner::Node,
        needs: &[Need::ClientPackages, Need::BrowserClient],
        inputs: &["client/package-lock.json", "client/dist/actionhero.js"],
        steps: client,
    },
    Suite {
        name: "clients",
        about: "the unmodified clients from npm against the demo",
        quick: true,
        minutes: 10,
        nature: Nature::Measures,
        runner: Runner::Node,
        needs: &[Need::ClientPackages],
        inputs: &["tests/clients/package-lock.json"],
        steps: clients,
    },
    Suite {
        name: "schema",
        about: "the demo's OpenAPI document against the demo, by schemathesis",
        quick: false,
        minutes: 3,
        nature: Nature::Works,
        runner: Runner::Closing,
        needs: &[Need::SchemaVenv],
        inputs: &["tests/schema/run.py", "tests/schema/requirements.txt"],
        steps: schema,
    },
    Suite {
        name: "both",
        about: "one suite on ActionHero's client and on ours, in node and Chromium",
        quick: true,
        minutes: 10,
        // A page's steps race against cuts: on a busy machine it failed beside cluster and beside autobahn, and not alone.
        nature: Nature::Measures,
        runner: Runner::Node,
        needs: &[Need::ClientPackages, Need::Chromium],
        inputs: &["tests/clients/package-lock.json", "client/dist/actionhero.js"],
        steps: both,
    },
    Suite {
        name: "actors",
        about: "the clients of RivetKit and actor-core against the demo's actors, and fifty kills",
        quick: true,
        minutes: 4,
        // Reminders, pings and cuts have their times, and a page of clients runs in each file.
        nature: Nature::Measures,
        runner: Runner::Node,
        needs: &[Need::ClientPackages],
        inputs: &[
            "tests/clients/package-lock.json",
            "crates/playhouse/examples/ledger.rs",
            "crates/playhouse/examples/clerks.rs",
        ],
        steps: actors,
    },
    Suite {
        name: "cluster",
        about: "several nodes over a real Redis: chat, kill -9, SIGSTOP, Redis slow, away and wrong",
        quick: true,
        minutes: 11,
        nature: Nature::Waits,
        runner: Runner::Node,
        needs: &[Need::ClientPackages, Need::Redis],
        inputs: &["tests/clients/package-lock.json", "demo/examples/nodes.rs"],
        steps: cluster,
    },
    Suite {
        name: "browser",
        about: "the demo's pages in a real Chromium, with screenshots in target/xtask/screenshots",
        quick: false,
        minutes: 7,
        nature: Nature::Waits,
        runner: Runner::Node,
        needs: &[Need::ClientPackages, Need::Chromium, Need::Redis],
        inputs: &["tests/clients/package-lock.json"],
        steps: browser,
    },
    Suite {
        name: "transports",
        about: "the clients of engine.io, SockJS, socket.io and Primus on every transport",
        quick: false,
        minutes: 5,
        // Heartbeats, upgrades and cuts have their times, as in cluster.
        nature: Nature::Waits,
        runner: Runner::Node,
        needs: &[Need::ClientPackages],
        inputs: &["tests/clients/package-lock.json", "crates/server/examples/protocol-fixture.rs"],
        steps: transports,
    },
    Suite {
        name: "proxies",
        about: "the same clients through nginx and haproxy",
        quick: false,
        minutes: 3,
        nature: Nature::Waits,
        runner: Runner::Node,
        needs: &[Need::ClientPackages, Need::Proxies],
        inputs: &["tests/clients/package-lock.json", "docs/proxies.md"],
        steps: |ask| node_tests(ask, "tests/clients/proxies", ".test.mjs", &[], 2),
    },
    Suite {
        name: "new",
        about: "playhouse new makes an application whose tests pass, and playhouse dev serves it",
        quick: false,
        minutes: 6,
        nature: Nature::Builds,
        runner: Runner::Node,
        needs: &[Need::Rustfmt, Need::ClientPackages],
        inputs: &["tests/clients/new/application.test.mjs"],
        steps: new,
    },
    Suite {
        name: SOAK,
        about: "clients that come, chat and go for as long as --soak says (only with --soak)",
        quick: false,
        minutes: 5,
        nature: Nature::Lasts,
        runner: Runner::Node,
        needs: &[Need::ClientPackages],
        inputs: &["tests/clients/package-lock.json"],
        steps: soak,
    },
];

impl Suite {
    /// The time its steps have together. A soak has its minutes for each file besides.
    pub(crate) fn budget(&self, ask: &Ask) -> Duration {
        let mut minutes = u64::from(self.minutes);
        if self.name == SOAK {
            let files =
                files_of(&ask.place, "tests/clients/soak", ".mjs").map_or(0, |files| files.len() as u64);
            minutes += files * u64::from(ask.soak);
        }
        Duration::from_secs(minutes * 60)
    }

    /// The first file that it cannot do without and that is not there, as a sentence.
    pub(crate) fn missing(&self, ask: &Ask) -> Option<String> {
        let input = self.inputs.iter().find(|input| !ask.place.root.join(input).exists())?;
        Some(format!("{input} does not exist, and `{}` is nothing without it", self.name))
    }

    /// Its processes, in order; the last one is counted. The error is a sentence.
    pub(crate) fn steps(&self, ask: &Ask) -> Result<Vec<Step>, String> {
        (self.steps)(ask)
    }
}

#[cfg(test)]
impl Suite {
    /// One that is in no table, for tests of how suites are run.
    pub(crate) const fn of(name: &'static str, steps: fn(&Ask) -> Result<Vec<Step>, String>) -> Suite {
        let (runner, nature) = (Runner::Silent, Nature::Waits);
        Suite {
            name,
            about: "a test",
            quick: false,
            minutes: 1,
            nature,
            runner,
            needs: &[],
            inputs: &[],
            steps,
        }
    }
}

/// The suites that these words mean, in the table's order. The error names what there is.
pub(crate) fn chosen(names: &[String], quick: bool, soak: bool) -> Result<Vec<&'static Suite>, String> {
    if let Some(stranger) = names.iter().find(|name| ALL.iter().all(|suite| suite.name != **name)) {
        let known: Vec<&str> = ALL.iter().map(|suite| suite.name).collect();
        return Err(format!("there is no suite `{stranger}`; there are {}", known.join(", ")));
    }
    let named = |suite: &Suite| names.iter().any(|name| name == suite.name);
    if names.iter().any(|name| name == SOAK) && !soak {
        return Err(
            "the soak runs as long as you tell it: `cargo xtask test soak --soak 10` for ten minutes".into(),
        );
    }
    let wanted = |suite: &&Suite| match suite.name {
        SOAK => soak,
        _ if names.is_empty() => suite.quick || !quick,
        _ => named(suite),
    };
    Ok(ALL.iter().filter(wanted).collect())
}

/// The table as `--help` shows it.
pub(crate) fn overview() -> String {
    let mut text = String::from(
        "Suites (* also with --quick; = and - in two lanes; minutes it may take before it is killed):\n",
    );
    for suite in ALL {
        let quick = if suite.quick { '*' } else { ' ' };
        let lane = match suite.nature {
            Nature::Waits => '=',
            Nature::Works => '-',
            Nature::Builds | Nature::Measures | Nature::Lasts => ' ',
        };
        text += &format!("  {:<12}{quick}{lane} {:>2} min  {}\n", suite.name, suite.minutes, suite.about);
    }
    text + "\nThose that build or measure run alone and first, in this order. Then all is built for the others, and two\n\
        lanes run beside each other: one of those that mostly wait (=), and behind it, with what it leaves of the\n\
        cores, one of those that compute (-). What is said in the lanes is shown when a suite has ended.\n\
        A failing suite is shown as it fails; the whole output of each is in target/xtask/logs.\n\
        The last line is `N passed, N failed`; the exit code is 0 only without a failure.\n\n\
        Examples:\n  \
        cargo xtask test                 everything, as CI runs it\n  \
        cargo xtask test --quick         what one runs while working\n  \
        cargo xtask test unit clients    two suites\n  \
        cargo xtask test soak --soak 30  half an hour of coming and going"
}

fn cargo(ask: &Ask, args: &[&str]) -> Step {
    Step::new(&ask.place, "cargo").args(args)
}

fn autobahn(ask: &Ask) -> Result<Vec<Step>, String> {
    let build = cargo(ask, &["build", "--release", "--package", "playhouse-proto", "--example", "echo"]);
    let echo = ask.place.binary("release", "examples/echo");
    let run =
        Step::new(&ask.place, venv_python(&ask.place, AUTOBAHN)).args(["tests/autobahn/run.py"]).args([echo]);
    Ok(vec![build, run])
}

fn browser(ask: &Ask) -> Result<Vec<Step>, String> {
    let chromium = find_chromium(&ask.place).ok_or("no Chromium was found")?;
    let screenshots = ask.place.kept("screenshots");
    fs::create_dir_all(&screenshots).map_err(|e| format!("{} cannot be made: {e}", screenshots.display()))?;
    let env = [("CHROMIUM", chromium), ("SCREENSHOTS", screenshots)];
    node_tests(ask, "tests/clients/browser", ".test.mjs", &env, 2)
}

/// Its types are compiled first; what is built must be what is committed, which is one of its tests.
fn client(ask: &Ask) -> Result<Vec<Step>, String> {
    let build = cargo(ask, &["build", "--package", "playhouse-demo"]);
    let check = Step::new(&ask.place, "npx")
        .args(["--no-install", "tsc", "-p", "."])
        .dir(ask.place.root.join("client"));
    let test = Step::new(&ask.place, "node")
        .args(["--test", "--test-reporter=spec"])
        .args(files_of(&ask.place, "client/test", ".test.mjs")?)
        .env("PLAYHOUSE_DEMO", ask.place.binary("debug", "playhouse-demo"));
    Ok(vec![build, check, test])
}

fn schema(ask: &Ask) -> Result<Vec<Step>, String> {
    let build = cargo(ask, &["build", "--package", "playhouse-demo"]);
    let demo = ask.place.binary("debug", "playhouse-demo");
    let python = venv_python(&ask.place, SCHEMA);
    Ok(vec![build, Step::new(&ask.place, python).args(["tests/schema/run.py"]).args([demo])])
}

/// With `--quick` the crowds are a tenth, so that two files fit beside each other.
fn clients(ask: &Ask) -> Result<Vec<Step>, String> {
    let files = files_of(&ask.place, "tests/clients/test", ".test.mjs")?;
    let tenth = [("CROWD", PathBuf::from("1000")), ("FLOOD_FRAMES", PathBuf::from("100000"))];
    Ok(if ask.quick { node_steps(ask, files, &tenth, 2) } else { node_steps(ask, files, &[], 1) })
}

/// Some of them are against a server that says back what it hears.
fn transports(ask: &Ask) -> Result<Vec<Step>, String> {
    let tests = node_tests(ask, "tests/clients/transports", ".test.mjs", &[], 3)?;
    Ok([vec![fixture_build(&ask.place)], tests].concat())
}

/// With `--quick` a tenth of the plans of cuts, on each kind of client, in node only.
fn actors(ask: &Ask) -> Result<Vec<Step>, String> {
    const FOLDER: &str = "tests/clients/actors";
    if ask.quick {
        let files = QUICK_ACTORS.iter().map(|name| format!("{FOLDER}/{name}.test.mjs")).collect();
        let env = [("SUBJECTS", PathBuf::from(QUICK_SUBJECTS)), ("KILLS", PathBuf::from("5"))];
        return Ok(node_steps(ask, files, &env, 2));
    }
    node_tests(ask, FOLDER, ".test.mjs", &[], 3)
}

fn both(ask: &Ask) -> Result<Vec<Step>, String> {
    const FOLDER: &str = "tests/clients/both";
    if ask.quick {
        let files = QUICK_BOTH.iter().map(|name| format!("{FOLDER}/{name}.test.mjs")).collect();
        let env = [("PLACES", PathBuf::from("node")), ("PLANS", PathBuf::from("10"))];
        return Ok(node_steps(ask, files, &env, 2));
    }
    let chromium = find_chromium(&ask.place).ok_or("no Chromium was found")?;
    node_tests(ask, FOLDER, ".test.mjs", &[("CHROMIUM", chromium)], 3)
}

/// With `--quick` one round of what takes little time: the troubles take minutes.
fn cluster(ask: &Ask) -> Result<Vec<Step>, String> {
    const FOLDER: &str = "tests/clients/cluster";
    if !ask.quick {
        return node_tests(ask, FOLDER, ".test.mjs", &[], 2);
    }
    let short = |file: &String| QUICK_CLUSTER.iter().any(|name| file.ends_with(&format!("/{name}.test.mjs")));
    let files = files_of(&ask.place, FOLDER, ".test.mjs")?.into_iter().filter(short).collect();
    Ok(node_steps(ask, files, &[("ROUNDS", PathBuf::from("1"))], 2))
}

/// Debug builds only: what is shown is that they go well.
fn new(ask: &Ask) -> Result<Vec<Step>, String> {
    let build = cargo(ask, &["build", "--package", "playhouse", "--bin", "playhouse"]);
    let test = Step::new(&ask.place, "node")
        .args(["--test", "--test-reporter=spec"])
        .args(files_of(&ask.place, "tests/clients/new", ".test.mjs")?)
        .env("COMMAND_UNDER_TEST", ask.place.binary("debug", "playhouse"))
        .env("CARGO_TARGET_DIR", ask.place.target.clone());
    Ok(vec![build, test])
}

fn soak(ask: &Ask) -> Result<Vec<Step>, String> {
    let minutes = PathBuf::from(ask.soak.to_string());
    node_tests(ask, "tests/clients/soak", ".mjs", &[("SOAK_MINUTES", minutes)], 1)
}

/// Builds the demo and runs the test files of a folder against it, `abreast` at once: more than one where they mostly
/// wait, one where they measure in time what a neighbour on the same cores would change.
fn node_tests(
    ask: &Ask,
    folder: &str,
    ending: &str,
    env: &[(&str, PathBuf)],
    abreast: u8,
) -> Result<Vec<Step>, String> {
    Ok(node_steps(ask, files_of(&ask.place, folder, ending)?, env, abreast))
}

fn node_steps(ask: &Ask, files: Vec<String>, env: &[(&str, PathBuf)], abreast: u8) -> Vec<Step> {
    // A dozen programs, each linked as for production, would take longer than the tests: that is the demo's alone.
    let all = ["build", "--package", "playhouse-demo", "--package", "playhouse", "--bins", "--examples"];
    let mut steps = vec![cargo(ask, &all)];
    if !ask.quick {
        steps.push(cargo(ask, &["build", "--release", "--package", "playhouse-demo", "--bins"]));
    }
    let profile = if ask.quick { "debug" } else { "release" };
    let mut test = Step::new(&ask.place, "node")
        .args(["--test", "--test-reporter=spec", &format!("--test-concurrency={abreast}")])
        .args(files)
        .env("PLAYHOUSE_DEMO", ask.place.binary(profile, "playhouse-demo"))
        .env("PLAYHOUSE_EXAMPLES", ask.place.target.join("debug").join("examples"));
    for (name, value) in env {
        test = test.env(name, value);
    }
    steps.push(test);
    steps
}

/// The files of a folder with this ending, sorted, as paths from the root.
fn files_of(place: &Place, folder: &str, ending: &str) -> Result<Vec<String>, String> {
    let none = || format!("{folder} has no file *{ending}, so there is nothing to run");
    let entries = fs::read_dir(place.root.join(folder)).map_err(|_| none())?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut files: Vec<String> =
        names.filter(|name| name.ends_with(ending)).map(|name| format!("{folder}/{name}")).collect();
    files.sort();
    if files.is_empty() { Err(none()) } else { Ok(files) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn names(words: &[&str], quick: bool, soak: bool) -> Result<Vec<&'static str>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Ok(chosen(&words, quick, soak)?.iter().map(|suite| suite.name).collect())
    }

    #[test]
    fn quick_is_what_one_runs_while_working() {
        assert_eq!(
            names(&[], true, false).unwrap(),
            ["fmt", "clippy", "tidy", "unit", "client", "clients", "both", "actors", "cluster"]
        );
    }

    #[test]
    fn what_quick_runs_of_a_folder_is_there() {
        for (folder, names) in [("actors", QUICK_ACTORS), ("cluster", QUICK_CLUSTER), ("both", QUICK_BOTH)] {
            let folder = format!("tests/clients/{folder}");
            let files = files_of(&Place::find().unwrap(), &folder, ".test.mjs").unwrap();
            for name in names {
                assert!(files.contains(&format!("{folder}/{name}.test.mjs")), "{folder}: {name}");
            }
        }
    }

    #[test]
    fn everything_is_all_but_the_soak() {
        assert_eq!(names(&[], false, false).unwrap().len(), ALL.len() - 1);
        assert_eq!(names(&[], false, true).unwrap().last(), Some(&SOAK));
    }

    #[test]
    fn named_suites_run_in_the_tables_order() {
        assert_eq!(names(&["browser", "unit"], true, false).unwrap(), ["unit", "browser"]);
        assert_eq!(names(&["soak"], false, true).unwrap(), ["soak"]);
        assert_eq!(names(&["unit"], false, true).unwrap(), ["unit", "soak"]);
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        assert!(names(&["units"], false, false).unwrap_err().contains("there are fmt, clippy, tidy, unit"));
        assert!(names(&["soak"], false, false).unwrap_err().contains("--soak 10"));
    }

    #[test]
    fn all_budgets_together_fit_into_ci() {
        let minutes = Plan::of(&chosen(&[], false, false).unwrap(), 2).most_minutes();
        assert!(minutes <= 88, "{minutes} of CI's 90 minutes, and the installs come on top");
    }

    #[test]
    fn a_suite_without_its_input_says_which() {
        let place = Place { root: "/nowhere".into(), target: "/nowhere/target".into() };
        let ask = Ask { place, quick: false, soak: 1 };
        for suite in ALL.iter().filter(|suite| !suite.inputs.is_empty()) {
            assert!(
                suite.missing(&ask).is_some_and(|text| text.contains("does not exist")),
                "{}",
                suite.name
            );
        }
        let clients = ALL.iter().find(|suite| suite.name == "clients").unwrap();
        let why = clients.steps(&ask).unwrap_err();
        assert_eq!(why, "tests/clients/test has no file *.test.mjs, so there is nothing to run");
    }
}
