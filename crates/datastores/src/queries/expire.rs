//! Queries and their results go after seven days.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_store::Key;

use super::{
    Queries,
    model::{EXPIRIES, delete},
};
use crate::place::Place;

/// So many are looked at at once.
const BATCH: usize = 128;

/// Deletes queries whose time has come.
pub struct QueryRetention(Arc<Queries>);

impl QueryRetention {
    /// The task over `queries`.
    #[must_use]
    pub fn new(queries: Arc<Queries>) -> Self {
        Self(queries)
    }
}

#[async_trait]
impl Task for QueryRetention {
    fn name(&self) -> &'static str {
        "lake-query-retention"
    }

    fn watches(&self) -> Vec<Key> {
        vec![EXPIRIES.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let ledger = &self.0.ledger;
        loop {
            let tx = ledger.begin();
            let page = EXPIRIES.page(&tx, &[], None, BATCH).await?;
            if page.is_empty() {
                return Ok(Next::Woken);
            }
            let mut gone = Vec::new();
            for (key, _) in &page {
                let due = due(key).ok_or_else(|| JobError::failed("a query's expiry has a malformed key"))?;
                if due > now {
                    self.forget(tx, &gone).await?;
                    return Ok(Next::At(due));
                }
                let place = Place::of(key).ok_or_else(|| JobError::failed("a query's expiry has a malformed key"))?;
                delete(&tx, &place, key).await?;
                gone.push(place);
            }
            self.forget(tx, &gone).await?;
        }
    }
}

impl QueryRetention {
    async fn forget(&self, tx: keeptrail_store::Tx, gone: &[Place]) -> Result<(), JobError> {
        if gone.is_empty() {
            return Ok(());
        }
        self.0.ledger.commit(tx).await?;
        for place in gone {
            // What stays is swept at the next start.
            if let Err(error) = self.0.results.remove(place) {
                tracing::warn!(query = place.id, %error, "a query's results could not be removed");
            }
        }
        Ok(())
    }
}

fn due(key: &Key) -> Option<Timestamp> {
    let millis = key.parts().get(1)?.parse().ok()?;
    Timestamp::from_millisecond(millis).ok()
}
