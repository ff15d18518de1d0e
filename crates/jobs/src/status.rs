//! How each job is doing, for health, metrics and tests.

use std::time::Duration;

use keeptrail_clock::{Clock, Timestamp, after};
use serde::Serialize;
use tokio::sync::watch;

use crate::JobError;

const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum JobState {
    /// It works, or is about to.
    Busy,
    /// It has nothing to do until woken or due.
    Idle,
    /// It failed and waits to try again.
    BackingOff,
}

/// How a job is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobStatus {
    /// The job's name.
    pub name: &'static str,
    /// What it is doing.
    pub state: JobState,
    /// For a reader: the sequence number of the last journal entry whose effects are durable.
    pub cursor: Option<u64>,
    /// For a follower: the last one whose effects are in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed: Option<u64>,
    /// When it is due, if it waits for a time.
    #[serde(serialize_with = "text")]
    pub due: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// What the last failure said.
    pub last_error: Option<String>,
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn text<S: serde::Serializer>(due: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match due {
        Some(due) => serializer.collect_str(due),
        None => serializer.serialize_none(),
    }
}

impl JobStatus {
    pub(crate) fn new(name: &'static str) -> Self {
        let (cursor, followed, due, last_error) = (None, None, None, None);
        Self { name, state: JobState::Busy, cursor, followed, due, failures: 0, last_error }
    }

    /// The last entry that it has seen.
    pub(crate) fn place(&self) -> Option<u64> {
        self.followed.or(self.cursor)
    }

    /// It has nothing to do, and what failed before is over.
    pub(crate) fn rest(&mut self) {
        self.state = JobState::Idle;
        self.failures = 0;
        self.last_error = None;
    }
}

/// Notes a failure, after `failures` others in a row; the time to try again, which is later each time.
pub(crate) fn back_off(
    status: &watch::Sender<JobStatus>,
    clock: &Clock,
    failures: &mut u32,
    error: &JobError,
) -> Timestamp {
    let pause = SHORTEST_PAUSE.saturating_mul(1 << (*failures).min(20)).min(LONGEST_PAUSE);
    *failures += 1;
    let name = status.borrow().name;
    metrics::counter!("keeptrail_job_failures_total", "job" => name).increment(1);
    tracing::warn!(
        job = name,
        error = error as &dyn std::error::Error,
        failures = *failures,
        "a job failed and is tried again"
    );
    let due = after(clock.now(), pause);
    status.send_modify(|status| {
        status.state = JobState::BackingOff;
        status.due = Some(due);
        status.failures = *failures;
        status.last_error = Some(error.to_string());
    });
    due
}
