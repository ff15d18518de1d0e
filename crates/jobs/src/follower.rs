//! What follows the journal in memory and writes now and then.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use keeptrail_journal::Entry;
use keeptrail_store::Tx;

use crate::JobError;

/// A follower of the journal. What it has followed is in memory until it is written; then its cursor moves, in the same
/// transaction. After a crash it follows again from its cursor.
#[async_trait]
pub trait Follower: Send + Sync + 'static {
    /// The name of its cursor. It never changes: a new name reads the journal from its beginning.
    fn name(&self) -> &'static str;

    /// Takes the effects of `entries`, which follow each other, into memory. `tx` is there to read with. Is called again with
    /// the same entries when it failed: then nothing of them may be in memory.
    async fn follow(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError>;

    /// Begins to write all that has been followed when it is called. The call does not wait; what is followed while the
    /// returned future is at work is none of its business.
    fn write(&self) -> Writing;

    /// How much is in memory.
    fn load(&self) -> Load;

    /// So long an entry waits for being written, at most.
    fn interval(&self) -> Duration;

    /// At most so many entries at once.
    fn batch(&self) -> usize {
        1024
    }
}

/// A write at work: makes it durable, without its counting yet.
pub type Writing = Pin<Box<dyn Future<Output = Result<Box<dyn Written>, JobError>> + Send>>;

/// What a follower has written. It counts once it is named. Dropping it instead leaves no trace.
#[async_trait]
pub trait Written: Send + Sync {
    /// Lets it count with the commit of `tx`, which moves the cursor too. Is called again with another transaction when the
    /// commit met a conflict.
    async fn name(&self, tx: &Tx) -> Result<(), JobError>;

    /// Forgets what was in memory of it, after the commit.
    fn adopt(self: Box<Self>);
}

/// How much of a follower's is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Little: it is written when its time has come.
    Light,
    /// Enough to be written now.
    Due,
    /// Too much: nothing more is followed before it is written.
    Full,
}
