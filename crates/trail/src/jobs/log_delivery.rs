//! Delivers records to log groups, in the reader's own transaction: metric filters and alarms follow in it, exactly once.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_jobs::{JobError, Parsed, Reader};
use keeptrail_store::Tx;

use super::taking::Sets;
use crate::{
    Trails,
    model::{LOG_STATUS, LogStatus, Trail},
    ports::{LogProblem, TrailEvent},
};

/// CloudTrail does not send larger records to log groups.
const LARGEST: usize = 256 * 1024;

/// Events of a trail for one stream.
struct Delivery<'a> {
    trail: &'a Trail,
    /// A trail that was deleted has no status.
    lives: bool,
    events: Vec<TrailEvent<'a>>,
}

/// The reader.
pub struct LogDelivery {
    trails: Arc<Trails>,
}

impl LogDelivery {
    /// The reader that delivers for these trails.
    #[must_use]
    pub fn new(trails: Arc<Trails>) -> Self {
        Self { trails }
    }
}

#[async_trait::async_trait]
impl Reader for LogDelivery {
    fn name(&self) -> &'static str {
        "trail.logs"
    }

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        let sets = Sets::load(tx, records).await?;
        // By trail and region: one append each.
        let mut deliveries: BTreeMap<(&str, &str), Delivery<'_>> = BTreeMap::new();
        for record in records.iter().filter(|record| record.text.len() <= LARGEST) {
            let Some(set) = sets.of(record) else { continue };
            for trail in set.taking().filter(|trail| trail.group_arn.is_some() && trail.takes(record)) {
                let time = record.time.unwrap_or_else(|| tx.now());
                let event =
                    TrailEvent { time: time.as_millisecond(), message: record.text, document: &record.document };
                let begin = || Delivery { trail, lives: set.lives(trail), events: Vec::new() };
                let place = (trail.id.as_str(), record.member("awsRegion"));
                deliveries.entry(place).or_insert_with(begin).events.push(event);
            }
        }
        for ((_, region), Delivery { trail, lives, events }) in deliveries {
            let stream = format!("{}_CloudTrail_{region}", trail.account);
            let before = LOG_STATUS.get(tx, &[&trail.id]).await?;
            let before = before.map(|status| LogStatus::clone(&status)).unwrap_or_default();
            let trail_arn = trail.arn.clone();
            let status = match self.deliver(tx, trail, &stream, &events).await {
                Ok(()) => LogStatus { trail_arn, delivered: Some(tx.now()), error: None, failing: None },
                Err(LogProblem::Store(error)) => return Err(error.into()),
                // A group that has gone must not hold up the other trails: the trail's status tells.
                Err(problem) => {
                    let failing = before.failing.or(Some(tx.now()));
                    LogStatus { trail_arn, delivered: before.delivered, error: Some(problem.text()), failing }
                }
            };
            if lives {
                LOG_STATUS.put(tx, &[&trail.id], &status)?;
            }
        }
        Ok(())
    }
}

impl LogDelivery {
    /// The role is asked each time: what was taken from it stops the delivery.
    async fn deliver(&self, tx: &Tx, trail: &Trail, stream: &str, events: &[TrailEvent<'_>]) -> Result<(), LogProblem> {
        let Some(group) = &trail.group_arn else { return Ok(()) };
        let role = trail.role_arn.as_deref().ok_or(LogProblem::Permission)?;
        self.trails.logs.check(tx, group, role, stream, &trail.arn).await?;
        self.trails.logs.append(tx, group, stream, events).await
    }
}
