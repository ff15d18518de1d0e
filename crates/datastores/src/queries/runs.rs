//! Who is due: queries that wait are run, those that were cancelled are stopped, those that a stopped process left are
//! ended.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_sql::Canceller;
use keeptrail_store::Key;
use tokio::task::AbortHandle;

use super::{
    Queries,
    model::{ACTIVE, Delivery, DeliveryStatus, QUERIES, Query, Status},
};
use crate::place::Place;

/// What stops a query that runs: its task where it waits, its joins where they work.
pub(super) struct Stop {
    work: AbortHandle,
    canceller: Canceller,
}

/// Runs queries.
pub struct QueryRuns(Arc<Queries>);

impl QueryRuns {
    /// The task over `queries`.
    #[must_use]
    pub fn new(queries: Arc<Queries>) -> Self {
        Self(queries)
    }
}

#[async_trait]
impl Task for QueryRuns {
    fn name(&self) -> &'static str {
        "lake-queries"
    }

    fn watches(&self) -> Vec<Key> {
        vec![ACTIVE.key(&[])]
    }

    async fn run(&self, _: Timestamp) -> Result<Next, JobError> {
        let queries = &self.0;
        let tx = queries.ledger.begin();
        let active: HashSet<Place> = ACTIVE.all(&tx, &[]).await?.iter().filter_map(|(key, _)| Place::of(key)).collect();
        let running: HashSet<Place> = queries.running.borrow().keys().cloned().collect();
        for place in running.difference(&active) {
            let query = QUERIES.get(&tx, &place.parts()).await?;
            // One that has come to its end by itself is about to leave.
            if query.is_none_or(|query| query.status == Status::Cancelled) {
                queries.stop(place);
            }
        }
        for place in active.difference(&running) {
            match QUERIES.get(&tx, &place.parts()).await?.as_deref() {
                Some(Query { status: Status::Running, .. }) => {
                    queries.fail(place, "The server stopped while the query ran. Start it again.").await;
                }
                Some(_) => queries.take_up(place),
                None => {}
            }
        }
        Ok(Next::Woken)
    }
}

impl Queries {
    /// Runs a query, or goes on with its delivery, in the background.
    fn take_up(self: &Arc<Self>, place: &Place) {
        let Some(workers) = self.workers.runtime() else { return };
        let canceller = Canceller::default();
        let (queries, own, cancelled) = (Arc::clone(self), place.clone(), canceller.clone());
        let work = workers.spawn(async move { queries.work(&own, &cancelled).await });
        let stop = Stop { work: work.abort_handle(), canceller };
        self.running.send_modify(|running| drop(running.insert(place.clone(), stop)));
        let (queries, own) = (Arc::clone(self), place.clone());
        workers.spawn(async move {
            if work.await.is_err_and(|error| error.is_panic()) {
                tracing::error!(query = own.id, "the query engine panicked");
                queries.fail(&own, "The query engine failed.").await;
            }
            queries.running.send_modify(|running| drop(running.remove(&own)));
        });
    }

    fn stop(&self, place: &Place) {
        if let Some(stop) = self.running.borrow().get(place) {
            stop.canceller.cancel();
            stop.work.abort();
        }
    }

    async fn work(&self, place: &Place, canceller: &Canceller) {
        // It is never closed.
        let Ok(_slot) = self.slots.acquire().await else { return };
        let started = self.change(place, |query| {
            let waits = query.status == Status::Queued;
            if waits {
                query.status = Status::Running;
            }
            waits
        });
        let query = match started.await {
            Some(query) => self.answer(place, &query, canceller).await,
            None => self.current(place).await,
        };
        let Some(query) = query.filter(|query| query.status == Status::Finished) else { return };
        let Some(delivery) = query.delivery.clone().filter(|delivery| delivery.status == DeliveryStatus::Pending)
        else {
            return;
        };
        let status = self.deliver(place, &query, &delivery).await;
        self.change(place, |query| {
            query.delivery = Some(Delivery { to: delivery.to.clone(), status });
            true
        })
        .await;
    }
}
