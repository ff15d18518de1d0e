//! What the operations on imports share: their shapes, the import that a call names.

use std::sync::{Arc, atomic::Ordering};

use keeptrail_lake::import::Progress;
use keeptrail_operation::{Access, ApiError, Context};
use serde::{Deserialize, Serialize};

use super::{
    Imports,
    model::{IMPORTS, Import},
};
use crate::{errors, place::Place};

/// `ImportSource`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    #[serde(rename = "S3")]
    pub(crate) s3: S3Source,
}

/// `S3ImportSource`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3Source {
    #[serde(rename = "S3LocationUri")]
    pub(crate) uri: String,
    #[serde(rename = "S3BucketRegion")]
    pub(crate) region: String,
    #[serde(rename = "S3BucketAccessRoleArn")]
    pub(crate) role_arn: String,
}

impl Source {
    pub(crate) fn of(import: &Import) -> Self {
        let (uri, region) = (import.uri.clone(), import.from.region.clone());
        Self { s3: S3Source { uri, region, role_arn: import.from.role_arn.clone() } }
    }
}

/// `ImportStatistics`. The prefix that the caller names is the one that is counted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportStatistics {
    prefixes_found: u64,
    prefixes_completed: u64,
    files_completed: u64,
    events_completed: u64,
    failed_entries: u64,
}

impl ImportStatistics {
    /// Of an import as it is stored, and of its run if it runs.
    pub(crate) fn of(import: &Import, running: Option<&Progress>) -> Self {
        let mut statistics = import.statistics;
        if let Some(progress) = running {
            statistics.files = progress.files_read.load(Ordering::Relaxed);
            statistics.events = statistics.events.saturating_add(progress.events.load(Ordering::Relaxed));
        }
        Self {
            prefixes_found: 1,
            prefixes_completed: u64::from(!import.status.is_ongoing()),
            files_completed: statistics.files,
            events_completed: statistics.events,
            failed_entries: statistics.failed,
        }
    }
}

/// What a caller needs for an import: the right to `action` on its event data store. One that is not there is not found by
/// callers with the right to any store.
pub(crate) async fn access(
    cx: &Context<'_, Imports>,
    action: &'static str,
    import: &str,
) -> Result<Vec<Access>, ApiError> {
    let place = Place::in_call(cx, import);
    let found = IMPORTS.get(cx.tx(), &place.parts()).await?;
    let store = found.as_ref().map_or("*", |import| import.store.as_str());
    Ok(vec![Access::to(action).on(place.store_arn(store)).noting("importId", import)])
}

/// The import with this id, of the caller's account and region.
pub(crate) async fn find(cx: &Context<'_, Imports>, import: &str) -> Result<(Place, Arc<Import>), ApiError> {
    let place = Place::in_call(cx, import);
    let found = IMPORTS.get(cx.tx(), &place.parts()).await?;
    let unknown = || ApiError::new(errors::IMPORT_NOT_FOUND, format!("The import {import} was not found."));
    Ok((place, found.ok_or_else(unknown)?))
}
