//! Deletes secrets whose recovery window has ended, with the service events that tell of it.

use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::{Random, Timestamp};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_journal::Ledger;
use keeptrail_operation::ApiError;
use keeptrail_store::{Key, Tx};

use crate::{
    model::{ACCESSED, DELETIONS, SECRETS, Secret, VALUES, deletion_key, due_part},
    service_events::{VersionDeletionEvent, record},
};

/// The task.
pub struct VersionDeletion {
    ledger: Ledger,
    random: Random,
}

impl VersionDeletion {
    /// A task that commits through `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger, random: Random) -> Self {
        Self { ledger, random }
    }
}

#[async_trait::async_trait]
impl Task for VersionDeletion {
    fn name(&self) -> &'static str {
        "secrets.deletion"
    }

    fn watches(&self) -> Vec<Key> {
        vec![DELETIONS.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let tx = self.ledger.begin();
        let first = DELETIONS.page(&tx, &[], None, 1).await?;
        let Some((key, _)) = first.first() else { return Ok(Next::Woken) };
        let parts = key.parts();
        let [_, due, account, region, name] = parts.as_slice() else {
            return Err(JobError::failed("a row of secrets.deletion has a key of another shape"));
        };
        let seconds = due.parse::<i64>().map_err(JobError::failed)?;
        let due_at = Timestamp::from_second(seconds).map_err(JobError::failed)?;
        if due_at > now {
            return Ok(Next::At(due_at));
        }
        match SECRETS.get(&tx, &[account, region, name]).await? {
            Some(secret) if secret.deletion.is_some_and(|deletion| due_part(deletion.due) == *due) => {
                let account: AccountId = account.parse().map_err(JobError::failed)?;
                let region: Region = region.parse().map_err(JobError::failed)?;
                remove(&tx, &self.random, &account, &region, &secret, false).await.map_err(JobError::failed)?;
            }
            _ => DELETIONS.delete(&tx, &deletion_key(due, account, region, name)),
        }
        self.ledger.commit(tx).await?;
        Ok(Next::Now)
    }
}

/// Deletes a secret with its values and book-keeping, and records the deletion of each version.
pub(crate) async fn remove(
    tx: &Tx,
    random: &Random,
    account: &AccountId,
    region: &Region,
    secret: &Secret,
    forced: bool,
) -> Result<(), ApiError> {
    for version in &secret.versions {
        record(tx, random, account, region, secret, VersionDeletionEvent::Start { forced })?;
        VALUES.delete(tx, &[&secret.arn, &version.id]);
        record(tx, random, account, region, secret, VersionDeletionEvent::End { forced })?;
    }
    if let Some(deletion) = secret.deletion {
        let due = due_part(deletion.due);
        DELETIONS.delete(tx, &deletion_key(&due, account.as_str(), region.as_str(), &secret.name));
    }
    ACCESSED.delete(tx, &[&secret.arn]);
    SECRETS.delete(tx, &[account.as_str(), region.as_str(), &secret.name]);
    Ok(())
}
