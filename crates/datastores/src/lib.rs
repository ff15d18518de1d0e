//! AWS CloudTrail Lake (2013-11-01): event data stores, queries over them, imports into them.
//!
//! The API is CloudTrail's: the binary joins these operations to those of trails under one name. The files and the SQL are
//! those of `keeptrail-lake` and `keeptrail-sql`; here is what belongs to accounts: who may do what, what a store takes, what
//! became of a query.

mod errors;
mod imports;
mod ingestion;
mod model;
mod ops;
mod place;
mod queries;
mod tags;
mod token;
mod upkeep;
mod workers;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use keeptrail_clock::Clock;
use keeptrail_lake::{Lake, LakeError, SearchColumns};
use keeptrail_operation::{AnyOperation, ServiceMeta};
use keeptrail_sql::{Engine, Limits, SqlError};

pub use imports::{ImportFrom, ImportParts, ImportRuns, ImportSource, Imports, ImportsError, SourceProblem};
pub use ingestion::Ingestion;
pub use queries::{
    Queries, QueriesError, QueryParts, QueryRetention, QueryRuns, ResultFile, ResultProblem, ResultSink,
};
pub use tags::{set_tags, tags};
pub use upkeep::Upkeep;

/// Why event data stores cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum DataStoresError {
    /// The Lake cannot be read or written.
    #[error("the Lake: {0}")]
    Lake(#[from] LakeError),
}

/// What the operations share.
pub struct DataStores {
    lake: Lake,
    clock: Clock,
    limits: Limits,
    scratch: PathBuf,
    /// Made for the first query: until then its functions cost neither memory nor time at the start.
    engine: OnceLock<Engine>,
}

impl DataStores {
    /// Event data stores whose files are in `lake`. Removes what an earlier process left unfinished there.
    ///
    /// # Errors
    /// When the Lake cannot be used.
    pub async fn open(lake: Lake, clock: Clock) -> Result<Arc<Self>, DataStoresError> {
        Self::open_with(lake, clock, queries::limits()).await
    }

    pub(crate) async fn open_with(lake: Lake, clock: Clock, limits: Limits) -> Result<Arc<Self>, DataStoresError> {
        lake.sweep().await?;
        let scratch = lake.scratch()?;
        Ok(Arc::new(Self { lake, clock, limits, scratch, engine: OnceLock::new() }))
    }

    pub(crate) fn engine(&self) -> Result<&Engine, SqlError> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let engine = Engine::builder(self.limits.clone())
            .clock(self.clock.clone())
            .optimizer_rule(Arc::new(SearchColumns))
            .spill_directory(self.scratch.clone())
            .build()?;
        Ok(self.engine.get_or_init(|| engine))
    }
}

/// Every operation on queries, under `meta`: CloudTrail's.
#[must_use]
pub fn query_operations(meta: &'static ServiceMeta, queries: &Arc<Queries>) -> Vec<Arc<dyn AnyOperation>> {
    ops::query_operations(meta, queries)
}

/// Every operation on imports, under `meta`: CloudTrail's.
#[must_use]
pub fn import_operations(meta: &'static ServiceMeta, imports: &Arc<Imports>) -> Vec<Arc<dyn AnyOperation>> {
    ops::import_operations(meta, imports)
}

/// Every operation on event data stores, under `meta`: CloudTrail's.
#[must_use]
pub fn operations(meta: &'static ServiceMeta, stores: &Arc<DataStores>) -> Vec<Arc<dyn AnyOperation>> {
    ops::operations(meta, stores)
}
