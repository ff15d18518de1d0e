//! The stored rows of queries.

use keeptrail_clock::Timestamp;
use keeptrail_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::destination::Destination;
use crate::place::Place;

/// Queries of the last seven days, by account, region and id.
pub(crate) const QUERIES: Table<Query> = Table::new("datastores.query");
/// Queries that wait, run or deliver, by account, region and id.
pub(crate) const ACTIVE: Table<Empty> = Table::new("datastores.query-active");
/// Queries of an event data store, newest first, by account, region, store, time backwards and id.
pub(crate) const LISTED: Table<Empty> = Table::new("datastores.query-listed");
/// When queries go, by time, account, region and id.
pub(crate) const EXPIRIES: Table<Empty> = Table::new("datastores.query-expiry");

/// A row whose key says all.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Empty {}

/// A query's status, by AWS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Queued,
    Running,
    Finished,
    Failed,
    Cancelled,
    TimedOut,
}

impl Status {
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// How the delivery to a bucket stands, by AWS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeliveryStatus {
    Pending,
    Success,
    Failed,
    FailedSigningFile,
    ResourceNotFound,
    AccessDenied,
    AccessDeniedSigningFile,
    Cancelled,
}

/// Results that go to a bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) to: Destination,
    pub(crate) status: DeliveryStatus,
}

/// What a query took.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Statistics {
    /// Rows of the result.
    pub(crate) rows: u64,
    pub(crate) rows_scanned: u64,
    pub(crate) bytes_scanned: u64,
    pub(crate) millis: u64,
}

/// A query.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) statement: String,
    /// The ids of the event data stores that it asks.
    pub(crate) stores: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) status: Status,
    pub(crate) delivery: Option<Delivery>,
    #[serde(default)]
    pub(crate) statistics: Statistics,
    /// Why it failed.
    pub(crate) error: Option<String>,
    pub(crate) ended: Option<Timestamp>,
    /// Whether there is a file of results: all of them, or those that came before the time was up.
    pub(crate) has_results: bool,
}

/// A time as a part of a key.
pub(crate) fn time_part(time: Timestamp) -> String {
    format!("{:020}", time.as_millisecond().max(0))
}

/// A time as a part of a key that puts later times first.
pub(crate) fn backwards(time: Timestamp) -> String {
    format!("{:020}", i64::MAX - time.as_millisecond().max(0))
}

/// The time of a [`backwards`] part, in milliseconds since 1970.
pub(crate) fn forwards(part: &str) -> Option<i64> {
    part.parse::<i64>().ok().map(|part| i64::MAX - part)
}

/// Writes a new query with all that finds it again.
pub(crate) fn create(tx: &Tx, place: &Place, query: &Query, expires: Timestamp) -> Result<(), StoreError> {
    let [account, region, id] = place.parts();
    QUERIES.put(tx, &place.parts(), query)?;
    ACTIVE.put(tx, &place.parts(), &Empty {})?;
    for store in &query.stores {
        LISTED.put(tx, &[account, region, store, &backwards(query.created), id], &Empty {})?;
    }
    EXPIRIES.put(tx, &[&time_part(expires), account, region, id], &Empty {})?;
    Ok(())
}

/// Writes a query that has changed. One that has come to its end gets the time of it; without a whole answer it is not
/// delivered.
pub(crate) fn save(tx: &Tx, place: &Place, query: &mut Query) -> Result<(), StoreError> {
    if !query.status.is_active() && query.ended.is_none() {
        query.ended = Some(tx.now());
        if let Some(delivery) = &mut query.delivery {
            match query.status {
                Status::Finished => {}
                Status::Cancelled => delivery.status = DeliveryStatus::Cancelled,
                _ => delivery.status = DeliveryStatus::Failed,
            }
        }
    }
    let delivers = query.delivery.as_ref().is_some_and(|delivery| delivery.status == DeliveryStatus::Pending);
    if !query.status.is_active() && !delivers {
        ACTIVE.delete(tx, &place.parts());
    }
    QUERIES.put(tx, &place.parts(), query)
}

/// Deletes a query and all that finds it.
pub(crate) async fn delete(tx: &Tx, place: &Place, expiry: &Key) -> Result<(), StoreError> {
    let [account, region, id] = place.parts();
    if let Some(query) = QUERIES.get(tx, &place.parts()).await? {
        for store in &query.stores {
            LISTED.delete(tx, &[account, region, store, &backwards(query.created), id]);
        }
    }
    QUERIES.delete(tx, &place.parts());
    ACTIVE.delete(tx, &place.parts());
    tx.delete(expiry.clone());
    Ok(())
}
