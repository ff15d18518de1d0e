//! The Lake's commands, broken on purpose: killed in the middle, on a full disk, asked for more than anybody can read.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use keeptrail_clock::{Clock, Random};
use keeptrail_lake_bench::Archive;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{namespace, server::BINARY};

/// Kills of each command. An archive grows by one part before each kill of an import.
const KILLS: u64 = 12;
const PART_EVENTS: u64 = 400;

/// An archive that grows, and the Lake it is imported into.
struct Rig {
    directory: TempDir,
    clock: Clock,
    moments: Random,
    events: u64,
}

impl Rig {
    fn new() -> Self {
        let seed = u64::from(Random::system().below(u32::MAX).unwrap());
        println!("seed {seed}");
        let directory = tempfile::tempdir().unwrap();
        Self { directory, clock: Clock::system(), moments: Random::seeded(seed), events: 0 }
    }

    fn archive(&self) -> PathBuf {
        self.directory.path().join("archive")
    }

    fn lake(&self) -> PathBuf {
        self.directory.path().join("lake")
    }

    /// Adds events of three days; some of their files come twice.
    fn grow(&mut self) {
        let end = "2026-11-25T00:00:00Z".parse().unwrap();
        let archive = Archive { seed: self.events, events: PART_EVENTS, per_file: 20, days: 3, end, doubled: 20 };
        archive.write(&self.archive()).unwrap();
        self.events += PART_EVENTS;
    }

    fn import(&self) -> Command {
        let mut command = Command::new(BINARY);
        command.arg("import").arg(self.archive()).arg("--json").arg("--lake").arg(self.lake());
        command
    }

    fn compact(&self) -> Command {
        let mut command = Command::new(BINARY);
        command.args(["lake", "compact", "--json", "--lake"]).arg(self.lake());
        command
    }

    /// Runs a command and kills it within `life`; whether it was killed.
    async fn killed(&self, mut command: Command, life: Duration) -> bool {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = self.moments.below(u32::try_from(life.as_micros()).unwrap()).unwrap();
        self.clock.sleep(Duration::from_micros(moment.into())).await;
        child.kill().unwrap();
        !child.wait().unwrap().success()
    }

    /// Events in the Lake, and different ones.
    fn counts(&self) -> (u64, u64) {
        let answer = query(&self.lake(), "SELECT count(*) AS events, count(DISTINCT eventID) AS ids FROM events", &[]);
        let row: Value = serde_json::from_str(&good(&answer)).unwrap();
        (row["events"].as_u64().unwrap(), row["ids"].as_u64().unwrap())
    }
}

fn query(lake: &Path, statement: &str, options: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(["query", "--output", "json"]).args(options).arg(statement).arg(lake).output().unwrap()
}

fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn an_import_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let mut rig = Rig::new();
    rig.grow();
    let begun = rig.clock.monotonic();
    good(&rig.import().output().unwrap());
    let life = rig.clock.monotonic() - begun;
    let mut killed = 0;
    for _ in 0..KILLS {
        rig.grow();
        killed += u64::from(rig.killed(rig.import(), life).await);
        let (events, ids) = rig.counts();
        assert!(events == ids && events <= rig.events, "{events} events with {ids} ids of {}", rig.events);
    }
    println!("{killed} of {KILLS} imports were killed");
    let report: Value = serde_json::from_str(&good(&rig.import().output().unwrap())).unwrap();
    assert_eq!(report["failedFiles"], 0);
    assert_eq!(rig.counts(), (rig.events, rig.events));
    let report: Value = serde_json::from_str(&good(&rig.import().output().unwrap())).unwrap();
    assert_eq!((&report["filesRead"], &report["filesKnown"]), (&Value::from(0), &report["files"]));
}

#[tokio::test]
async fn a_compaction_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let mut rig = Rig::new();
    for _ in 0..5 {
        rig.grow();
        good(&rig.import().output().unwrap());
    }
    let mut killed = 0;
    for _ in 0..KILLS {
        rig.grow();
        good(&rig.import().output().unwrap());
        killed += u64::from(rig.killed(rig.compact(), Duration::from_millis(200)).await);
        assert_eq!(rig.counts(), (rig.events, rig.events));
    }
    println!("{killed} of {KILLS} compactions were killed");
    good(&rig.compact().output().unwrap());
    assert_eq!(rig.counts(), (rig.events, rig.events));
    let done: Value = serde_json::from_str(&good(&rig.compact().output().unwrap())).unwrap();
    assert_eq!(done["days"], 0, "nothing is left to compact");
}

#[tokio::test]
async fn a_result_of_a_trillion_rows_ends_at_a_limit() {
    let mut rig = Rig::new();
    for _ in 0..25 {
        rig.grow();
    }
    good(&rig.import().output().unwrap());
    let product = "SELECT a.eventID, b.eventID, c.eventName FROM events a CROSS JOIN events b CROSS JOIN events c";
    let sorted = format!("{product} ORDER BY a.requestID, b.requestID, c.requestID");
    let time_is_up = "the query ran longer than 2 seconds";
    // What is sorted reaches one limit or the other, as the machine is fast.
    let memory_is_full = "the query needs more memory and disk than it may take";
    let counted =
        "SELECT count(a.eventID || b.eventID || c.eventID) FROM events a CROSS JOIN events b CROSS JOIN events c";
    // No pair passes: there is never a batch.
    let none = "SELECT count(*) FROM events a CROSS JOIN events b JOIN events c ON length(a.eventID || b.eventID) < length(c.eventID)";
    let limited = [
        (product, &[time_is_up][..]),
        (counted, &[time_is_up]),
        (none, &[time_is_up]),
        (&sorted, &[time_is_up, memory_is_full]),
    ];
    for (statement, limits) in limited {
        let mut command = Command::new(BINARY);
        command.args(["query", "--timeout", "2", "--memory", "64", "--to", "/dev/null", statement]).arg(rig.lake());
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(limits.iter().any(|limit| told.contains(limit)), "{told}");
    }
}

/// Runs [`on_a_small_disk`] in a user and mount namespace of its own.
#[test]
fn an_import_on_a_full_disk_says_so_and_goes_on_when_there_is_room() {
    namespace::run("lake_commands::on_a_small_disk");
}

#[test]
#[ignore = "run by an_import_on_a_full_disk_says_so_and_goes_on_when_there_is_room in a namespace of its own"]
fn on_a_small_disk() {
    let place = namespace::mount("1m").expect("run by the test above");
    let mut rig = Rig::new();
    for _ in 0..25 {
        rig.grow();
    }
    let lake = place.join("lake");
    let import = || {
        let mut command = Command::new(BINARY);
        command.arg("import").arg(rig.archive()).arg("--json").arg("--lake").arg(&lake).output().unwrap()
    };
    let output = import();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("the disk is full"), "{told}");
    namespace::resize(&place, "64m");
    good(&import());
    let count = good(&query(&lake, "SELECT count(*) AS events FROM events", &[]));
    assert_eq!(serde_json::from_str::<Value>(&count).unwrap()["events"], rig.events);
}
