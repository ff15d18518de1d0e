//! Whatever fails and whenever the process or the power goes: each record of a change is in the journal exactly once.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;

use super::{
    ledger::{World, change, left, read_only, settle},
    *,
};
use crate::Ledger;

#[derive(Debug, Clone)]
enum Step {
    Change(usize),
    Read,
    Settle,
    Wait(u64),
    ReadOnly(bool),
    FailSyncs(usize),
    Fuse(usize),
    /// The process is killed.
    Kill,
    /// The power goes.
    Crash(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1usize..4).prop_map(Step::Change),
        4 => Just(Step::Read),
        1 => Just(Step::Settle),
        2 => (1u64..12_000).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::ReadOnly),
        1 => (1usize..3).prop_map(Step::FailSyncs),
        1 => (0usize..20).prop_map(Step::Fuse),
        3 => Just(Step::Kill),
        1 => any::<usize>().prop_map(Step::Crash),
    ]
}

/// Lives until a step ends the process; what is left of the steps.
async fn life<'a>(
    world: &World,
    ledger: &Ledger,
    mut steps: &'a [Step],
    known: &mut HashMap<String, bool>,
) -> &'a [Step] {
    while let Some((step, rest)) = steps.split_first() {
        if matches!(step, Step::Kill | Step::Crash(_)) {
            return steps;
        }
        steps = rest;
        let id = format!("r-{}", known.len());
        let acknowledged = match step {
            Step::Change(records) => {
                let tx = change(ledger, &id);
                let more: Vec<String> = (1..*records).map(|n| format!("{id}-{n}")).collect();
                more.iter().for_each(|id| tx.record(id.clone(), record(id).bytes));
                let committed = ledger.commit(tx).await.is_ok();
                known.extend(more.into_iter().map(|id| (id, committed)));
                Some(committed)
            }
            Step::Read => Some(ledger.commit(read_only(ledger, &id)).await.is_ok()),
            Step::Settle => {
                world.disk.fail(|faults| *faults = fake::Faults::default());
                settle(world, ledger).await;
                None
            }
            Step::Wait(milliseconds) => {
                world.clock.advance(Duration::from_millis(*milliseconds));
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                None
            }
            Step::ReadOnly(on) => {
                world.disk.fail(|faults| faults.read_only = *on);
                None
            }
            Step::FailSyncs(count) => {
                world.disk.fail(|faults| faults.syncs = *count);
                None
            }
            Step::Fuse(operations) => {
                world.disk.fail(|faults| faults.fuse = Some(*operations));
                None
            }
            Step::Kill | Step::Crash(_) => None,
        };
        known.extend(acknowledged.map(|acknowledged| (id, acknowledged)));
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_acknowledged_record_is_in_the_journal_exactly_once(steps in prop::collection::vec(step(), 1..30)) {
        let world = World::new();
        let mut known = HashMap::new();
        let mut steps = steps.as_slice();
        loop {
            steps = world.live(async |ledger| life(&world, &ledger, steps, &mut known).await);
            let Some((end, rest)) = steps.split_first() else { break };
            steps = rest;
            // When only the process ends, what is wrong with the disk stays wrong.
            if let Step::Crash(choice) = end {
                world.disk.crash(|below| choice % below);
            }
        }
        world.disk.fail(|faults| *faults = fake::Faults::default());
        world.live(async |ledger| {
            settle(&world, &ledger).await;
            let mut count: HashMap<String, usize> = HashMap::new();
            for id in ids(ledger.journal()).await {
                *count.entry(id).or_default() += 1;
            }
            for (id, acknowledged) in &known {
                let times = count.get(id).copied().unwrap_or(0);
                assert!(times <= 1 && (times == 1 || !acknowledged), "{id} is there {times} times");
            }
            assert_eq!(left(&ledger).await, 0);
            assert_eq!(ledger.journal().faults(), []);
        });
        assert_eq!(verify_fake(&world.disk).fault, None);
    }
}
