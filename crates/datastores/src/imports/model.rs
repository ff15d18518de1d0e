//! The stored rows of imports.

use keeptrail_clock::Timestamp;
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::ports::ImportFrom;
use crate::place::Place;

/// Imports, by account, region and id.
pub(crate) const IMPORTS: Table<Import> = Table::new("datastores.import");
/// The import of an account that goes on: one at a time.
pub(crate) const ONGOING: Table<Ongoing> = Table::new("datastores.import-ongoing");
/// What an import could not read, by account, region and id.
pub(crate) const FAILURES: Table<Vec<Failure>> = Table::new("datastores.import-failure");

/// An import's status, by AWS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Initializing,
    InProgress,
    Failed,
    Stopped,
    Completed,
}

impl Status {
    pub(crate) fn is_ongoing(self) -> bool {
        matches!(self, Self::Initializing | Self::InProgress)
    }
}

/// How far an import came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statistics {
    pub(crate) files: u64,
    /// Events that were not in the store before.
    pub(crate) events: u64,
    pub(crate) failed: u64,
}

/// An import.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Import {
    pub(crate) id: String,
    /// The event data store's id.
    pub(crate) store: String,
    /// As the caller wrote it.
    pub(crate) uri: String,
    pub(crate) from: ImportFrom,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    pub(crate) status: Status,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) statistics: Statistics,
}

/// Which import goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ongoing {
    pub(crate) region: String,
    pub(crate) id: String,
}

/// A file that could not be read, or not to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) location: String,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) at: Timestamp,
}

/// Whether an import into the event data store `id` goes on.
pub(crate) async fn goes_on(tx: &Tx, account: &str, id: &str) -> Result<bool, StoreError> {
    let Some(ongoing) = ONGOING.get(tx, &[account]).await? else { return Ok(false) };
    let import = IMPORTS.get(tx, &[account, &ongoing.region, &ongoing.id]).await?;
    Ok(import.is_some_and(|import| import.store == id))
}

/// Writes an import that has changed.
pub(crate) fn save(tx: &Tx, place: &Place, import: &Import) -> Result<(), StoreError> {
    let changed = Import { updated: tx.now(), ..import.clone() };
    if import.status.is_ongoing() {
        let ongoing = Ongoing { region: place.region.clone(), id: place.id.clone() };
        ONGOING.put(tx, &[&place.account], &ongoing)?;
    }
    IMPORTS.put(tx, &place.parts(), &changed)
}
