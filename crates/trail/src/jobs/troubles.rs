//! Which trails cannot deliver, for health.

use keeptrail_clock::Timestamp;
use keeptrail_journal::Ledger;
use keeptrail_store::StoreError;
use serde::Serialize;

use super::files::STATUS;
use crate::model::LOG_STATUS;

/// A trail that cannot deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// The trail's ARN.
    pub trail: String,
    /// `bucket`, `log group` or `topic`.
    pub to: &'static str,
    /// What the last attempt met.
    pub error: String,
    /// Since when, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// The trails that cannot deliver.
///
/// # Errors
/// When the store cannot be read.
pub async fn troubles(ledger: &Ledger) -> Result<Vec<Trouble>, StoreError> {
    let tx = ledger.begin();
    let mut troubles = Vec::new();
    let mut add = |trail: &str, to, error: &Option<String>, since| {
        if let Some(error) = error {
            troubles.push(Trouble { trail: trail.to_owned(), to, error: error.clone(), since });
        }
    };
    for (_, status) in STATUS.all(&tx, &[]).await? {
        add(&status.trail_arn, "bucket", &status.error, status.failing);
        add(&status.trail_arn, "topic", &status.notice_error, None);
    }
    for (_, status) in LOG_STATUS.all(&tx, &[]).await? {
        add(&status.trail_arn, "log group", &status.error, status.failing);
    }
    Ok(troubles)
}
