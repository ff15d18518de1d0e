//! Queries over event data stores: started, run in the background, their results kept for seven days.
//!
//! ```text
//! StartQuery ─▶ row, QUEUED ─▶ runs ─▶ run ─▶ results ─▶ deliver ─▶ bucket
//!               in the store   who is   SQL    a file     CSV and
//!                              due             a query    signature
//! ```
//!
//! What is to be done stands in the store; a process that is started again goes on from there. The query engine works on
//! threads of its own, few of them, so that calls do not wait for it.

mod deliver;
mod destination;
mod expire;
mod find;
mod model;
mod ports;
mod results;
mod run;
mod runs;
mod sign;
#[cfg(test)]
pub(crate) mod tests;

use std::{collections::HashMap, io, path::PathBuf, sync::Arc, time::Duration};

use keeptrail_clock::{Clock, Random};
use keeptrail_envelope::Keyring;
use keeptrail_journal::Ledger;
use keeptrail_lake::LakeError;
use keeptrail_sql::{Limits, Stores};
use tokio::sync::{Semaphore, watch};

pub(crate) use self::{
    destination::Destination,
    find::{access, check_owner, find, readable, store_id},
    model::{ACTIVE, Delivery, DeliveryStatus, LISTED, QUERIES, Query, Statistics, Status, create, forwards, save},
    results::{Page, Position},
    sign::keys,
};
pub use self::{
    expire::QueryRetention,
    ports::{ResultFile, ResultProblem, ResultSink},
    runs::QueryRuns,
};

use self::{results::Results, runs::Stop};
use crate::{
    DataStores,
    place::Place,
    workers::{Workers, threads},
};

/// Results are kept for seven days, as on AWS.
pub(crate) const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// "The maximum number of concurrent queries is 10", of an account.
pub(crate) const MOST_ACTIVE: usize = 10;
/// Queries that run at once in this process; the others wait their turn.
const AT_ONCE: usize = 2;
/// Statements that are planned at once for StartQuery.
const PLANNED_AT_ONCE: usize = 2;

/// The directory of results cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", .directory.display())]
pub struct QueriesError {
    directory: PathBuf,
    error: io::Error,
}

/// What queries are made with.
pub struct QueryParts {
    /// Where rows are kept.
    pub ledger: Ledger,
    /// What seals the keys that results are signed with.
    pub keyring: Arc<Keyring>,
    /// The clock.
    pub clock: Clock,
    /// Randomness for keys.
    pub random: Random,
    /// The event data stores.
    pub stores: Arc<DataStores>,
    /// Where results are delivered.
    pub sink: Arc<dyn ResultSink>,
    /// A directory for results. What else is in it is removed.
    pub directory: PathBuf,
}

/// What the operations on queries share.
pub struct Queries {
    pub(crate) stores: Arc<DataStores>,
    pub(crate) sink: Arc<dyn ResultSink>,
    pub(crate) planning: Semaphore,
    ledger: Ledger,
    keyring: Arc<Keyring>,
    clock: Clock,
    random: Random,
    results: Arc<Results>,
    workers: Workers,
    slots: Semaphore,
    running: watch::Sender<HashMap<Place, Stop>>,
}

/// What a query may take in a server that has secrets to serve: an hour, as on AWS; ten million rows and 2 GiB of results;
/// 256 MiB of memory and 8 GiB of disk for all queries that run at once.
pub(crate) fn limits() -> Limits {
    Limits {
        memory_bytes: 256 << 20,
        spill_bytes: 8 << 30,
        result_rows: 10_000_000,
        result_bytes: 2 << 30,
        parallelism: threads(),
        ..Limits::default()
    }
}

impl Queries {
    /// Sets queries up. [`QueryRuns`] runs them, [`QueryRetention`] lets them go.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub async fn open(parts: QueryParts) -> Result<Arc<Self>, QueriesError> {
        let QueryParts { ledger, keyring, clock, random, stores, sink, directory } = parts;
        let opened = async {
            let results = Results::open(directory.clone())?;
            results.sweep(async |place| counts(&ledger, place).await).await?;
            Ok((Arc::new(results), Workers::start("lake-query")?))
        };
        let (results, workers) = opened.await.map_err(|error| QueriesError { directory, error })?;
        Ok(Arc::new(Self {
            stores,
            sink,
            planning: Semaphore::new(PLANNED_AT_ONCE),
            ledger,
            keyring,
            clock,
            random,
            results,
            workers,
            slots: Semaphore::new(AT_ONCE),
            running: watch::Sender::new(HashMap::new()),
        }))
    }

    /// The tables of event data stores, by id.
    pub(crate) async fn tables(&self, ids: &[String]) -> Result<Stores, LakeError> {
        let mut stores = Stores::new();
        for id in ids {
            stores = stores.with(id, Arc::new(self.stores.lake.event_store(id).await?.table()));
        }
        Ok(stores)
    }

    /// A page of a query's results; `None` when there is no such place in them.
    pub(crate) async fn page(&self, place: &Place, at: Position, most: usize) -> io::Result<Option<Page>> {
        let (results, place) = (Arc::clone(&self.results), place.clone());
        let read = tokio::task::spawn_blocking(move || results.page(&place, at, most));
        read.await?.map_err(io::Error::other)
    }

    /// Waits until no query runs or is delivered: for tests and for a clean stop. Those that were not taken up yet do not
    /// count.
    pub async fn at_rest(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.running.subscribe().wait_for(HashMap::is_empty).await;
    }
}

/// Whether a file of results belongs to a query.
async fn counts(ledger: &Ledger, place: &Place) -> io::Result<bool> {
    let found = QUERIES.get(&ledger.begin(), &place.parts()).await;
    let query = found.map_err(io::Error::other)?;
    Ok(query.is_some_and(|query| query.has_results))
}
