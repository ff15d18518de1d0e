//! Imports: log files of trails, from a bucket into an event data store.
//!
//! One import of an account goes on at a time, on threads of its own. Which log files are in the store is noted with their
//! events, so that an import that is stopped anywhere goes on without doubles and without loss.

mod model;
mod ports;
mod run;
mod runs;
mod shape;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use keeptrail_clock::Clock;
use keeptrail_journal::Ledger;
use keeptrail_lake::import::Progress;
use tokio::sync::watch;

pub(crate) use self::{
    model::{FAILURES, IMPORTS, Import, ONGOING, Statistics, Status, goes_on, save},
    shape::{ImportStatistics, Source, access, find},
};
pub use self::{
    ports::{ImportFrom, ImportSource, SourceProblem},
    runs::ImportRuns,
};

use crate::{DataStores, place::Place, workers::Workers};

/// Imports cannot be set up: no threads can be started.
#[derive(Debug, thiserror::Error)]
#[error("imports: {0}")]
pub struct ImportsError(#[from] std::io::Error);

/// What imports are made with.
pub struct ImportParts {
    /// Where rows are kept.
    pub ledger: Ledger,
    /// The clock.
    pub clock: Clock,
    /// The event data stores.
    pub stores: Arc<DataStores>,
    /// Where log files come from.
    pub source: Arc<dyn ImportSource>,
}

/// What the operations on imports share.
pub struct Imports {
    pub(crate) stores: Arc<DataStores>,
    pub(crate) source: Arc<dyn ImportSource>,
    ledger: Ledger,
    clock: Clock,
    workers: Workers,
    running: watch::Sender<HashMap<Place, Arc<Progress>>>,
}

impl Imports {
    /// Sets imports up. [`ImportRuns`] runs them.
    ///
    /// # Errors
    /// When no threads can be started.
    pub fn open(parts: ImportParts) -> Result<Arc<Self>, ImportsError> {
        let ImportParts { ledger, clock, stores, source } = parts;
        let workers = Workers::start("lake-import")?;
        Ok(Arc::new(Self { stores, source, ledger, clock, workers, running: watch::Sender::new(HashMap::new()) }))
    }

    /// How far a running import is.
    pub(crate) fn progress(&self, place: &Place) -> Option<Arc<Progress>> {
        self.running.borrow().get(place).cloned()
    }

    /// Waits until no import runs: for tests and for a clean stop.
    pub async fn at_rest(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.running.subscribe().wait_for(HashMap::is_empty).await;
    }
}
