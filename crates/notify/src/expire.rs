//! What ends by itself: tokens after two days, subscriptions that nobody confirmed after three.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_operation::CommitError;
use keeptrail_store::Key;

use crate::{
    Notify,
    model::{EXPIRIES, Expiry, SUBSCRIPTIONS, Subscription, TOKENS, due_part},
    tokens::UNCONFIRMED_LIFE,
};

/// Rows removed in one transaction, at most.
const BATCH: usize = 100;

/// Removes what has come to its end.
pub struct Expiries(Arc<Notify>);

impl Expiries {
    /// The expiries of `notify`.
    #[must_use]
    pub fn new(notify: Arc<Notify>) -> Self {
        Self(notify)
    }
}

#[async_trait]
impl Task for Expiries {
    fn name(&self) -> &'static str {
        "notify.expiries"
    }

    fn watches(&self) -> Vec<Key> {
        vec![EXPIRIES.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let tx = self.0.ledger.begin(now);
        let mut next = None;
        let rows = EXPIRIES.page(&tx, &[], None, BATCH).await?;
        let not_yet = due_part(now.into());
        for (key, row) in &rows {
            // The key's parts: the table, the time, the id.
            let due = key.parts().into_iter().nth(1).unwrap_or_default();
            if due > not_yet {
                let millis = due.parse().ok();
                next = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
                break;
            }
            match &**row {
                Expiry::Unconfirmed(name) => {
                    let over = |row: Arc<Subscription>| {
                        !row.confirmed && after(row.asked_at.to_jiff(), UNCONFIRMED_LIFE) <= now
                    };
                    if Subscription::find(&tx, name).await?.is_some_and(over) {
                        SUBSCRIPTIONS.delete(&tx, &name.key());
                    }
                }
                Expiry::Token(hash) => TOKENS.delete(&tx, &[hash]),
            }
            tx.delete(key.clone());
        }
        if tx.has_writes() {
            self.0.ledger.commit(tx).await.map_err(|error| match error {
                CommitError::Conflict => JobError::Conflict,
                error => JobError::failed(error),
            })?;
            return Ok(Next::Now);
        }
        Ok(next.map_or(Next::Woken, Next::At))
    }
}
