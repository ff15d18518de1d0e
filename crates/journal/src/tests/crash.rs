//! Whatever fails and whenever the power goes: what was acknowledged is there, once, in order, chained.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{fake::FakeDisk, *};

#[derive(Debug, Clone)]
enum Step {
    /// Appends of so many records each, at the same time.
    Append(Vec<usize>),
    FailSyncs(usize),
    FailWrites(usize),
    ShortWrites(bool),
    Capacity(Option<usize>),
    ReadOnly(bool),
    Check,
    Restart,
    /// The disk dies after so many operations; the power goes after the next steps.
    Fuse(usize),
    Crash(Vec<usize>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(1usize..4, 1..6).prop_map(Step::Append),
        1 => (1usize..4).prop_map(Step::FailSyncs),
        1 => (1usize..4).prop_map(Step::FailWrites),
        1 => any::<bool>().prop_map(Step::ShortWrites),
        1 => prop::option::of(0usize..2000).prop_map(Step::Capacity),
        1 => any::<bool>().prop_map(Step::ReadOnly),
        1 => Just(Step::Check),
        1 => Just(Step::Restart),
        2 => (0usize..30).prop_map(Step::Fuse),
        2 => prop::collection::vec(any::<usize>(), 16).prop_map(Step::Crash),
    ]
}

/// What the callers know.
#[derive(Default)]
struct Model {
    submitted: HashSet<String>,
    acknowledged: Vec<(u64, String)>,
    next: usize,
}

impl Model {
    async fn append(&mut self, journal: &Journal, sizes: &[usize]) {
        let mut waiting = Vec::new();
        for size in sizes {
            let ids: Vec<String> = (0..*size).map(|n| format!("r-{}", self.next + n)).collect();
            self.next += size;
            self.submitted.extend(ids.iter().cloned());
            let records = ids.iter().map(|id| record(id)).collect();
            waiting.push((journal.submit(records).unwrap(), ids));
        }
        for (pending, ids) in waiting {
            if let Ok(last) = pending.durable().await {
                let first = last + 1 - ids.len() as u64;
                self.acknowledged.extend((first..).zip(ids));
            }
        }
    }

    async fn check(&self, journal: &Journal) {
        let entries = all(journal).await;
        let found: Vec<(u64, String)> = entries.iter().map(|entry| (entry.seq, entry.event_id())).collect();
        let mut seen = HashSet::new();
        for (seq, id) in &found {
            assert!(self.submitted.contains(id), "{id} was never submitted");
            assert!(seen.insert(id.clone()), "{id} is there twice");
            assert!(found[0].0 == 1 && *seq <= journal.head());
        }
        let there: HashSet<_> = found.iter().cloned().collect();
        for acknowledged in &self.acknowledged {
            assert!(there.contains(acknowledged), "{acknowledged:?} was acknowledged and is lost; there is {found:?}");
        }
        assert_eq!(found.len() as u64, journal.head(), "no number is missing");
        assert_eq!(journal.faults(), [], "a failing disk is no tampering");
    }
}

async fn run(steps: Vec<Step>) {
    let disk = FakeDisk::default();
    let options = Options { segment_bytes: 700, tail_bytes: 2000, ..Options::default() };
    let mut model = Model::default();
    let mut journal = open_fake(&disk, &options);
    for step in steps {
        match step {
            Step::Append(sizes) => model.append(&journal, &sizes).await,
            Step::FailSyncs(count) => disk.fail(|faults| faults.syncs = count),
            Step::FailWrites(count) => disk.fail(|faults| faults.writes = count),
            Step::ShortWrites(on) => disk.fail(|faults| faults.short = on.then_some(37)),
            Step::Capacity(more) => {
                let used = disk.used();
                disk.fail(|faults| faults.capacity = more.map(|more| used + more));
            }
            Step::ReadOnly(on) => disk.fail(|faults| faults.read_only = on),
            Step::Check => journal.check().await,
            Step::Restart => {
                drop(journal);
                journal = open_fake(&disk, &options);
            }
            Step::Fuse(operations) => disk.fail(|faults| faults.fuse = Some(operations)),
            Step::Crash(choices) => {
                drop(journal);
                let mut choices = choices.into_iter().cycle();
                disk.crash(|below| choices.next().unwrap() % below);
                journal = open_fake(&disk, &options);
                model.check(&journal).await;
                assert_eq!(verify_fake(&disk).fault, None);
            }
        }
    }
    // When everything works again, the journal does.
    disk.fail(|faults| *faults = fake::Faults::default());
    let acknowledged = model.acknowledged.len();
    model.append(&journal, &[1, 2]).await;
    assert_eq!(model.acknowledged.len(), acknowledged + 3);
    assert_eq!(journal.status().failure, None);
    model.check(&journal).await;
    drop(journal);
    let report = verify_fake(&disk);
    assert_eq!((report.fault, report.unfinished_bytes), (None, 0));
    model.check(&open_fake(&disk, &options)).await;
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 2, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_acknowledged_is_there_once_in_order_after_any_failure(steps in prop::collection::vec(step(), 1..25)) {
        block_on(run(steps));
    }
}

#[test]
fn the_power_may_go_after_any_operation() {
    for operations in 0..60 {
        for choice in [0, 1, 7] {
            let steps = vec![
                Step::Append(vec![1, 2]),
                Step::Append(vec![3]),
                Step::Fuse(operations),
                Step::Append(vec![1, 1, 1]),
                Step::Append(vec![2]),
                Step::Append(vec![3, 3]),
                Step::Append(vec![1]),
                Step::Crash(vec![choice, choice + 1]),
                Step::Append(vec![2]),
            ];
            block_on(run(steps));
        }
    }
}
