//! A query's run, from its statement to its results.

use std::time::Duration;

use keeptrail_journal::CommitError;
use keeptrail_sql::{Canceller, ErrorKind, SqlError};

use super::{
    Queries,
    find::readable,
    model::{DeliveryStatus, QUERIES, Query, Statistics, Status, save},
    results::{Kept, ResultsError},
};
use crate::place::Place;

/// The pause before a change that could not be stored is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// "Length Constraints: Maximum length of 1000" (`ErrorMessage`).
const LONGEST_ERROR: usize = 1_000;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The stores cannot be asked any more, in words.
    #[error("{0}")]
    Stores(String),
}

/// How a run ended.
struct Ended<'a> {
    results: Option<Kept<'a>>,
    statistics: Statistics,
    error: Option<RunError>,
}

impl Queries {
    /// Runs a query and stores how it ended; the query as it is then, if it is still there.
    pub(super) async fn answer(&self, place: &Place, query: &Query, canceller: &Canceller) -> Option<Query> {
        let Ended { results, statistics, error } = self.run(place, query, canceller).await;
        let status = match &error {
            None => Status::Finished,
            Some(RunError::Sql(error)) if error.kind == ErrorKind::TimedOut => Status::TimedOut,
            Some(_) => Status::Failed,
        };
        if let Some(error) = &error {
            tracing::info!(query = place.id, %error, "a query has no answer, or not all of it");
        }
        let has_results = results.is_some();
        let error = error.map(|error| error.to_string().chars().take(LONGEST_ERROR).collect::<String>());
        let ended = self.change(place, |query| {
            // It may have been cancelled in the last moment.
            if query.status != Status::Running {
                return false;
            }
            query.status = status;
            query.error.clone_from(&error);
            query.statistics = statistics;
            query.has_results = has_results;
            true
        });
        let ended = ended.await?;
        if let Some(results) = results {
            results.named();
        }
        Some(ended)
    }

    async fn run(&self, place: &Place, query: &Query, canceller: &Canceller) -> Ended<'_> {
        let mut statistics = Statistics::default();
        let mut time_is_up = None;
        let results = self.write(place, query, canceller, &mut statistics, &mut time_is_up).await;
        match results {
            Ok(results) => Ended { results: Some(results), statistics, error: time_is_up.map(RunError::Sql) },
            Err(error) => Ended { results: None, statistics: Statistics { rows: 0, ..statistics }, error: Some(error) },
        }
    }

    /// Writes the results. What came before the time was up counts too.
    async fn write(
        &self,
        place: &Place,
        query: &Query,
        canceller: &Canceller,
        statistics: &mut Statistics,
        time_is_up: &mut Option<SqlError>,
    ) -> Result<Kept<'_>, RunError> {
        let tx = self.ledger.begin();
        for store in &query.stores {
            let asked = readable(&tx, &place.account, &place.region, store).await;
            asked.map_err(|error| RunError::Stores(error.message.into_owned()))?;
        }
        drop(tx);
        let stores = self.tables(&query.stores).await.map_err(|error| RunError::Stores(error.to_string()))?;
        let started = self.clock.monotonic();
        let engine = self.stores.engine()?;
        let prepared = engine.prepare(&query.statement, &stores).await?;
        let mut answer = engine.run(prepared.cancelled_by(canceller)).await?;
        let columns: Vec<_> = answer.columns().iter().map(|column| column.name.clone()).collect();
        let mut writer = self.results.writer(&columns)?;
        let mut rows = 0;
        let outcome = loop {
            match answer.next_rows().await {
                Ok(Some(batch)) => {
                    rows += batch.len() as u64;
                    writer.push(batch)?;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let taken = answer.statistics();
        *statistics = Statistics {
            rows,
            rows_scanned: taken.rows_scanned.unwrap_or(0),
            bytes_scanned: taken.bytes_scanned.unwrap_or(0),
            millis: u64::try_from(self.clock.monotonic().saturating_sub(started).as_millis()).unwrap_or(u64::MAX),
        };
        match outcome {
            Err(error) if error.kind == ErrorKind::TimedOut => *time_is_up = Some(error),
            outcome => outcome?,
        }
        Ok(writer.finish(place)?)
    }

    /// Ends a query that cannot go on, or its delivery.
    pub(super) async fn fail(&self, place: &Place, error: &str) {
        self.change(place, |query| {
            if query.status.is_active() {
                query.status = Status::Failed;
                query.error = Some(error.to_owned());
            } else if let Some(delivery) = &mut query.delivery {
                delivery.status = DeliveryStatus::Failed;
            }
            true
        })
        .await;
    }

    /// The query as it stands.
    pub(super) async fn current(&self, place: &Place) -> Option<Query> {
        let found = QUERIES.get(&self.ledger.begin(), &place.parts()).await;
        found.ok().flatten().map(|query| Query::clone(&query))
    }

    /// Changes a query if `change` says that it did, and returns it as it is then. Tries until the store takes it: there is
    /// nobody to tell.
    pub(super) async fn change(&self, place: &Place, change: impl Fn(&mut Query) -> bool) -> Option<Query> {
        loop {
            match self.try_change(place, &change).await {
                Ok(query) => return query,
                Err(CommitError::Conflict) => tokio::task::yield_now().await,
                Err(error) => {
                    tracing::warn!(query = place.id, %error, "a query's state cannot be stored now");
                    self.clock.sleep(PAUSE).await;
                }
            }
        }
    }

    async fn try_change(
        &self,
        place: &Place,
        change: &impl Fn(&mut Query) -> bool,
    ) -> Result<Option<Query>, CommitError> {
        let tx = self.ledger.begin();
        let Some(found) = QUERIES.get(&tx, &place.parts()).await? else { return Ok(None) };
        let mut query = Query::clone(&found);
        if !change(&mut query) {
            return Ok(None);
        }
        save(&tx, place, &mut query)?;
        self.ledger.commit(tx).await?;
        Ok(Some(query))
    }
}
