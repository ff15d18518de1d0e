//! What is done when it is due.

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_store::Key;

use crate::JobError;

/// When a task is due again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At once: there is more to do.
    Now,
    /// At this time, or when woken.
    At(Timestamp),
    /// Only when woken.
    Woken,
}

/// Work that is found in the store and done when due. A run must be idempotent: it may be repeated after a crash.
#[async_trait]
pub trait Task: Send + Sync + 'static {
    /// The task's name, for people.
    fn name(&self) -> &'static str;

    /// The tables (key prefixes) whose changes wake the task, made with `Table::key(&[])`.
    fn watches(&self) -> Vec<Key> {
        Vec::new()
    }

    /// Does what is due at `now`.
    async fn run(&self, now: Timestamp) -> Result<Next, JobError>;
}
